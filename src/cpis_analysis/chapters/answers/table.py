"""Answers and counts: how often, the difference by the headline analysis, and ratios beside it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import pandas as pd

from cpis_analysis.analyses.estimate import AnalysisResult
from cpis_analysis.chapters.answers.content import Answered, answered
from cpis_analysis.chapters.chapter import Material
from cpis_analysis.disclosure.counts import WITHHELD, small_mark, suppression_notes
from cpis_analysis.disclosure.protect import require_protected
from cpis_analysis.disclosure.rounded_counts import rounding_notes
from cpis_analysis.publish.format import DASH, capital, degrees, fraction_percent, is_missing, p_value, word_part_of
from cpis_analysis.publish.sources.sourced_columns import rows_of
from cpis_analysis.publish.table import Column, Row, RowGroup, Table
from cpis_analysis.words.labels import Labels
from cpis_analysis.words.methods import ADJUSTMENTS, method_notes
from cpis_analysis.words.scales import ci_heading, result_digits, shown_cell

RATIO = 2
"""Decimals of ratios."""

_KINDS = {
    "binary": "Events: difference of risks in percentage points",
    "ordinal": "Answers in order: difference in mean score, the answers counted from the lowest",
    "count": "Counts: difference in the mean",
}
"""Heads of the groups, by type of the outcome."""


def answers_table(
    observed: pd.DataFrame, results: Sequence[AnalysisResult], estimates: pd.DataFrame, labels: Labels
) -> Table | None:
    """Set one row an outcome; None without such outcomes.

    Parameters
    ----------
    observed : DataFrame
        Summary ``outcomes`` after protection.
    results : sequence of AnalysisResult
        All analyses.
    estimates : DataFrame
        results/estimates.csv, for p-values adjusted within families.
    labels : Labels
    """
    chosen = answered(results, labels)
    if not chosen:
        return None
    observed = require_protected(observed)
    arms = chosen[0].head.estimate.contrast.arms[::-1]
    adjusted = _adjusted(estimates)
    with_family = any(one.outcome in adjusted for one in chosen)
    wave, heads = labels.wave(labels.followup_wave), [one.head for one in chosen]
    columns = [Column("Outcome", align="left", width=2.6)]
    columns += [Column(labels.arm(arm), f"{wave}: events/n (%)", width=1.5) for arm in arms]
    columns += [
        Column(ci_heading("Difference", heads), "Absolute", width=2.4),
        Column("df", "Absolute", width=0.6),
        Column("p", "Absolute", width=0.7),
        *[Column("Adjusted p", "Absolute", width=0.8)] * with_family,
        Column(ci_heading("Risk ratio", heads), "Relative", width=2.0),
        Column(ci_heading("Odds or rate ratio", heads), "Relative", width=2.0),
    ]
    groups: dict[str, list[Row]] = {head: [] for head in _KINDS.values()}
    for one in chosen:
        cells = [labels.outcome(one.outcome) + labels.mark(one.outcome)]
        cells += [_events(observed, one.outcome, arm, labels) for arm in arms]
        cells += _absolute(one, labels)
        cells += [p_value(adjusted[one.outcome][0]) if one.outcome in adjusted else DASH] * with_family
        groups[_KINDS[labels.content.outcomes[one.outcome].type]].append(Row((*cells, *_relative(one))))
    named = observed["outcome"].isin([one.outcome for one in chosen])
    return Table(
        "answers",
        "Answers: absolute and relative differences between the arms",
        tuple(columns),
        tuple(RowGroup(head, tuple(rows)) for head, rows in groups.items() if rows),
        (
            *_notes(chosen, adjusted, labels),
            *suppression_notes(observed.loc[named, "state"], labels.minimum, labels.people),
            *rounding_notes(labels.rounding, labels.people),
        ),
    )


def _events(observed: pd.DataFrame, outcome: str, arm: str, labels: Labels) -> str:
    if not labels.is_binary(outcome):
        return DASH
    own = observed["outcome"] == outcome
    row = observed[own & (observed["wave"].astype(str) == labels.followup_wave) & (observed["arm"].astype(str) == arm)]
    if row.empty or row.iloc[0]["n"] == 0:
        return DASH
    found = row.iloc[0]
    if found["state"] != "shown":
        return word_part_of(small_mark(labels.minimum) if found["state"] == "small" else WITHHELD, found["n"])
    return fraction_percent(found["count"], found["n"])


def _absolute(one: Answered, labels: Labels) -> list[str]:
    """Difference, df and p of the headline, where it is no ratio; then of the standardised difference."""
    head = one.head
    if head.scale.natural:
        decimals = result_digits(head, labels, head.standardised.get("sd")).difference
        e = head.estimate
        return [shown_cell(e, head.scale, decimals), degrees(e.df), p_value(e.p_value)]
    beside = one.risk_difference
    if beside is None or one.ratio is None:
        return [DASH] * 3
    decimals = labels.digits(one.outcome).difference
    return [shown_cell(beside, one.ratio.scale_of(beside), decimals), degrees(beside.df), p_value(beside.p_value)]


def _relative(one: Answered) -> list[str]:
    if one.ratio is None:
        return [DASH, DASH]
    risk = one.risk_ratio
    return [
        DASH if risk is None else shown_cell(risk, one.ratio.scale_of(risk), RATIO),
        shown_cell(one.ratio.estimate, one.ratio.scale, RATIO),
    ]


def _adjusted(estimates: pd.DataFrame) -> Mapping[str, tuple[float, str]]:
    if "p_adjusted" not in estimates:
        return {}
    return {
        str(row["outcome"]): (row["p_adjusted"], str(row.get("adjustment")))
        for row in rows_of(estimates)
        if not is_missing(row["p_adjusted"])
    }


def _notes(chosen: Sequence[Answered], adjusted: Mapping[str, tuple[float, str]], labels: Labels) -> list[str]:
    return [
        f"n is the number of {labels.people} with an answer.",
        *_ratio_notes(chosen, labels),
        *method_notes([one.head for one in chosen], labels),
        *method_notes([one.ratio for one in chosen if one.ratio and one.ratio is not one.head], labels)[1:],
        *_families(chosen, adjusted),
        *_warnings(chosen, labels),
    ]


def _ratio_notes(chosen: Sequence[Answered], labels: Labels) -> list[str]:
    scales = dict.fromkeys(one.ratio.scale for one in chosen if one.ratio is not None)
    notes = [
        f"{capital(scale.difference)}: "
        + (
            f"for {labels.people} of the same clusters."
            if scale.within_clusters
            else "of geometric means, each counting once."
        )
        for scale in scales
    ]
    if any(one.risk_ratio for one in chosen):
        notes.append(
            f"Risk ratio: of the risks of everybody analysed in either arm, averaged over {labels.people} and over the "
            "distribution of the random effects."
        )
    return notes


def _families(chosen: Sequence[Answered], adjusted: Mapping[str, tuple[float, str]]) -> list[str]:
    methods = dict.fromkeys(adjusted[one.outcome][1] for one in chosen if one.outcome in adjusted)
    return [f"Adjusted p: {ADJUSTMENTS.get(method, method)}." for method in methods]


def _warnings(chosen: Sequence[Answered], labels: Labels) -> list[str]:
    said: dict[tuple[str, str], list[str]] = {}
    for one in chosen:
        parts = [one.head] if one.ratio is None or one.ratio is one.head else [one.head, one.ratio]
        for part in parts:
            for text in dict.fromkeys(part.estimate.warnings):
                said.setdefault((labels.model(part.spec.model), text), []).append(labels.outcome_short(one.outcome))
    return [f"{model} ({', '.join(names)}): {text}" for (model, text), names in said.items()]


def tables(material: Material) -> Iterator[Table]:
    """Answers and counts."""
    table = answers_table(material.summaries["outcomes"], material.results, material.estimates, material.labels)
    if table is not None:
        yield table
