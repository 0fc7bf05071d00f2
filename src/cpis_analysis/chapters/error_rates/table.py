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
from cpis_analysis.plan.naming import plural
from cpis_analysis.publish.format import (
    DASH,
    capital,
    count,
    interval,
    is_missing,
    level_words,
    number,
    percent,
    with_mark,
)
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
    notes = (
        f"{_outcomes([row for cell in cells for row in cell.rows])} were drawn in each case for the {labels.people} of "
        f"the headline analysis, {_drawn(labels)}. Differences are in standard deviations of what the covariates "
        "leave.",
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


def _outcomes(rows: Sequence[Mapping[str, Any]]) -> str:
    """ "1,000 outcomes", and how many fewer of analyses that are fitted to one after the other."""
    most = max((row["replicates"] for row in rows), key=float)
    fewer = [row["replicates"] for row in rows if row["replicates"] * 2 < most]
    apart = f" ({count(max(fewer, key=float))} for analyses that are fitted to one after the other)" if fewer else ""
    return f"{count(most)} outcomes{apart}"


def _drawn(labels: Labels) -> str:
    """How outcomes were drawn."""
    if not labels.design.levels:
        return "with their covariates, and analysed as the outcome was"
    outer, *inner = labels.shared_words
    within = f", and of a {inner[-1]} within its {outer}" if inner else ""
    alone = f"; {plural(labels.single_person)} vary as much in all" if labels.design.one_sided else ""
    return (
        "in their clusters and with their covariates, and analysed as the outcome was. Each group has its share of the "
        f"variance between clusters that the covariates leave: that of a {outer}{within}{alone}"
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
    alike = (
        " Correlations are those of a normal variable that decides who gives which answer."
        if labels.design.levels
        else ""
    )
    notes = [
        f"{_outcomes([row for one in found for row in one.rows])} were drawn in each case for the {labels.people} of "
        "each headline analysis, all answers as frequent as here and alike in both groups, and analysed as the outcome "
        f"was.{alike}",
        "A test should find a difference where there is none as often as its level says: more is wrong, less costs "
        "power. The limits would hold the long-run rate in nineteen of twenty simulations.",
    ]
    shown = {one.outcome for one in found}
    if any(part.type in _ANSWERS and name not in shown for name, part in labels.content.outcomes.items()):
        notes.append(
            f"Not simulated: outcomes of which an arm has fewer than {count(labels.minimum)} {labels.people} with "
            "one of the answers, and analyses that would take too long."
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
        mark = "‡" if row in one.too_often else ""
        cells += [
            with_mark(percent(row["rejected"], row["replicates"], 1), mark),
            interval(row["size_low"] * 100, row["size_high"] * 100, 1),
        ]
    return Row(tuple(cells))


def _pair_head(row: Mapping[str, Any], labels: Labels) -> str:
    """A pair of correlations; nothing in a study without clusters."""
    if not labels.design.levels:
        return ""
    outer, *inner = labels.shared_words
    of_team = f", {inner[-1]} {number(row['icc_team'], 2)}" if inner else ""
    return f"{capital(outer)} {number(row['icc_trust'], 2)}{of_team}"


def _cell_head(cell: Simulated, labels: Labels) -> str:
    """At which correlations it was simulated; nothing in a study without clusters."""
    head = _pair_head(cell.headline, labels)
    return head and head + (": as the headline model has estimated" if cell.estimated else ": assumed")


def _row(row: Mapping[str, Any], labels: Labels, strong: bool) -> Row:
    name = row["comparator"]
    detectable = row["detectable_80"]
    return Row(
        (
            capital(beside_words(name, labels.person)) if name else labels.model(str(row["model"])),
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
