"""What drawings are made of: marks placed by x in per cent of the width and y in em of the letters.

So one drawing fills every width, circles stay round, and letters keep the size that a reader has chosen. Nothing here
knows colours: a mark names its look, and `publish.chart.look` paints it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Stroke:
    """A line from (x1, y1) to (x2, y2); without ys an upright one over the whole height.

    Attributes
    ----------
    x1, x2 : float
        Per cent of the width.
    y1, y2 : float or None
        Em from the top, or from the middle of a centred drawing.
    look : str
    width : float
        In em; 0 for that of the look.
    """

    x1: float
    x2: float
    y1: float | None = None
    y2: float | None = None
    look: str = "axis"
    width: float = 0.0


@dataclass(frozen=True)
class Box:
    """A rectangle; without y one over the whole height."""

    x: float
    width: float
    y: float | None = None
    height: float = 0.0
    look: str = "bar"


@dataclass(frozen=True)
class Dot:
    """A disc; radius in em."""

    x: float
    y: float
    look: str = "full"
    r: float = 0.375


@dataclass(frozen=True)
class Square:
    """A square about its middle; side in em."""

    x: float
    y: float
    look: str = "hollow"
    side: float = 0.6


@dataclass(frozen=True)
class Words:
    """A line of text.

    Attributes
    ----------
    x, y : float
        Where its base line begins, ends or has its middle.
    text : str
        With the marks of its numbers (`publish.sources.ledger`).
    look : str
    size : str
        ``""``, ``small`` or ``large``; see `publish.chart.look.FONT_SIZES`.
    anchor : str
        ``start``, ``middle`` or ``end``.
    dx : float
        Shift in em to the right.
    scale : bool
        It is a mark on an axis and no result.
    """

    x: float
    y: float
    text: str
    look: str = "words"
    size: str = ""
    anchor: str = "start"
    dx: float = 0.0
    scale: bool = False


Mark = Stroke | Box | Dot | Square | Words


@dataclass(frozen=True)
class Drawing:
    """Marks in the order in which they are drawn.

    Attributes
    ----------
    marks : tuple of Mark
    height : float
        In em.
    centred : bool
        ys count from the middle: for the row of a table, which may grow taller than asked.
    """

    marks: tuple[Mark, ...]
    height: float
    centred: bool = False

    @property
    def words(self) -> tuple[Words, ...]:
        """Its texts, in order."""
        return tuple(mark for mark in self.marks if isinstance(mark, Words))


@dataclass(frozen=True)
class Scale:
    """Values -> per cent of the width.

    Attributes
    ----------
    low, high : float
        Values at the ends of the axis.
    pad : float
        Per cent left free on either side.

    Raises
    ------
    ValueError
        If `low` is not below `high`.
    """

    low: float
    high: float
    pad: float = 1.5

    def __post_init__(self) -> None:
        if not self.low < self.high:
            raise ValueError(f"an axis from {self.low!r} to {self.high!r} has no length")

    def at(self, value: float) -> float:
        """Per cent of the width at which a value stands; one beyond an end stands at that end."""
        kept = min(max(float(value), float(self.low)), float(self.high))
        return self.pad + (kept - float(self.low)) / (float(self.high) - float(self.low)) * (100 - 2 * self.pad)

    def holds(self, value: float) -> bool:
        """Whether a value lies on the axis."""
        return self.low <= value <= self.high

    def ticks(self, most: int = 5) -> list[float]:
        """Round values on the axis: both ends and equal parts where these are round, else steps of 1, 2 or 5."""
        low, high = float(self.low), float(self.high)
        for parts in (4, 3, 5, 2):
            step = (high - low) / parts
            if parts < most and _is_round(low) and _is_round(step):
                return [low + step * place for place in range(parts + 1)]
        return self.multiples(most)

    def multiples(self, most: int, of: Sequence[float] = (1, 2, 5)) -> list[float]:
        """Multiples of some numbers from 1 to 5, or of these by a power of ten, on the axis: those of the smallest that
        gives no more than `most`."""
        low, high = float(self.low), float(self.high)
        size = 10.0 ** math.floor(math.log10((high - low) / most))
        step = next(size * by for by in (*of, 10, 20) if (high - low) / (size * by) <= most)
        first = math.ceil(low / step - 1e-9)
        return [place * step for place in range(first, math.floor(high / step + 1e-9) + 1)]

    @classmethod
    def symmetric(cls, *values: float, pad: float = 3.0) -> Scale:
        """An axis of differences: zero in the middle, long enough for every value."""
        reach = max((abs(float(value)) for value in values if math.isfinite(value)), default=1.0) or 1.0
        return cls(-reach * 1.06, reach * 1.06, pad)


def _is_round(value: float) -> bool:
    """Whether a value is an integer, or a multiple of a quarter below two."""
    return float(value).is_integer() or (abs(value) < 2 and float(value * 4).is_integer())
