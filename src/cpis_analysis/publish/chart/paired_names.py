"""Names and values of two groups above their lines, at whatever distance these lie: never on each other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple
from unicodedata import category

from cpis_analysis.publish.chart.drawing_marks import Words

NARROW = 18.0
"""Em of the narrowest drawing: a phone of 320 px. On paper letters are wider, and drawings more than twice as wide."""
_SLIM, _WIDE = frozenset("Ifijlrt.,:;'|() -"), frozenset("mwMW%@")
"""Letters by how wide they are: 0.4 em of the letter's size, 1 em; capitals 0.75, others 0.62: at least DejaVu's."""
_GAP = 0.6
_ROWS = (1.0, 2.25)
_TOPS = (0.2, 1.5)
"""Where the lines of two rows begin."""
_BELOW = 2.7
"""Where lines begin that would cross a name."""


class Named(NamedTuple):
    """A group: per cent of the width at which its line stands, its name, its printed value."""

    x: float
    name: str
    value: str


@dataclass(frozen=True)
class _Placed:
    words: tuple[Words, ...]
    tops: tuple[float, float]
    beyond: float
    """Em of a name that would be cut off or crossed."""


def paired_names(first: Named, second: Named) -> tuple[tuple[Words, ...], tuple[float, float]]:
    """Texts of two groups, and the em from the top at which the line of each begins.

    Each stands on its own side, its value below its name, where both have room there in the narrowest drawing; else
    they take a row each, on the side that has room for them.

    Parameters
    ----------
    first, second : Named
        In any order.
    """
    turned = first.x > second.x
    left, right = (second, first) if turned else (first, second)
    sides = _sides(left, right)
    best = sides if sides.beyond <= 0 else min(_in_rows(left, right), key=lambda one: one.beyond)
    return best.words, (best.tops[::-1] if turned else best.tops)


def _sides(left: Named, right: Named) -> _Placed:
    words: list[Words] = []
    beyond = 0.0
    for one, anchor in ((left, "end"), (right, "start")):
        shift = -_GAP if anchor == "end" else _GAP
        name = Words(one.x, _ROWS[0], one.name, "words-soft", "small", anchor, shift)
        words += [name, Words(one.x, _ROWS[1], one.value, "words-strong", "large", anchor, shift)]
        wide = max(_width(one.name, 0.875), _width(one.value, 1.125 * 1.1))
        beyond = max(beyond, wide + _GAP - _room(one.x, anchor))
    return _Placed(tuple(words), (1.4, 1.4), beyond)


def _in_rows(left: Named, right: Named) -> Iterator[_Placed]:
    """The ways to give each a row: both to the right of their lines, both to the left, or towards each other."""
    for anchors, lower in ((("start", "start"), 1), (("end", "end"), 0), (("start", "end"), 1)):
        words, overs = [], []
        begins = ends = 0.0
        for place, (one, anchor) in enumerate(zip((left, right), anchors, strict=True)):
            text = f"{one.name} {one.value}"
            wide = _width(text, 0.9375)
            # what would be cut off at the edge is moved over its own line, which then begins below
            over = max(wide + _GAP - _room(one.x, anchor), 0.0)
            shift = _GAP - over if anchor == "start" else over - _GAP
            words.append(Words(one.x, _ROWS[place == lower], text, anchor=anchor, dx=round(shift, 3)))
            overs.append(over)
            if place == lower:
                begins = one.x / 100 * NARROW + shift - (wide if anchor == "end" else 0.0)
                ends = begins + wide
        other = (left, right)[1 - lower].x / 100 * NARROW
        crossed = max(min(other - begins, ends - other), 0.0)
        beyond = max(*overs, crossed)
        tops = [_BELOW if overs[place] or (crossed and place != lower) else _TOPS[place == lower] for place in (0, 1)]
        yield _Placed(tuple(words), (tops[0], tops[1]), beyond)


def has_room(text: str, x: float, anchor: str, line: float | None = None) -> bool:
    """Whether a text that ends (``end``) or begins at `x` is whole in the narrowest drawing, and on no line.

    Parameters
    ----------
    text : str
        In letters of the usual size.
    x, line : float
        Per cent of the width; no line, none to keep off.
    anchor : str
    """
    wide = _width(text, 0.9375) + _GAP
    if wide > _room(x, anchor):
        return False
    return line is None or not 0 <= (x - line if anchor == "end" else line - x) / 100 * NARROW < wide


def fit_beside(first: str, second: str) -> bool:
    """Whether two texts in small letters, from either edge of the narrowest drawing, leave a gap between them."""
    return _width(first, 0.875) + _width(second, 0.875) + _GAP <= NARROW


def _room(x: float, anchor: str) -> float:
    return (x if anchor == "end" else 100 - x) / 100 * NARROW


def _width(text: str, size: float) -> float:
    """Em that a text may take on the page."""
    return size * sum(map(_letter, text))


def _letter(letter: str) -> float:
    if category(letter) == "Co":
        # the mark of a number, which is left out when the text is written
        return 0.0
    if letter in _SLIM:
        return 0.4
    return 1.0 if letter in _WIDE else 0.75 if letter.isupper() else 0.62
