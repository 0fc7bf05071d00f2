"""The forest plot as such: rows with a point, an interval and numbers at the side."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass

from cpis_analysis.publish.format import DASH
from cpis_analysis.publish.pen.inks import GREY, LIGHT, NAVY, SIZE, SMALL, TEAL, WIDTH
from cpis_analysis.publish.pen.panels import ABOVE, GROUND, Panel
from cpis_analysis.publish.pen.style import Figure, canvas_of, finish, page_of, wrap
from cpis_analysis.publish.pen.written import text_width

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
        height = room.head + room.body + room.foot
        canvas = canvas_of(height, self.synthetic)
        page = page_of(canvas)
        axes = Panel(canvas, room.left, room.foot, room.plot_width, room.body)
        axes.limits(x=room.limits)
        axes.upright(0, GREY, 0.8)
        self._draw_heads(page, room, height - room.head)
        self._draw_labels(page, axes, room, height - room.head)
        if self.ratio:
            places = _ratio_ticks(*room.limits)
            axes.x_axis([math.log(place) for place in places], [f"{place:g}" for place in places])
        else:
            axes.x_axis(most=6)
        self._draw_foot(page, room)
        return finish(canvas, self.id, self.title, self.alt)

    def _draw_heads(self, page: Panel, room: _Room, top: float) -> None:
        for place, lines in zip(room.right, room.heads, strict=True):
            for number, text in enumerate(lines):
                y = top + 7 + 10.5 * (len(lines) - 1 - number)
                page.text(place, y, text, anchor="end", size=SMALL, bold=True)
        page.line([4, WIDTH - _GAP], [top + 1.5] * 2, GREY, 0.6)

    def _draw_labels(self, page: Panel, axes: Panel, room: _Room, top: float) -> None:
        for index, row in enumerate(self.rows):
            labels, notes, height = room.labels[index], room.notes[index], room.heights[index]
            middle = top - height / 2
            if index % 2:
                page.box((0, WIDTH), (top - height, top), LIGHT, opacity=0.28, level=GROUND)
            written = (_LINE * len(labels) + (_LINE - 1.5) * len(notes)) / 2
            line = middle + written - 9.2
            for text in labels:
                page.text(8, line, text, size=SIZE, bold=row.strong)
                line -= _LINE
            for text in notes:
                page.text(8, line, text, size=SMALL, colour=GREY)
                line -= _LINE - 1.5
            for place, text in zip(room.right, row.texts, strict=True):
                page.text(place, middle - 3, text, anchor="end", size=SMALL, bold=row.strong)
            _draw_interval(axes, row, middle - room.foot, *room.limits)
            top -= height

    def _draw_foot(self, page: Panel, room: _Room) -> None:
        low = room.foot - 24.0
        for text_lines, shift, align in ((room.sides[0], -6, "end"), (room.sides[1], 6, "start")):
            y = low
            for number, text in enumerate(text_lines):
                arrow = ("◄ " + text) if align == "end" else (text + " ►")
                shown = arrow if number == 0 else text
                page.text(room.zero + shift, y, shown, anchor=align, size=SMALL, colour=GREY)
                y -= 10.5
        low -= 10.5 * max(map(len, room.sides)) + 3
        for text in room.axis:
            page.text(room.left + room.plot_width / 2, low, text, anchor="middle", size=SMALL)
            low -= 11.5
        page.note(8, low, room.note, 11.5)


class _Room:
    """Lines of every text of a plot, and the room that each part takes, in points."""

    def __init__(self, plot: ForestPlot) -> None:
        rows = plot.rows
        self.heads = [_heading(text) for text in plot.headings]
        widths = [_column_width(head, i, rows) for i, head in enumerate(self.heads)]
        self.labels = [wrap(row.label, plot.label_width, SIZE, row.strong) for row in rows]
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
    numbers = (text_width(row.texts[place], SMALL, row.strong) for row in rows)
    return max([*(text_width(line, SMALL, True) for line in head), *numbers]) + 1.5 * _GAP


def _heading(text: str) -> list[str]:
    """Lines of a heading; words stay whole unless one is very long."""
    longest = max((text_width(word, SMALL, True) for word in text.split()), default=0.0)
    return wrap(text, min(max(longest, _HEADING), 2 * _HEADING), SMALL, True)


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


def _draw_interval(axes: Panel, row: ForestRow, y: float, left: float, right: float) -> None:
    if row.estimate is None or not math.isfinite(row.estimate):
        axes.text((left + right) / 2, y - 3, f"{DASH} no estimate", anchor="middle", size=SMALL, colour=GREY)
        return
    colour = NAVY if row.strong else TEAL
    low = left if row.low is None or not row.low > left else row.low
    high = right if row.high is None or not row.high < right else row.high
    axes.line([low, high], [y, y], colour, 1.8)
    for end, cut, shape in ((low, low == left, "left"), (high, high == right, "right")):
        if cut:
            axes.mark(end, y, shape, 6, colour)
        else:
            axes.line([end, end], [y - 3, y + 3], colour, 1.4)
    shape, size = ("diamond", 7.0) if row.strong else ("disc", 6.5)
    axes.mark(row.estimate, y, shape, size, colour, rim=("#ffffff", 0.8), level=ABOVE)
