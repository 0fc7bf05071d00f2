"""The forest plot as such: rows with a point, an interval and numbers at the side."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass
from typing import Any

from cpis_analysis.publish.format import DASH
from cpis_analysis.publish.style import (
    GREY,
    LIGHT,
    NAVY,
    SIZE,
    SMALL,
    TEAL,
    WIDTH,
    Figure,
    canvas,
    finish,
    panel,
    text_width,
    wrap,
)

_LINE = 12.0
_GAP = 8.0
_LABEL_WIDTH = 176.0
_HEADING = 58.0


@dataclass(frozen=True)
class ForestRow:
    """One row.

    Attributes
    ----------
    label : str
    note : str
        Second line under the label, in grey; empty for none.
    estimate, low, high : float or None
        None where there is no estimate.
    texts : tuple of str
        Numbers at the side, one for each heading.
    strong : bool
        The row that counts most: bold label, filled diamond.
    """

    label: str
    note: str
    estimate: float | None
    low: float | None
    high: float | None
    texts: tuple[str, ...]
    strong: bool = False


@dataclass(frozen=True)
class ForestPlot:
    """Rows from top to bottom.

    Attributes
    ----------
    rows : sequence of ForestRow
    headings : sequence of str
        Heads of the columns of numbers.
    id, title, alt, axis_label : str
    sides : (str, str)
        What stands to the left and to the right of zero.
    synthetic : bool
    note : str
        A line below everything.
    label_width : float
        Room for the labels in points.
    ratio : bool
        Whether the numbers are logarithms of ratios: the axis is then labelled with ratios.
    """

    rows: Sequence[ForestRow]
    headings: Sequence[str]
    _: KW_ONLY
    id: str
    title: str
    alt: str
    axis_label: str
    sides: tuple[str, str]
    synthetic: bool
    note: str = ""
    label_width: float = _LABEL_WIDTH
    ratio: bool = False

    def draw(self) -> Figure:
        """The finished picture."""
        room = _Room(self)
        with canvas(room.head + room.body + room.foot, self.synthetic) as (drawing, height):
            page = panel(drawing, 0, 0, WIDTH, height, bare=True)
            axes = panel(drawing, room.left, room.foot, room.plot_width, room.body)
            self._draw_scale(axes, room)
            self._draw_heads(page, room, height - room.head)
            self._draw_labels(page, axes, room, height - room.head)
            axes.patch.set_visible(False)
            axes.tick_params(axis="x", length=3, pad=2)
            if self.ratio:
                places = _ratio_ticks(*room.limits)
                axes.set_xticks([math.log(place) for place in places], [f"{place:g}" for place in places])
            else:
                axes.locator_params(axis="x", nbins=6)
            self._draw_foot(page, room)
            return finish(drawing, self.id, self.title, self.alt)

    def _draw_scale(self, axes: Any, room: _Room) -> None:
        axes.set_ylim(0, room.body)
        axes.set_yticks([])
        axes.spines["left"].set_visible(False)
        axes.set_xlim(*room.limits)
        axes.axvline(0, color=GREY, linewidth=0.8, zorder=1)

    def _draw_heads(self, page: Any, room: _Room, top: float) -> None:
        for place, lines in zip(room.right, room.heads, strict=True):
            for number, text in enumerate(lines):
                y = top + 7 + 10.5 * (len(lines) - 1 - number)
                page.text(place, y, text, ha="right", va="baseline", size=SMALL, weight="bold")
        page.plot([4, WIDTH - _GAP], [top + 1.5] * 2, color=GREY, linewidth=0.6)

    def _draw_labels(self, page: Any, axes: Any, room: _Room, top: float) -> None:
        for index, row in enumerate(self.rows):
            labels, notes, height = room.labels[index], room.notes[index], room.heights[index]
            middle, weight = top - height / 2, "bold" if row.strong else "normal"
            if index % 2:
                page.axhspan(top - height, top, color=LIGHT, alpha=0.28, linewidth=0, zorder=0)
            written = (_LINE * len(labels) + (_LINE - 1.5) * len(notes)) / 2
            line = middle + written - 9.2
            for text in labels:
                page.text(8, line, text, va="baseline", size=SIZE, weight=weight)
                line -= _LINE
            for text in notes:
                page.text(8, line, text, va="baseline", size=SMALL, color=GREY)
                line -= _LINE - 1.5
            for place, text in zip(room.right, row.texts, strict=True):
                page.text(place, middle - 3, text, ha="right", va="baseline", size=SMALL, weight=weight)
            _draw_interval(axes, row, middle - room.foot, *room.limits)
            top -= height

    def _draw_foot(self, page: Any, room: _Room) -> None:
        low = room.foot - 24.0
        for text_lines, shift, align in ((room.sides[0], -6, "right"), (room.sides[1], 6, "left")):
            y = low
            for number, text in enumerate(text_lines):
                arrow = ("◄ " + text) if align == "right" else (text + " ►")
                shown = arrow if number == 0 else text
                page.text(room.zero + shift, y, shown, ha=align, va="baseline", size=SMALL, color=GREY)
                y -= 10.5
        low -= 10.5 * max(map(len, room.sides)) + 3
        for text in room.axis:
            page.text(room.left + room.plot_width / 2, low, text, ha="center", va="baseline", size=SMALL)
            low -= 11.5
        for text in room.note:
            page.text(8, low, text, va="baseline", size=SMALL, color=GREY)
            low -= 11.5


class _Room:
    """Lines of every text of a plot, and the room that each part takes, in points."""

    def __init__(self, plot: ForestPlot) -> None:
        rows = plot.rows
        self.heads = [_heading(text) for text in plot.headings]
        widths = [_column_width(head, i, rows) for i, head in enumerate(self.heads)]
        self.labels = [wrap(row.label, plot.label_width, SIZE, "bold" if row.strong else "normal") for row in rows]
        self.notes = [wrap(row.note, plot.label_width, SMALL) if row.note else [] for row in rows]
        self.heights = [
            _LINE * len(a) + (_LINE - 1.5) * len(b) + _GAP for a, b in zip(self.labels, self.notes, strict=True)
        ]
        self.left = plot.label_width + 2 * _GAP
        self.plot_width = WIDTH - self.left - sum(widths) - 2 * _GAP
        self.limits = _limits(rows)
        low, high = self.limits
        self.zero = self.left + self.plot_width * (0 - low) / (high - low)
        self.sides = [wrap(plot.sides[0], self.zero - 30, SMALL), wrap(plot.sides[1], WIDTH - self.zero - 30, SMALL)]
        middle = self.left + self.plot_width / 2
        self.axis = wrap(plot.axis_label, 2 * min(middle, WIDTH - self.left - self.plot_width / 2) - 16, SMALL)
        self.note = wrap(plot.note, WIDTH - 8, SMALL) if plot.note else []
        under = len(self.axis) + len(self.note)
        self.foot = 26 + 10.5 * max(map(len, self.sides)) + 11.5 * under + _GAP
        self.head = 9.5 + 10.5 * max(map(len, self.heads))
        self.body = sum(self.heights)
        self.right = [WIDTH - _GAP - sum(widths[i + 1 :]) for i in range(len(widths))]


def _ratio_ticks(low: float, high: float) -> list[float]:
    """Ratios within the limits, which are logarithms: as many of a list with equal factors as have room."""
    for steps in ((0.5, 0.7, 0.8, 1, 1.25, 1.5, 2), (0.2, 0.5, 1, 2, 5), (0.1, 0.3, 1, 3, 10), (0.01, 0.1, 1, 10, 100)):
        found = [float(step) for step in steps if low <= math.log(step) <= high]
        if low >= math.log(steps[0]) * 1.6 and high <= math.log(steps[-1]) * 1.6:
            return found
    return found


def _column_width(head: Sequence[str], place: int, rows: Sequence[ForestRow]) -> float:
    """Room for a column of numbers and its heading."""
    numbers = (text_width(row.texts[place], SMALL, "bold" if row.strong else "normal") for row in rows)
    return max([*(text_width(line, SMALL, "bold") for line in head), *numbers]) + 1.5 * _GAP


def _heading(text: str) -> list[str]:
    """Lines of a heading; words stay whole unless one is very long."""
    longest = max((text_width(word, SMALL, "bold") for word in text.split()), default=0.0)
    return wrap(text, min(max(longest, _HEADING), 2 * _HEADING), SMALL, "bold")


def _limits(rows: Sequence[ForestRow]) -> tuple[float, float]:
    """Ends of the axis: every interval, unless one is more than four times as long as is usual; zero inside."""
    ends = [abs(v) for row in rows for v in (row.low, row.high) if v is not None and math.isfinite(v)]
    points = [abs(row.estimate) for row in rows if row.estimate is not None and math.isfinite(row.estimate)]
    if not ends:
        return -1.0, 1.0
    usual = sorted(ends)[len(ends) // 2]
    widest = max([min(max(ends), 4 * usual), *points])
    widest = widest or 1.0
    lows = [max(v, -widest) for row in rows for v in (row.low, row.estimate) if v is not None]
    highs = [min(v, widest) for row in rows for v in (row.high, row.estimate) if v is not None]
    low, high = min([*lows, 0]), max([*highs, 0])
    # room on both sides of zero for the words under the axis
    span = max(high, -low)
    return min(low, -0.6 * span) - 0.05 * span, max(high, 0.6 * span) + 0.05 * span


def _draw_interval(axes: Any, row: ForestRow, y: float, left: float, right: float) -> None:
    if row.estimate is None:
        axes.text((left + right) / 2, y - 3, f"{DASH} no estimate", ha="center", va="baseline", size=SMALL, color=GREY)
        return
    colour = NAVY if row.strong else TEAL
    low = left if row.low is None or not row.low > left else row.low
    high = right if row.high is None or not row.high < right else row.high
    axes.plot([low, high], [y, y], color=colour, linewidth=1.8, zorder=3)
    for end, cut, marker in ((low, low == left, "<"), (high, high == right, ">")):
        if cut:
            axes.plot([end], [y], marker=marker, color=colour, markersize=6, clip_on=False, zorder=3)
        else:
            axes.plot([end, end], [y - 3, y + 3], color=colour, linewidth=1.4, zorder=3)
    axes.plot(
        [row.estimate],
        [y],
        marker="D" if row.strong else "o",
        markersize=7 if row.strong else 6.5,
        color=colour,
        markeredgecolor="white",
        markeredgewidth=0.8,
        zorder=4,
    )
