"""A line of text as the outlines of its letters.

Letters are drawn as outlines, so that a page looks the same on a machine without the font and nothing can be cut off by
another font's widths; the words are in the alternative text and in the tables.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

from cpis_analysis.publish.letters import SHIPPED, borrowed_families
from cpis_analysis.publish.shown import in_order
from cpis_analysis.publish.sources.ledger import unmarked
from cpis_analysis.publish.typeface import UNITS, typeface

_LEFT_TO_RIGHT = "\u200e"
FACES = {False: "g", True: "b"}
"""What the names of outlines of the shipped typeface begin with; their number in it follows, in hexadecimal."""


class Letter(NamedTuple):
    """An outline in its place, in units of the typeface (`typeface.UNITS` to the size of the letters)."""

    name: str
    outline: str
    x: float
    y: float = 0.0


@dataclass(frozen=True)
class Written:
    """A line of text.

    Attributes
    ----------
    letters : tuple of Letter
    width : float
        In units of the typeface.
    """

    letters: tuple[Letter, ...]
    width: float


def shown_line(text: str) -> str:
    """A text as it is drawn: without the marks of its numbers, and in order behind words from right to left."""
    plain = unmarked(text)
    return plain if plain.isascii() else in_order(plain)


def text_width(text: str, size: float, bold: bool = False) -> float:
    """Width of one line of text in letters of a size, in the unit of that."""
    return _width(shown_line(text), bold) * size / UNITS


@lru_cache(maxsize=4096)
def _width(text: str, bold: bool) -> float:
    """Width in units of the typeface, without the outlines: texts are measured word by word as they are broken."""
    numbers, face = _standing_alone(text, bold), typeface(bold)
    if numbers is None:
        return _joined(text, bold).width
    return sum(map(face.advance, numbers)) + sum(map(face.kerning, numbers, numbers[1:]))


@lru_cache(maxsize=4096)
def written(text: str, bold: bool = False) -> Written:
    """Put the letters of a text beside each other, as they are drawn and measured everywhere.

    Parameters
    ----------
    text : str
        One line without the marks of numbers, in the order in which it is read.
    bold : bool
    """
    numbers, face = _standing_alone(text, bold), typeface(bold)
    if numbers is None:
        return _joined(text, bold)
    letters: list[Letter] = []
    x, before = 0, 0
    for number in numbers:
        x += face.kerning(before, number)
        letters.append(Letter(f"{FACES[bold]}{number:x}", face.outline(number), x))
        x += face.advance(number)
        before = number
    return Written(tuple(letters), x)


def _standing_alone(text: str, bold: bool) -> list[int] | None:
    """Numbers of the outlines of a text; None if it has letters that are to be joined or that the typeface lacks."""
    numbers = list(map(typeface(bold).number, text))
    return None if 0 in numbers or not (text.isascii() or all(map(_stands_alone, text))) else numbers


def _stands_alone(letter: str) -> bool:
    """Whether a letter looks the same whatever stands beside it, and the next one stands to its right."""
    kind, turn = unicodedata.category(letter), unicodedata.bidirectional(letter)
    return kind[0] != "M" and kind != "Cf" and turn not in ("R", "AL", "AN")


@lru_cache(maxsize=512)
def _joined(text: str, bold: bool) -> Written:
    """Letters that are joined, turned round or borrowed from a font of the machine: laid out by Matplotlib."""
    from matplotlib.font_manager import FontProperties, findfont, get_font
    from matplotlib.textpath import TextToPath

    def property_of(families: Sequence[str]) -> FontProperties:
        # each is said, because what is not comes from the user's own settings
        return FontProperties(
            family=list(families),
            style="normal",
            variant="normal",
            weight="bold" if bold else "normal",
            stretch="normal",
            size=100.0,
        )

    families = [SHIPPED, *borrowed_families(text)]
    font = get_font([findfont(property_of([family])) for family in families])
    font.set_size(100.0, 72)
    scale = UNITS / 100.0
    # a line runs from left to right as on the page, whatever it begins with; the sign that says so comes first, empty
    (_, *placed), outlines, _ = TextToPath().get_glyphs_with_font(font, _LEFT_TO_RIGHT + text)
    letters = [
        Letter(_named(name, bold), _path(*outlines[name], scale), round(x * scale, 1), round(y * scale, 1))
        for name, x, y, _ in placed
    ]
    wide = TextToPath().get_text_width_height_descent(text, property_of(families), ismath=False)[0]
    return Written(tuple(letters), float(wide) * scale)


def _named(name: str, bold: bool) -> str:
    """The name of an outline; one of another font can't be taken for one of the shipped typeface."""
    face, _, number = name.rpartition("-")
    own = "DejaVuSans-Bold" if bold else "DejaVuSans"
    return f"{FACES[bold]}{number}" if face == own else f"{face}-x{number}"


_CLOSES = 79
_COMMANDS = {1: ("M", 1), 2: ("L", 1), 3: ("Q", 2), 4: ("C", 3), _CLOSES: ("z", 1)}
"""Letter in SVG, and number of points, of each code of Matplotlib's paths."""


def _path(points: Any, codes: Any, scale: float) -> str:
    parts, place = [], 0
    while place < len(codes):
        code = int(codes[place])
        letter, count = _COMMANDS[code]
        numbers = [] if code == _CLOSES else points[place : place + count].ravel()
        at = " ".join(f"{scale * float(number):.4g}" for number in numbers)
        parts.append(letter + at)
        place += count
    return "".join(parts)
