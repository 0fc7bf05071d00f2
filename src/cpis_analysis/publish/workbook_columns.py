"""Columns of a workbook: one number a cell, where the report sets several beside each other.

"0.87 (−1.77 to 3.50)" becomes three columns, "14.1 (6.4)" and "46 (60%)" two, so that a spreadsheet can compute with
each. Which numbers a cell holds it knows itself (`publish.cell_parts`); no text is taken apart, whatever stands in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from cpis_analysis.publish.cell_parts import (
    HIGH,
    INTERVAL,
    LOW,
    MARK,
    QUANTITY,
    QUARTILES,
    RANGE,
    SD,
    SHARE,
    VALUE,
    VARIANCE,
    WHOLE,
    Part,
)
from cpis_analysis.publish.data_table import Cell, DataTable
from cpis_analysis.publish.sources.ledger import unmarked

_LIMITS = (LOW, HIGH)
_PLACES = ((VALUE,), (WHOLE,), (SD, VARIANCE, SHARE), *zip(_LIMITS, QUARTILES, RANGE, strict=True), (MARK,))
"""Columns that one column can become, in order, each with the roles of the parts that stand in it."""
_PLACE = {role: at for at, roles in reversed(list(enumerate(_PLACES))) for role in roles}


Slot = str | Part
"""What one cell of the workbook holds: words, or a number as it is printed."""


def column_heads(table: DataTable) -> list[tuple[Cell, ...]]:
    """The cells of the head that stand over each column, from the uppermost down."""
    grid: list[list[Cell]] = [[] for _ in range(table.columns)]
    free = [0] * table.columns
    for line in table.head:
        place = 0
        for cell in line:
            while place < len(free) and free[place]:
                free[place] -= 1
                place += 1
            for column in range(place, min(place + cell.columns, len(free))):
                grid[column].append(cell)
                free[column] = cell.rows - 1
            place += cell.columns
    return [tuple(cells) for cells in grid]


def column_labels(table: DataTable) -> list[str]:
    """One label a column: "Baseline: n" where a header stands over several columns."""
    return [_label(cell.text for cell in cells) for cells in column_heads(table)]


def split_columns(
    heads: Sequence[Sequence[Cell]], lines: Sequence[Sequence[Cell]]
) -> tuple[list[str], list[list[Slot]]]:
    """Labels and rows with every number in a cell of its own.

    Parameters
    ----------
    heads : sequence of sequence of Cell
        Of `column_heads`.
    lines : sequence of sequence of Cell
        Cells of each row; one that has fewer than there are heads ends in empty ones.

    Returns
    -------
    labels : list of str
    lines : list of list of (str or Part)
        A column of which some cell holds several numbers is followed by columns for what the value is a part of, for
        the second of a pair (standard deviation, variance or per cent), for the lower and upper end, and for a mark;
        where a row has none of these they are empty. A column in which every number is an end has no column for
        values, and what is no number stands in the first. The first column, which names the rows, stays.
    """
    labels: list[str] = []
    columns: list[list[Slot]] = []
    for place, head in enumerate(heads):
        cells = [line[place] if place < len(line) else Cell("") for line in lines]
        if not place:
            labels.append(_label(cell.text for cell in head))
            columns.append([cell.parts[0] if len(cell.parts) == 1 else cell.text for cell in cells])
            continue
        numbers = [_numbers(cell) for cell in cells]
        roles = {part.role for parts in numbers for part in parts}
        used = [names for names in _PLACES if roles & set(names)] or [_PLACES[0]]
        for names in used:
            labels.append(_name(head, [name for name in names if name in roles] or [VALUE]))
            first = names is used[0]
            columns.append(
                [
                    next((part for part in parts if part.role in names), "") if parts else cell.text if first else ""
                    for cell, parts in zip(cells, numbers, strict=True)
                ]
            )
    return labels, [list(line) for line in zip(*columns, strict=True)] if lines else []


def _numbers(cell: Cell) -> tuple[Part, ...]:
    """Parts of a cell that find a column each; none where two would share one."""
    parts = cell.parts
    return parts if len(parts) < 2 or len({_PLACE[part.role] for part in parts}) == len(parts) else ()


def _name(head: Sequence[Cell], roles: Sequence[str]) -> str:
    """Label of a column that holds parts in these roles."""
    known = {part.role: unmarked(part.text) for part in head[-1].parts} if head else {}
    own = known.get(INTERVAL, "")
    above = [cell.text for cell in head[:-1]]
    whole = _label(cell.text for cell in head)
    if own and set(roles) <= set(_LIMITS):
        return _label([*above, f"{own} {roles[0]}"])
    base = _label([*above, known.get(QUANTITY) or own]) if own else whole
    return base if roles == [VALUE] else f"{base}, {' or '.join('of' if role == WHOLE else role for role in roles)}"


def _label(texts: Iterable[str]) -> str:
    # spaces at which no line ends are for the page
    return ": ".join(texts).replace("\u00a0", " ") or "Column"
