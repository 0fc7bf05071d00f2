"""The words of a drawing. Figures hold outlines of letters and no text; each outline is named by its letter's number.

So what is drawn can be read back without guessing from shapes: `publish.pen` names outlines and lines of text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from cpis_analysis.publish.pen.written import FACES
from cpis_analysis.publish.typeface import typeface

_LINE = re.compile(r'<g id="[^"]*-(text|scale)_\d+"[^>]*>(.*?)</g>')
_LETTER = re.compile(r'#[^"]*-([gb])([0-9a-f]+)"')


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
    return tuple(DrawnText("".join(_letters(line)), kind == "scale") for kind, line in _LINE.findall(svg))


def _letters(line: str) -> Iterator[str]:
    for face, number in _LETTER.findall(line):
        yield typeface(face == FACES[True]).letters.get(int(number, 16), "")
