"""The forest plot as such: rows with a point, an interval and numbers at the side."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from cpis_analysis.publish.format import DASH
from cpis_analysis.publish.style import (
    GREY,
    LIGHT,
    NAVY,
    PLUM,
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

__all__ = ["ForestRow", "draw_rows"]

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
    inner : (float, float) or None
        A narrower interval, drawn as a thicker line.
    """

    label: str
    note: str
    estimate: float | None
    low: float | None
    high: float | None
    texts: tuple[str, ...]
    strong: bool = False
    inner: tuple[float, float] | None = None


def draw_rows(
    rows: Sequence[ForestRow],
    headings: Sequence[str],
    *,
    id: str,
    title: str,
    alt: str,
    axis_label: str,
    sides: tuple[str, str],
    synthetic: bool,
    band: float | None = None,
    band_label: str = "",
    margins: tuple[float, float] | None = None,
    margins_label: str = "",
    note: str = "",
    label_width: float = _LABEL_WIDTH,
) -> Figure:
    """Draw rows from top to bottom.

    Parameters
    ----------
    rows : sequence of ForestRow
    headings : sequence of str
        Heads of the columns of numbers.
    id, title, alt, axis_label : str
    sides : (str, str)
        What stands to the left and to the right of zero.
    synthetic : bool
    band : float, optional
        A difference that matters; lines are drawn at plus and minus this value.
    band_label : str
        What the lines mean.
    margins : (float, float), optional
        Differences between which equivalence is declared; shaded.
    margins_label : str
        What the shade means.
    note : str
        A line below everything.
    label_width : float
        Room for the labels in points.
    """
    heads = [_heading(text) for text in headings]
    widths = [
        max(
            [
                *(text_width(line, SMALL, "bold") for line in head),
                *(text_width(row.texts[i], SMALL, "bold" if row.strong else "normal") for row in rows),
            ]
        )
        + 1.5 * _GAP
        for i, head in enumerate(heads)
    ]
    labels = [wrap(row.label, label_width, SIZE, "bold" if row.strong else "normal") for row in rows]
    notes = [wrap(row.note, label_width, SMALL) if row.note else [] for row in rows]
    heights = [_LINE * len(a) + (_LINE - 1.5) * len(b) + _GAP for a, b in zip(labels, notes, strict=True)]
    left = label_width + 2 * _GAP
    plot_width = WIDTH - left - sum(widths) - 2 * _GAP
    limit_low, limit_high = _limits(rows, band, margins)
    zero = left + plot_width * (0 - limit_low) / (limit_high - limit_low)
    side_lines = [wrap(sides[0], zero - 30, SMALL), wrap(sides[1], WIDTH - zero - 30, SMALL)]
    axis_lines = wrap(axis_label, 2 * min(left + plot_width / 2, WIDTH - left - plot_width / 2) - 16, SMALL)
    band_lines = wrap(band_label, WIDTH - 8, SMALL) if band else []
    shade_lines = wrap(margins_label, WIDTH - 8, SMALL) if margins else []
    note_lines = wrap(note, WIDTH - 8, SMALL) if note else []
    under = len(axis_lines) + len(band_lines) + len(shade_lines) + len(note_lines)
    foot = 26 + 10.5 * max(map(len, side_lines)) + 11.5 * under + _GAP
    head = 9.5 + 10.5 * max(map(len, heads))
    body = sum(heights)
    with canvas(head + body + foot, synthetic) as (drawing, height):
        page = panel(drawing, 0, 0, WIDTH, height, bare=True)
        axes = panel(drawing, left, foot, plot_width, body)
        axes.set_ylim(0, body)
        axes.set_yticks([])
        axes.spines["left"].set_visible(False)
        axes.set_xlim(limit_low, limit_high)
        axes.axvline(0, color=GREY, linewidth=0.8, zorder=1)
        if margins:
            axes.axvspan(*margins, color=TEAL, alpha=0.13, linewidth=0, zorder=0)
            for place in margins:
                axes.axvline(place, color=TEAL, linewidth=0.9, zorder=1)
        if band:
            for place in (-band, band):
                axes.axvline(place, color=PLUM, linewidth=0.9, linestyle=(0, (2, 2)), zorder=1)
        right = [WIDTH - _GAP - sum(widths[i + 1 :]) for i in range(len(widths))]
        top = height - head
        for place, lines in zip(right, heads, strict=True):
            for number, text in enumerate(lines):
                page.text(
                    place,
                    top + 7 + 10.5 * (len(lines) - 1 - number),
                    text,
                    ha="right",
                    va="baseline",
                    size=SMALL,
                    weight="bold",
                )
        page.plot([4, WIDTH - _GAP], [top + 1.5] * 2, color=GREY, linewidth=0.6)
        for index, row in enumerate(rows):
            middle = top - heights[index] / 2
            if index % 2:
                page.axhspan(top - heights[index], top, color=LIGHT, alpha=0.28, linewidth=0, zorder=0)
            written = (_LINE * len(labels[index]) + (_LINE - 1.5) * len(notes[index])) / 2
            line = middle + written - 9.2
            for text in labels[index]:
                page.text(8, line, text, va="baseline", size=SIZE, weight="bold" if row.strong else "normal")
                line -= _LINE
            for text in notes[index]:
                page.text(8, line, text, va="baseline", size=SMALL, color=GREY)
                line -= _LINE - 1.5
            for place, text in zip(right, row.texts, strict=True):
                page.text(
                    place,
                    middle - 3,
                    text,
                    ha="right",
                    va="baseline",
                    size=SMALL,
                    weight="bold" if row.strong else "normal",
                )
            _draw_interval(axes, row, middle - foot, limit_low, limit_high)
            top -= heights[index]
        axes.patch.set_visible(False)
        axes.tick_params(axis="x", length=3, pad=2)
        axes.locator_params(axis="x", nbins=6)
        low = foot - 24.0
        for text_lines, shift, align in ((side_lines[0], -6, "right"), (side_lines[1], 6, "left")):
            y = low
            for number, text in enumerate(text_lines):
                arrow = ("◄ " + text) if align == "right" else (text + " ►")
                page.text(
                    zero + shift, y, arrow if number == 0 else text, ha=align, va="baseline", size=SMALL, color=GREY
                )
                y -= 10.5
        low -= 10.5 * max(map(len, side_lines)) + 3
        for text in axis_lines:
            page.text(left + plot_width / 2, low, text, ha="center", va="baseline", size=SMALL)
            low -= 11.5
        under_lines = [*((text, PLUM) for text in band_lines), *((text, GREY) for text in (*shade_lines, *note_lines))]
        for text, colour in under_lines:
            page.text(8, low, text, va="baseline", size=SMALL, color=colour)
            low -= 11.5
        return finish(drawing, id, title, alt)


