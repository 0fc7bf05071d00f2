"""Drawings for the page: SVG without a viewBox, painted by the classes of `publish.chart.look`."""

from __future__ import annotations

from html import escape

from cpis_analysis.publish.chart.drawing_marks import Box, Dot, Drawing, Mark, Square, Stroke, Words
from cpis_analysis.publish.chart.look import FONT_SIZES, paint


def drawing_html(drawing: Drawing, name: str = "", css: str = "") -> str:
    """One ``<svg>``.

    Parameters
    ----------
    drawing : Drawing
    name : str
        What a screen reader says of it, one sentence; without one it is hidden from screen readers, because the text
        beside it says the same.
    css : str
        Class of the element.
    """
    told = f' role="img" aria-label="{escape(name)}"' if name else ' aria-hidden="true"'
    kind = f' class="{css}"' if css else ""
    inner = "".join(_mark(mark) for mark in drawing.marks if not (drawing.centred and not _whole(mark)))
    if drawing.centred:
        middle = "".join(_mark(mark) for mark in drawing.marks if not _whole(mark))
        inner += f'<svg y="50%" class="mid">{middle}</svg>'
    return f'<svg{kind}{told} height="{drawing.height:g}em">{inner}</svg>'


def _whole(mark: Mark) -> bool:
    """Whether a mark goes over the whole height."""
    return (isinstance(mark, Stroke) and mark.y1 is None) or (isinstance(mark, Box) and mark.y is None)


def _mark(mark: Mark) -> str:
    match mark:
        case Stroke(x1, x2, y1, y2, look, width):
            ends = ("0", "100%") if y1 is None or y2 is None else (_em(y1), _em(y2))
            style = f' style="stroke-width:{width:g}em"' if width else ""
            return f'<line {_look(look)} x1="{_x(x1)}" x2="{_x(x2)}" y1="{ends[0]}" y2="{ends[1]}"{style}/>'
        case Box(x, width, y, height, look):
            place = 'y="0" height="100%"' if y is None else f'y="{_em(y)}" height="{_em(height)}"'
            return f'<rect {_look(look)} x="{_x(x)}" width="{_x(width)}" {place}/>'
        case Dot(x, y, look, r):
            return f'<circle {_look(look)} cx="{_x(x)}" cy="{_em(y)}" r="{_em(r)}"/>'
        case Square(x, y, look, side):
            half = side / 2
            corner = f'x="{-half:g}em" y="{-half:g}em" width="{side:g}em" height="{side:g}em"'
            return f'<svg x="{_x(x)}" y="{_em(y)}" class="mid"><rect {_look(look)} {corner}/></svg>'
        case Words():
            return _words(mark)


def _words(mark: Words) -> str:
    paint(mark.look)
    size = FONT_SIZES[mark.size]
    # within a text an em is that of its own letters
    shift = f' dx="{mark.dx / size:.3f}em"' if mark.dx else ""
    kinds = [f"k-{mark.look}", *([f"z-{mark.size}"] if mark.size else [])]
    kinds += {"middle": ["m"], "end": ["e"]}.get(mark.anchor, [])
    words = escape(mark.text)
    return f'<text class="{" ".join(kinds)}" x="{_x(mark.x)}" y="{mark.y / size:.3f}em"{shift}>{words}</text>'


def _look(look: str) -> str:
    paint(look)
    return f'class="k-{look}"'


def _x(value: float) -> str:
    return f"{value:.2f}%"


def _em(value: float) -> str:
    return f"{value:.4g}em"
