"""Error rates and power of the headline and of what stands beside it, on the study's own design."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from cpis_analysis.chapters.chapter import Material
from cpis_analysis.chapters.error_rates.rates import Simulated, beside_words, simulated_cells
from cpis_analysis.publish.format import DASH, capital, count, interval, is_missing, number, percent
from cpis_analysis.publish.table import Column, Row, RowGroup, Table
from cpis_analysis.words.labels import Labels

__all__ = ["error_rates_table", "tables"]


def error_rates_table(cells: Sequence[Simulated], labels: Labels) -> Table | None:
    """Set every analysis at every pair of correlations; None where nothing was simulated."""
    if not cells:
        return None
    columns = (
        Column("Analysis", align="left", width=3.6),
        Column("Finds a difference where there is none, %", width=1.8),
        Column("Limits of the simulation", width=1.6),
        Column("Finds one of half an SD, %", width=1.5),
        Column("Found in four of five studies, SD", width=1.6),
    )
    groups = [
        RowGroup(
            _cell_head(cell, labels),
            tuple(_row(row, labels, place == 0) for place, row in enumerate(cell.rows)),
        )
        for cell in cells
    ]
    first = cells[0].headline
    drawn = (
        "in their clusters and with their covariates, and analysed as the outcome was. Each group has its share of the "
        f"variance between clusters that the covariates leave: that of a {labels.trust_word}"
        + (f", and of a {labels.team_word} within its {labels.trust_word}" if labels.design.team else "")
        if labels.design.levels
        else "with their covariates, and analysed as the outcome was"
    )
    notes = (
        f"{count(first['replicates'])} outcomes were drawn in each case for the people of the headline analysis, "
        f"{drawn}. Differences are in standard deviations of what the covariates leave.",
        "A test should find a difference where there is none as often as its level says: more is wrong, less costs "
        "power. The limits would hold the long-run rate in nineteen of twenty simulations. Nothing here tells of "
        "confounding.",
    )
    return Table(
        "error-rates",
        "How often each analysis would go wrong, and how much it would find",
        columns,
        tuple(groups),
        notes,
    )


def _cell_head(cell: Simulated, labels: Labels) -> str:
    """At which correlations it was simulated; nothing in a study without clusters."""
    if not labels.design.levels:
        return ""
    return (
        f"{capital(labels.trust_word)} {number(cell.headline['icc_trust'], 2)}"
        + (f", {labels.team_word} {number(cell.headline['icc_team'], 2)}" if labels.design.team else "")
        + (": as the headline model has estimated" if cell.estimated else ": assumed")
    )


def _row(row: Mapping[str, Any], labels: Labels, strong: bool) -> Row:
    name = row["comparator"]
    detectable = row["detectable_80"]
    return Row(
        (
            capital(beside_words(name)) if name else labels.model(str(row["model"])),
            percent(row["rejected"], row["replicates"], 1),
            interval(row["size_low"] * 100, row["size_high"] * 100, 1),
            number(row["power_0.5"] * 100, 0),
            DASH if is_missing(detectable) else number(detectable, 2),
        ),
        strong=strong,
    )


def tables(material: Material) -> Iterator[Table]:
    """The table of error rates, where something was simulated."""
    table = error_rates_table(simulated_cells(material.error_rates), material.labels)
    if table:
        yield table
