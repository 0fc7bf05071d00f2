"""Observed outcomes by arm and wave, and the adjusted difference of the headline model."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from cpis_analysis.analyses.estimate import AnalysisResult
from cpis_analysis.chapters.answers.content import is_answer
from cpis_analysis.chapters.chapter import Material
from cpis_analysis.disclosure.counts import WITHHELD, small_mark, suppression_notes
from cpis_analysis.disclosure.protect import require_protected
from cpis_analysis.disclosure.rounded_counts import rounding_notes
from cpis_analysis.publish.cell_parts import VALUE, in_role, together
from cpis_analysis.publish.format import (
    DASH,
    Digits,
    capital,
    count,
    count_percent,
    is_missing,
    lower_first,
    mean_sd,
    p_short,
)
from cpis_analysis.publish.sources.sourced_columns import how_many, rows_of
from cpis_analysis.publish.table import Column, Row, RowGroup, Table
from cpis_analysis.words.contrast_words import words_of_contrast
from cpis_analysis.words.labels import UNVERIFIED, Labels
from cpis_analysis.words.methods import ADJUSTMENTS
from cpis_analysis.words.order_of_analyses import headline_results
from cpis_analysis.words.scales import ci_heading, outcome_digits, scale_note, shown_cell
from cpis_analysis.words.wording import listed


def outcomes_table(
    observed: pd.DataFrame, results: Sequence[AnalysisResult], estimates: pd.DataFrame, labels: Labels
) -> Table:
    """Set the main results table, which fits an upright page: one block an outcome, one row an arm.

    Scores have mean and standard deviation, binary outcomes events and per cent and a difference in risk. Answers that
    have a table of their own (`answers.table`) are not among them; degrees of freedom, clustering, adjusted p-values
    and standardised differences stand in `table_models`.

    Parameters
    ----------
    observed : DataFrame
        Summary ``outcomes`` after `disclosure.protect_means` and `disclosure_risks.protect_risks`.
    results : sequence of AnalysisResult
        All analyses; the headline model of each outcome is shown.
    estimates : DataFrame
        results/estimates.csv, for p-values adjusted within families.
    labels : Labels
    """
    observed = require_protected(observed)
    headline = {result.spec.outcome: result for result in headline_results(results, labels)}
    compared = _arm_codes(observed)
    arms = labels.arms(code for code in observed["arm"] if str(code) in compared)
    waves = [wave for wave in (labels.baseline_wave, labels.followup_wave) if wave is not None]
    outcomes = [
        name
        for name in labels.outcomes()
        if (name in headline or name in set(observed["outcome"]))
        and not is_answer(name, labels)
        and not labels.is_control(name)
    ]
    binary = [name for name in outcomes if labels.is_binary(name)]
    seen = "mean (SD)" if not binary else "events (%)" if len(binary) == len(outcomes) else "mean (SD) or events (%)"
    names = [labels.wave(wave) for wave in waves]
    columns = (
        Column("Outcome and group", align="left", width=2.3),
        Column(f"n: {', '.join(map(lower_first, names))}" if len(names) > 1 else "n", width=1.0),
        *(Column(f"{name}, {seen}", width=1.35) for name in names),
        Column(ci_heading("Difference", headline.values()), width=2.2),
        Column("p", width=0.65),
    )
    seen_in: dict[tuple[str, str, str], dict[str, Any]] = {}
    for row in rows_of(observed):
        seen_in.setdefault((row["outcome"], str(row["wave"]), str(row["arm"])), row)
    groups = []
    for outcome in outcomes:
        digits = outcome_digits(outcome, labels, observed, headline.get(outcome))
        # what was observed is in points, whatever scale the model has
        means = (
            digits
            if outcome not in headline or headline[outcome].scale.natural
            else outcome_digits(outcome, labels, observed)
        )
        rows = []
        for arm in arms:
            pairs = [_observed(seen_in.get((outcome, wave, arm)), outcome, means, labels) for wave in waves]
            counts = together(*(in_role(VALUE, n) for n, _ in pairs), between=", ")
            cells = [labels.arm(arm), counts, *(value for _, value in pairs)]
            rows.append(Row((*cells, *_difference(headline.get(outcome), arm, digits, labels))))
        groups.append(RowGroup(_heading(outcome, headline, labels), tuple(rows)))
    notes = _notes(headline, _adjusted(estimates), labels, outcomes)
    if any(labels.mark(name) for name in outcomes):
        notes.append(f"{UNVERIFIED}: the scoring rule has not been verified in full.")
    return Table(
        "outcomes",
        f"Outcomes by group, and adjusted differences at {lower_first(names[-1])}",
        columns,
        tuple(groups),
        (
            *notes,
            *_other_waves(labels),
            *suppression_notes(observed["state"], labels.minimum, labels.people),
            *(rounding_notes(labels.rounding, labels.people) if binary else ()),
        ),
        phone="under",
    )


def _other_waves(labels: Labels) -> tuple[str, ...]:
    """That the study has more waves than the table shows."""
    others = [lower_first(labels.wave(wave)) for wave in labels.design.other_waves]
    return (f"{capital(labels.people)} were {labels.met} at {listed(others)} too: see the annex.",) if others else ()


def _heading(outcome: str, headline: Mapping[str, AnalysisResult], labels: Labels) -> str:
    role = labels.content.outcomes[outcome].role if outcome in labels.content.outcomes else "secondary"
    head = labels.outcome(outcome) + labels.mark(outcome) + (" (primary)" if role == "primary" else "")
    natural = outcome not in headline or headline[outcome].scale.natural
    head += ": difference in percentage points" if labels.is_binary(outcome) and natural else ""
    if outcome in headline and not headline[outcome].scale.natural:
        head += f": {headline[outcome].scale.difference}"
    return head


def _arm_codes(observed: pd.DataFrame) -> set[str]:
    return {str(code) for code in observed["arm"] if code != "(all)"}


def _observed(found: Mapping[str, Any] | None, outcome: str, digits: Digits, labels: Labels) -> tuple[str, str]:
    if found is None:
        return DASH, DASH
    if labels.is_binary(outcome):
        return count(found["n"]), _events(found, labels.minimum)
    mean = WITHHELD if found["state"] != "shown" else mean_sd(found["mean"], found["sd"], digits.level)
    return count(found["n"]), mean


def _events(found: Mapping[str, Any], minimum: int) -> str:
    """ "28 (45%)"; the per cent are not printed where the events are hidden."""
    if found["n"] == 0:
        return DASH
    if found["state"] != "shown":
        return small_mark(minimum) if found["state"] == "small" else WITHHELD
    return count_percent(found["count"], found["n"])


def _difference(result: AnalysisResult | None, arm: str, digits: Digits, labels: Labels) -> list[str]:
    if arm == labels.design.arm.reference:
        return ["", ""]
    one = None if result is None else next((one for one in result.effects if one.contrast.arm == arm), None)
    if result is None or one is None:
        return [DASH, DASH]
    return [shown_cell(one, result.scale, digits.difference), p_short(one.p_value)]


def _adjusted(estimates: pd.DataFrame) -> dict[str, dict[str, Any]]:
    if "p_adjusted" not in estimates:
        return {}
    return {str(row["analysis"]): row for row in rows_of(estimates) if not is_missing(row["p_adjusted"])}


def _notes(
    headline: Mapping[str, AnalysisResult],
    adjusted: Mapping[str, dict[str, Any]],
    labels: Labels,
    outcomes: Sequence[str],
) -> list[str]:
    binary = [labels.outcome_short(name) for name in outcomes if labels.is_binary(name)]
    shown = [headline[name] for name in outcomes if name in headline]
    contrasts = dict.fromkeys(words_of_contrast(one.contrast, labels) for result in shown for one in result.effects)
    notes = [
        f"n: {labels.people} with the outcome. Difference: {'; '.join(contrasts)}, adjusted, by the headline model."
    ]
    if len(binary) < len(outcomes):
        notes[0] = f"SD: standard deviation; CI: confidence interval. {notes[0]}"
    if binary:
        notes.append(f"{', '.join(binary)}: {labels.people} with the event, and per cent of those with a value.")
    other = {one.scale: None for one in shown if not one.scale.natural}
    notes += [scale_note(scale, labels) for scale in other]
    worse = [labels.outcome_short(name) for name in outcomes if labels.content.outcomes[name].higher_is == "worse"]
    if len(worse) == len(outcomes):
        notes.append(f"A higher value is worse{' on every scale' if len(outcomes) > 1 else ''}.")
    else:
        notes.append(f"A higher value is better{f', but for {listed(worse)}' if worse else ' on every scale'}.")
    by_family: dict[tuple[str, str], list[Any]] = {}
    for name in outcomes:
        row = adjusted.get(headline[name].spec.name) if name in headline else None
        if row is not None:
            by_family.setdefault((str(row.get("family")), str(row.get("adjustment"))), []).append(row["p_adjusted"])
    for (_, method), members in by_family.items():
        least = min(members)
        said = f"every p {p_short(least)}" if least > 0.99 else f"the smallest p is {p_short(least)}"
        many = f"{count(how_many(members))} outcomes" if len(members) > 1 else "one outcome"
        notes.append(f"Adjusted for {many} by {ADJUSTMENTS.get(method, method)}, {said}.")
    behind = "Models, degrees of freedom and clustering" if labels.design.levels else "Models and degrees of freedom"
    notes.append(f"{behind} stand in the annex.")
    return notes


def tables(material: Material) -> Iterator[Table]:
    """The main results."""
    yield outcomes_table(material.summaries["outcomes"], material.results, material.estimates, material.labels)
