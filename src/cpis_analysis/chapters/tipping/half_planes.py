"""Lines and halves of a polygon, as points."""

from __future__ import annotations

from collections.abc import Sequence

Point = tuple[float, float]
Line = tuple[float, float, float]
"""a, b, c of ax + by = c."""


def half_of(corners: Sequence[Point], line: Line, sign: float) -> list[Point]:
    """The part of a convex polygon on one side of a line (Sutherland & Hodgman 1974, Commun ACM 17:32)."""
    a, b, c = line
    kept: list[Point] = []
    for (x0, y0), (x1, y1) in zip(corners, [*corners[1:], corners[0]], strict=True):
        first, second = (sign * (a * x + b * y - c) for x, y in ((x0, y0), (x1, y1)))
        if first >= 0:
            kept.append((x0, y0))
        if first * second < 0:
            at = first / (first - second)
            kept.append((x0 + at * (x1 - x0), y0 + at * (y1 - y0)))
    return kept


def ends_in(box: Sequence[Point], line: Line) -> list[Point]:
    """Where a line enters and leaves the box; empty if it does not cross it."""
    a, b, c = line
    found = []
    for (x0, y0), (x1, y1) in zip(box, [*box[1:], box[0]], strict=True):
        first, second = a * x0 + b * y0 - c, a * x1 + b * y1 - c
        if first * second < 0:
            at = first / (first - second)
            found.append((x0 + at * (x1 - x0), y0 + at * (y1 - y0)))
    return found
