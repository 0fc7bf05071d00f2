"""How figures begin and end: a canvas that says if its data are synthetic, and SVG text that can stand in a page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from cpis_analysis.publish.drawn import PageDrawing
from cpis_analysis.publish.format import one_line, own_line
from cpis_analysis.publish.pen.as_data import canvas_data
from cpis_analysis.publish.pen.as_svg import coordinate, inner_svg, page_drawing, svg_marks
from cpis_analysis.publish.pen.canvas import Canvas, Line
from cpis_analysis.publish.pen.inks import PLUM, SIZE, SMALL, WIDTH
from cpis_analysis.publish.pen.panels import Panel
from cpis_analysis.publish.pen.written import text_width

_MARK_HEIGHT = 16.0


@dataclass(frozen=True)
class Figure:
    """A drawn figure.

    Attributes
    ----------
    id : str
        Letters, digits and hyphens; every id within the SVG begins with it.
    svg : str
        One ``<svg>`` element that needs nothing else, for a file.
    alt : str
        What the figure shows, in words and numbers.
    title : str
        Caption.
    size, in_page, lines
        What `publish.drawn.Drawn` says of them.
    marks : mapping
        What `as_data.canvas_data` says of the drawing.
    """

    id: str
    svg: str
    alt: str
    title: str
    size: tuple[float, float]
    in_page: PageDrawing
    lines: tuple[tuple[str, bool], ...]
    marks: Mapping[str, Any]


def canvas_of(height: float, synthetic: bool, width: float = WIDTH) -> Canvas:
    """A canvas for a figure.

    Parameters
    ----------
    height : float
        Height of the content in points, which begins at the bottom.
    synthetic : bool
        Put a strip with "SYNTHETIC DATA" above the content.
    width : float
        In points.
    """
    total = height + (_MARK_HEIGHT if synthetic else 0)
    canvas = Canvas(width, total)
    if synthetic:
        strip = Panel(canvas, 0, height, width, _MARK_HEIGHT)
        strip.text(width - 4, _MARK_HEIGHT - 9, "SYNTHETIC DATA", SMALL, bold=True, colour=PLUM, anchor="end")
    return canvas


def page_of(canvas: Canvas) -> Panel:
    """A panel over the whole canvas, for texts and boxes at points from its lower left corner."""
    return Panel(canvas, 0, 0, canvas.width, canvas.height)


def finish(canvas: Canvas, id: str, title: str, alt: str) -> Figure:
    """Turn what was drawn into a figure; every id within its SVG begins with that of the figure."""
    marks = svg_marks(canvas)
    inner = inner_svg(marks, id)
    width, height = coordinate(canvas.width), coordinate(canvas.height)
    ground = f'<rect width="{width}" height="{height}" fill="#ffffff"/>'
    links = ' xmlns:xlink="http://www.w3.org/1999/xlink"' if "xlink:" in inner else ""
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg"{links} width="{width}pt" height="{height}pt" '
        f'viewBox="0 0 {width} {height}" version="1.1" role="img" aria-labelledby="{id}-title {id}-desc" '
        'style="stroke-linejoin:round;stroke-linecap:butt">\n'
        f'<title id="{id}-title">{_safe(title)}</title>\n<desc id="{id}-desc">{_safe(alt)}</desc>\n'
        f"{ground}{inner}</svg>\n"
    )
    return Figure(
        id,
        svg,
        own_line(alt),
        own_line(title),
        (round(canvas.width, 2), round(canvas.height, 2)),
        page_drawing([ground, *marks]),
        tuple((mark.text, mark.scale) for mark in marks if isinstance(mark, Line)),
        canvas_data(canvas),
    )


def wrap(text: str, width: float, size: float = SIZE, bold: bool = False) -> list[str]:
    """Break text into lines of at most this many points; a word that is too long is cut into pieces.

    Returns
    -------
    list of str
        At least one line; nothing is left out.
    """
    lines: list[str] = []
    current = ""
    for word in own_line(text).split(" "):
        trial = f"{current} {word}" if current else word
        if text_width(trial, size, bold) <= width:
            current = trial
            continue
        if current:
            lines.append(current)
        pieces = _pieces(word, width, size, bold)
        lines += pieces[:-1]
        current = pieces[-1]
    return [*lines, current]


def _pieces(word: str, width: float, size: float, bold: bool) -> Sequence[str]:
    pieces, current = [], ""
    for character in word:
        if current and text_width(current + character, size, bold) > width:
            pieces.append(current)
            current = ""
        current += character
    return [*pieces, current]


def _safe(text: str) -> str:
    return escape(one_line(text))
