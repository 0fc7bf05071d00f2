"""Numbers of a figure that stays as it was drawn: its cells may stand in other rows than when it was drawn.

The index keeps, for each cell that a number of the figure comes from, which number it was among all that the figure
was drawn from. An order with the same key has the same numbers in the same order, so that tells where it stands now.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any

import pandas as pd

from cpis_analysis.publish.sources.source import Cell, Listing, Made, Source
from cpis_analysis.publish.sources.sourced import source_of

Place = tuple[str, str, str]


def cells_shown(shown: Any, written: Callable[[Cell], Cell]) -> list[Place]:
    """File, row and column of every cell of what a figure is drawn from, in order.

    Parameters
    ----------
    shown : any
    written : callable
        What the ledger writes for a cell.
    """
    found: list[Cell] = []
    _gather(shown, found)
    return [(cell.file, cell.row, cell.column) for cell in map(written, found)]


def follow(known: Sequence[Mapping[str, Any]], cells: Sequence[Place]) -> list[list[Any]]:
    """File, row, column and number of each cell that the numbers of a figure come from.

    Parameters
    ----------
    known : sequence of mapping
        Of `exhibits.numbers_of`.
    cells : sequence of place
        Of `cells_shown`.
    """
    at: dict[Place, int] = {}
    for number, place in enumerate(cells):
        at.setdefault(place, number)
    used = dict.fromkeys(place for place in _places(known) if place in at)
    return [[*place, at[place]] for place in used]


def followed(entry: Mapping[str, Any], cells: Sequence[Place]) -> dict[str, Any]:
    """The entry of a figure that stays, with its cells where they stand now."""
    now = {(file, row, column): cells[number] for file, row, column, number in entry["follow"]}
    if all(before == after for before, after in now.items()):
        return dict(entry)
    numbers = {**entry["numbers"], "known": [_moved(record, now) for record in entry["numbers"]["known"]]}
    return {**entry, "numbers": numbers, "follow": [[*cells[number], number] for *_, number in entry["follow"]]}


def _gather(value: Any, found: list[Cell]) -> None:
    """Put the cells of a value behind those that are found already; most values are texts and numbers without."""
    if value is None or isinstance(value, str | float | int):
        found += _of_source(source_of(value))
    elif isinstance(value, list | tuple):
        for part in value:
            _gather(part, found)
    elif isinstance(value, pd.DataFrame):
        for name in value:
            _gather(value[name].tolist(), found)
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
