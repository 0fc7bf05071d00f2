"""Drawings for paper: the same marks at a width in points, painted in the light colours."""

from __future__ import annotations

from html import escape

from cpis_analysis.publish.chart.drawing_marks import Box, Dot, Drawing, Mark, Square, Stroke, Words
from cpis_analysis.publish.chart.look import FONT_SIZES, LIGHT, paint

EM = 9.0
"""Points of an em in documents."""
FACE = "DejaVu Sans"
"""The face of letters: the one that documents bring along."""
_MARGIN = 2.0
"""Points round a drawing in which marks at its edges stay whole."""


def fixed_svg(drawing: Drawing, width: float, em: float = EM) -> str:
    """An SVG document of a width in points, which stands by itself.

    Parameters
    ----------
    drawing : Drawing
    width : float
        In points, with a margin of two points on either side.
    em : float
        Points of an em.
    """
    height = drawing.height * em
    inner = "".join(_mark(mark, width - 2 * _MARGIN, height, em, drawing.centred) for mark in drawing.marks)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.2f}pt" height="{height:.2f}pt" '
        f'viewBox="{-_MARGIN:g} 0 {width:.2f} {height:.2f}" font-family="{FACE}">{inner}</svg>'
    )


def _mark(mark: Mark, width: float, height: float, em: float, centred: bool) -> str:
    def across(x: float) -> str:
        return f"{x / 100 * width:.2f}"

    def down(y: float) -> str:
        return f"{y * em + (height / 2 if centred else 0):.2f}"

    match mark:
        case Stroke(x1, x2, y1, y2, look, wide):
            ends = ("0", f"{height:.2f}") if y1 is None or y2 is None else (down(y1), down(y2))
            painted = _painted(look, em, wide)
            return f'<line x1="{across(x1)}" x2="{across(x2)}" y1="{ends[0]}" y2="{ends[1]}"{painted}/>'
        case Box(x, by, top, tall, look):
            place = f'y="0" height="{height:.2f}"'
            if top is not None:
                place = f'y="{down(top)}" height="{tall * em:.2f}"'
            return f'<rect x="{across(x)}" width="{across(by)}" {place}{_painted(look, em)}/>'
        case Dot(x, y, look, r):
            return f'<circle cx="{across(x)}" cy="{down(y)}" r="{r * em:.2f}"{_painted(look, em)}/>'
        case Square(x, y, look, side):
            half, length = side / 2 * em, f"{side * em:.2f}"
            corner = f'x="{float(across(x)) - half:.2f}" y="{float(down(y)) - half:.2f}"'
            return f'<rect {corner} width="{length}" height="{length}"{_painted(look, em)}/>'
        case Words(x, y, text, look, size_name, anchor, dx):
            size = FONT_SIZES[size_name] * em
            weight = ' font-weight="bold"' if paint(look).bold else ""
            return (
                f'<text x="{float(across(x)) + dx * em:.2f}" y="{down(y)}" font-size="{size:.2f}" '
                f'text-anchor="{anchor}" fill="{LIGHT[paint(look).fill]}"{weight}>{escape(text)}</text>'
            )


def _painted(look: str, em: float, width: float = 0.0) -> str:
    one = paint(look)
    parts = f' fill="{LIGHT[one.fill] if one.fill else "none"}"'
    if one.stroke:
        parts += f' stroke="{LIGHT[one.stroke]}" stroke-width="{(width or one.width) * em:.2f}"'
    if one.dash:
        parts += f' stroke-dasharray="{" ".join(f"{length * em:.2f}" for length in one.dash)}"'
    return parts + (f' opacity="{one.opacity:g}"' if one.opacity != 1 else "")
