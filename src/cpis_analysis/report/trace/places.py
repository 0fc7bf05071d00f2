"""Where a report prints: the cells of its tables, its sentences, its figures."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from cpis_analysis.publish.blocks import (
    Block,
    Bullets,
    Chart,
    DataTable,
    Document,
    Facts,
    FlowChart,
    Heading,
    Listing,
    Paragraph,
    Picture,
    RowChart,
    Tile,
    Tiles,
    Verdict,
    plain,
)
from cpis_analysis.publish.chart.drawing_marks import Drawing
from cpis_analysis.publish.sources.ledger import unmarked
from cpis_analysis.publish.workbook_columns import column_labels

TEXT, ALT, DRAWING, AXIS, NUMBERING, LISTING = "text", "alt", "drawing", "axis", "numbering", "listing"

_REACH = 2
"""Lines of a drawing on either side over which a sentence may go."""
_DIGIT = re.compile(r"\d")
_KEY = re.compile(r"( *)((?:- )*)([\w-]+):(?: |$)")


class Place(NamedTuple):
    """Where numbers are printed.

    Attributes
    ----------
    section : str
        Anchor of the section.
    exhibit : str
        Id of the table or figure; empty for text.
    row, column : str
        Labels in a table.
    text : str
        The cell or the sentence, with the marks of its numbers (`publish.sources.ledger`).
    kind : str
        `TEXT`; `ALT`, the alternative text of a figure; `DRAWING`, what is written in it; `AXIS`, the scale of an
        axis; `NUMBERING`, a number that only names; `LISTING`, a line of the plan.
    forms : tuple of str
        ``page``, ``report`` (Word and PDF), ``annex page``, ``annex`` (Word and PDF), ``summary``.
    before, after : str
        Lines of a drawing round this one, without marks.
    """

    section: str
    exhibit: str
    row: str
    column: str
    text: str
    kind: str = TEXT
    forms: tuple[str, ...] = ()
    before: str = ""
    after: str = ""


def places_in(blocks: Iterable[Block], forms: tuple[str, ...] = ()) -> Iterator[Place]:
    """Everything that holds numbers, in the order of the document.

    Parameters
    ----------
    blocks : iterable of Block
    forms : tuple of str
    """
    section = ""
    for block in blocks:
        if isinstance(block, Heading) and block.level == 1:
            section = block.anchor or section
        for at, exhibit, row, column, text, kind, _, before, after in _places(block, section):
            if _DIGIT.search(text):
                yield Place(at, exhibit, unmarked(row), unmarked(column), text, kind, forms, before, after)


def places_of_forms(page: Iterable[Place], report: Iterable[Place], forms: tuple[str, str]) -> Iterator[Place]:
    """Places of the page, with those that Word and PDF show too, and then those that only these show.

    Parameters
    ----------
    page, report : iterable of Place
    forms : (str, str)
        What the page, and Word and PDF, are called.
    """
    report = list(report)
    same = list(map(_sameness, report))
    shown = Counter(same)
    for place in page:
        key = _sameness(place)
        both = shown[key] > 0
        shown[key] -= both
        yield _in_forms(place, forms if both else forms[:1])
    for place, key in zip(report, same, strict=True):
        if shown[key] > 0:
            shown[key] -= 1
            yield _in_forms(place, forms[1:])


def front_places(document: Document, forms: tuple[str, ...]) -> Iterator[Place]:
    """Title, authors and notice."""
    for text in (document.title, document.subtitle, *document.authors, document.notice):
        yield Place("front", "", "", "", text, forms=forms)


def _in_forms(place: Place, forms: tuple[str, ...]) -> Place:
    """What `Place._replace` gives, which takes three times as long for each of twenty thousand places."""
    section, exhibit, row, column, text, kind, _, before, after = place
    return Place(section, exhibit, row, column, text, kind, forms, before, after)


def _sameness(place: Place) -> tuple[str, str, str, str, str]:
    return place[1:6]


def _places(block: Block, section: str) -> Iterator[Place]:
    match block:
        case Facts(pairs):
            for term, line in pairs:
                yield Place(section, "", "", "", term)
                yield Place(section, "", term, "", plain(line))
        case DataTable():
            yield from _cells(block, section)
        case Picture():
            yield from _drawn(block, section)
        case Chart() | RowChart():
            yield from _charted(block, section)
        case FlowChart():
            yield from _flowing(block, section)
        case Verdict():
            yield from _answered(block, section)
        case Tiles(tiles):
            for tile in tiles:
                yield from _tile(tile, section)
        case Listing(text):
            for key, line_text in _keyed(text):
                yield Place(section, "", key, "", line_text, kind=LISTING)
        case _:
            yield from (Place(section, "", "", "", text) for text in _sentences(block))


def _sentences(block: Block) -> Iterator[str]:
    match block:
        case Heading(_, text):
            yield text
        case Paragraph(line):
            yield plain(line)
        case Bullets(lines):
            yield from map(plain, lines)


def _tile(tile: Tile, section: str) -> Iterator[Place]:
    for text in (tile.question, tile.answer, *map(plain, tile.text), tile.slot):
        yield Place(section, "", "", "", text)
    yield Place(section, "", "", "", tile.name, kind=ALT)
    yield from _words(tile.drawing, section, "")


def _keyed(listing: str) -> Iterator[tuple[str, str]]:
    """Lines of a plan, each with the path of its key; a line without a key goes on with the one before."""
    path: list[tuple[int, str]] = []
    for line in listing.split("\n"):
        found = _KEY.match(line)
        if found:
            depth = len(found[1]) + len(found[2] or "")
            path = [*(entry for entry in path if entry[0] < depth), (depth, found[3])]
        yield ".".join(name for _, name in path), line


def _cells(table: DataTable, section: str) -> Iterator[Place]:
    labels = column_labels(table)
    caption = f"{table.number}. {table.caption}" if table.number else table.caption
    yield Place(section, table.id, "caption", "", caption)
    for line in table.head:
        for cell in line:
            yield Place(section, table.id, "header", cell.text, cell.text)
    for row in table.rows:
        label = row.cells[0].text
        if row.group:
            yield Place(section, table.id, "group", "", label)
            continue
        yield Place(section, table.id, label, labels[0], label, kind=NUMBERING if table.numbered else TEXT)
        for name, cell in zip(labels[1:], row.cells[1:], strict=False):
            # half of all cells are words
            if _DIGIT.search(cell.text):
                yield Place(section, table.id, label, name, cell.text)
    for note in table.notes:
        yield Place(section, table.id, "note", "", note)


def _drawn(picture: Picture, section: str) -> Iterator[Place]:
    caption = f"{picture.number}. {picture.caption}" if picture.number else picture.caption
    yield Place(section, picture.id, "caption", "", caption)
    yield Place(section, picture.id, "", "", picture.alt, kind=ALT)
    lines = picture.drawn.lines
    said = [unmarked(text) for text, _ in lines]
    for place, (text, scale) in enumerate(lines):
        if not _DIGIT.search(text):
            continue
        before, after = (
            "".join(f"{other} " for other in said[max(place - _REACH, 0) : place]),
            "".join(f" {other}" for other in said[place + 1 : place + 1 + _REACH]),
        )
        kind = AXIS if scale else DRAWING
        yield Place(section, picture.id, "", "", text, kind=kind, before=before, after=after)


def _charted(chart: Chart | RowChart, section: str) -> Iterator[Place]:
    """Title, key and note of a chart, what is written in its drawing, or its rows."""
    yield Place(section, chart.id, "caption", "", chart.number, kind=NUMBERING)
    for text in (chart.title, chart.sub):
        yield Place(section, chart.id, "caption", "", text)
    for entry in chart.key:
        yield Place(section, chart.id, "key", "", entry.text)
        yield from _words(entry.sample, section, chart.id)
    yield Place(section, chart.id, "note", "", chart.note)
    if isinstance(chart, Chart):
        yield Place(section, chart.id, "", "", chart.name, kind=ALT)
        yield from _words(chart.drawing, section, chart.id)
        return
    for text in chart.heads:
        yield Place(section, chart.id, "header", "", text)
    for row in chart.rows:
        for column, text in (("label", row.label), ("note", row.note), ("value", row.value), ("small", row.value_note)):
            yield Place(section, chart.id, "group" if row.group else row.label, column, text)
        yield from _words(row.drawing, section, chart.id)
    yield from _words(chart.axis, section, chart.id)


def _flowing(chart: FlowChart, section: str) -> Iterator[Place]:
    """Title and note of a flow diagram, and each line of its boxes under the first of the branch's boxes."""
    yield Place(section, chart.id, "caption", "", chart.number, kind=NUMBERING)
    for text in (chart.title, chart.sub):
        yield Place(section, chart.id, "caption", "", text)
    yield Place(section, chart.id, "note", "", chart.note)
    for branch in (chart.trunk, *chart.branches):
        boxes = [box for box in branch if box is not None]
        for box in boxes:
            yield from (Place(section, chart.id, boxes[0].lines[0], box.lines[0], line) for line in box.lines)


def _answered(verdict: Verdict, section: str) -> Iterator[Place]:
    for text in (
        verdict.question,
        verdict.answer,
        plain(verdict.lede),
        *map(plain, verdict.later),
        plain(verdict.caution),
    ):
        yield Place(section, "", "", "", text)
    if verdict.picture:
        yield from _charted(verdict.picture, section)


def _words(drawing: Drawing | None, section: str, exhibit: str) -> Iterator[Place]:
    """What is written in a drawing of marks."""
    for one in drawing.words if drawing else ():
        yield Place(section, exhibit, "", "", one.text, kind=AXIS if one.scale else DRAWING)
