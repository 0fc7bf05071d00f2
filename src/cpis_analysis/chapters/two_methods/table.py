"""Two anchors: the mixed model and the cluster-robust analysis of every outcome, side by side."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from cpis_analysis.chapters.chapter import Material
from cpis_analysis.chapters.two_methods.content import Anchors, all_anchors
from cpis_analysis.publish.format import capital, count, degrees, p_value
from cpis_analysis.publish.table import Column, Row, RowGroup, Table
from cpis_analysis.words.labels import UNVERIFIED, Labels
from cpis_analysis.words.methods import df_words
from cpis_analysis.words.order_of_analyses import arm_differences, by_outcome
from cpis_analysis.words.scales import ci_heading, outcome_digits, scale_note, shown_cell
from cpis_analysis.words.wording import listed


def anchors_table(anchors: Mapping[str, Anchors], labels: Labels) -> Table | None:
    """Set both analyses of every outcome that has both; None where none has.

    Parameters
    ----------
    anchors : mapping of str to Anchors
        By outcome, in order.
    labels : Labels
    """
    if not anchors:
        return None
    columns = (
        Column("Outcome and analysis", align="left", width=3.4),
        Column(ci_heading("Difference", (one.mixed for one in anchors.values())), width=2.7),
        Column("df", width=0.7),
        Column("df method", align="left", width=1.5),
        Column("p", width=0.8),
        Column(capital(labels.people), width=0.8),
    )
    groups = []
    for outcome, pair in anchors.items():
        decimals = outcome_digits(outcome, labels, None, pair.mixed).difference
        rows = [
            Row(
                (
                    labels.model(one.spec.model),
                    shown_cell(one.estimate, one.scale, decimals),
                    degrees(one.estimate.df),
                    df_words(one.estimate.df_method),
                    p_value(one.estimate.p_value),
                    count(one.estimate.n_participants),
                ),
                strong=one.spec.model == labels.headline(outcome),
            )
            for one in pair.pair
        ]
        own = "" if pair.mixed.scale.natural else f": {pair.mixed.scale.difference}"
        groups.append(RowGroup(labels.outcome(outcome) + labels.mark(outcome) + own, tuple(rows)))
    notes = [
        f"Both have the same fixed part and the same {labels.people}. The mixed model has {_levels(labels)} random and "
        f"Kenward-Roger degrees of freedom; least squares has CR2 standard errors by {labels.trust_word} with "
        "Satterthwaite degrees of freedom."
    ]
    notes += list(
        dict.fromkeys(scale_note(one.mixed.scale, labels) for one in anchors.values() if not one.mixed.scale.natural)
    )
    if any(labels.mark(outcome) for outcome in anchors):
        notes.append(f"{UNVERIFIED}: the scoring rule has not been verified in full.")
    return Table(
        "anchors",
        "Two anchors: each outcome by two analyses that hold in every allocation of the arms",
        columns,
        tuple(groups),
        tuple(notes),
    )


def _levels(labels: Labels) -> str:
    return listed(level.noun for level in labels.design.levels)


def tables(material: Material) -> Iterator[Table]:
    """Both analyses of the outcomes that have both."""
    analyses = by_outcome(material.results, material.labels)
    both = all_anchors(
        {
            outcome: arm_differences(rows)
            for outcome, rows in analyses.items()
            if not material.labels.is_control(outcome)
        }
    )
    table = anchors_table(both, material.labels)
    if table:
        yield table
