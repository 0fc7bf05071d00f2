"""Printed cells that know their parts: which numbers they hold, and what each is.

A cell is put together here and never taken apart: the page prints "0.87 (−1.77 to 3.50)" as it stands, and the
workbook sets its three numbers in columns of their own.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from cpis_analysis.publish.sources.ledger import unmarked

VALUE, WHOLE, SD, VARIANCE, SHARE, MARK = "value", "whole", "SD", "variance", "per cent", "mark"
LOW, HIGH = "low", "high"
QUANTITY, INTERVAL = "quantity", "interval"
"""Parts of a head: "Difference" and "95% CI" of "Difference (95% CI)"."""
QUARTILES, RANGE = ("lower quartile", "upper quartile"), ("lowest", "highest")


class Part(NamedTuple):
    """One number of a cell, or one word that stands in its place.

    Attributes
    ----------
    text : str
        As it is printed, with the mark of its source.
    role : str
        What it is: ``value``, ``whole`` (of which the value is a part), ``SD``, ``variance``, ``per cent``, ``mark``
        (a sign that a note explains), ``low`` and ``high`` or other ends; of a head ``quantity`` and ``interval``.
    number : float or None
        As it is printed, in per cent where these are; None where the text is no number, such as "<0.001".
    decimals : int
    percent : bool
        It is printed with a per cent sign.
    signed : bool
        It is printed with a plus where it is positive.
    """

    text: str
    role: str = VALUE
    number: float | None = None
    decimals: int = 0
    percent: bool = False
    signed: bool = False

    def record(self) -> list[Any]:
        """For a JSON file: the values up to the last that is no default; without the mark, which the cell has."""
        values = [unmarked(self.text), *self[1:]]
        while len(values) > 1 and values[-1] == self._field_defaults[self._fields[len(values) - 1]]:
            values.pop()
        return values


class Printed(str):
    """A printed text with its parts; what is made of it by joining or cutting is a text like any other."""

    __slots__ = ("parts",)
    parts: tuple[Part, ...]

    def __new__(cls, text: str, parts: tuple[Part, ...]) -> Printed:
        made = str.__new__(cls, text)
        made.parts = parts
        return made

    def __deepcopy__(self, memo: Any) -> Printed:
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        return Printed, (str(self), self.parts)


def parts_of(text: str) -> tuple[Part, ...]:
    """The parts of a printed text; empty for one that has none."""
    return text.parts if isinstance(text, Printed) else ()


def in_role(role: str, text: str) -> Printed:
    """A printed number, or what stands in its place, as what it is beside others."""
    known = parts_of(text)
    return Printed(text, (known[0]._replace(role=role) if len(known) == 1 else Part(text, role),))


def together(*pieces: str, between: str = "") -> Printed:
    """Pieces one behind the other: those that are printed numbers keep their parts, others are signs between them."""
    return Printed(between.join(pieces), tuple(_all_parts(pieces)))


def _all_parts(pieces: tuple[str, ...]) -> Iterator[Part]:
    for piece in pieces:
        yield from parts_of(piece)
