"""The drawings of charts for paper, at the widths that they have there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from cpis_analysis.publish.blocks import Block, Chart, RowChart
from cpis_analysis.publish.chart.drawing_marks import Drawing
from cpis_analysis.publish.chart.fixed import EM, fixed_marks, fixed_svg

ROOM = 470.0
"""Width of the text on an upright A4 page in points."""
CHART_ROOM = 400.0
"""Width of a drawing by itself."""
_KEY = 1.75 * EM


def chart_files(blocks: Iterable[Block]) -> dict[str, str]:
    """SVG of every drawing of the charts of a document, by the name of its file without ending."""
    return {name: fixed_svg(drawing, width) for name, drawing, width in _drawings(blocks)}


def chart_marks(blocks: Iterable[Block]) -> dict[str, dict[str, Any]]:
    """Marks of every drawing of the charts of a document, by the same names."""
    return {name: fixed_marks(drawing, width) for name, drawing, width in _drawings(blocks)}


def _drawings(blocks: Iterable[Block]) -> Iterator[tuple[str, Drawing, float]]:
    for block in blocks:
        if isinstance(block, Chart | RowChart):
            yield from ((name, drawing, width) for _, name, drawing, width in drawings_of(block))


def drawings_of(block: Chart | RowChart) -> Iterator[tuple[str, str, Drawing, float]]:
    """Drawings of a chart: what each is (``key``, ``whole``, ``row``, ``axis``), its name, itself, its width."""
    for place, entry in enumerate(block.key):
        yield "key", f"{block.id}-key-{place}", entry.sample, _KEY
    if isinstance(block, Chart):
        yield "whole", block.id, block.drawing, CHART_ROOM
        return
    width = ROOM * block.shares[1] / sum(block.shares)
    for place, row in enumerate(block.rows):
        if row.drawing is not None:
            yield "row", f"{block.id}-row-{place}", row.drawing, width
    if block.axis is not None:
        yield "axis", f"{block.id}-axis", block.axis, width


def file_names(block: Chart | RowChart, kind: str) -> list[str]:
    """Names of the drawings of one kind, in order."""
    return [name for found, name, _, _ in drawings_of(block) if found == kind]
