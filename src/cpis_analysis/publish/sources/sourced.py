"""Numbers that know where they come from.

A `SourcedFloat` or `SourcedInt` is a float or an int with a source: the cell of a file that it was read from, or how
it follows from such cells. Arithmetic on them writes itself down, so what a sentence computes needs no second
description.
A number that meets another of unknown origin is of unknown origin: a plain float or int again.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass, replace
from functools import cache
from numbers import Integral, Real
from typing import Any, TypeVar

from cpis_analysis.publish.sources.source import Cell, Made, Source, below

T = TypeVar("T")
_LONGEST_CONSTANT = 7
"""A number in code is written with few digits; a longer one was computed from something that is not known."""


def _both(by: str, apply: Callable[[Any, Any], Any], swapped: bool = False) -> Callable[[Any, Any], Any]:
    def method(self: Any, other: Any) -> Any:
        left, right = (
            (plain_number(other), plain_number(self)) if swapped else (plain_number(self), plain_number(other))
        )
        value = apply(left, right)
        if not isinstance(other, Real):
            return value
        own = source_of(other)
        if own is None and not is_constant(other):
            return value
        if own is None and _changes_nothing(by, other, swapped):
            return self if type(value) is type(plain_number(self)) else carrying(value, self.source)
        mine, others = (plain_number(self), self.source), (plain_number(other), own)
        return carrying(value, Made(by, (others, mine) if swapped else (mine, others)))

    return method


def _alone(by: str, apply: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def method(self: Any) -> Any:
        return carrying(apply(plain_number(self)), Made(by, ((plain_number(self), self.source),)))

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
        plain = plain_number(self)
        rounded = round(plain, digits)
        # what is rounded to the precision of a float is the same number
        return carrying(rounded, self.source) if math.isclose(rounded, plain, rel_tol=1e-9) else rounded

    def __deepcopy__(self, memo: Any) -> Any:
        return self

    def __pos__(self) -> Any:
        return self

    def __abs__(self) -> Any:
        # a number that is not negative is its own size
        plain = plain_number(self)
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
    # a number of Python's own is told at once; to ask for `Integral` takes ten times as long
    if type(value) is float:
        return value if math.isnan(value) else SourcedFloat(value, source)
    if type(value) is int:
        return SourcedInt(value, source)
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
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, float | int):
        return carrying(value, at(path))
    # most parts are texts or missing, which are looked at where they stand
    if isinstance(value, dict) or (not isinstance(value, list | tuple) and isinstance(value, Mapping)):
        return {
            key: part if part is None or type(part) is str else sourced_part(part, at, below(path, str(key)))
            for key, part in value.items()
        }
    if isinstance(value, list | tuple):
        parts = [
            part if part is None or type(part) is str else sourced_part(part, at, f"{path}[{place}]")
            for place, part in enumerate(value)
        ]
        return parts if isinstance(value, list) else tuple(parts)
    kind: Any = type(value)
    changed = {}
    for name in _names(kind):
        was = getattr(value, name)
        if was is None or type(was) is str:
            continue
        now = sourced_part(was, at, below(path, name))
        if now is not was:
            changed[name] = now
    return replace(value, **changed) if changed else value


@cache
def _names(kind: Any) -> tuple[str, ...]:
    """Names of the fields of a record; none of what is no record."""
    return tuple(part.name for part in fields(kind)) if is_dataclass(kind) else ()


def setting(value: Any, file: str, column: str) -> Any:
    """A key of the plan, or a constant of the code, as a number with a source."""
    return carrying(value, Cell(file, "", column, "setting"))


def standing_in(limit: Any) -> Any:
    """A limit that is printed in place of a small count."""
    source = source_of(limit)
    return carrying(limit, replace(source, kind="suppressed")) if isinstance(source, Cell) else limit


def plain_number(value: Any) -> Any:
    """A number without its source."""
    return float(value) if isinstance(value, SourcedFloat) else int(value) if isinstance(value, SourcedInt) else value


def is_constant(value: Any) -> bool:
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
