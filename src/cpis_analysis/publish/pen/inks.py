"""Colours, sizes and marks of figures: the arms look as in the drawings of the page, the reference first."""

from __future__ import annotations

from cpis_analysis.publish.chart.look import LIGHT as LIGHT_TOKENS

NAVY, ORANGE, TEAL, PLUM = (LIGHT_TOKENS[name].upper() for name in ("impl", "comp", "third", "fourth"))
INK, GREY, LIGHT = "#222222", "#595959", "#D9D9D9"
WIDTH = 540.0
"""Width of a figure in points: 7.5 inches."""
SIZE, SMALL = 9.0, 8.0
"""Sizes of letters in points."""
Dash = tuple[float, ...]
"""Lengths of the parts of a broken line and of the gaps between them, in widths of the line; empty for a whole one."""

_COLOURS = (ORANGE, NAVY, TEAL, PLUM)
_SHAPES = ("square", "disc", "diamond", "triangle")
_DASHES: tuple[Dash, ...] = ((), (4, 2), (1, 1.5), (6, 2, 1, 2))


def arm_look(place: int) -> tuple[str, str, Dash]:
    """Colour, mark and line of the arm at this place (0: reference)."""
    place %= len(_COLOURS)
    return _COLOURS[place], _SHAPES[place], _DASHES[place]
