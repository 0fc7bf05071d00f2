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
from cpis_analysis.publish.format import (
    DASH,
    Digits,
    capital,
    count,
    degrees,
    is_missing,
    level_words,
    mean_sd,
    number,
    p_value,
    percent,
    with_interval,
)
from cpis_analysis.publish.sourced_columns import how_many, rows_of
from cpis_analysis.publish.table import Column, Row, RowGroup, Table
from cpis_analysis.words.labels import UNVERIFIED, Labels
from cpis_analysis.words.methods import ADJUSTMENTS, method_notes
from cpis_analysis.words.order_of_analyses import headline_results
from cpis_analysis.words.scales import outcome_digits, scale_note, shown_cell

__all__ = [
    "outcomes_table",
    "tables",
]


def outcomes_table(
    observed: pd.DataFrame, results: Sequence[AnalysisResult], estimates: pd.DataFrame, labels: Labels
) -> Table:
    """Set the main results table: one block an outcome, one row an arm.

    Scores have mean and standard deviation, binary outcomes events / people (per cent) and a difference in risk.
    Answers that have a table of their own (`answers.table`) are not among them.

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
    adjusted = _adjusted(estimates)
    arms = labels.arms(code for code in observed["arm"] if str(code) in _arm_codes(observed))
    waves = [labels.baseline_wave, labels.followup_wave]
    outcomes = [
        name
        for name in labels.outcomes()
        if (name in headline or name in set(observed["outcome"])) and not is_answer(name, labels)
    ]
    with_family = any(r.spec.name in adjusted for r in headline.values())
    with_teams = labels.design.team is not None
    level = next((level_words(r.spec.level) for r in headline.values()), "95%")
    binary = [name for name in outcomes if labels.is_binary(name)]
    level_head = (
        "Mean (SD)" if not binary else ("Events/n (%)" if len(binary) == len(outcomes) else "Mean (SD) or events/n (%)")
    )
    columns = [Column("Outcome and arm", align="left", width=2.1)]
    for wave in waves:
        columns += [Column("n", labels.wave(wave), width=0.55), Column(level_head, labels.wave(wave), width=1.75)]
    group = "Adjusted difference"
    columns += [
        Column(f"Difference ({level} CI)", group, width=3.1),
        Column("df", group, width=0.6),
        Column("p", group, width=0.75),
    ]
    columns += [Column("Adjusted p", group, width=0.9)] * with_family
    columns += [Column(f"Standardised ({level} CI)", group, width=2.9)]
    columns += [Column(capital(labels.trust_word), "ICC", width=0.8)]
    columns += [Column(capital(labels.team_word), "ICC", width=0.8)] * with_teams
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
            seen = [_observed(observed, outcome, wave, arm, means, labels) for wave in waves]
            cells = [labels.arm(arm), *(cell for pair in seen for cell in pair)]
            result = headline.get(outcome)
            if arm == labels.design.arm.reference:
                cells += ["Reference", *("" for _ in columns[len(cells) + 1 :])]
            else:
                cells += _difference(result, arm, digits, adjusted, with_family, with_teams, labels)
            rows.append(Row(tuple(cells)))
        role = labels.content.outcomes[outcome].role if outcome in labels.content.outcomes else "secondary"
        head = labels.outcome(outcome) + labels.mark(outcome) + (" (primary)" if role == "primary" else "")
        head += ": difference in percentage points" if outcome in binary else ""
        if outcome in headline and not headline[outcome].scale.natural:
            head += f": {headline[outcome].scale.difference}"
        groups.append(RowGroup(head, tuple(rows)))
    notes = _notes(headline, adjusted, labels, outcomes, with_teams)
    if any(labels.mark(name) for name in outcomes):
        notes.append(f"{UNVERIFIED}: the scoring rule has not been verified in full.")
    return Table(
        "outcomes",
        "Outcomes by arm, with adjusted differences",
        tuple(columns),
        tuple(groups),
        (
            *notes,
            *suppression_notes(observed["state"], labels.minimum),
            *(rounding_notes(labels.rounding) if binary else ()),
        ),
    )


def _arm_codes(observed: pd.DataFrame) -> set[str]:
    return {str(code) for code in observed["arm"] if code != "(all)"}


def _observed(
    observed: pd.DataFrame, outcome: str, wave: str, arm: str, digits: Digits, labels: Labels
) -> tuple[str, str]:
    row = observed[
        (observed["outcome"] == outcome) & (observed["wave"].astype(str) == wave) & (observed["arm"].astype(str) == arm)
    ]
    if row.empty:
        return DASH, DASH
    found = row.iloc[0]
    if labels.is_binary(outcome):
        return count(found["n"]), _events(found, labels.minimum)
    mean = WITHHELD if found["state"] != "shown" else mean_sd(found["mean"], found["sd"], digits.level)
    return count(found["n"]), mean


def _events(found: pd.Series, minimum: int) -> str:
    """ "28/62 (45%)"; the per cent are not printed where the events are hidden."""
    if found["n"] == 0:
        return DASH
    if found["state"] != "shown":
        return f"{small_mark(minimum) if found['state'] == 'small' else WITHHELD}/{count(found['n'])}"
    return f"{count(found['count'])}/{count(found['n'])} ({percent(found['count'], found['n'])})"


def _difference(
    result: AnalysisResult | None,
    arm: str,
    digits: Digits,
    adjusted: Mapping[str, dict[str, Any]],
    with_family: bool,
    with_teams: bool,
    labels: Labels,
) -> list[str]:
    if result is None or result.estimate.contrast.arm != arm:
        return [DASH] * (5 + with_family + with_teams)
    e, s = result.estimate, result.standardised
    cells = [shown_cell(e, result.scale, digits.difference), degrees(e.df), p_value(e.p_value)]
    if with_family:
        cells.append(p_value(adjusted[e.analysis]["p_adjusted"]) if e.analysis in adjusted else DASH)
    cells.append(with_interval(s.get("estimate"), s.get("ci_low"), s.get("ci_high"), 2))
    cells.append(number(e.icc_trust, 3))
    return [*cells, number(e.icc_team, 3)] if with_teams else cells


def _adjusted(estimates: pd.DataFrame) -> dict[str, dict[str, Any]]:
    if "p_adjusted" not in estimates:
        return {}
    return {str(row["analysis"]): row for row in rows_of(estimates) if not is_missing(row["p_adjusted"])}


def _notes(
    headline: Mapping[str, AnalysisResult],
    adjusted: Mapping[str, dict[str, Any]],
    labels: Labels,
    outcomes: Sequence[str],
    with_teams: bool,
) -> list[str]:
    binary = [labels.outcome_short(name) for name in outcomes if labels.is_binary(name)]
    notes = ["n is the number of people with the outcome."]
    if len(binary) < len(outcomes):
        notes[0] = f"Means and standard deviations (SD) are those observed; {notes[0]}"
    if binary:
        notes.append(
            f"{', '.join(binary)}: people with the event / people with the outcome (per cent), as observed. The "
            "difference is the adjusted difference in risk, in percentage points; it has no standardised form."
        )
    other = {headline[name].scale: None for name in outcomes if name in headline and not headline[name].scale.natural}
    notes += [f"{scale_note(scale)} It has no standardised form." for scale in other]
    notes += method_notes([headline[name] for name in outcomes if name in headline], labels)
    by_family: dict[tuple[str, str], list[tuple[str, float]]] = {}
    for name in outcomes:
        row = adjusted.get(headline[name].spec.name) if name in headline else None
        if row is not None:
            by_family.setdefault((str(row.get("family")), str(row.get("adjustment"))), []).append(
                (labels.outcome_short(name), row["p_adjusted"])
            )
    for (_, method), members in by_family.items():
        number_of = how_many(p for _, p in members)
        notes.append(
            f"Adjusted p: {ADJUSTMENTS.get(method, method)} over {count(number_of)} "
            f"{'outcome' if number_of == 1 else 'outcomes'} ({', '.join(name for name, _ in members)})."
        )
    if len(binary) < len(outcomes):
        notes.append(
            "Standardised: divided by the pooled within-arm standard deviation at baseline, or at follow-up where "
            "there is no baseline measurement."
        )
    notes.append(
        f"ICC: intraclass correlation of the headline model, of two people of one {labels.trust_word}"
        + (f" and of one {labels.team_word}." if with_teams else ".")
        + f" {DASH}: not available or not part of the model."
    )
    said: dict[str, list[str]] = {}
    for name in outcomes:
        e = headline[name].estimate if name in headline else None
        for text in (*e.warnings, *([] if e.converged else ["The fit did not converge."])) if e else ():
            said.setdefault(text, []).append(labels.outcome_short(name))
    return [*notes, *(f"{', '.join(names)}: {text}" for text, names in said.items())]


def tables(material: Material) -> Iterator[Table]:
    """The main results."""
    yield outcomes_table(material.summaries["outcomes"], material.results, material.estimates, material.labels)
