"""Tables as blocks of a report: cells, rows and headers without the look of any form."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from cpis_analysis.publish.cell_parts import Part, parts_of
from cpis_analysis.publish.lines import Line, plain


@dataclass(frozen=True)
class Cell:
    """One cell of a table.

    Attributes
    ----------
    text : str
    align : str
        ``left``, ``right`` or ``centre``.
    columns, rows : int
        How many columns and rows it covers.
    header : bool
        Names a row or a column.
    line : tuple of Run
        The text in its styles, where it has any or leads somewhere; else empty.
    parts : tuple of Part
        The numbers of the text, for who computes with them; empty where it has none.
    """

    text: str
    align: str = "left"
    columns: int = 1
    rows: int = 1
    header: bool = False
    line: Line = ()
    parts: tuple[Part, ...] = ()

    @classmethod
    def of(cls, text: str, align: str, *, columns: int = 1, rows: int = 1, header: bool = False) -> Cell:
        """A cell with a text as it was printed, which may know its parts."""
        return cls(str(text), align, columns, rows, header, parts=parts_of(text))


@dataclass(frozen=True)
class TableRow:
    """One row of a table's body.

    Attributes
    ----------
    cells : tuple of Cell
    indent : int
        Depth of its header.
    strong : bool
    group : bool
        It is the header over the rows that follow.
    begins : bool
        It begins a part of the table that has no header.
    """

    cells: tuple[Cell, ...]
    indent: int = 0
    strong: bool = False
    group: bool = False
    begins: bool = False


@dataclass(frozen=True)
class DataTable:
    """A table.

    Attributes
    ----------
    id, number, caption : str
        Anchor, "Table 1", and the caption without the number.
    head : tuple of tuple of Cell
        Rows of the header.
    rows : tuple of TableRow
    notes : tuple of str
    widths : tuple of float
        Width of each column relative to the others; empty: as their contents ask.
    fixed : bool
        Readers of the page don't sort or filter it.
    phone : str
        How a narrow screen shows its rows: ``under``, the last two cells on a second line; ``over``, the header on a
        line of its own; ``list``, each cell on a line after the head of its column. Empty: as they are.
    numbered : bool
        The first cell of a row is the number of an item, which comes from no data.
    """

    id: str
    number: str
    caption: str
    head: tuple[tuple[Cell, ...], ...]
    rows: tuple[TableRow, ...]
    notes: tuple[str, ...] = ()
    widths: tuple[float, ...] = ()
    fixed: bool = False
    phone: str = ""
    numbered: bool = False

    @property
    def columns(self) -> int:
        """How many columns it has."""
        return sum(cell.columns for cell in self.head[0]) if self.head else len(self.rows[0].cells)


def plain_table(
    caption: str,
    heads: Sequence[tuple[str, str]],
    rows: Iterable[Sequence[str | Line]],
    *,
    id: str = "",
    widths: tuple[float, ...] = (),
    fixed: bool = False,
) -> DataTable:
    """A table with one row of headers; the first cell of a row is its header.

    Parameters
    ----------
    caption : str
    heads : sequence of (header, alignment)
    rows : iterable of sequence of (str or Line)
        A cell is its text, or the text in its styles.
    id, widths, fixed
        See `DataTable`.
    """
    return DataTable(
        id=id,
        number="",
        caption=caption,
        head=(tuple(Cell.of(label, align, header=True) for label, align in heads),),
        rows=tuple(
            TableRow(
                tuple(_cell(part, align, at == 0) for at, (part, (_, align)) in enumerate(zip(row, heads, strict=True)))
            )
            for row in rows
        ),
        widths=widths,
        fixed=fixed,
    )


def _cell(part: str | Line, align: str, header: bool) -> Cell:
    if isinstance(part, str):
        return Cell.of(part, align, header=header)
    return Cell(plain(part), align, header=header, line=part)
