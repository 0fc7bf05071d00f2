"""Flow diagrams in a Word document: a table without rules whose cells are the boxes and the line that joins them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cpis_analysis.publish.blocks import FlowBox, FlowChart
from cpis_analysis.publish.chart.look import LIGHT
from cpis_analysis.publish.forms.word_elements import Markup, element, paragraph, run
from cpis_analysis.publish.forms.word_styles import MARGIN, SHORT

_SPINE, _BESIDE, _BETWEEN = 280, 240, 280
"""Twentieths of a point: from the edge of a branch to its line, from there to the boxes beside it, between branches."""
_STEP = 100
"""Height of the line alone between two rows of boxes."""
_TINTS = tuple(LIGHT[name].removeprefix("#").upper() for name in ("comp", "impl", "third", "fourth"))
_LINE, _HAIR, _WASH = (LIGHT[name].removeprefix("#").upper() for name in ("line", "hair", "wash"))


def word_flow(chart: FlowChart, title: Sequence[Markup]) -> Iterator[Markup]:
    """Paragraphs and the table of a flow diagram.

    Parameters
    ----------
    chart : FlowChart
    title : sequence of markup
        Runs of number and takeaway.
    """
    yield paragraph("Chart Title", *title)
    if chart.sub:
        yield paragraph("Chart Sub", run(chart.sub))
    yield _table(chart)
    yield paragraph("Table Note Last", run(chart.note))


def _table(chart: FlowChart) -> Markup:
    groups = len(chart.branches)
    room = SHORT - 2 * MARGIN - _BETWEEN * (groups - 1)
    branch = [_SPINE, _BESIDE, room // groups - _SPINE - _BESIDE]
    widths = [*branch, *([_BETWEEN, *branch] * (groups - 1))]
    properties = element(
        "w:tblPr",
        element("w:tblW", w=str(sum(widths)), type="dxa"),
        element("w:tblLayout", type="fixed"),
        element("w:tblCellMar", *(element(f"w:{side}", w="90", type="dxa") for side in ("left", "right"))),
        element("w:tblLook", val="0000", firstRow="0", lastRow="0", firstColumn="0", lastColumn="0", noVBand="1"),
        element("w:tblCaption", val=chart.title),
    )
    grid = element("w:tblGrid", *(element("w:gridCol", w=str(width)) for width in widths))
    return element("w:tbl", properties, grid, *_rows(chart, branch, widths))


def _rows(chart: FlowChart, branch: Sequence[int], widths: Sequence[int]) -> Iterator[Markup]:
    rest = sum(widths) - branch[0]
    for place, box in enumerate(chart.trunk):
        if place:
            yield _row([_cell(branch[0], line=True), _cell(rest, columns=len(widths) - 1)], step=True)
        if box.loss:
            beside = _cell(rest - branch[1], box, columns=len(widths) - 2)
            yield _row([_cell(branch[0], line=True), _cell(branch[1]), beside])
        else:
            yield _row([_cell(sum(widths), box, columns=len(widths), tint=_LINE)])
    for place, level in enumerate(chart.levels):
        going = [not chart.ends(at, place) for at in range(len(level))]
        steps = [[_cell(branch[0], line=one), *map(_cell, branch[1:])] for one in going]
        yield _row(_parted(steps), step=True)
        boxes = [_branch_cells(box, branch, at, one) for at, (box, one) in enumerate(zip(level, going, strict=True))]
        yield _row(_parted(boxes))


def _branch_cells(box: FlowBox | None, branch: Sequence[int], at: int, going: bool) -> list[Markup]:
    if box is not None and not box.loss:
        return [_cell(sum(branch), box, columns=len(branch), tint=_TINTS[at % len(_TINTS)])]
    return [_cell(branch[0], line=going), _cell(branch[1]), _cell(branch[2], box)]


def _parted(groups: Sequence[list[Markup]]) -> list[Markup]:
    cells = list(groups[0])
    for group in groups[1:]:
        cells += [_cell(_BETWEEN), *group]
    return cells


def _row(cells: Sequence[Markup], *, step: bool = False) -> Markup:
    """A row of boxes, or of the line alone."""
    height = element("w:trHeight", val=str(_STEP), hRule="exact") if step else None
    return element("w:tr", element("w:trPr", element("w:cantSplit"), height), *cells)


def _cell(width: int, box: FlowBox | None = None, *, columns: int = 1, tint: str = "", line: bool = False) -> Markup:
    borders = None
    if box is not None:
        size, colour = ("4", _HAIR) if box.loss else ("12", tint)
        sides = ("top", "left", "bottom", "right")
        borders = element("w:tcBorders", *(_border(side, size, colour) for side in sides))
    elif line:
        borders = element("w:tcBorders", _border("right", "8", _LINE))
    properties = element(
        "w:tcPr",
        element("w:tcW", w=str(width), type="dxa"),
        element("w:gridSpan", val=str(columns)) if columns > 1 else None,
        borders,
        element("w:shd", val="clear", color="auto", fill=_WASH) if box is not None and box.loss else None,
        element("w:vAlign", val="center"),
    )
    return element("w:tc", properties, *_words(box))


def _border(side: str, size: str, colour: str) -> Markup:
    return element(f"w:{side}", val="single", sz=size, space="0", color=colour)


def _words(box: FlowBox | None) -> Iterator[Markup]:
    """Every cell ends with a paragraph, an empty one too; each is kept with the next, and the last with the note."""
    if box is None:
        yield paragraph("Section Break", keep=True)
        return
    first, *more = box.lines
    yield paragraph("Table Text", run(first, "Strong"), keep=True)
    yield from (paragraph("Table Text", run(text, "Small"), keep=True) for text in more)