def _heading(text: str) -> list[str]:
    """Lines of a heading; words stay whole unless one is very long."""
    longest = max((text_width(word, SMALL, "bold") for word in text.split()), default=0.0)
    return wrap(text, min(max(longest, _HEADING), 2 * _HEADING), SMALL, "bold")


def _limits(
    rows: Sequence[ForestRow], band: float | None, margins: tuple[float, float] | None = None
) -> tuple[float, float]:
    """Ends of the axis: every interval, unless one is more than four times as long as is usual; zero inside."""
    ends = [abs(v) for row in rows for v in (row.low, row.high) if v is not None and math.isfinite(v)]
    points = [abs(row.estimate) for row in rows if row.estimate is not None and math.isfinite(row.estimate)]
    if not ends:
        return -1.0, 1.0
    usual = sorted(ends)[len(ends) // 2]
    widest = max([min(max(ends), 4 * usual), *points, (band or 0) * 1.1])
    widest = widest or 1.0
    lows = [max(v, -widest) for row in rows for v in (row.low, row.estimate) if v is not None]
    highs = [min(v, widest) for row in rows for v in (row.high, row.estimate) if v is not None]
    shade = margins or (0.0, 0.0)
    low = min([*lows, 0, -(band or 0) * 1.1, shade[0] * 1.1])
    high = max([*highs, 0, (band or 0) * 1.1, shade[1] * 1.1])
    # room on both sides of zero for the words under the axis
    span = max(high, -low)
    return min(low, -0.6 * span) - 0.05 * span, max(high, 0.6 * span) + 0.05 * span


def _draw_interval(axes, row: ForestRow, y: float, left: float, right: float) -> None:
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
    if row.inner is not None:
        ends = [min(max(value, left), right) for value in row.inner]
        axes.plot(ends, [y, y], color=colour, linewidth=4.2, solid_capstyle="butt", zorder=3)
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
