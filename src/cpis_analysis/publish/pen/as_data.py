"""A canvas as plain data, for a writer that sets letters itself."""

from __future__ import annotations

from typing import Any

from cpis_analysis.publish.pen.canvas import HALO, Canvas, Line, Mark, Shape


def canvas_data(canvas: Canvas) -> dict[str, Any]:
    """Width and height of a canvas, and its marks from below: what JSON can hold.

    Each mark has a ``kind``: ``shape`` and ``disc`` with what `canvas.Shape` and `canvas.Disc` name, ``text`` with the
    place at which its base line begins, and with ``rim``, the width of its halo.
    """
    return {"width": canvas.width, "height": canvas.height, "marks": [_data(mark) for mark in canvas.marks()]}


def _data(mark: Mark) -> dict[str, Any]:
    if isinstance(mark, Line):
        x, y = mark.start
        return {
            "kind": "text",
            "x": round(x, 2),
            "y": round(y, 2),
            "text": mark.shown,
            "size": mark.size,
            "bold": mark.bold,
            "colour": mark.colour,
            "upright": mark.upright,
            "halo": mark.halo,
            "rim": HALO,
        }
    if isinstance(mark, Shape):
        rings = [[[round(x, 2), round(y, 2)] for x, y in ring] for ring in mark.rings]
        return vars(mark) | {"kind": "shape", "rings": rings}
    return vars(mark) | {"kind": "disc"}
