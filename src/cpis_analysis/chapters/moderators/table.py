"""What models report beside their effect: averages, joint tests, differences at a moderator's levels."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cpis_analysis.analyses.estimate import NOT_ESTIMABLE, AnalysisResult, Estimate
from cpis_analysis.chapters.chapter import Material
from cpis_analysis.chapters.moderators.content import is_moderated, moderation
from cpis_analysis.chapters.result.details import labelled
from cpis_analysis.publish.format import (
    DASH,
    degrees,
    is_missing,
    lower_first,
    number,
    p_value,
)
from cpis_analysis.publish.table import Column, Row, RowGroup, Table
from cpis_analysis.words.contrast_words import words_of_contrast
from cpis_analysis.words.labels import Labels
from cpis_analysis.words.methods import df_words
from cpis_analysis.words.order_of_analyses import by_outcome, in_plan_order
from cpis_analysis.words.refusals import reason_notes
from cpis_analysis.words.scales import ci_heading, outcome_digits, scale_note, shown_cell

_JOINT = "A joint test has an F statistic with two degrees of freedom, and no estimate."
_RATIO = 2
_UNITS = {"risk": ", percentage points"}


def moderators_table(results: Sequence[AnalysisResult], labels: Labels) -> Table | None:
    """Set the interactions of one outcome's models before the differences at each level; None without any.

    Parameters
    ----------
    results : sequence of AnalysisResult
        Of one outcome; those without a moderator are left out.
    labels : Labels
    """
    chosen = in_plan_order([result for result in results if is_moderated(result)], labels)
    if not chosen:
        return None
    groups = []
    for result in chosen:
        found = moderation(result)
        ordered = (*found.together, *found.interactions, *found.levels, *found.other, *found.joint)
        # the p-value of a level by itself invites the comparison of p-values
        rows = tuple(_row(one, result, labels, test=one not in found.levels) for one in ordered)
        groups.append(RowGroup(labels.model(result.spec.model), rows))
    return _table(
        "moderators",
        "subgroups and moderators",
        chosen,
        groups,
        labels,
        (
            "The interaction tests whether the difference between the arms depends on the moderator. Levels have no "
            "p-values: two levels on either side of 0.05 need not differ.",
        ),
    )


def contrasts_table(results: Sequence[AnalysisResult], labels: Labels) -> Table | None:
    """Set the further contrasts of one outcome's models that have no moderator; None without any.

    Parameters
    ----------
    results : sequence of AnalysisResult
        Of one outcome.
    labels : Labels
    """
    further = [one for one in results if one.contrasts or (one.spec.contrasts and not one.estimable)]
    chosen = in_plan_order([one for one in further if not is_moderated(one)], labels)
    if not chosen:
        return None
    groups = [
        RowGroup(
            labels.model(result.spec.model),
            tuple(_row(one, result, labels) for one in (result.estimate, *result.contrasts)),
        )
        for result in chosen
    ]
    return _table("contrasts", "further contrasts", chosen, groups, labels)


def _table(
    kind: str,
    what: str,
    results: Sequence[AnalysisResult],
    groups: Sequence[RowGroup],
    labels: Labels,
    notes: tuple[str, ...] = (),
) -> Table:
    outcome = results[0].spec.outcome
    columns = (
        Column("Contrast", align="left", width=4.4),
        Column(ci_heading("Estimate", results), width=2.7),
        Column("Statistic", width=1.0),
        Column("df", width=1.1),
        Column("df method", align="left", width=1.5),
        Column("p", width=0.8),
    )
    if any(one.measure == "joint test" for result in results for one in (result.estimate, *result.contrasts)):
        notes = (*notes, _JOINT)
    said = [text for result in results for text in labelled(result.estimate.warnings, labels)]
    used = [
        f"{labels.model(result.spec.model)}: {labels.counted_people(result.estimate.n_participants)}."
        for result in results
        if result.estimable
    ]
    used += reason_notes(results, labels)
    used += [
        f"{labels.model(result.spec.model)}: {lower_first(scale_note(result.scale, labels))}"
        for result in results
        if not result.scale.natural
    ]
    return Table(
        f"{kind}-{outcome.replace('_', '-')}",
        f"{labels.outcome(outcome)}: {what}",
        columns,
        tuple(groups),
        tuple(dict.fromkeys([*notes, *used, *said])),
    )


def _row(one: Estimate, result: AnalysisResult, labels: Labels, test: bool = True) -> Row:
    joint = one.measure == "joint test"
    scale = result.scale_of(one)
    name = words_of_contrast(one.contrast, labels)
    if scale == result.scale:
        decimals = outcome_digits(result.spec.outcome, labels, None, result).difference
    else:
        # an estimate of another kind than those round it says which
        decimals = _RATIO if scale.is_ratio else labels.digits(result.spec.outcome).difference
        name += "" if scale.is_ratio else f" ({scale.difference}{_UNITS.get(scale.unit, '')})"
    if not result.estimable:
        return Row(
            (name, NOT_ESTIMABLE, DASH, DASH, df_words(one.df_method), DASH),
            strong=one.measure == "interaction",
        )
    shown = DASH if joint else shown_cell(one, scale, decimals)
    df = degrees(one.df)
    statistic = ("F " if joint else "t ") + number(one.statistic, 2)
    if joint and not is_missing(one.num_df):
        df = f"{degrees(one.num_df)} and {df}"
    return Row(
        (
            name,
            shown,
            statistic if test and not is_missing(one.statistic) else DASH,
            df,
            df_words(one.df_method),
            p_value(one.p_value) if test else DASH,
        ),
        strong=one.measure == "interaction",
    )


def tables(material: Material) -> Iterator[Table]:
    """Moderators and further contrasts of each outcome that has some."""
    for rows in by_outcome(material.results, material.labels).values():
        # one after the other: the numbers of a table are those printed since the one before it
        yield from filter(None, (make(rows, material.labels) for make in (moderators_table, contrasts_table)))
