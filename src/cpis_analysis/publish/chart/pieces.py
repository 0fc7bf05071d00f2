"""Marks of the kinds of charts that the report has: axes, intervals, bars, pairs, stacked answers.

Each function gives a tuple of marks that goes into a `Drawing`, alone or with others. Texts in them have been printed
by the caller (`publish.format`), so that their numbers keep their sources.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from cpis_analysis.publish.chart.drawing_marks import Box, Dot, Drawing, Mark, Scale, Square, Stroke, Words
from cpis_analysis.publish.chart.paired_names import fit_beside
from cpis_analysis.publish.sources.ledger import unmarked

Marks = tuple[Mark, ...]
_ENDS, _LINE = 2.7, 1.2
"""Em from an axis to the words for its ends, and from one line of them to the next."""


def axis(scale: Scale, printed: Callable[[float], str], ends: tuple[str, str] = ("", ""), y: float = 0.0) -> Marks:
    """A horizontal axis with ticks, their numbers below it, and words for both ends below these.

    Parameters
    ----------
    scale : Scale
    printed : callable
        Number of a tick -> text.
    ends : (str, str)
        What the lowest and the highest value mean; empty for none. The second takes a line of its own where both have
        no room beside each other in the narrowest drawing; see `ends_height`.
    y : float
        Em at which the line stands.
    """
    marks: list[Mark] = [Stroke(scale.at(scale.low), scale.at(scale.high), y, y, "axis")]
    ticks = scale.ticks()
    for value, text in zip(ticks, _as_short(ticks, printed), strict=True):
        x = scale.at(value)
        anchor = "start" if x < 5 else "end" if x > 95 else "middle"
        marks.append(Stroke(x, x, y, y + 0.4, "axis"))
        marks.append(Words(x, y + 1.4, text, "words-soft", "small", anchor, scale=True))
    low, high = ends
    if low:
        marks.append(Words(scale.at(scale.low), y + _ENDS, low, "words-soft", "small", "start"))
    if high:
        lower = _ENDS if fit_beside(low, high) else _ENDS + _LINE
        marks.append(Words(scale.at(scale.high), y + lower, high, "words-soft", "small", "end"))
    return tuple(marks)


def _as_short(ticks: Sequence[float], printed: Callable[[float], str]) -> list[str]:
    """Numbers of the ticks without decimals that are zero in all of them."""
    texts = [unmarked(printed(value)) for value in ticks]
    while texts and all("." in text and text[-1] in ".0" for text in texts):
        whole = all(text.endswith(".") for text in texts)
        texts = [text[:-1] for text in texts]
        if whole:
            break
    return texts


def ends_height(ends: tuple[str, str]) -> float:
    """Em that words for both ends of an axis add to its height: a line, or two where they have no room beside."""
    if not any(ends):
        return 0.0
    return 0.7 if fit_beside(*ends) else 0.7 + _LINE


def gridlines(scale: Scale, zero: float | None = 0.0) -> Marks:
    """Upright lines at the ticks, a stronger one at zero; for the drawings of rows."""
    marks: list[Mark] = [
        Stroke(scale.at(value), scale.at(value), look="grid") for value in scale.ticks() if value != zero
    ]
    if zero is not None and scale.holds(zero):
        marks.append(Stroke(scale.at(zero), scale.at(zero), look="zero"))
    return tuple(marks)


def band(scale: Scale, low: float, high: float, y: float | None = None, height: float = 0.0) -> Marks:
    """A shaded range, such as differences too small to matter; over the whole height without `y`."""
    left, right = scale.at(low), scale.at(high)
    return (Box(left, right - left, y, height, "band"),)


def interval(
    scale: Scale, estimate: float, low: float, high: float, y: float = 0.0, *, other: bool = False, wide: bool = False
) -> Marks:
    """A point with its interval; cut at the ends of the axis, where an arrowless line meets the edge.

    Parameters
    ----------
    other : bool
        It answers another question than the first: dashed, with an open disc.
    wide : bool
        A thick bar, for a picture of one interval.
    """
    look = "interval-other" if other else "interval-wide" if wide else "interval"
    return (
        Stroke(scale.at(low), scale.at(high), y, y, look),
        Dot(scale.at(estimate), y, "open" if other else "full", 0.56 if wide else 0.375),
    )


def span(scale: Scale, low: float, high: float, place: int, y: float = 0.0, width: float = 0.875) -> Marks:
    """A thick bar from the lowest to the highest value of a group; `place` is that of its arm."""
    return (Stroke(scale.at(low), scale.at(high), y, y, f"arm-{place}", width),)


def arm_mark(x: float, y: float, place: int, r: float = 0.375) -> Mark:
    """The mark of an arm: a hollow square for the reference (place 0), discs for the others."""
    if place == 0:
        return Square(x, y, "hollow", 1.6 * r)
    return Dot(x, y, f"arm-{place}", r)


def pair(scale: Scale, values: Sequence[float | None], y: float = 0.0) -> Marks:
    """Values of the arms, the reference first, with a line between the lowest and the highest; None is left out."""
    known = [value for value in values if value is not None]
    marks: list[Mark] = []
    if len(known) > 1:
        marks.append(Stroke(scale.at(min(known)), scale.at(max(known)), y, y, "join"))
    marks += [arm_mark(scale.at(value), y, place) for place, value in enumerate(values) if value is not None]
    return tuple(marks)


def bar(share: float, y: float = 0.0, height: float = 0.75, look: str = "bar", *, rest: bool = True) -> Marks:
    """A bar of a share of the width, 0 to 1, with what is left to the whole shaded behind it; `y` is its middle."""
    part = Box(0.0, 100.0 * min(max(float(share), 0.0), 1.0), y - height / 2, height, look)
    return (Box(0.0, 100.0, y - height / 2, height, "rest"), part) if rest else (part,)


def stacked(parts: Iterable[tuple[float, str, str]], y: float = 0.0, height: float = 1.5) -> Marks:
    """Shares that make up a whole, each with its label within it where it fits.

    Parameters
    ----------
    parts : iterable of (share, look, text)
        Shares of 1, looks such as ``better``, ``same``, ``worse``, texts such as "56%".
    y : float
        Middle of the bar.
    height : float
    """
    marks: list[Mark] = []
    left = 0.0
    for share, look, text in parts:
        width = 100.0 * float(share)
        if width <= 0:
            continue
        marks.append(Box(left, width, y - height / 2, height, look))
        if text and width >= 9:
            marks.append(Words(left + width / 2, y + 0.33, text, f"words-{look}", "", "middle"))
        left += width
    return tuple(marks)


def row(*marks: Marks, height: float = 1.75) -> Drawing:
    """The drawing of a row: ys of its marks count from the middle."""
    return Drawing(tuple(mark for group in marks for mark in group), height, centred=True)
