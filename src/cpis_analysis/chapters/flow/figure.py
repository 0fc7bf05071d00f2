"""The flow diagram as a drawing for slides and for Snakemake's own report; the findings have it as text in boxes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from cpis_analysis.chapters.chapter import Material
from cpis_analysis.chapters.flow.boxes import FlowBoxes, flow_boxes, places, withdrawn
from cpis_analysis.chapters.pending_exhibit import FigureOrder, order
from cpis_analysis.publish.blocks import FlowBox
from cpis_analysis.publish.format import count, lower_first
from cpis_analysis.publish.pen.inks import GREY, INK, SIZE, SMALL, WIDTH, arm_look
from cpis_analysis.publish.pen.panels import STROKE, Panel
from cpis_analysis.publish.pen.style import Figure, canvas_of, finish, page_of, wrap
from cpis_analysis.words.labels import Labels

_LINE, _PAD, _GAP, _INDENT, _BETWEEN = 11.5, 6.0, 12.0, 34.0, 16.0
_MARGIN = 4.0


@dataclass(frozen=True)
class _SetBox:
    """A box whose text is broken into lines, each with whether it is bold."""

    lines: tuple[tuple[str, bool], ...]
    loss: bool

    @property
    def height(self) -> float:
        return _LINE * len(self.lines) + 2 * _PAD


def draw_flow(flow: Mapping[str, Any], clusters: pd.DataFrame, labels: Labels) -> Figure:
    """Draw the flow of trusts, teams and people; parameters and errors are those of `flow_boxes`."""
    boxes = flow_boxes(flow, clusters, labels)
    return _draw(boxes.trunk, boxes.branches, _words(flow, clusters, boxes, labels), f"Flow of {boxes.levels}", labels)


def _words(flow: Mapping[str, Any], clusters: pd.DataFrame, boxes: FlowBoxes, labels: Labels) -> str:
    text = ["Flow diagram."]
    if boxes.before:
        said = [
            f"{box.lines[0]} ({'; '.join(box.lines[1:])})" if len(box.lines) > 1 else box.lines[0]
            for box in boxes.before
        ]
        text.append(f"Before recruitment: {'; '.join(lower_first(part) for part in said)}.")
    where = "".join(f" in {place}" for place in places(clusters, "recruited", labels))
    text += [f"{count(flow['overall']['recruited'])} {labels.people} recruited{where}."]
    text += [f"{line[0].upper()}{line[1:]}." for line in withdrawn(flow, labels)]
    for branch in boxes.branches.values():
        parts = []
        first = branch[0]
        if first is None:
            continue
        for box in branch:
            if box is not None:
                lines = box.lines[1:] if box is first else box.lines
                parts.append(f"{lines[0]} ({'; '.join(lines[1:])})" if len(lines) > 1 else lines[0])
        text.append(f"{first.lines[0]}: {'; '.join(lower_first(part) for part in parts)}.")
    return " ".join(text)


def _draw(
    top: Sequence[FlowBox], columns: Mapping[str, Sequence[FlowBox | None]], alt: str, title: str, labels: Labels
) -> Figure:
    arms = list(columns)
    width = (WIDTH - 2 * _MARGIN - _BETWEEN * (len(arms) - 1)) / len(arms)
    n_levels = max(len(boxes) for boxes in columns.values())
    wrapped: dict[str, list[_SetBox | None]] = {
        arm: [None if box is None else _set(box, width - (_INDENT if box.loss else 0)) for box in boxes]
        for arm, boxes in columns.items()
    }
    heights = [max((_height(wrapped[arm][level]) for arm in arms), default=0) for level in range(n_levels)]
    # one box stands in the middle; with stages before it they need room for the losses at their side
    head_width = WIDTH / 2 if len(top) == 1 else 0.64 * WIDTH
    head = [_set(box, head_width - (_INDENT if box.loss else 0)) for box in top]
    head_height = sum(box.height for box in head) + _GAP * (len(head) - 1)
    used = [height for height in heights if height]
    total = head_height + 2 * _GAP + sum(used) + _GAP * (len(used) - 1) + 2 * _MARGIN
    height = total
    canvas = canvas_of(height, labels.synthetic)
    page = page_of(canvas)
    y = height - _MARGIN
    _draw_column(page, head, [box.height for box in head], (WIDTH - head_width) / 2, y, head_width, GREY)
    y -= head_height
    centres = [_MARGIN + width / 2 + index * (width + _BETWEEN) for index in range(len(arms))]
    page.line([WIDTH / 2, WIDTH / 2], [y, y - _GAP], INK, 0.9)
    page.line([centres[0], centres[-1]], [y - _GAP, y - _GAP], INK, 0.9)
    for centre in centres:
        page.arrow((centre, y - _GAP), (centre, y - 2 * _GAP), INK, 0.9)
    y -= 2 * _GAP
    for index, arm in enumerate(arms):
        _draw_column(page, wrapped[arm], heights, _MARGIN + index * (width + _BETWEEN), y, width, arm_look(index)[0])
    return finish(canvas, "flow", title, alt)


def _draw_column(
    page: Panel,
    boxes: Sequence[_SetBox | None],
    heights: Sequence[float],
    x: float,
    y: float,
    width: float,
    colour: str,
) -> None:
    spine = x + _INDENT / 2
    bottom: float | None = None  # lower edge of the last stage box
    pending: list[float] = []  # heights at which losses leave the spine
    for level, box in enumerate(boxes):
        if not heights[level]:
            continue
        if box is not None and box.loss:
            middle = y - heights[level] / 2
            _draw_box(page, x + _INDENT, y - (heights[level] - box.height) / 2, width - _INDENT, box, GREY, "#F7F7F7")
            pending.append(middle)
        elif box is not None:
            if bottom is not None:
                page.arrow((spine, bottom), (spine, y), INK, 0.9)
                for middle in pending:
                    page.arrow((spine, middle), (x + _INDENT, middle), INK, 0.9)
                pending = []
            _draw_box(page, x, y, width, box, colour, "#ffffff", heights[level])
            bottom = y - heights[level]
        y -= heights[level] + _GAP


def _set(box: FlowBox, width: float) -> _SetBox:
    lines: list[tuple[str, bool]] = []
    for index, text in enumerate(box.lines):
        strong = index == 0
        pieces = wrap(text, width - 2 * _PAD, SIZE if strong else SMALL, strong)
        lines += [(piece, strong) for piece in pieces]
    return _SetBox(tuple(lines), box.loss)


def _height(box: _SetBox | None) -> float:
    return 0.0 if box is None else box.height


def _draw_box(
    page: Panel, x: float, y: float, width: float, box: _SetBox, edge: str, face: str, height: float | None = None
) -> None:
    height = height or box.height
    page.box((x, x + width), (y - height, y), face, rim=(edge, 0.8 if edge == GREY else 1.4), level=STROKE)
    line = y - (height - _LINE * len(box.lines)) / 2 - 8.8
    for text, strong in box.lines:
        page.text(x + _PAD, line, text, size=SIZE if strong else SMALL, bold=strong)
        line -= _LINE


def figures(material: Material) -> Iterator[FigureOrder]:
    """The flow of clusters and people."""
    yield order(draw_flow, material.flow, material.summaries["team_list"], labels=material.labels, outcomes=())
