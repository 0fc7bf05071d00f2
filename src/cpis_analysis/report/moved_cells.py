"""Numbers of a table or a figure that stays: its cells may stand in other rows than when it was made.

The index keeps, for each cell that a number of the exhibit comes from, which number it was among all that it was made
from. An order with the same key has the same numbers in the same order, so that tells where it stands now. Cells of
results of which the order has the digest don't move: their file and their row are part of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any

import pandas as pd

from cpis_analysis.chapters.printed_result import PrintedResult
from cpis_analysis.publish.sources.source import Cell, Listing, Made, Source
from cpis_analysis.publish.sources.sourced import source_of

Place = tuple[str, str, str]
_PLAIN = {type(None), bool, str, float, int}


def cells_shown(shown: Any) -> list[Cell]:
    """Every cell of what an exhibit is made from that may move, in order."""
    found: list[Cell] = []
    _gather(shown, found)
    return found


def _place(cell: Cell, written: Callable[[Cell], Cell]) -> Place:
    said = written(cell)
    return said.file, said.row, said.column


def follow(
    known: Sequence[Mapping[str, Any]], cells: Sequence[Cell], written: Callable[[Cell], Cell]
) -> list[list[Any]]:
    """File, row, column and number of each cell that the numbers of an exhibit come from.

    Parameters
    ----------
    known : sequence of mapping
        Of `exhibits.numbers_of`.
    cells : sequence of Cell
        Of `cells_shown`.
    written : callable
        What the ledger writes for a cell.
    """
    at: dict[Place, int] = {}
    for number, cell in enumerate(cells):
        at.setdefault(_place(cell, written), number)
    used = dict.fromkeys(place for place in _places(known) if place in at)
    return [[*place, at[place]] for place in used]


def followed(
    places: Sequence[Sequence[Any]], shown: Any, written: Callable[[Cell], Cell]
) -> tuple[list[list[Any]], Callable[[Mapping[str, Any]], dict[str, Any]] | None]:
    """Where the cells of an exhibit that stays stand now.

    Parameters
    ----------
    places : sequence
        Of `follow`, as the index keeps them.
    shown : any
        What the exhibit would be made from.
    written : callable
        As for `follow`.

    Returns
    -------
    places : list
        As they are now.
    moved : callable or None
        Numbers of the exhibit as they were kept -> with the cells where they stand now; None where they stand there.
    """
    if not places:
        return [], None
    cells = cells_shown(shown)
    now = {(file, row, column): _place(cells[number], written) for file, row, column, number in places}
    if all(before == after for before, after in now.items()):
        return [list(one) for one in places], None

    def moved(numbers: Mapping[str, Any]) -> dict[str, Any]:
        return {**numbers, "known": [_moved(record, now) for record in numbers["known"]]}

    return [[*now[file, row, column], number] for file, row, column, number in places], moved


def _gather(value: Any, found: list[Cell]) -> None:
    """Put the cells of a value behind those that are found already; most values are texts and numbers without."""
    if type(value) in _PLAIN or (isinstance(value, PrintedResult) and value.digest):
        return
    if isinstance(value, str | float | int):
        found += _of_source(source_of(value))
    elif isinstance(value, list | tuple):
        for part in value:
            _gather(part, found)
    elif isinstance(value, pd.DataFrame):
        _gather(value.to_numpy(dtype=object).T.tolist(), found)
    elif is_dataclass(value) and not isinstance(value, type):
        for name in _names(type(value)):
            _gather(getattr(value, name), found)
    elif isinstance(value, Mapping):
        _gather(list(value.values()), found)


@cache
def _names(kind: Any) -> tuple[str, ...]:
    return tuple(part.name for part in fields(kind))


def _of_source(source: Source | None) -> Iterator[Cell]:
    if isinstance(source, Cell):
        yield source
    elif isinstance(source, Listing):
        yield from source.cells
    elif isinstance(source, Made):
        for _, part in source.parts:
            yield from _of_source(part)


def _places(record: Any) -> Iterator[Place]:
    if isinstance(record, Mapping):
        if "file" in record:
            for row in record.get("rows", [record.get("row", "")]):
                yield record["file"], row, record["column"]
        else:
            for part in record.values():
                yield from _places(part)
    elif isinstance(record, list | tuple):
        for part in record:
            yield from _places(part)


def _moved(record: Any, now: Mapping[Place, Place]) -> Any:
    if isinstance(record, Mapping):
        if "file" not in record:
            return {name: _moved(part, now) for name, part in record.items()}
        file, column = record["file"], record["column"]
        if "rows" in record:
            return {**record, "rows": _rows(record["rows"], file, column, now)}
        return {**record, "row": _rows([record["row"]], file, column, now)[0]}
    return [_moved(part, now) for part in record] if isinstance(record, list) else record


def _rows(rows: Iterable[str], file: str, column: str, now: Mapping[Place, Place]) -> list[str]:
    return [now.get((file, row, column), (file, row, column))[1] for row in rows]
