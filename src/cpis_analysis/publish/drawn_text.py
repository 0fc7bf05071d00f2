"""The words of a drawing. Figures hold outlines of letters and no text; each outline is named by its letter's number.

So what is drawn can be read back without guessing from shapes: `present.style` names the outlines.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from xml.etree import ElementTree

_SVG = "{http://www.w3.org/2000/svg}"
_LINK = "{http://www.w3.org/1999/xlink}href"
_LETTER = re.compile(r"-([gb])([0-9a-f]+)$")
_TEXT = re.compile(r"-text_\d+$")
_TICK = re.compile(r"-[xy]tick_\d+$")
_FILES = {"g": "DejaVuSans.ttf", "b": "DejaVuSans-Bold.ttf"}


@dataclass(frozen=True)
class DrawnText:
    """A line of text in a drawing.

    Attributes
    ----------
    text : str
    scale : bool
        Whether it is a mark on the scale of an axis.
    """

    text: str
    scale: bool


@cache
def drawn_texts(svg: str) -> tuple[DrawnText, ...]:
    """What is written in a drawing, in the order in which it was drawn; each drawing is read once."""
    return tuple(_texts(ElementTree.fromstring(svg), False))


def _texts(element: ElementTree.Element, scale: bool) -> Iterator[DrawnText]:
    name = element.get("id", "")
    scale = scale or bool(_TICK.search(name))
    if _TEXT.search(name):
        yield DrawnText("".join(_letters(element)), scale)
        return
    for child in element:
        yield from _texts(child, scale)


def _letters(element: ElementTree.Element) -> Iterator[str]:
    for use in element.iter(f"{_SVG}use"):
        found = _LETTER.search(use.get(_LINK, ""))
        if found:
            yield _alphabet(found[1]).get(int(found[2], 16), "")


@cache
def _alphabet(face: str) -> dict[int, str]:
    """Letter by its number in a font."""
    import matplotlib
    from matplotlib.ft2font import FT2Font

    font = FT2Font(str(Path(matplotlib.get_data_path()) / "fonts" / "ttf" / _FILES[face]))
    return {number: chr(code) for code, number in sorted(font.get_charmap().items(), reverse=True)}
