"""Tables without a number that a section makes of its own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from cpis_analysis.publish.blocks import Cell, DataTable, Line, TableRow, plain

__all__ = ["plain_table"]


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
        head=(tuple(Cell(label, align, header=True) for label, align in heads),),
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
        return Cell(part, align, header=header)
    return Cell(plain(part), align, header=header, line=part)
