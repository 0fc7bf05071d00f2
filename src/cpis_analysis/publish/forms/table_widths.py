"""How wide the columns of a table are on paper, which tables lie on their side, and which stay on one page."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from cpis_analysis.publish.blocks import Cell, DataTable
from cpis_analysis.publish.shown import unbroken
from cpis_analysis.publish.sources.ledger import unmarked

WIDE = 12
"""From this number of columns on a table stands on a landscape page."""
ROOM = 470.0
"""Width of the text on an upright A4 page in points."""
_WHOLE, _LONGEST = 28, 80
"""A table of up to this many rows stays on one page if no cell has more letters than this; longer ones would leave the
page before it half empty."""
SMALL_FROM = 7
"""From this number of columns on a table is set in smaller letters."""
# a bold letter of Arial at either size, and the margins of a cell
_LETTER, _SMALL_LETTER, _MARGINS = 5.1, 4.5, 6.0


def is_wide(table: DataTable) -> bool:
    """Whether a table needs a page that lies on its side."""
    return table.columns >= WIDE or sum(_needed(table)) > ROOM


def is_whole(table: DataTable) -> bool:
    """Whether a table stays on one page."""
    longest = max((len(cell.text) for row in table.rows for cell in row.cells), default=0)
    return len(table.rows) <= _WHOLE and longest <= _LONGEST


def column_shares(table: DataTable) -> tuple[float, ...]:
    """Share of the width of each column: as wanted, changed as little as keeps every word of a cell on one line."""
    needed = _needed(table)
    total = sum(needed)
    if total >= ROOM:
        return tuple(width / total for width in needed)
    wanted = [share * ROOM for share in _wanted(table)]
    short = [max(least - width, 0.0) for least, width in zip(needed, wanted, strict=True)]
    spare = [max(width - least, 0.0) for least, width in zip(needed, wanted, strict=True)]
    given = sum(short) / sum(spare) if sum(spare) else 0.0
    widths = [w + lacks - given * has for w, lacks, has in zip(wanted, short, spare, strict=True)]
    return tuple(width / sum(widths) for width in widths)


def _wanted(table: DataTable) -> list[float]:
    shares = list(table.widths) or [1.0] * table.columns
    if not table.widths:
        for line in _lines(table):
            if len(line) == len(shares):
                # long text needs room, but not in proportion to its length
                shares = [max(share, len(unmarked(cell.text)) ** 0.7) for share, cell in zip(shares, line, strict=True)]
    return [share / sum(shares) for share in shares]


class _Same:
    """A table as a key: itself and no other, because to compare two would look at every cell."""

    def __init__(self, table: DataTable) -> None:
        self.table = table

    def __hash__(self) -> int:
        return id(self.table)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.table is self.table


def _needed(table: DataTable) -> tuple[float, ...]:
    """Width in points that the longest word of each column takes; asked for three times in each form."""
    return _found(_Same(table))


@lru_cache(maxsize=1 << 8)
def _found(same: _Same) -> tuple[float, ...]:
    table = same.table
    longest = [1.0] * table.columns
    free = [0] * table.columns
    for line in _lines(table):
        place = 0
        for cell in line:
            # a cell of the row before that reaches down takes its columns
            while place < len(free) and free[place]:
                free[place] -= 1
                place += 1
            if cell.columns == 1 and place < len(longest):
                longest[place] = max(longest[place], _longest_word(cell.text))
            for covered in range(place, min(place + cell.columns, len(free))):
                free[covered] = cell.rows - 1
            place += cell.columns
        for rest in range(place, len(free)):
            free[rest] = max(free[rest] - 1, 0)
    letter = _SMALL_LETTER if table.columns >= SMALL_FROM else _LETTER
    return tuple(letters * letter + _MARGINS for letters in longest)


@lru_cache(maxsize=1 << 15)
def _longest_word(text: str) -> float:
    """Length of the longest word in letters, of which the broadest count half as much again."""
    words = unbroken(unmarked(text)).replace("-", "- ").split(" ")
    return max(len(word) + 0.5 * sum(map(word.count, "mwMW")) for word in words)


def _lines(table: DataTable) -> Iterator[tuple[Cell, ...]]:
    yield from table.head
    yield from (row.cells for row in table.rows)
