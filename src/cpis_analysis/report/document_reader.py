"""HTML of the report's sections -> blocks of a document.

The page and the documents are set from the same templates. What only a screen can do (folding, controls, links
out of the page) has no block; figures are taken from their drawings rather than from the page.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser

from cpis_analysis.publish.blocks import (
    Block,
    Bullets,
    Cell,
    DataTable,
    Facts,
    Heading,
    Line,
    Paragraph,
    Picture,
    Run,
    TableRow,
    plain,
)

__all__ = ["Drawing", "Folded", "Node", "parse_html", "read_blocks", "read_table"]

_VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
_DROPPED = {
    "button",
    "datalist",
    "form",
    "input",
    "label",
    "link",
    "meta",
    "nav",
    "noscript",
    "output",
    "script",
    "select",
    "style",
    "svg",
    "template",
    "textarea",
}
_HEADINGS = {"h1": 1, "h2": 1, "h3": 2, "h4": 3, "h5": 4, "h6": 4}
_INLINE = {
    "a",
    "abbr",
    "b",
    "br",
    "code",
    "em",
    "i",
    "kbd",
    "mark",
    "q",
    "s",
    "samp",
    "small",
    "span",
    "strong",
    "sub",
    "sup",
    "time",
    "u",
    "var",
}
_STYLES = {"strong": "strong", "b": "strong", "em": "emphasis", "i": "emphasis", "code": "code"}
# an interval and a number of people stay on one line
_WHOLE = re.compile(r"\([^()]* to [^()]*\)|\([nN] = [^()]*\)")
_SPACE = re.compile(r"[ \t\r\n\f]+")


@dataclass
class Node:
    """An element with its children; text is a child of its own."""

    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: list[Node | str] = field(default_factory=list)

    @property
    def classes(self) -> set[str]:
        return set(self.attributes.get("class", "").split())

    def elements(self, *tags: str) -> Iterator[Node]:
        """Elements below this one with one of these tags, in order."""
        for child in self.children:
            if isinstance(child, Node):
                if child.tag in tags:
                    yield child
                yield from child.elements(*tags)

    def first(self, tag: str) -> Node | None:
        """The first element below with this tag."""
        return next(self.elements(tag), None)

    @property
    def text(self) -> str:
        """All text below, what is hidden from the eye included."""
        return "".join(child if isinstance(child, str) else child.text for child in self.children)

    def words(self) -> str:
        """The text below, on one line, without what is hidden or dropped."""
        return plain(_runs(self)).strip()


@dataclass(frozen=True)
class Folded:
    """What stands folded away on the page under this heading."""

    summary: str
    blocks: tuple[Block, ...]


Drawing = tuple[str, str]
"""SVG and alternative text of a figure."""


class _Builder(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Node("root")
        self._open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        node = Node(tag, {name: value or "" for name, value in attrs})
        self._open[-1].children.append(node)
        if tag not in _VOID:
            self._open.append(node)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._open[-1].children.append(Node(tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        for place in range(len(self._open) - 1, 0, -1):
            if self._open[place].tag == tag:
                del self._open[place:]
                return

    def handle_data(self, data: str) -> None:
        self._open[-1].children.append(data)


def parse_html(html: str) -> Node:
    """Tree of a piece of HTML that closes what it opens."""
    builder = _Builder()
    builder.feed(html)
    builder.close()
    return builder.root


def read_blocks(html: str, drawings: Mapping[str, Drawing]) -> tuple[list[Block], list[Folded]]:
    """Blocks of a section, and what it folds away.

    Parameters
    ----------
    html : str
        A rendered section.
    drawings : mapping of str to (svg, alt)
        By id of the figure, without ``figure-``.

    Returns
    -------
    (blocks, folded)
        Folded: one entry for each ``<details>`` outside a figure, in order.
    """
    folded: list[Folded] = []
    return list(_blocks(parse_html(html), drawings, folded.append)), folded


def read_table(html: str) -> DataTable:
    """The one table of a piece of HTML."""
    return next(_table(node) for node in parse_html(html).elements("table"))


def _blocks(node: Node, drawings: Mapping[str, Drawing], fold: Callable[[Folded], None]) -> Iterator[Block]:
    waiting: list[Node | str] = []
    for child in node.children:
        if isinstance(child, str) or child.tag in _INLINE:
            waiting.append(child)
            continue
        yield from _loose(waiting)
        waiting = []
        yield from _block(child, drawings, fold)
    yield from _loose(waiting)


def _loose(children: list[Node | str]) -> Iterator[Block]:
    """Text that stands between blocks."""
    line = _trimmed(_runs(Node("p", {}, children)))
    if line:
        yield Paragraph(line)


def _block(node: Node, drawings: Mapping[str, Drawing], fold: Callable[[Folded], None]) -> Iterator[Block]:
    tag, classes = node.tag, node.classes
    if tag == "details":
        summary = node.first("summary")
        inner = Node("div", {}, [c for c in node.children if not (isinstance(c, Node) and c.tag == "summary")])
        fold(Folded(_SPACE.sub(" ", summary.text).strip() if summary else "", tuple(_blocks(inner, drawings, fold))))
    elif tag in _DROPPED or "hidden" in node.attributes or classes & {"hidden", "screen"}:
        return
    elif tag in _HEADINGS:
        yield Heading(_HEADINGS[tag], node.words(), node.attributes.get("id", ""))
    elif tag == "p":
        line = _trimmed(_runs(node))
        if line:
            yield Paragraph(line, "note" if "note" in classes else "notice" if "notice" in classes else "body")
    elif tag in ("ul", "ol"):
        lines = [_trimmed(_runs(item)) for item in node.children if isinstance(item, Node) and item.tag == "li"]
        yield Bullets(tuple(line for line in lines if line))
    elif tag == "dl":
        yield Facts(tuple(_pairs(node)))
    elif tag == "table":
        yield _table(node)
    elif tag == "figure":
        name = node.attributes.get("id", "").removeprefix("figure-")
        if name in drawings:
            yield _picture(node, name, drawings[name])
    else:
        yield from _blocks(node, drawings, fold)


def _pairs(node: Node) -> Iterator[tuple[str, Line]]:
    term = ""
    for child in node.elements("dt", "dd"):
        if child.tag == "dt":
            term = child.words()
        else:
            yield term, _trimmed(_runs(child))


def _picture(node: Node, name: str, drawing: Drawing) -> Picture:
    caption = node.first("figcaption")
    number, words = _numbered(caption) if caption else ("", "")
    return Picture(f"figure-{name}", number, words, drawing[1], drawing[0])


def _numbered(caption: Node) -> tuple[str, str]:
    number = next((span.words() for span in caption.elements("span") if "exhibit" in span.classes), "")
    return number.rstrip("."), caption.words().removeprefix(number).strip()


def _table(node: Node) -> DataTable:
    caption = node.first("caption")
    number, words = _numbered(caption) if caption else ("", "")
    head = node.first("thead")
    rows = [_body_row(row) for body in node.elements("tbody") for row in body.elements("tr")]
    header = tuple(tuple(_cells(row)) for row in head.elements("tr")) if head else ()
    foot = node.first("tfoot")
    notes = () if foot is None else tuple(p.words() for p in foot.elements("p")) or (foot.words(),)
    return DataTable(
        id=f"table-{node.attributes['id']}" if "id" in node.attributes else "",
        number=number,
        caption=words,
        widths=_widths(node, header, rows),
        head=header,
        rows=tuple(rows),
        notes=tuple(note for note in notes if note),
    )


def _body_row(row: Node) -> TableRow:
    indent = next((int(name[7:]) for name in sorted(row.classes) if re.fullmatch(r"indent-\d+", name)), 0)
    return TableRow(tuple(_cells(row)), indent, "strong" in row.classes, "group" in row.classes)


def _cells(row: Node) -> Iterator[Cell]:
    for cell in row.elements("th", "td"):
        align = "right" if "number" in cell.classes else "centre" if cell.classes & {"centre", "group"} else "left"
        text = _WHOLE.sub(lambda found: found[0].replace(" ", "\u00a0"), cell.words())
        runs = _trimmed(_runs(cell))
        yield Cell(
            text,
            align,
            int(cell.attributes.get("colspan", "1")),
            int(cell.attributes.get("rowspan", "1")),
            cell.tag == "th",
            runs if any(run.target for run in runs) else (),
        )


def _widths(node: Node, head: tuple[tuple[Cell, ...], ...], rows: list[TableRow]) -> tuple[float, ...]:
    given = [re.search(r"width:\s*([\d.]+)%", column.attributes.get("style", "")) for column in node.elements("col")]
    if given and all(given):
        shares = [float(width[1]) for width in given if width]
    else:
        lines = [list(line) for line in head] + [list(row.cells) for row in rows]
        count = max((sum(cell.columns for cell in line) for line in lines), default=1)
        shares = [1.0] * count
        for line in lines:
            if len(line) == count:
                # long text needs room, but not in proportion to its length
                shares = [max(share, len(cell.text) ** 0.7) for share, cell in zip(shares, line, strict=True)]
    return tuple(share / sum(shares) for share in shares)


def _runs(node: Node, style: str = "", target: str = "") -> Line:
    runs: list[Run] = []
    for child in node.children:
        if isinstance(child, str):
            runs.append(Run(_SPACE.sub(" ", child), style, target))
        elif child.tag == "br":
            runs.append(Run(" ", style, target))
        elif child.tag in _DROPPED or child.classes & {"hidden", "screen"}:
            continue
        else:
            link = child.attributes.get("href", "") if child.tag == "a" else ""
            runs += _runs(child, _STYLES.get(child.tag, style), link[1:] if link.startswith("#") else target)
    return _joined(runs)


def _joined(runs: list[Run]) -> Line:
    """Neighbours of one style as one run, and no space twice."""
    joined: list[Run] = []
    for run in runs:
        text = run.text
        if joined and joined[-1].text.endswith(" "):
            text = text.lstrip(" ")
        if not text:
            continue
        if joined and (joined[-1].style, joined[-1].target) == (run.style, run.target):
            joined[-1] = Run(joined[-1].text + text, run.style, run.target)
        else:
            joined.append(Run(text, run.style, run.target))
    return tuple(joined)


def _trimmed(line: Line) -> Line:
    """Without spaces at either end."""
    runs = list(line)
    while runs and not runs[0].text.strip(" "):
        runs.pop(0)
    while runs and not runs[-1].text.strip(" "):
        runs.pop()
    if runs:
        runs[0] = Run(runs[0].text.lstrip(" "), runs[0].style, runs[0].target)
        runs[-1] = Run(runs[-1].text.rstrip(" "), runs[-1].style, runs[-1].target)
    return tuple(runs)
