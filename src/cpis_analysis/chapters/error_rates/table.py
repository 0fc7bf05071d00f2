"""Error rates and power of the headline and of what stands beside it, on the study's own design."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from cpis_analysis.chapters.chapter import Material
from cpis_analysis.chapters.error_rates.rates import (
    TOO_OFTEN,
    AnswerRates,
    Simulated,
    beside_words,
    simulated_answers,
    simulated_cells,
)
from cpis_analysis.publish.format import DASH, capital, count, interval, is_missing, level_words, number, percent
from cpis_analysis.publish.table import Column, Row, RowGroup, Table
from cpis_analysis.words.labels import Labels


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
        f"{count(first['replicates'])} outcomes were drawn in each case for the {labels.people} of the headline "
        f"analysis, {drawn}. Differences are in standard deviations of what the covariates leave.",
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


def answers_rates_table(found: Sequence[AnswerRates], labels: Labels) -> Table | None:
    """Set every answer at every pair of correlations; None where nothing was simulated."""
    if not found:
        return None
    heads = [_pair_head(row, labels) for row in found[0].rows]
    columns = [Column("Outcome", align="left", width=2.6), Column("Test", align="left", width=2.4)]
    for head in heads:
        columns += [
            Column("Finds a difference where there is none, %", head, width=1.6),
            Column("Limits of the simulation", head, width=1.5),
        ]
    first = found[0].rows[0]
    alike = (
        " Correlations are those of a normal variable that decides who gives which answer."
        if labels.design.levels
        else ""
    )
    notes = [
        f"{count(first['replicates'])} outcomes were drawn in each case for the {labels.people} of each headline "
        f"analysis, all answers as frequent as here and alike in both groups, and analysed as the outcome was.{alike}",
        "A test should find a difference where there is none as often as its level says: more is wrong, less costs "
        "power. The limits would hold the long-run rate in nineteen of twenty simulations.",
    ]
    shown = {one.outcome for one in found}
    if any(part.type in _ANSWERS and name not in shown for name, part in labels.content.outcomes.items()):
        notes.append(
            f"Not simulated: outcomes of which an arm has fewer than {count(labels.minimum)} {labels.people} with "
            "one of the answers, and analyses that are fitted to one outcome at a time."
        )
    if any(one.too_often for one in found):
        notes.append(f"‡ More than {level_words(TOO_OFTEN)}, by more than the simulation's own error.")
    return Table(
        "error-rates-answers",
        "How often the tests of answers and counts would go wrong",
        tuple(columns),
        (RowGroup("", tuple(_answer_row(one, labels) for one in found)),),
        tuple(notes),
    )


_ANSWERS = ("binary", "ordinal", "bounded_count", "count")


def _answer_row(one: AnswerRates, labels: Labels) -> Row:
    cells = [labels.outcome(one.outcome), labels.model(str(one.rows[0]["model"]))]
    for row in one.rows:
        mark = " ‡" if row in one.too_often else ""
        cells += [
            percent(row["rejected"], row["replicates"], 1) + mark,
            interval(row["size_low"] * 100, row["size_high"] * 100, 1),
        ]
    return Row(tuple(cells))


def _pair_head(row: Mapping[str, Any], labels: Labels) -> str:
    """A pair of correlations; nothing in a study without clusters."""
    if not labels.design.levels:
        return ""
    of_team = f", {labels.team_word} {number(row['icc_team'], 2)}" if labels.design.team else ""
    return f"{capital(labels.trust_word)} {number(row['icc_trust'], 2)}{of_team}"


def _cell_head(cell: Simulated, labels: Labels) -> str:
    """At which correlations it was simulated; nothing in a study without clusters."""
    head = _pair_head(cell.headline, labels)
    return head and head + (": as the headline model has estimated" if cell.estimated else ": assumed")


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
    """The tables of error rates, where something was simulated."""
    frame, labels = material.error_rates, material.labels
    yield from filter(
        None,
        (
            error_rates_table(simulated_cells(frame), labels),
            answers_rates_table(simulated_answers(frame, labels), labels),
        ),
    )
