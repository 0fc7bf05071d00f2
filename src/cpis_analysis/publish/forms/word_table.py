"""Tables of a Word document: widths in full, header rows that repeat, rows that stay with what belongs to them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from itertools import pairwise

from cpis_analysis.publish.blocks import Cell, DataTable, Line, TableRow
from cpis_analysis.publish.forms.table_widths import SMALL_FROM, column_shares, is_whole
from cpis_analysis.publish.forms.word_elements import Markup, element, paragraph, run
from cpis_analysis.publish.forms.word_styles import TABLE
from cpis_analysis.publish.shown import unbroken

_SIDES = {"left": "", "right": " Right", "centre": " Centre"}
_INDENTS = ("", " Indent", " Indent Twice")

_WHOLE_ROW = element("w:trPr", element("w:cantSplit"))

Write = Callable[[Line], list[Markup]]


def word_table(table: DataTable, room: int, write: Write) -> Markup:
    """A table.

    Parameters
    ----------
    table : DataTable
    room : int
        Width of the page between its margins in twentieths of a point.
    write : callable
        Runs of a line with its styles and links.
    """
    widths = [round(room * share) for share in column_shares(table)]
    properties = element(
        "w:tblPr",
        element("w:tblStyle", val=TABLE.replace(" ", "")),
        element("w:tblW", w=str(sum(widths)), type="dxa"),
        element("w:tblLayout", type="fixed"),
        element("w:tblLook", val="04A0", firstRow="1", lastRow="0", firstColumn="1", lastColumn="0", noVBand="1"),
        element("w:tblCaption", val=f"{table.number}. {table.caption}" if table.number else table.caption),
    )
    grid = element("w:tblGrid", *(element("w:gridCol", w=str(width)) for width in widths))
    small = " Small" if table.columns >= SMALL_FROM else ""
    rows = [*_head_rows(table, widths, small, write), *_body_rows(table, widths, small, write)]
    return element("w:tbl", properties, grid, *rows)


def _head_rows(table: DataTable, widths: Sequence[int], small: str, write: Write) -> Iterator[Markup]:
    reaching: dict[int, int] = {}
    for line in table.head:
        cells, place = [], 0
        waiting = list(line)
        while place < len(widths) and (waiting or place in reaching):
            if reaching.get(place):
                # a cell of the row before reaches down
                cells.append(
                    _cell_element(widths[place : place + 1], paragraph(f"Table Head{small}"), merge="continue")
                )
                reaching[place] -= 1
                place += 1
                continue
            if not waiting:
                break
            cell = waiting.pop(0)
            style = f"Table Head{small}{_SIDES[cell.align]}"
            content = paragraph(style, *_words(cell, write))
            merge = "restart" if cell.rows > 1 else ""
            cells.append(_cell_element(widths[place : place + cell.columns], content, merge=merge))
            if cell.rows > 1:
                reaching[place] = cell.rows - 1
            place += cell.columns
        yield element("w:tr", element("w:trPr", element("w:cantSplit"), element("w:tblHeader")), *cells)


def _body_rows(table: DataTable, widths: Sequence[int], small: str, write: Write) -> Iterator[Markup]:
    together = is_whole(table)
    # a variable stays with its first level, and the last row with its note
    keep = [together or (not row.indent and bool(below.indent)) for row, below in pairwise(table.rows)]
    for row, stays in zip(table.rows, [*keep, True], strict=False):
        cells, place = [], 0
        for cell in row.cells:
            style = f"Table Group{small}" if row.group else _style(row, cell, place, small)
            words = _words(cell, write, strong=row.strong)
            content = paragraph(style, *words, keep=stays)
            cells.append(_cell_element(widths[place : place + cell.columns], content))
            place += cell.columns
        yield f"<w:tr>{_WHOLE_ROW}{''.join(cells)}</w:tr>"


def _style(row: TableRow, cell: Cell, place: int, small: str) -> str:
    indent = min(row.indent, 2) if place == 0 else 0
    return f"Table{_INDENTS[indent] or ' Text'}{small}{'' if indent else _SIDES[cell.align]}"


def _words(cell: Cell, write: Write, *, strong: bool = False) -> list[Markup]:
    if cell.line:
        return write(cell.line)
    return [run(unbroken(cell.text), "Strong" if strong else "")] if cell.text else []


def _cell_element(widths: Sequence[int], content: Markup, *, merge: str = "") -> Markup:
    return f"<w:tc>{_cell_properties(sum(widths), len(widths), merge)}{content}</w:tc>"


@lru_cache(maxsize=1 << 12)
def _cell_properties(width: int, columns: int, merge: str) -> Markup:
    """The same for all cells of a column."""
    return element(
        "w:tcPr",
        element("w:tcW", w=str(width), type="dxa"),
        element("w:gridSpan", val=str(columns)) if columns > 1 else None,
        element("w:vMerge", val=merge) if merge else None,
    )
