"""A canvas as SVG, with letters as outlines."""

from __future__ import annotations

from cpis_analysis.publish.pen.canvas import HALO, Canvas, Disc, Line, Shape
from cpis_analysis.publish.pen.written import Written, written
from cpis_analysis.publish.typeface import UNITS


def coordinate(value: float) -> str:
    """A length in a file: a hundredth of a point is less than a printer can show."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def inner_svg(canvas: Canvas, id: str) -> str:
    """What stands inside the ``<svg>`` element; `id` is what all names begin with."""
    parts, outlines, lines = [], dict[str, str](), 0
    for mark in canvas.marks():
        if isinstance(mark, Line):
            lines += 1
            line = written(mark.shown, mark.bold)
            outlines |= {letter.name: letter.outline for letter in line.letters}
            parts.append(_text(mark, line, id, f"{id}-{'scale' if mark.scale else 'text'}_{lines}"))
        else:
            parts.append(_shape(mark) if isinstance(mark, Shape) else _disc(mark))
    defined = "".join(f'<path id="{id}-{name}" d="{outline}"/>' for name, outline in outlines.items())
    return (f"<defs>{defined}</defs>" if defined else "") + "".join(parts)


def _shape(mark: Shape) -> str:
    close = "z" if mark.fill else ""
    path = "".join("M" + "L".join(f"{coordinate(x)} {coordinate(y)}" for x, y in ring) + close for ring in mark.rings)
    look = f' fill="{mark.fill or "none"}"'
    look += ' fill-rule="evenodd"' if len(mark.rings) > 1 else ""
    look += f' stroke="{mark.stroke}" stroke-width="{mark.width:g}"' if mark.stroke else ""
    look += f' stroke-dasharray="{" ".join(map(coordinate, mark.dash))}"' if mark.dash else ""
    look += f' opacity="{mark.opacity:g}"' if mark.opacity != 1 else ""
    look += ' stroke-linejoin="miter"' if mark.mitred else ""
    look += ' stroke-linecap="square"' if mark.square else ""
    return f'<path d="{path}"{look}/>'


def _disc(mark: Disc) -> str:
    place = f'cx="{coordinate(mark.x)}" cy="{coordinate(mark.y)}" r="{coordinate(mark.r)}"'
    return f'<circle {place} fill="{mark.fill}" stroke="{mark.stroke}" stroke-width="{mark.width:g}"/>'


def _text(mark: Line, line: Written, id: str, name: str) -> str:
    """The outlines of a line of text, once more below it for a halo."""
    x, y = map(coordinate, mark.start)
    turn, scale = " rotate(-90)" if mark.upright else "", f"{mark.size / UNITS:.6f}"
    place = f'transform="translate({x} {y}){turn} scale({scale} -{scale})"'
    letters = "".join(
        f'<use xlink:href="#{id}-{letter.name}"'
        + (f' x="{letter.x:g}"' if letter.x else "")
        + (f' y="{letter.y:g}"' if letter.y else "")
        + "/>"
        for letter in line.letters
    )
    rim = ""
    if mark.halo:
        width = f"{HALO * UNITS / mark.size:.0f}"
        rim = f'<g fill="{mark.halo}" stroke="{mark.halo}" stroke-width="{width}" {place}>{letters}</g>'
    return f'{rim}<g id="{name}" fill="{mark.colour}" {place}>{letters}</g>'
