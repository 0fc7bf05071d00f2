"""A canvas to draw on, and what has been drawn there: shapes, discs and lines of text, in points."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from cpis_analysis.publish.pen.inks import Dash
from cpis_analysis.publish.pen.written import shown_line, text_width

HALO = 2.5
"""Width of the rim of a text with a halo, half of it beyond the letters."""
_SHIFT = {"start": 0.0, "middle": -0.5, "end": -1.0}
Point = tuple[float, float]


@dataclass(frozen=True)
class Shape:
    """A line through points, or what such lines enclose; all points count from the upper left corner of the canvas.

    Attributes
    ----------
    level : float
        Marks of a higher level lie above others of the same panel.
    rings : tuple of tuple of (x, y)
        With a `fill` closed, those of holes after the outer one.
    fill, stroke : str
        Colours; empty for none.
    width : float
        Of the stroke.
    dash : tuple of float
        Lengths of the parts of a broken line and of the gaps between them.
    opacity : float
    mitred : bool
        Its corners are pointed, not round.
    square : bool
        Its ends stand out by half its width.
    """

    level: float
    rings: tuple[tuple[Point, ...], ...]
    fill: str = ""
    stroke: str = ""
    width: float = 0.0
    dash: Dash = ()
    opacity: float = 1.0
    mitred: bool = False
    square: bool = False


@dataclass(frozen=True)
class Disc:
    """A disc about a point."""

    level: float
    x: float
    y: float
    r: float
    fill: str
    stroke: str
    width: float


@dataclass(frozen=True)
class Line:
    """A line of text.

    Attributes
    ----------
    level : float
    x, y : float
        Where its base line begins, ends or has its middle.
    text : str
        With the marks of its numbers.
    size : float
    bold : bool
    colour : str
    anchor : str
        ``start``, ``middle`` or ``end``.
    upright : bool
        It is read from below.
    halo : str
        Colour of a rim that keeps off what lies below; empty for none.
    scale : bool
        It is a mark on the scale of an axis and no result.
    """

    level: float
    x: float
    y: float
    text: str
    size: float
    bold: bool
    colour: str
    anchor: str = "start"
    upright: bool = False
    halo: str = ""
    scale: bool = False

    @property
    def shown(self) -> str:
        """What is read."""
        return shown_line(self.text)

    @property
    def start(self) -> Point:
        """Where its base line begins."""
        shift = _SHIFT[self.anchor] * text_width(self.text, self.size, self.bold)
        return (self.x, self.y - shift) if self.upright else (self.x + shift, self.y)


Mark = Shape | Disc | Line


@dataclass
class Canvas:
    """What has been drawn, panel by panel.

    Attributes
    ----------
    width, height : float
        In points.
    """

    width: float
    height: float
    _panels: list[list[Mark]] = field(default_factory=list)

    def add(self) -> list[Mark]:
        """Marks of one more panel, which lies above the earlier ones; to be filled."""
        self._panels.append([])
        return self._panels[-1]

    def marks(self) -> Iterator[Mark]:
        """All marks from below, without texts in which nothing stands."""
        for panel in self._panels:
            for mark in sorted(panel, key=lambda mark: mark.level):
                if not isinstance(mark, Line) or mark.shown:
                    yield mark
