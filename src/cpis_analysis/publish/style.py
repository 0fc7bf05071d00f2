"""How every figure looks, and how it becomes the same SVG text on every run.

Letters are drawn as outlines, so that a page looks the same on a machine without the font and nothing can be
cut off by another font's widths; the words are in the alternative text and in the tables.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from typing import TYPE_CHECKING, Any

from cpis_analysis.publish.chart.look import LIGHT as LIGHT_TOKENS
from cpis_analysis.publish.format import one_line, own_line
from cpis_analysis.publish.letters import SHIPPED, borrowed_families
from cpis_analysis.publish.shown import in_order
from cpis_analysis.publish.sources.ledger import unmarked

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Drawing

NAVY, ORANGE, TEAL, PLUM = (LIGHT_TOKENS[name].upper() for name in ("impl", "comp", "third", "fourth"))
INK, GREY, LIGHT = "#222222", "#595959", "#D9D9D9"
# the arms look as in the drawings of the page, the reference first
ARM_COLOURS = (ORANGE, NAVY, TEAL, PLUM)
ARM_MARKERS = ("s", "o", "D", "^")
ARM_LINES = ("-", (0, (4, 2)), (0, (1, 1.5)), (0, (6, 2, 1, 2)))

WIDTH = 540.0
"""Width of a figure in points: 7.5 inches."""
SIZE, SMALL = 9.0, 8.0
"""Sizes of letters in points."""

_MARK_HEIGHT = 16.0
_STYLE: dict[str, Any] = {
    "svg.fonttype": "path",
    "svg.hashsalt": "cpis-analysis",
    "svg.image_inline": True,
    "font.family": SHIPPED,
    "font.size": SIZE,
    "text.parse_math": False,  # a label such as $x_1$ is shown as it stands
    "axes.formatter.use_mathtext": False,
    "axes.unicode_minus": True,
    "axes.edgecolor": GREY,
    "axes.labelcolor": INK,
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "xtick.labelsize": SMALL,
    "ytick.labelsize": SMALL,
    "axes.labelsize": SIZE,
    "lines.solid_capstyle": "butt",
    "figure.facecolor": "white",
    "savefig.facecolor": "white",
}
_styled: ContextVar[bool] = ContextVar("styled", default=False)


@dataclass(frozen=True)
class Figure:
    """A drawn figure.

    Attributes
    ----------
    id : str
        Letters, digits and hyphens; every id within the SVG begins with it.
    svg : str
        One ``<svg>`` element, to be put into a page or into a file as it is.
    alt : str
        What the figure shows, in words and numbers.
    title : str
        Caption.
    drawn : tuple of str
        What is written in the drawing, in its order, with the marks of its numbers (`publish.sources.ledger`).
    """

    id: str
    svg: str
    alt: str
    title: str
    drawn: tuple[str, ...] = ()


@contextmanager
def in_style() -> Iterator[None]:
    """This project's style, whatever the user's own settings are; within it, drawings have it without asking again.

    To put it on checks three hundred settings.
    """
    if _styled.get():
        yield
        return
    import matplotlib

    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        style: Any = _STYLE
        matplotlib.rcParams.update(style)
        token = _styled.set(True)
        try:
            yield
        finally:
            _styled.reset(token)


@contextmanager
def canvas(height: float, synthetic: bool, width: float = WIDTH) -> Iterator[tuple[Drawing, float]]:
    """Open a drawing in this project's style.

    Parameters
    ----------
    height : float
        Height of the content in points.
    synthetic : bool
        Put a strip with "SYNTHETIC DATA" above the content.
    width : float
        In points.

    Yields
    ------
    (Drawing, float)
        The drawing, and the height of the content area, which begins at the bottom.
    """
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure as Drawing

    with in_style():
        total = height + (_MARK_HEIGHT if synthetic else 0)
        drawing = Drawing(figsize=(width / 72, total / 72))
        FigureCanvasSVG(drawing)
        if synthetic:
            drawing.text(
                1 - 4 / width,
                1 - 3 / total,
                "SYNTHETIC DATA",
                ha="right",
                va="top",
                color=PLUM,
                weight="bold",
                size=SMALL,
            )
        yield drawing, height


def panel(drawing: Drawing, left: float, bottom: float, width: float, height: float, *, bare: bool = False) -> Axes:
    """Add axes at a place given in points from the lower left corner.

    Parameters
    ----------
    bare : bool
        No frame or ticks, and points as data units, for text and boxes.
    """
    total_width, total_height = drawing.get_figwidth() * 72, drawing.get_figheight() * 72
    axes = drawing.add_axes((left / total_width, bottom / total_height, width / total_width, height / total_height))
    if bare:
        axes.set_axis_off()
        axes.set_xlim(0, width)
        axes.set_ylim(0, height)
    return axes


def finish(drawing: Drawing, id: str, title: str, alt: str) -> Figure:
    """Turn a drawing into SVG text that can stand in a page beside others.

    Time stamps, program names and comments are left out, ids get the figure's own prefix, and the style sheet,
    which would apply to the whole page, becomes attributes of the root.
    """
    drawn = _without_marks(drawing)
    buffer = io.StringIO()
    drawing.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    text = buffer.getvalue()
    text = text[text.index("<svg") :]
    text = re.sub(r"<!--.*?-->\s*", "", text, flags=re.S)
    text = re.sub(r"<metadata>.*?</metadata>\s*", "", text, flags=re.S)
    text = re.sub(r"<defs>\s*<style[^>]*>.*?</style>\s*</defs>\s*", "", text, flags=re.S)
    text = re.sub(r'\bid="([^"]*)"', rf'id="{id}-\1"', text)
    text = re.sub(r'href="#([^"]*)"', rf'href="#{id}-\1"', text)
    text = re.sub(r"url\(#([^)]*)\)", rf"url(#{id}-\1)", text)
    text = re.sub(r">\s+<", "><", text)  # outlines only, so white space between tags says nothing
    # letters are most of the file: a tenth of a unit is a thousandth of the height of a letter
    text = re.sub(r'transform="translate\((-?\d+\.\d)\d+ 0\)"', r'transform="translate(\1 0)"', text)
    text = text.replace(f"{id}-DejaVuSans-Bold-", f"{id}-b").replace(f"{id}-DejaVuSans-", f"{id}-g")
    # letters of other fonts, which `drawn_text` does not read
    text = re.sub(rf"\b({re.escape(id)})-(\w*[A-Z]\w*(?:-\w+)*)-([0-9a-f]+)(?=\")", r"\1-\2-x\3", text)
    head, body = text.split(">", 1)
    head = re.sub(r'\s+xmlns:xlink="[^"]*"', "", head) if "xlink:" not in body else head
    head += f' role="img" aria-labelledby="{id}-title {id}-desc" style="stroke-linejoin:round;stroke-linecap:butt"'
    words = f'<title id="{id}-title">{_safe(title)}</title>\n<desc id="{id}-desc">{_safe(alt)}</desc>'
    return Figure(id, f"{head}>\n{words}{body}".rstrip() + "\n", own_line(alt), own_line(title), tuple(drawn))


def _without_marks(drawing: Drawing) -> list[str]:
    """Take the marks out of what is going to be written; the list fills, mark and all, as it is written."""
    drawn: list[str] = []

    def noting(draw: Any, text: str) -> Any:
        def noted(*arguments: Any, **more: Any) -> Any:
            drawn.append(text)
            return draw(*arguments, **more)

        return noted

    for artist in _texts(drawing):
        text = artist.get_text()
        plain = unmarked(text)
        if not plain.isascii():
            artist.set_fontfamily([SHIPPED, *borrowed_families(plain)])
            plain = in_order(plain)
            artist.set_text(plain)
        if unmarked(text) != text:
            artist.set_text(plain)
            artist.draw = noting(artist.draw, text)
    return drawn


def _texts(drawing: Drawing) -> Iterator[Any]:
    """Every text of a drawing; axes without a frame are not asked for their ticks, which would be made for nothing."""
    from matplotlib.axis import Axis
    from matplotlib.text import Text

    for part in drawing.get_children():
        bare = part in drawing.axes and not part.axison
        for child in part.get_children() if bare else [part]:
            if not (bare and isinstance(child, Axis)):
                yield from child.findobj(Text)


def arm_look(place: int) -> tuple[str, str, Any]:
    """Colour, marker and line style of the arm at this place (0: reference)."""
    place %= len(ARM_COLOURS)
    return ARM_COLOURS[place], ARM_MARKERS[place], ARM_LINES[place]


def text_width(text: str, size: float = SIZE, weight: str = "normal") -> float:
    """Width of one line of text in points."""
    return _measure(unmarked(text), size, weight)


def wrap(text: str, width: float, size: float = SIZE, weight: str = "normal") -> list[str]:
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
        if text_width(trial, size, weight) <= width:
            current = trial
            continue
        if current:
            lines.append(current)
        pieces = _pieces(word, width, size, weight)
        lines += pieces[:-1]
        current = pieces[-1]
    return [*lines, current]


def _pieces(word: str, width: float, size: float, weight: str) -> Sequence[str]:
    pieces, current = [], ""
    for character in word:
        if current and text_width(current + character, size, weight) > width:
            pieces.append(current)
            current = ""
        current += character
    return [*pieces, current]


@lru_cache(maxsize=4096)
def _measure(text: str, size: float, weight: str) -> float:
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import TextToPath

    font = FontProperties(family=[SHIPPED, *borrowed_families(text)], weight=weight, size=size)
    return float(TextToPath().get_text_width_height_descent(text, font, ismath=False)[0])


def _safe(text: str) -> str:
    return escape(one_line(text))
