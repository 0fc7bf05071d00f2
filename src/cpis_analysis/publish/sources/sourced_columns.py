"""Several numbers at once: rows and columns that keep sources, what is counted in them, functions of them."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from cpis_analysis.publish.sources.arithmetic import FUNCTIONS
from cpis_analysis.publish.sources.source import Cell, Listing, Made
from cpis_analysis.publish.sources.sourced import carrying, is_constant, is_sourced, plain_number, source_of


def column(values: Iterable[Any]) -> Any:
    """Numbers as a `Listing`, for `made`; as they are where one has no cell of its own.

    A number that is a multiple of a cell, such as a proportion in per cent, stands for its cell: what is counted in a
    column (signs, order, length) is the same.
    """
    values = tuple(values)
    found = [_own_cell(value) for value in values]
    if not found or any(one is None for one in found):
        return values
    cells, numbers = zip(*((cell, value) for value, cell in filter(None, found)), strict=True)
    return Listing(cells, numbers)


def column_of(rows: Any, name: str) -> Any:
    """A column of a frame, or a key of a list of records, as a `Listing`; texts stand where the numbers beside do.

    A row of a frame without any number is known by its place, so it must not have been numbered anew.
    """
    framed = hasattr(rows, "itertuples")
    records = rows_of(rows) if framed else list(rows)
    places = list(rows.index) if framed else []
    found = []
    for at, record in enumerate(records):
        cells = ((key, source_of(part)) for key, part in record.items())
        key, cell = next(((key, one) for key, one in cells if isinstance(one, Cell)), ("", None))
        if cell is None and framed and "source" in rows.attrs:
            cell = rows.attrs["source"].cell(places[at])
        if cell is None:
            return tuple(one[name] for one in records)
        found.append(replace(cell, column=cell.column.removesuffix(str(key)) + name))
    return Listing(tuple(found), tuple(record[name] for record in records)) if found else ()


def rows_of(frame: Any) -> list[dict[str, Any]]:
    """Rows of a frame as mappings; unlike those of pandas they keep the sources of numbers."""
    names = list(frame.columns)
    # one array of objects: to walk through the columns of a small frame takes longer than all its cells
    return [dict(zip(names, row, strict=True)) for row in frame.to_numpy(dtype=object).tolist()]


def how_many(values: Iterable[Any]) -> Any:
    """How many numbers there are."""
    return made("length", column(values))


def _own_cell(value: Any) -> tuple[Any, Cell] | None:
    source = source_of(value)
    if isinstance(source, Cell):
        return plain_number(value), source
    if isinstance(source, Made) and source.by == "*":
        for (factor, none), (own, cell) in (source.parts, source.parts[::-1]):
            if none is None and isinstance(cell, Cell) and factor > 0:
                return own, cell
    return None


def made(by: str, *parts: Any) -> Any:
    """What a function of `publish.sources.arithmetic` gives, with how it came about.

    Parameters
    ----------
    by : str
        Name of the function.
    *parts : number or Listing
        Numbers with sources, constants, columns.
    """
    return noted(FUNCTIONS[by](*(part.values if isinstance(part, Listing) else part for part in parts)), by, *parts)


def noted(value: Any, by: str, *parts: Any) -> Any:
    """A value that was computed elsewhere, with the function of `publish.sources.arithmetic` that gives it again."""
    sources = [part if isinstance(part, Listing) else source_of(part) for part in parts]
    known = any(source is not None for source in sources) and all(
        source is not None or is_constant(part) for part, source in zip(parts, sources, strict=True)
    )
    plain = (part.values if isinstance(part, Listing) else plain_number(part) for part in parts)
    return carrying(value, Made(by, tuple(zip(plain, sources, strict=True)))) if known else value


def exp(value: float) -> float:
    """e to the power of a number."""
    return made("exp", value) if is_sourced(value) else math.exp(value)
