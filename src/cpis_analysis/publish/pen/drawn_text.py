"""The words of a drawing. Figures hold outlines of letters and no text; each outline is named by its letter's number.

So what is drawn can be read back without guessing from shapes: `publish.pen` names outlines and lines of text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from xml.etree import ElementTree

from cpis_analysis.publish.pen.written import FACES
from cpis_analysis.publish.typeface import typeface

_SVG = "{http://www.w3.org/2000/svg}"
_LINK = "{http://www.w3.org/1999/xlink}href"
_LETTER = re.compile(r"-([gb])([0-9a-f]+)$")
_TEXT = re.compile(r"-(text|scale)_\d+$")


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
    found = ((_TEXT.search(element.get("id", "")), element) for element in ElementTree.fromstring(svg).iter(f"{_SVG}g"))
    return tuple(DrawnText("".join(_letters(element)), name[1] == "scale") for name, element in found if name)


def _letters(element: ElementTree.Element) -> Iterator[str]:
    for use in element.iter(f"{_SVG}use"):
        found = _LETTER.search(use.get(_LINK, ""))
        if found:
            yield typeface(found[1] == FACES[True]).letters.get(int(found[2], 16), "")
