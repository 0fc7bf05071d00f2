"""A part of a canvas with scales of its own: lines, marks, areas and texts at values, and axes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

from cpis_analysis.publish.chart.drawing_marks import Scale
from cpis_analysis.publish.format import number
from cpis_analysis.publish.pen.canvas import Canvas, Disc, Line, Mark, Point, Shape
from cpis_analysis.publish.pen.inks import GREY, INK, LIGHT, SIZE, SMALL, Dash
from cpis_analysis.publish.pen.written import text_width
from cpis_analysis.publish.sources.ledger import unmarked

GROUND, GRID, AREA, STROKE, FRAME, MARK, ABOVE = 0.0, 0.5, 1.0, 2.0, 2.5, 3.0, 4.0
"""Levels, from below; texts are marks."""
_TICK, _UNDER, _BESIDE = 3.0, 2.0, 3.0
_MOST = 9
_GAP = 0.6 * SMALL
"""Least room between the names of two ticks."""
_ASCENT, _DIGIT, _LINE = 0.76, 0.364, 1.16
"""Of the size of letters: height of the tallest, half the height of a digit, from one line to the next."""


class Panel:
    """A panel at a place of a canvas, in points from its lower left corner.

    Values are points from the panel's own corner until `limits` says what they are.

    Parameters
    ----------
    canvas : Canvas
    left, bottom, width, height : float
    """

    def __init__(self, canvas: Canvas, left: float, bottom: float, width: float, height: float) -> None:
        self._marks: list[Mark] = canvas.add()
        self._left, self._floor, self._width, self._height = left, canvas.height - bottom, width, height
        self._x_ends, self._y_ends = (0.0, width), (0.0, height)

    def limits(self, x: tuple[float, float] | None = None, y: tuple[float, float] | None = None) -> None:
        """Say which values stand at the ends of the panel; for what is drawn from now on."""
        if x is not None:
            self._x_ends = float(x[0]), float(x[1])
        if y is not None:
            self._y_ends = float(y[0]), float(y[1])

    def line(
        self,
        xs: Sequence[float],
        ys: Sequence[float],
        colour: str,
        width: float,
        dash: Dash = (),
        *,
        opacity: float = 1.0,
        level: float = STROKE,
    ) -> None:
        """Draw a line through points."""
        parts = tuple(part * width for part in dash)
        ring = self._ring(xs, ys)
        self._marks.append(Shape(level, (ring,), stroke=colour, width=width, dash=parts, opacity=opacity))

    def across(self, y: float, colour: str, width: float, dash: Dash = ()) -> None:
        """Draw a line at a height over the whole width."""
        self.line(self._x_ends, (y, y), colour, width, dash)

    def upright(self, x: float, colour: str, width: float, dash: Dash = ()) -> None:
        """Draw a line at a value over the whole height."""
        self.line((x, x), self._y_ends, colour, width, dash, level=AREA)

    def area(
        self,
        xs: Sequence[float],
        ys: Sequence[float],
        colour: str,
        *,
        opacity: float = 1.0,
        rim: tuple[str, float] | None = None,
        level: float = AREA,
    ) -> None:
        """Fill the polygon with these corners; `rim` is colour and width of a line round it."""
        self.areas([(xs, ys)], colour, opacity=opacity, rim=rim, level=level)

    def areas(
        self,
        rings: Sequence[tuple[Sequence[float], Sequence[float]]],
        colour: str,
        *,
        opacity: float = 1.0,
        rim: tuple[str, float] | None = None,
        level: float = AREA,
    ) -> None:
        """Fill a polygon but for the holes in it: the corners of each ring, those of the holes after the outer one."""
        stroke, width = rim or ("", 0.0)
        placed = tuple(self._ring(xs, ys) for xs, ys in rings)
        self._marks.append(Shape(level, placed, colour, stroke, width, opacity=opacity))

    def box(
        self,
        x: tuple[float, float],
        y: tuple[float, float],
        colour: str,
        *,
        opacity: float = 1.0,
        rim: tuple[str, float] | None = None,
        level: float = AREA,
    ) -> None:
        """Fill a rectangle between two values on either axis."""
        self.area((x[0], x[1], x[1], x[0]), (y[0], y[0], y[1], y[1]), colour, opacity=opacity, rim=rim, level=level)

    def between(
        self, xs: Sequence[float], low: Sequence[float], high: Sequence[float], colour: str, opacity: float = 1.0
    ) -> None:
        """Fill what lies between two lines over the same values."""
        self.area([*xs, *reversed(xs)], [*low, *reversed(high)], colour, opacity=opacity)

    def mark(
        self,
        x: float,
        y: float,
        shape: str,
        size: float,
        colour: str,
        *,
        rim: tuple[str, float] | None = None,
        level: float = STROKE,
    ) -> None:
        """Draw a mark.

        Parameters
        ----------
        x, y : float
        shape : str
            ``disc``, ``square``, ``diamond``, ``triangle``, or ``left`` or ``right`` for one that points there.
        size : float
            In points.
        colour : str
        rim : (str, float), optional
            Colour and width of its edge; default: its own colour, a point wide.
        level : float
        """
        u, v = self._x(x), self._y(y)
        stroke, width = rim or (colour, 1.0)
        if shape == "disc":
            self._marks.append(Disc(level, u, v, size / 2, colour, stroke, width))
            return
        corners = tuple((u + dx * size, v + dy * size) for dx, dy in _CORNERS[shape])
        self._marks.append(Shape(level, (corners,), colour, stroke, width, mitred=True))

    def text(
        self,
        x: float,
        y: float,
        text: str,
        size: float,
        *,
        bold: bool = False,
        colour: str = INK,
        anchor: str = "start",
    ) -> None:
        """Write a line of text.

        Parameters
        ----------
        x, y : float
            Where its base line begins; ends or has its middle with the `anchor` ``end`` or ``middle``.
        text : str
            With the marks of its numbers.
        size : float
            In points.
        bold : bool
        colour : str
        anchor : str
        """
        self._marks.append(Line(MARK, self._x(x), self._y(y), text, size, bold, colour, anchor))

    def note(self, x: float, y: float, lines: Sequence[str], step: float) -> None:
        """Write small grey lines below each other, `step` points apart, the first at a place."""
        for row, line in enumerate(lines):
            self.text(x, y - step * row, line, size=SMALL, colour=GREY)

    def value(self, x: float, y: float, text: str, *, bold: bool = False, lift: float = 0.0, halo: str = "") -> None:
        """Write a small number whose middle lies at a point, or `lift` points above it.

        Parameters
        ----------
        x, y : float
        text : str
            With the marks of its numbers.
        bold : bool
        lift : float
        halo : str
            Colour of a rim that keeps off what lies below; empty for none.
        """
        v = self._y(y) - lift + _DIGIT * SMALL
        self._marks.append(Line(MARK, self._x(x), v, text, SMALL, bold, INK, "middle", halo=halo))

    def upwards(self, x: float, y: float, text: str) -> None:
        """Write a small line that is read from below, with its middle at a point."""
        u = self._x(x) + _DIGIT * SMALL
        self._marks.append(Line(MARK, u, self._y(y), text, SMALL, False, INK, "middle", upright=True))

    def arrow(self, start: tuple[float, float], end: tuple[float, float], colour: str, width: float) -> None:
        """Draw a line with a filled head at its end."""
        (u, v), (s, t) = ((self._x(x), self._y(y)) for x, y in (start, end))
        length = math.hypot(s - u, t - v) or 1.0
        dx, dy = (s - u) / length, (t - v) / length
        back, half = 4.6, 2.3
        a, b = s - back * dx, t - back * dy
        self._marks.append(Shape(AREA, (((u, v), (a, b)),), stroke=colour, width=width))
        head = (s, t), (a - half * dy, b + half * dx), (a + half * dy, b - half * dx)
        self._marks.append(Shape(AREA, (head,), colour))

    def x_axis(
        self,
        ticks: Sequence[float] | None = None,
        names: Sequence[str] | None = None,
        *,
        most: int | None = None,
        label: Sequence[str] = (),
        grid: bool = False,
        named: bool = True,
    ) -> None:
        """Draw the scale below the panel.

        Parameters
        ----------
        ticks : sequence of float, optional
            Default: round values.
        names : sequence of str, optional
            What stands at the ticks, lines parted by line ends; default: the values.
        most : int, optional
            Most round values, fewer where their names would touch; default: few, far from each other.
        label : sequence of str
            Lines below.
        grid : bool
            Faint lines at the ticks.
        named : bool
            With the names of ticks.
        """
        at = self._round_values(most) if ticks is None else ticks
        texts = _as_text(at) if names is None else names
        self._frame(self._left, self._floor, self._left + self._width, self._floor)
        down = self._floor + _TICK
        for tick, name in zip(at, texts, strict=True):
            u = self._x(tick)
            if grid:
                self._segment((u, self._floor), (u, self._floor - self._height), LIGHT, 0.5, GRID)
            self._segment((u, self._floor), (u, down), INK, 0.8, FRAME)
            for row, line in enumerate(name.split("\n") if named else ()):
                v = down + _UNDER + (_ASCENT + _LINE * row) * SMALL
                self._marks.append(Line(MARK, u, v, line, SMALL, False, INK, "middle", scale=True))
        rows = max((name.count("\n") + 1 for name in texts), default=1)
        first = down + _UNDER + _LINE * SMALL * rows + 4.0 + _ASCENT * SIZE
        middle = self._left + self._width / 2
        for row, line in enumerate(label):
            self._marks.append(Line(MARK, middle, first + _LINE * SIZE * row, line, SIZE, False, INK, "middle"))

    def y_axis(
        self,
        ticks: Sequence[float] | None = None,
        names: Sequence[str] | None = None,
        *,
        most: int = _MOST,
        label: str = "",
        grid: bool = False,
    ) -> None:
        """Draw the scale to the left of the panel; parameters are those of `x_axis`, `most` of heights."""
        at = _round(*self._y_ends, min(most, int(self._height / (2 * SMALL)))) if ticks is None else ticks
        texts = _as_text(at) if names is None else names
        self._frame(self._left, self._floor, self._left, self._floor - self._height)
        out = self._left - _TICK
        for tick, name in zip(at, texts, strict=True):
            v = self._y(tick)
            if grid:
                self._segment((self._left, v), (self._left + self._width, v), LIGHT, 0.5, GRID)
            self._segment((out, v), (self._left, v), INK, 0.8, FRAME)
            place = v + _DIGIT * SMALL
            self._marks.append(Line(MARK, out - _BESIDE, place, name, SMALL, False, INK, "end", scale=True))
        if label:
            wide = max((text_width(name, SMALL) for name in texts), default=0.0)
            x, middle = out - _BESIDE - wide - 5.0, self._floor - self._height / 2
            self._marks.append(Line(MARK, x, middle, label, SIZE, False, INK, "middle", upright=True))

    def frame(self) -> None:
        """Close the panel above and at its right."""
        right, top = self._left + self._width, self._floor - self._height
        self._frame(self._left, top, right, top)
        self._frame(right, self._floor, right, top)

    def _frame(self, x: float, y: float, u: float, v: float) -> None:
        self._marks.append(Shape(FRAME, (((x, y), (u, v)),), stroke=GREY, width=0.8, square=True))

    def _round_values(self, most: int | None) -> list[float]:
        if most is None:
            return _round(*self._x_ends, min(_MOST, int(self._width / (3 * SMALL))))
        found = [*self._x_ends]
        for count in range(max(most, 2), 1, -1):
            found = _round(*self._x_ends, count)
            widths = [text_width(name, SMALL) for name in _as_text(found)]
            between = (self._x(after) - self._x(before) for before, after in pairwise(found))
            if all(room >= sum(pair) / 2 + _GAP for room, pair in zip(between, pairwise(widths), strict=True)):
                return found
        return [found[0], found[-1]]

    def _segment(self, start: Point, end: Point, colour: str, width: float, level: float) -> None:
        self._marks.append(Shape(level, ((start, end),), stroke=colour, width=width))

    def _x(self, value: float) -> float:
        low, high = self._x_ends
        return self._left + self._width * (float(value) - low) / (high - low)

    def _y(self, value: float) -> float:
        low, high = self._y_ends
        return self._floor - self._height * (float(value) - low) / (high - low)

    def _ring(self, xs: Sequence[float], ys: Sequence[float]) -> tuple[Point, ...]:
        return tuple((self._x(x), self._y(y)) for x, y in zip(xs, ys, strict=True))


_HALF = math.sqrt(0.5)
_CORNERS = {
    "square": ((-0.5, -0.5), (0.5, -0.5), (0.5, 0.5), (-0.5, 0.5)),
    "diamond": ((0, -_HALF), (_HALF, 0), (0, _HALF), (-_HALF, 0)),
    "triangle": ((0, -0.5), (0.5, 0.5), (-0.5, 0.5)),
    "left": ((-0.5, 0), (0.5, -0.5), (0.5, 0.5)),
    "right": ((0.5, 0), (-0.5, 0.5), (-0.5, -0.5)),
}
"""Corners of marks in their size, x to the right and y downwards."""


def _round(low: float, high: float, most: int) -> list[float]:
    return Scale(low, high).multiples(max(most, 2), (1, 2, 2.5, 5))


def _as_text(ticks: Sequence[float]) -> list[str]:
    """Numbers of ticks with as many decimals as the finest of them needs."""
    step = min((after - before for before, after in pairwise(ticks)), default=1.0)
    decimals = next(n for n in range(20) if all(abs(tick - round(tick, n)) < step * 1e-6 for tick in ticks))
    # what stands on an axis is no result
    return [unmarked(number(tick, decimals)) for tick in ticks]
