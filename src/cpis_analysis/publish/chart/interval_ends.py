"""Both ends of an interval in words beside its bar, and the line of no difference that keeps off them."""

from __future__ import annotations

from cpis_analysis.publish.chart.drawing_marks import Stroke, Words
from cpis_analysis.publish.chart.paired_names import has_room

_UNDER = 0.33
"""Em from the middle of a bar to the base line of words beside it."""


def interval_ends(
    first: str, second: str, low: float, high: float, zero: float, y: float
) -> tuple[tuple[Words, ...], float]:
    """Texts of both ends, and where words below the bar end: their base line, or `y` where there are none.

    They stand below where there is no room beside the bar, or the line of no difference would go through them: then a
    line each.

    Parameters
    ----------
    first, second : str
    low, high, zero : float
        Per cent of the width at which the interval ends and the line of no difference stands.
    y : float
        Em at which the middle of the bar lies.
    """
    marks: list[Words] = []
    below = y
    if has_room(first, low, "end", zero):
        marks.append(Words(low, y + _UNDER, first, anchor="end", dx=-0.5))
    else:
        below += 1.6
        marks.append(Words(low, below, first, anchor="start" if has_room(first, low, "start") else "end"))
    if has_room(second, high, "start", zero):
        marks.append(Words(high, y + _UNDER, second, dx=0.5))
    else:
        below += 1.6 if below == y else 1.2
        marks.append(Words(high, below, second, anchor="end" if has_room(second, high, "end") else "start"))
    return tuple(marks), below


def zero_line(x: float, top: float, y: float, below: float, bottom: float) -> tuple[Stroke, ...]:
    """The line of no difference from `top` to `bottom`, which leaves words below the bar at `y` alone."""
    if below == y:
        return (Stroke(x, x, top, bottom, "zero"),)
    return (Stroke(x, x, top, y + 0.6, "zero"), Stroke(x, x, below + 0.35, bottom, "zero"))
