"""Numbers that know where they come from.

A `SourcedFloat` or `SourcedInt` is a float or an int with a source: the cell of a file that it was read from, or how
it follows from such cells. Arithmetic on them writes itself down, so what a sentence computes needs no second
description.
A number that meets another of unknown origin is of unknown origin: a plain float or int again.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from numbers import Integral, Real
from typing import Any, TypeVar

from cpis_analysis.publish.arithmetic import FUNCTIONS

__all__ = [
    "Cell",
    "Listing",
    "Made",
    "Rows",
    "Source",
    "SourcedFloat",
    "SourcedInt",
    "below",
    "carrying",
    "column",
    "column_of",
    "exp",
    "how_many",
    "is_sourced",
    "made",
    "noted",
    "rows_of",
    "setting",
    "source_of",
    "sourced",
    "sourced_part",
    "standing_in",
]

T = TypeVar("T")
_LONGEST_CONSTANT = 7
"""A number in code is written with few digits; a longer one was computed from something that is not known."""


@dataclass(frozen=True)
class Cell:
    """One value in a file.

    Attributes
    ----------
    file : str
    row : str
        Line of a CSV file (the first row is line 2), name of an analysis, or ``frame:row`` of the summaries.
    column : str
        Column, or the path to the value within a record.
    kind : str
        ``cell``, ``setting`` for a key of the plan or a constant of the code, ``suppressed`` for the limit that stands
        for a small count.
    """

    file: str
    row: str
    column: str
    kind: str = "cell"


@dataclass(frozen=True)
class Rows:
    """Where the rows of a frame stand that are numbered from 0 on."""

    file: str
    prefix: str
    first: int

    def cell(self, place: int) -> Cell:
        """The row of this number, without a column."""
        return Cell(self.file, f"{self.prefix}{self.first + place}", "")

    def __deepcopy__(self, memo: Any) -> Rows:
        # a frame copies what is noted of it at every turn
        return self


@dataclass(frozen=True)
class Listing:
    """Several values.

    Attributes
    ----------
    cells : tuple of Cell
        Where they stand.
    values : tuple
    described : bool
        There is one cell, and its `row` says in words which rows are meant.
    """

    cells: tuple[Cell, ...]
    values: tuple[Any, ...]
    described: bool = False


@dataclass(frozen=True)
class Made:
    """How a value follows from others.

    Attributes
    ----------
    by : str
        An operator (``+ - * /``), or a function of `publish.arithmetic`.
    parts : tuple of (value, source)
        What it is applied to; the source is None for a constant and a `Listing` for a column.
    """

    by: str
    parts: tuple[tuple[Any, Source | None], ...]


Source = Cell | Listing | Made


def _both(by: str, apply: Callable[[Any, Any], Any], swapped: bool = False) -> Callable[[Any, Any], Any]:
    def method(self: Any, other: Any) -> Any:
        left, right = (_plain(other), _plain(self)) if swapped else (_plain(self), _plain(other))
        value = apply(left, right)
        if not isinstance(other, Real):
            return value
        own = source_of(other)
        if own is None and not _is_constant(other):
            return value
        if own is None and _changes_nothing(by, other, swapped):
            return self if type(value) is type(_plain(self)) else carrying(value, self.source)
        mine, others = (_plain(self), self.source), (_plain(other), own)
        return carrying(value, Made(by, (others, mine) if swapped else (mine, others)))

    return method


def _alone(by: str, apply: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def method(self: Any) -> Any:
        return carrying(apply(_plain(self)), Made(by, ((_plain(self), self.source),)))

    return method


class _Carried:
    """Arithmetic of numbers with a source; comparison, hash and text are those of the plain number."""

    source: Source

    __add__, __radd__ = _both("+", operator.add), _both("+", operator.add, True)
    __sub__, __rsub__ = _both("-", operator.sub), _both("-", operator.sub, True)
    __mul__, __rmul__ = _both("*", operator.mul), _both("*", operator.mul, True)
    __truediv__, __rtruediv__ = _both("/", operator.truediv), _both("/", operator.truediv, True)
    __neg__ = _alone("-", operator.neg)

    def __round__(self, digits: Any = None) -> Any:
        plain = _plain(self)
        rounded = round(plain, digits)
        # what is rounded to the precision of a float is the same number
        return carrying(rounded, self.source) if math.isclose(rounded, plain, rel_tol=1e-9) else rounded

    def __deepcopy__(self, memo: Any) -> Any:
        return self

    def __pos__(self) -> Any:
        return self

    def __abs__(self) -> Any:
        # a number that is not negative is its own size
        plain = _plain(self)
        return self if not plain < 0 else carrying(abs(plain), Made("abs", ((plain, self.source),)))


class SourcedFloat(_Carried, float):
    """A float with a source."""

    def __new__(cls, value: float, source: Source) -> SourcedFloat:
        made = float.__new__(cls, value)
        made.source = source
        return made

    def __reduce__(self) -> tuple[Any, ...]:
        return SourcedFloat, (float(self), self.source)


class SourcedInt(_Carried, int):
    """An int with a source."""

    def __new__(cls, value: int, source: Source) -> SourcedInt:
        made = int.__new__(cls, value)
        made.source = source
        return made

    def __reduce__(self) -> tuple[Any, ...]:
        return SourcedInt, (int(self), self.source)


def carrying(value: Any, source: Source | None) -> Any:
    """A number with its source; everything else, what is missing included, stays as it is."""
    if source is None or isinstance(value, bool):
        return value
    if isinstance(value, Integral):
        return SourcedInt(int(value), source)
    if isinstance(value, Real) and not math.isnan(value):
        return SourcedFloat(float(value), source)
    return value


def source_of(value: Any) -> Source | None:
    """Where a number comes from; None where that is not known."""
    return getattr(value, "source", None) if isinstance(value, SourcedFloat | SourcedInt) else None


def is_sourced(value: Any) -> bool:
    """Whether it is known where a number comes from."""
    return isinstance(value, SourcedFloat | SourcedInt)


def sourced(value: T, file: str, row: str, column: str = "", kind: str = "cell") -> T:
    """A record with the source of every number in it: nested mappings, lists and dataclasses.

    Parameters
    ----------
    value : any
    file, row : str
        Of all of it.
    column : str
        Path to it.
    kind : str
        Of the cells.
    """
    return sourced_part(value, lambda path: Cell(file, row, path, kind), column)


def sourced_part(value: Any, at: Callable[[str], Source], path: str = "") -> Any:
    """A record whose numbers have the sources that `at` gives for the paths to them."""
    if isinstance(value, float | int):
        return carrying(value, at(path))
    if isinstance(value, Mapping):
        return {key: sourced_part(part, at, below(path, str(key))) for key, part in value.items()}
    if isinstance(value, list | tuple):
        parts = (sourced_part(part, at, f"{path}[{place}]") for place, part in enumerate(value))
        return list(parts) if isinstance(value, list) else tuple(parts)
    if is_dataclass(value) and not isinstance(value, type):
        changed = {
            part.name: sourced_part(getattr(value, part.name), at, below(path, part.name)) for part in fields(value)
        }
        return replace(value, **changed)
    return value


def below(path: str, key: str) -> str:
    """Path of a key; a key that is no simple word stands in brackets."""
    if any(character in key for character in ".[]"):
        return f'{path}["{key}"]'
    return f"{path}.{key}".lstrip(".")


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
    return [dict(zip(names, row, strict=True)) for row in frame.itertuples(index=False, name=None)]


def how_many(values: Iterable[Any]) -> Any:
    """How many numbers there are."""
    return made("length", column(values))


def _own_cell(value: Any) -> tuple[Any, Cell] | None:
    source = source_of(value)
    if isinstance(source, Cell):
        return _plain(value), source
    if isinstance(source, Made) and source.by == "*":
        for (factor, none), (own, cell) in (source.parts, source.parts[::-1]):
            if none is None and isinstance(cell, Cell) and factor > 0:
                return own, cell
    return None


def setting(value: Any, file: str, column: str) -> Any:
    """A key of the plan, or a constant of the code, as a number with a source."""
    return carrying(value, Cell(file, "", column, "setting"))


def made(by: str, *parts: Any) -> Any:
    """What a function of `publish.arithmetic` gives, with how it came about.

    Parameters
    ----------
    by : str
        Name of the function.
    *parts : number or Listing
        Numbers with sources, constants, columns.
    """
    return noted(FUNCTIONS[by](*(part.values if isinstance(part, Listing) else part for part in parts)), by, *parts)


def noted(value: Any, by: str, *parts: Any) -> Any:
    """A value that was computed elsewhere, with the function of `publish.arithmetic` that gives it again."""
    sources = [part if isinstance(part, Listing) else source_of(part) for part in parts]
    known = any(source is not None for source in sources) and all(
        source is not None or _is_constant(part) for part, source in zip(parts, sources, strict=True)
    )
    plain = (part.values if isinstance(part, Listing) else _plain(part) for part in parts)
    return carrying(value, Made(by, tuple(zip(plain, sources, strict=True)))) if known else value


def standing_in(limit: Any) -> Any:
    """A limit that is printed in place of a small count."""
    source = source_of(limit)
    return carrying(limit, replace(source, kind="suppressed")) if isinstance(source, Cell) else limit


def exp(value: float) -> float:
    """e to the power of a number."""
    return made("exp", value) if is_sourced(value) else math.exp(value)


def _plain(value: Any) -> Any:
    return float(value) if isinstance(value, SourcedFloat) else int(value) if isinstance(value, SourcedInt) else value


def _is_constant(value: Any) -> bool:
    """Whether a number without a source was written in code rather than computed."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return False
    return len(f"{abs(value)!r}") <= _LONGEST_CONSTANT


def _changes_nothing(by: str, other: Any, swapped: bool) -> bool:
    if by == "+":
        return other == 0
    if by == "-":
        return other == 0 and not swapped
    return other == 1 and not (by == "/" and swapped)
