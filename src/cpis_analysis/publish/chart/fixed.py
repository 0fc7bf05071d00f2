"""Drawings for paper: the same marks at a width in points, painted in the light colours."""

from __future__ import annotations

from html import escape
from typing import Any

from cpis_analysis.publish.chart.drawing_marks import Box, Dot, Drawing, Mark, Square, Stroke, Words
from cpis_analysis.publish.chart.look import FONT_SIZES, LIGHT, paint

EM = 9.0
"""Points of an em in documents."""
FACE = "DejaVu Sans"
"""The face of letters: the one that documents bring along."""
_MARGIN = 2.0
"""Points round a drawing in which marks at its edges stay whole."""


def fixed_marks(drawing: Drawing, width: float, em: float = EM) -> dict[str, Any]:
    """A drawing of a width in points as plain data, for a writer that sets letters itself: what JSON can hold.

    Parameters
    ----------
    drawing : Drawing
    width : float
        In points, with a margin of two points on either side.
    em : float
        Points of an em.

    Returns
    -------
    dict
        ``width``, ``height``, ``left``, where the marks' x begins, and ``marks``: each with its ``kind`` (``line``,
        ``rect``, ``disc`` or ``text``), its place, and the colours and lines with which it is painted.
    """
    height = drawing.height * em
    marks = [_mark(mark, width - 2 * _MARGIN, height, em, drawing.centred) for mark in drawing.marks]
    return {"width": round(width, 2), "height": round(height, 2), "left": _MARGIN, "marks": marks}


def fixed_svg(drawing: Drawing, width: float, em: float = EM) -> str:
    """An SVG document of a width in points, which stands by itself; the arguments are those of `fixed_marks`."""
    data = fixed_marks(drawing, width, em)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{data["width"]:.2f}pt" height="{data["height"]:.2f}pt" '
        f'viewBox="{-_MARGIN:g} 0 {data["width"]:.2f} {data["height"]:.2f}" font-family="{FACE}">'
        f"{''.join(map(_svg, data['marks']))}</svg>"
    )


def _mark(mark: Mark, width: float, height: float, em: float, centred: bool) -> dict[str, Any]:
    def across(x: float) -> float:
        return round(x / 100 * width, 2)

    def down(y: float) -> float:
        return round(y * em + (height / 2 if centred else 0), 2)

    match mark:
        case Stroke(x1, x2, y1, y2, look, wide):
            ends = (0.0, round(height, 2)) if y1 is None or y2 is None else (down(y1), down(y2))
            place = {"x": across(x1), "x2": across(x2), "y": ends[0], "y2": ends[1]}
            return {"kind": "line"} | place | _painted(look, em, wide)
        case Box(x, by, top, tall, look):
            ends = (0.0, round(height, 2)) if top is None else (down(top), round(tall * em, 2))
            return _rect(across(x), ends[0], across(by), ends[1]) | _painted(look, em)
        case Dot(x, y, look, r):
            return {"kind": "disc", "x": across(x), "y": down(y), "r": round(r * em, 2)} | _painted(look, em)
        case Square(x, y, look, side):
            half, length = side / 2 * em, round(side * em, 2)
            return _rect(across(x) - half, down(y) - half, length, length) | _painted(look, em)
        case Words(x, y, text, look, size_name, anchor, dx):
            return {
                "kind": "text",
                "x": round(across(x) + dx * em, 2),
                "y": down(y),
                "text": text,
                "size": round(FONT_SIZES[size_name] * em, 2),
                "anchor": anchor,
                "fill": LIGHT[paint(look).fill],
                "bold": paint(look).bold,
            }


def _rect(x: float, y: float, width: float, height: float) -> dict[str, Any]:
    return {"kind": "rect", "x": round(x, 2), "y": round(y, 2), "wide": width, "high": height}


def _painted(look: str, em: float, width: float = 0.0) -> dict[str, Any]:
    one = paint(look)
    return {
        "fill": LIGHT[one.fill] if one.fill else "",
        "stroke": LIGHT[one.stroke] if one.stroke else "",
        "width": round((width or one.width) * em, 2),
        "dash": [round(length * em, 2) for length in one.dash],
        "opacity": one.opacity,
    }


def _svg(mark: dict[str, Any]) -> str:
    at = {name: f"{value:.2f}" for name, value in mark.items() if isinstance(value, float)}
    match mark["kind"]:
        case "line":
            ends = f'x1="{at["x"]}" x2="{at["x2"]}" y1="{at["y"]}" y2="{at["y2"]}"'
            return f"<line {ends}{_svg_paint(mark)}/>"
        case "rect":
            place = f'x="{at["x"]}" y="{at["y"]}" width="{at["wide"]}" height="{at["high"]}"'
            return f"<rect {place}{_svg_paint(mark)}/>"
        case "disc":
            return f'<circle cx="{at["x"]}" cy="{at["y"]}" r="{at["r"]}"{_svg_paint(mark)}/>'
    weight = ' font-weight="bold"' if mark["bold"] else ""
    return (
        f'<text x="{at["x"]}" y="{at["y"]}" font-size="{at["size"]}" text-anchor="{mark["anchor"]}" '
        f'fill="{mark["fill"]}"{weight}>{escape(mark["text"])}</text>'
    )


def _svg_paint(mark: dict[str, Any]) -> str:
    parts = f' fill="{mark["fill"] or "none"}"'
    if mark["stroke"]:
        parts += f' stroke="{mark["stroke"]}" stroke-width="{mark["width"]:.2f}"'
    if mark["dash"]:
        parts += f' stroke-dasharray="{" ".join(f"{length:.2f}" for length in mark["dash"])}"'
    return parts + (f' opacity="{mark["opacity"]:g}"' if mark["opacity"] != 1 else "")
