"""All analyses with the choices that they made, for the part of the page in which readers pick among them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from cpis_analysis.analyses.estimate import AnalysisResult
from cpis_analysis.chapters.page import Page
from cpis_analysis.chapters.robustness.choices import choices_of
from cpis_analysis.publish.blocks import Block, Cell, DataTable, Explorer, Folded, Point, TableRow, said
from cpis_analysis.publish.format import p_value
from cpis_analysis.words.contrast_words import words_of_contrast
from cpis_analysis.words.order_of_analyses import arm_differences
from cpis_analysis.words.scales import ci_heading, one_scale, outcome_digits, shown_cell

_FEWEST = 3


@dataclass(frozen=True)
class _Row:
    """One analysis: what it chose, the words of the table, the unrounded numbers that the drawing needs, and itself."""

    outcome: str
    model: str
    headline: bool
    choices: Mapping[str, str]
    difference: str
    p: str
    point: Point
    natural: bool
    result: AnalysisResult


def explorer(page: Page) -> Iterator[Block]:
    """All analyses in the plan's order, folded away; nothing where no outcome has several analyses."""
    rows, absent, elsewhere = [], [], []
    for results in page.results.values():
        found, others = one_scale(arm_differences(results, estimated=True), page.labels)
        if len(found) < _FEWEST:
            continue
        absent += [_named(result, page) for result in results if not result.estimable]
        elsewhere += [f"{_named(result, page)} ({result.scale.difference})" for result in others]
        rows += [_row(result, page, headline=result is results[0]) for result in found]
    if rows:
        introduction = said(_introduction(page, rows, absent, elsewhere))
        yield Folded("Explore all analyses and their choices", (*introduction, _table(page, rows)), kind="explorer")


def _introduction(page: Page, rows: list[_Row], absent: list[str], elsewhere: list[str]) -> Iterator[str]:
    yield "Every analysis of every outcome with several, with the choices in which they differ."
    scales = "" if all(row.natural for row in rows) else ", or as the name of the outcome says"
    contrast = words_of_contrast(page.headlines[0].estimate.contrast, page.labels)
    yield f"{contrast}, in points of the outcome{scales}."
    yield ("Picking some of them shows how much depends on a choice; it does not make another analysis the headline.")
    if absent:
        yield f"Not estimable, so not in the table: {'; '.join(absent)}."
    if elsewhere:
        yield f"On another scale, so not in the table: {'; '.join(elsewhere)}."


def _table(page: Page, rows: list[_Row]) -> Explorer:
    questions = [name for name in rows[0].choices if len({row.choices[name] for row in rows}) > 1]
    heads = [(head, "left") for head in ("Outcome", "Analysis", *questions)]
    heads += [(ci_heading("Difference", (row.result for row in rows)), "right"), ("p", "right")]
    body = (
        TableRow(
            (
                Cell(row.outcome),
                Cell(row.model + (" (headline)" if row.headline else ""), header=True),
                *(Cell(row.choices[question]) for question in questions),
                Cell(row.difference, "right"),
                Cell(row.p, "right"),
            ),
            strong=row.headline,
        )
        for row in rows
    )
    table = DataTable(
        id="table-explorer",
        number="",
        caption="All analyses with their choices",
        head=(tuple(Cell(label, align, header=True) for label, align in heads),),
        rows=tuple(body),
        fixed=True,
    )
    return Explorer(table, tuple(range(2, 2 + len(questions))), tuple(row.point for row in rows))


def _row(result: AnalysisResult, page: Page, *, headline: bool) -> _Row:
    labels, name, e = page.labels, result.spec.outcome, result.estimate
    natural = result.scale.natural
    scale = "" if natural else f" ({result.scale.difference})"
    low, high = (repr(float(result.scale.in_units(end))) for end in (e.ci_low, e.ci_high))
    decimals = outcome_digits(name, labels, None, result).difference
    return _Row(
        outcome=labels.outcome_short(name) + labels.mark(name) + scale,
        model=labels.model(result.spec.model),
        headline=headline,
        choices=choices_of(result, labels),
        difference=shown_cell(e, result.scale, decimals),
        p=p_value(e.p_value),
        point=Point(name, repr(float(result.scale.in_units(e.estimate))), low, high),
        natural=natural,
        result=result,
    )


def _named(result: AnalysisResult, page: Page) -> str:
    return f"{page.labels.outcome_short(result.spec.outcome)}, {page.labels.model(result.spec.model)}"
