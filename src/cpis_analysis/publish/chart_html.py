"""Charts, the verdict and the tiles as HTML. What is drawn in a row is said in the row, so it is hidden from screen
readers; a drawing by itself has one sentence as its name."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from cpis_analysis.publish.chart.inline import drawing_html
from cpis_analysis.publish.chart_blocks import (
    Chart,
    ChartRow,
    FlowBox,
    FlowChart,
    KeyEntry,
    RowChart,
    Tile,
    Tiles,
    Verdict,
)
from cpis_analysis.publish.elements import element, line_html


def drawn_html(block: Chart | RowChart | FlowChart | Verdict | Tiles) -> str:
    """A block of drawings."""
    match block:
        case Chart():
            return _chart(block)
        case RowChart():
            return _row_chart(block)
        case FlowChart():
            return _flow(block)
        case Verdict():
            return _verdict(block)
        case Tiles():
            return _tiles(block)


def _chart(chart: Chart) -> str:
    """A figure: title, what it measures, key, drawing, note."""
    parts = (_caption(chart), drawing_html(chart.drawing, chart.name, "chart"), _key(chart.key), _note(chart.note))
    return element("figure", "\n".join(filter(None, parts)), id=chart.id, class_="kit")


def _row_chart(chart: RowChart) -> str:
    """A figure whose drawing is a table; roles are repeated, because a grid makes some browsers forget the table."""
    columns = " ".join(f"{share:g}fr" for share in chart.shares)
    head = ""
    if any(chart.heads):
        cells = "".join(_head(text, kind) for text, kind in zip(chart.heads, ("l", "p", "v"), strict=True))
        head = element("thead", element("tr", cells, role="row"), role="rowgroup")
    rows = "\n".join(_row(row) for row in chart.rows)
    if chart.axis is not None:
        plot = element("td", drawing_html(chart.axis), class_="p")
        rows += f'\n<tr class="ax" aria-hidden="true"><td class="l"></td>{plot}<td class="v"></td></tr>'
    body = element("tbody", f"\n{rows}\n", role="rowgroup")
    table = element(
        "table",
        f"\n{head}{body}\n",
        role="table",
        class_="rows",
        aria_label=chart.title,
        style=f"--cols:{columns.replace('fr', '%')}",
    )
    parts = (_caption(chart), _key(chart.key), table, _note(chart.note))
    return element("figure", "\n".join(filter(None, parts)), id=chart.id, class_="kit")


def _flow(chart: FlowChart) -> str:
    """A figure of boxes: a list for the trunk and one for each branch, side by side where there is room."""
    trunk = element("ol", "".join(_flow_box(box) for box in chart.trunk), class_="trunk")
    branches = []
    for at in range(len(chart.branches)):
        held = [(place, level[at]) for place, level in enumerate(chart.levels, start=1)]
        boxes = "".join(_flow_box(box, place) for place, box in held if box is not None)
        last = max((place for place, box in held if box is not None), default=1)
        branches.append(element("ol", boxes, class_=f"branch g{at % 4}", style=f"grid-row:1/span {last}"))
    beside = element("div", "\n".join(branches), class_="branches", style=f"--groups:{len(branches)}")
    return element(
        "figure",
        "\n".join(filter(None, (_caption(chart), trunk, beside, _note(chart.note)))),
        id=chart.id,
        class_="kit flow",
    )


def _flow_box(box: FlowBox, place: int = 0) -> str:
    words = "".join(element("p", escape(line)) for line in box.lines)
    return element("li", words, class_="lost" if box.loss else "", style=f"grid-row:{place}" if place else "")


def _verdict(verdict: Verdict) -> str:
    """Question, answer, size; the picture with its caution beside it, or below it on a phone; then how sure."""
    first = (
        element("p", escape(verdict.question), class_="q")
        + element("h3", escape(verdict.answer), class_="verdict")
        + (element("p", line_html(verdict.lede), class_="lede") if verdict.lede else "")
    )
    picture = _chart(verdict.picture) if verdict.picture else ""
    later = element("div", "".join(element("p", line_html(line)) for line in verdict.later), class_="later")
    caution = element("p", line_html(verdict.caution), class_="caution") if verdict.caution else ""
    beside = element("div", f"{picture}\n{caution}", class_="beside") if picture or caution else ""
    return element("div", f"{element('div', first)}\n{beside}\n{later}", class_="hero")


def _tiles(tiles: Tiles) -> str:
    """Answers side by side."""
    return element("div", "\n".join(_tile(tile) for tile in tiles.tiles), class_=f"answers n{len(tiles.tiles)}")


def _tile(tile: Tile) -> str:
    drawing = drawing_html(tile.drawing, tile.name) if tile.drawing else ""
    text = "".join(element("p", line_html(line)) for line in tile.text)
    text += element("p", escape(tile.slot), class_="slot") if tile.slot else ""
    return element(
        "div",
        element("p", escape(tile.question), class_="q")
        + element("h3", escape(tile.answer))
        + drawing
        + element("div", text, class_="rest"),
        class_="tile",
    )


def _caption(chart: Chart | RowChart | FlowChart) -> str:
    number = element("p", escape(chart.number), class_="n") if chart.number else ""
    sub = element("p", escape(chart.sub), class_="sub") if chart.sub else ""
    return element("figcaption", number + element("p", escape(chart.title), class_="takeaway") + sub)


def _key(entries: Iterable[KeyEntry]) -> str:
    items = "".join(element("li", drawing_html(entry.sample) + escape(entry.text)) for entry in entries)
    return element("ul", items, class_="key") if items else ""


def _note(text: str) -> str:
    return element("p", escape(text), class_="src") if text else ""


def _head(text: str, kind: str) -> str:
    """A column's head; where it has none an ordinary cell, because a screen reader would announce an empty head."""
    if not text:
        return element("td", "", role="cell", class_=kind)
    return element("th", escape(text), role="columnheader", scope="col", class_=kind)


def _row(row: ChartRow) -> str:
    if row.group:
        head = element("th", escape(row.label), role="rowheader", scope="rowgroup", colspan="3")
        return element("tr", head, role="row", class_="grp")
    label = element("th", escape(row.label) + _small(row.note), role="rowheader", scope="row", class_="l")
    plot = element("td", drawing_html(row.drawing, css="f") if row.drawing else "", role="cell", class_="p")
    value = element("td", escape(row.value) + _small(row.value_note), role="cell", class_="v")
    return element("tr", label + plot + value, role="row", class_="hl" if row.strong else "")


def _small(text: str) -> str:
    return element("small", escape(text)) if text else ""
