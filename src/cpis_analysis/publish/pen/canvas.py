"""A canvas to draw on, in points from its lower left corner, and its SVG text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from cpis_analysis.publish.pen.written import Written, shown_line, written
from cpis_analysis.publish.sources.ledger import unmarked
from cpis_analysis.publish.typeface import UNITS

_HALO = 2.5
_SHIFT = {"start": 0.0, "middle": -0.5, "end": -1.0}


def coordinate(value: float) -> str:
    """A length in a file: a hundredth of a point is less than a printer can show."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


@dataclass(frozen=True)
class Shape:
    """What is drawn at one place, as SVG; shapes of a higher level lie above others of the same panel."""

    level: float
    svg: str


@dataclass(frozen=True)
class Line:
    """A line of text.

    Attributes
    ----------
    level : float
    x, y : float
        Points from the upper left corner of the canvas at which its base line begins, ends or has its middle.
    text : str
        With the marks of its numbers.
    size : float
    bold : bool
    colour : str
    anchor : str
        ``start``, ``middle`` or ``end``.
    upright : bool
        It is read from below.
    halo : str
        Colour of a rim that keeps off what lies below; empty for none.
    scale : bool
        It is a mark on the scale of an axis and no result.
    """

    level: float
    x: float
    y: float
    text: str
    size: float
    bold: bool
    colour: str
    anchor: str = "start"
    upright: bool = False
    halo: str = ""
    scale: bool = False


@dataclass
class Canvas:
    """What has been drawn, panel by panel.

    Attributes
    ----------
    width, height : float
        In points.
    """

    width: float
    height: float
    _panels: list[list[Shape | Line]] = field(default_factory=list)

    def add(self) -> list[Shape | Line]:
        """Marks of one more panel, which lies above the earlier ones; to be filled."""
        self._panels.append([])
        return self._panels[-1]

    def svg(self, id: str) -> tuple[str, tuple[str, ...]]:
        """What stands inside the ``<svg>`` element, and the texts that have marks of numbers, in the order drawn.

        Parameters
        ----------
        id : str
            What all names begin with.
        """
        parts, drawn, outlines = [], [], dict[str, str]()
        lines = 0
        for mark in self._marks():
            if isinstance(mark, Shape):
                parts.append(mark.svg)
                continue
            plain = shown_line(mark.text)
            if not plain:
                continue
            if unmarked(mark.text) != mark.text:
                drawn.append(mark.text)
            lines += 1
            line = written(plain, mark.bold)
            outlines |= {letter.name: letter.outline for letter in line.letters}
            name = f"{id}-{'scale' if mark.scale else 'text'}_{lines}"
            parts.append(_set(mark, line, id, name))
        defined = "".join(f'<path id="{id}-{name}" d="{outline}"/>' for name, outline in outlines.items())
        return (f"<defs>{defined}</defs>" if defined else "") + "".join(parts), tuple(drawn)

    def _marks(self) -> Iterator[Shape | Line]:
        for panel in self._panels:
            yield from sorted(panel, key=lambda mark: mark.level)


def _set(mark: Line, line: Written, id: str, name: str) -> str:
    """A line of text as SVG: its outlines, once more below it for a halo."""
    shift = _SHIFT[mark.anchor] * line.width * mark.size / UNITS
    x, y = (mark.x, mark.y - shift) if mark.upright else (mark.x + shift, mark.y)
    turn = " rotate(-90)" if mark.upright else ""
    scale = f"{mark.size / UNITS:.6f}"
    place = f'transform="translate({coordinate(x)} {coordinate(y)}){turn} scale({scale} -{scale})"'
    letters = "".join(
        f'<use xlink:href="#{id}-{letter.name}"'
        + (f' x="{letter.x:g}"' if letter.x else "")
        + (f' y="{letter.y:g}"' if letter.y else "")
        + "/>"
        for letter in line.letters
    )
    rim = ""
    if mark.halo:
        width = f"{_HALO * UNITS / mark.size:.0f}"
        rim = f'<g fill="{mark.halo}" stroke="{mark.halo}" stroke-width="{width}" {place}>{letters}</g>'
    return f'{rim}<g id="{name}" fill="{mark.colour}" {place}>{letters}</g>'
