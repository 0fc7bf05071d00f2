"""Small figures drawn with the pen: of each kind of mark one."""

from __future__ import annotations

from collections.abc import Callable

from cpis_analysis.publish.pen.panels import GROUND, Panel
from cpis_analysis.publish.pen.style import Figure, canvas_of, finish

EVERY_KIND: dict[str, Callable[[Panel], object]] = {
    "line": lambda axes: axes.line([0, 10], [0, 10], "#222222", 6, (4, 2)),
    "faint box": lambda axes: axes.box((0, 10), (0, 10), "#13756D", opacity=0.3, level=GROUND),
    "hole": lambda axes: axes.areas([([0, 10, 10, 0], [0, 0, 10, 10]), ([2, 8, 8], [2, 2, 8])], "#12436D"),
    "rim": lambda axes: axes.box((0, 10), (0, 10), "#ffffff", rim=("#D9570F", 5)),
    "disc": lambda axes: axes.mark(5, 5, "disc", 40, "#801650", rim=("#222222", 4)),
    "triangle": lambda axes: axes.mark(5, 5, "triangle", 40, "#801650"),
    "arrow": lambda axes: axes.arrow((0, 5), (10, 5), "#222222", 3),
    "scale": lambda axes: (axes.x_axis(label=["Label"]), axes.y_axis(label="Upwards"), axes.frame()),
    "words": lambda axes: axes.text(5, 5, '#emph[A] *b* $c$ "d" \\ fi – −1', 14, bold=True, anchor="middle"),
    "joined": lambda axes: axes.text(5, 5, "درجة القراءة: 13.4 (ספרים)", 14, anchor="middle"),
    "halo": lambda axes: (axes.box((0, 10), (0, 10), "#222222"), axes.value(5, 5, "888", halo="#ffffff")),
}
"""What draws a mark of each kind on a panel with values from 0 to 10 on both axes."""


def figure_of(draw: Callable[[Panel], object], id: str = "one", title: str = "Title", alt: str = "Words") -> Figure:
    """A figure of 200 by 100 points with what a function draws on a panel with values from 0 to 10 on both axes."""
    canvas = canvas_of(100, False, 200)
    axes = Panel(canvas, 50, 20, 100, 50)
    axes.limits((0, 10), (0, 10))
    draw(axes)
    return finish(canvas, id, title, alt)
