"""Blocks -> HTML: the page writer. Every text is escaped; the structure is one that screen readers can walk through."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from html import escape

from cpis_analysis.publish.blocks import (
    Block,
    Bullets,
    Cell,
    Chart,
    DataTable,
    Explorer,
    Facts,
    FlowChart,
    Folded,
    Heading,
    Listing,
    OnScreen,
    Paragraph,
    Picture,
    Point,
    RowChart,
    TableRow,
    Tiles,
    Verdict,
)
from cpis_analysis.publish.chart_html import drawn_html
from cpis_analysis.publish.elements import element, line_html, numbered
from cpis_analysis.publish.page_shapes import Shapes
from cpis_analysis.publish.shown import as_shown, unbroken

_CLASSES = {"left": "left", "right": "number", "centre": "centre"}
_FOLDED = {"how": "how", "screen": "how screen", "explorer": "how screen explorer", "plain": ""}
_POINTS_OF_EM = 12.0
"""16 pixels, each of which is 3/4 of a point."""
# an interval in parentheses stays on one line
_INTERVAL = re.compile(r"\([^()]* to [^()]*\)$")


def blocks_html(blocks: Iterable[Block], shapes: Shapes | None = None) -> str:
    """HTML of blocks as they stand below a section's heading of level 2.

    Parameters
    ----------
    blocks : iterable of Block
    shapes : Shapes, optional
        Those of the page, which has to show them once; without it they stand before the blocks.
    """
    own = Shapes()
    html = _blocks(map(as_shown, blocks), own if shapes is None else shapes)
    return own.svg() + html


def table_html(table: DataTable) -> str:
    """One ``<table>``: caption, headers with scope, a body for each group of rows, notes in the foot."""
    return _table(as_shown(table)) + "\n"


def _block(block: Block, shapes: Shapes) -> str:
    match block:
        case DataTable():
            return _scrolled(block)
        case Explorer(table, choices, points):
            return _scrolled(table, choices, points)
        case Picture():
            return _figure(block, shapes)
        case Chart() | RowChart() | FlowChart() | Verdict() | Tiles():
            return drawn_html(block)
        case OnScreen(blocks):
            return element("div", _blocks(blocks, shapes), class_="screen")
        case Folded(summary, blocks, of, kind):
            hidden = element("span", escape(of), class_="hidden") if of else ""
            opened = element("summary", escape(summary) + hidden)
            return element("details", f"{opened}\n{_blocks(blocks, shapes)}\n", class_=_FOLDED[kind])
        case _:
            return _text(block)


def _blocks(blocks: Iterable[Block], shapes: Shapes) -> str:
    return "\n".join(_block(block, shapes) for block in blocks)


def _text(block: Heading | Paragraph | Bullets | Facts | Listing) -> str:
    match block:
        case Heading(level, text, anchor):
            return element(f"h{level + 1}", escape(text), id=anchor)
        case Paragraph(line, kind):
            return element("p", line_html(line), class_="" if kind == "body" else kind)
        case Bullets(lines, kind):
            return element("ul", "\n".join(element("li", line_html(line)) for line in lines), class_=kind)
        case Facts(pairs, kind):
            facts = (element("dt", escape(term)) + element("dd", line_html(line)) for term, line in pairs)
            return element("dl", "\n".join(facts), class_=kind)
        case Listing(text, label):
            code = element("code", escape(text))
            return element("pre", code, class_="code", tabindex="0", role="group", aria_label=label)


def _figure(picture: Picture, shapes: Shapes) -> str:
    words = element("summary", f"Description of {escape(picture.number)} in words") + element("p", escape(picture.alt))
    parts = (
        # a narrow screen shows it in letters that can be read, a part at a time
        element(
            "div",
            _drawing(picture, shapes),
            class_="panel",
            role="group",
            aria_label=picture.number or picture.caption,
            tabindex="0",
        ),
        element("figcaption", numbered(picture.number, picture.caption)),
        element("details", words, class_="screen"),
    )
    return element("figure", "\n".join(parts), id=picture.id)


def _drawing(picture: Picture, shapes: Shapes) -> str:
    """The drawing, never larger than drawn; to a screen reader it is an image with a label and a description."""
    width, height = picture.drawn.size
    named = {f"{picture.id}-title": picture.caption, f"{picture.id}-desc": picture.alt}
    title, description = (
        element(tag, escape(text, quote=False), id=name)
        for tag, (name, text) in zip(("title", "desc"), named.items(), strict=True)
    )
    return element(
        "svg",
        f"\n{title}{description}{shapes.placed(picture.drawn.in_page)}",
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {width:.8g} {height:.8g}",
        version="1.1",
        role="img",
        aria_labelledby=" ".join(named),
        style=f"max-width:{width / _POINTS_OF_EM:.2f}rem",
        preserveAspectRatio="xMidYMid meet",
    )


def _scrolled(table: DataTable, choices: Sequence[int] = (), points: Sequence[Point] = ()) -> str:
    label = table.number or table.caption
    inner = f"\n{_table(table, choices, points)}\n"
    return element("div", inner, class_="scroll", role="group", aria_label=label, tabindex="0")


def _table(table: DataTable, choices: Sequence[int] = (), points: Sequence[Point] = ()) -> str:
    total = sum(table.widths)
    widths = "".join(f'<col style="width:{100 * width / total:.2f}%" />' for width in table.widths)
    bodies: list[list[str]] = []
    # a narrow screen lays rows out as a grid, which makes some browsers forget the table: so the roles are repeated
    heads = [cell.text.split(" (")[0] for cell in table.head[-1]] if table.phone else []
    roles = {"role": "rowgroup"} if table.phone else {}
    for place, row in enumerate(table.rows):
        if row.group or row.begins or not bodies:
            bodies.append([])
        bodies[-1].append(_row(row, points[place] if points else None, heads))
    notes = "".join(element("p", escape(note)) for note in table.notes)
    foot = element("td", notes, colspan=str(table.columns), role="cell" if table.phone else "")
    foot = element("tfoot", element("tr", foot, role="row" if table.phone else ""), **roles)
    parts = [
        element("caption", numbered(table.number, table.caption)),
        f"<colgroup>{widths}</colgroup>" if widths else "",
        element("thead", "".join(_head(line, choices, table.phone) for line in table.head), **roles),
        *(element("tbody", "\n" + "\n".join(body) + "\n", **roles) for body in bodies),
        foot if notes else "",
    ]
    inner = "\n".join(part for part in parts if part)
    return element(
        "table",
        f"\n{inner}\n",
        id=table.id.removeprefix("table-"),
        class_=" ".join(
            ["results", *["plain"] * table.fixed, *[f"on-phone {table.phone}"] * bool(table.phone)],
        ),
        role="table" if table.phone else "",
        style=f"--first:{table.columns - 2};--rest:{table.columns - 1}" if table.phone else "",
    )


def _head(cells: Iterable[Cell], choices: Sequence[int], phone: str) -> str:
    made = []
    for place, cell in enumerate(cells):
        over = cell.columns > 1
        attributes = {
            "scope": "colgroup" if over else "col",
            "colspan": str(cell.columns) if over else "",
            "rowspan": str(cell.rows) if cell.rows > 1 else "",
            "class_": "group" if over else _CLASSES[cell.align],
            "data_question": "choice" if place in choices else "",
            "role": "columnheader" if phone else "",
        }
        made.append(element("th", _words(cell), **attributes))
    return element("tr", "".join(made), role="row" if phone else "")


def _row(row: TableRow, point: Point | None, heads: Sequence[str]) -> str:
    """A row; `heads` are those of the columns where a narrow screen puts them beside the cells."""
    header, held, whole = ("rowheader", "cell", "row") if heads else ("", "", "")
    if row.group:
        over = str(row.cells[0].columns)
        head = element("th", _words(row.cells[0]), scope="rowgroup", colspan=over, role=header)
        return element("tr", head, class_="group", role=whole)
    cells = (
        element("th", _words(cell), scope="row", class_=_CLASSES[cell.align], role=header)
        if cell.header
        else element("td", _with_interval(_words(cell)), class_=_CLASSES[cell.align], role=held, data_head=head)
        for cell, head in zip(row.cells, heads or [""] * len(row.cells), strict=True)
    )
    classes = [f"indent-{row.indent}"] * bool(row.indent) + ["strong"] * row.strong
    drawn = vars(point) if point else {}
    data = {f"data_{name}": value for name, value in drawn.items()}
    return element("tr", "".join(cells), class_=" ".join(classes), role=whole, **data)


def _with_interval(words: str) -> str:
    return _INTERVAL.sub(_whole, words) if words[-1:] == ")" else words


def _whole(found: re.Match[str]) -> str:
    return f'<span class="whole">{found[0]}</span>'


def _words(cell: Cell) -> str:
    return line_html(cell.line) if cell.line else escape(unbroken(cell.text) if cell.header else cell.text)
