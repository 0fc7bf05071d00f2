"""What stands behind the main results: degrees of freedom, clustering, adjusted p-values, standardised differences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from cpis_analysis.analyses.estimate import AnalysisResult
from cpis_analysis.chapters.chapter import Material
from cpis_analysis.publish.format import (
    DASH,
    capital,
    count,
    degrees,
    is_missing,
    number,
    p_value,
    with_interval,
)
from cpis_analysis.publish.sources.sourced_columns import how_many, rows_of
from cpis_analysis.publish.table import Column, Row, RowGroup, Table
from cpis_analysis.words.labels import Labels
from cpis_analysis.words.methods import ADJUSTMENTS, method_notes
from cpis_analysis.words.order_of_analyses import headline_results
from cpis_analysis.words.scales import ci_heading, outcome_digits, scale_note, shown_cell
from cpis_analysis.words.wording import listed


def outcome_models_table(results: Sequence[AnalysisResult], estimates: pd.DataFrame, labels: Labels) -> Table | None:
    """Set one row an outcome, by its headline model; None where there is none.

    Parameters
    ----------
    results : sequence of AnalysisResult
        All analyses.
    estimates : DataFrame
        results/estimates.csv, for p-values adjusted within families.
    labels : Labels
    """
    headline = headline_results(results, labels)
    if not headline:
        return None
    adjusted = _adjusted(estimates)
    with_family = any(one.spec.name in adjusted for one in headline)
    columns = [
        Column("Outcome", align="left", width=2.1),
        Column(capital(labels.people), width=0.7),
        Column(ci_heading("Difference", headline), width=2.4),
        Column("df", width=0.6),
        Column("p", width=0.75),
        *([Column("Adjusted p", width=0.9)] * with_family),
        Column(ci_heading("Standardised", headline), width=2.3),
        *(Column(capital(unit), "ICC", width=0.8) for unit in labels.shared_words),
    ]
    rows = tuple(_row(one, adjusted, with_family, labels) for one in headline)
    return Table(
        "outcome-models",
        f"Headline analysis of every outcome: degrees of freedom{', clustering' if labels.design.levels else ''} and "
        "standardised difference",
        tuple(columns),
        (RowGroup("", rows),),
        tuple(_notes(headline, adjusted, labels)),
    )


def _row(result: AnalysisResult, adjusted: Mapping[str, dict[str, Any]], with_family: bool, labels: Labels) -> Row:
    e, s, outcome = result.estimate, result.standardised, result.spec.outcome
    decimals = outcome_digits(outcome, labels, None, result).difference
    own = "percentage points" if labels.is_binary(outcome) else ""
    own = own if result.scale.natural else result.scale.difference
    cells = [
        labels.outcome_short(outcome) + labels.mark(outcome) + (f" ({own})" if own else ""),
        DASH if is_missing(e.n_participants) else count(e.n_participants),
        shown_cell(e, result.scale, decimals),
        degrees(e.df),
        p_value(e.p_value),
    ]
    if with_family:
        cells.append(p_value(adjusted[e.analysis]["p_adjusted"]) if e.analysis in adjusted else DASH)
    cells.append(with_interval(s.get("estimate"), s.get("ci_low"), s.get("ci_high"), 2))
    cells += [number(icc, 3) for icc in e.correlations(len(labels.design.levels))]
    return Row(tuple(cells), strong=labels.content.outcomes[outcome].role == "primary")


def _adjusted(estimates: pd.DataFrame) -> dict[str, dict[str, Any]]:
    if "p_adjusted" not in estimates:
        return {}
    return {str(row["analysis"]): row for row in rows_of(estimates) if not is_missing(row["p_adjusted"])}


def _notes(headline: Sequence[AnalysisResult], adjusted: Mapping[str, dict[str, Any]], labels: Labels) -> list[str]:
    other = {one.scale: None for one in headline if not one.scale.natural}
    notes = [f"{scale_note(scale, labels)} It has no standardised form." for scale in other]
    notes += method_notes(headline, labels)
    by_family: dict[tuple[str, str], list[tuple[str, float]]] = {}
    for one in headline:
        row = adjusted.get(one.spec.name)
        if row is not None:
            by_family.setdefault((str(row.get("family")), str(row.get("adjustment"))), []).append(
                (labels.outcome_short(one.spec.outcome), row["p_adjusted"])
            )
    for (_, method), members in by_family.items():
        number_of = how_many(p for _, p in members)
        notes.append(
            f"Adjusted p: {ADJUSTMENTS.get(method, method)} over {count(number_of)} "
            f"{'outcome' if number_of == 1 else 'outcomes'} ({', '.join(name for name, _ in members)})."
        )
    notes.append(
        "Standardised: divided by the pooled within-arm standard deviation at baseline, or at follow-up where "
        "there is no baseline measurement."
        if labels.baseline_wave
        else "Standardised: divided by the pooled within-arm standard deviation."
    )
    if labels.design.levels:
        notes.append(
            f"ICC: intraclass correlation, of two {labels.people} "
            f"{listed(f'of one {unit}' for unit in labels.shared_words)}. "
            f"{DASH}: not available or not part of the model."
        )
    said: dict[str, list[str]] = {}
    for one in headline:
        e = one.estimate
        for text in (*e.warnings, *([] if e.converged else ["The fit did not converge."])):
            said.setdefault(text, []).append(labels.outcome_short(one.spec.outcome))
    return [*notes, *(f"{', '.join(names)}: {text}" for text, names in said.items())]


def tables(material: Material) -> Iterator[Table]:
    """What stands behind the main results."""
    table = outcome_models_table(material.results, material.estimates, material.labels)
    if table:
        yield table
