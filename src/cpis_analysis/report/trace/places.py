"""Where a report prints: the cells of its tables, its sentences, its figures."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from cpis_analysis.publish.blocks import (
    Block,
    Bullets,
    DataTable,
    Document,
    Facts,
    Heading,
    Listing,
    Paragraph,
    Picture,
    plain,
)
from cpis_analysis.publish.drawn_text import drawn_texts
from cpis_analysis.publish.ledger import unmarked
from cpis_analysis.publish.workbook import column_labels

__all__ = [
    "ALT",
    "AXIS",
    "DRAWING",
    "LISTING",
    "NUMBERING",
    "TEXT",
    "Place",
    "front_places",
    "places_in",
    "places_of_forms",
]

TEXT, ALT, DRAWING, AXIS, NUMBERING, LISTING = "text", "alt", "drawing", "axis", "numbering", "listing"

_REACH = 2
"""Lines of a drawing on either side over which a sentence may go."""
_KEY = re.compile(r"( *)((?:- )*)([\w-]+):(?: |$)")


@dataclass(frozen=True)
class Place:
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
        The cell or the sentence, with the marks of its numbers (`publish.ledger`).
    kind : str
        `TEXT`; `ALT`, the alternative text of a figure; `DRAWING`, what is written in it; `AXIS`, the scale of an
        axis; `NUMBERING`, a number that only names; `LISTING`, a line of the plan.
    forms : tuple of str
        ``page``, ``report`` (Word and PDF), ``summary``.
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


def places_in(
    blocks: Iterable[Block], forms: tuple[str, ...] = (), drawn: Mapping[str, Sequence[str]] | None = None
) -> Iterator[Place]:
    """Everything that can hold numbers, in the order of the document.

    Parameters
    ----------
    blocks : iterable of Block
    forms : tuple of str
    drawn : mapping, optional
        Texts in drawings that have marks, in order, by id of the figure.
    """
    section = ""
    for block in blocks:
        if isinstance(block, Heading) and block.level < 3:
            section = block.anchor or section
        for place in _places(block, section, drawn or {}):
            yield replace(place, row=unmarked(place.row), column=unmarked(place.column), forms=forms)


def places_of_forms(page: Iterable[Place], report: Iterable[Place]) -> Iterator[Place]:
    """Places of the page, with those that Word and PDF show too, and then those that only these show."""
    report = list(report)
    shown = Counter(_sameness(place) for place in report)
    for place in page:
        both = shown[_sameness(place)] > 0
        shown[_sameness(place)] -= both
        yield replace(place, forms=("page", "report") if both else ("page",))
    for place in report:
        if shown[_sameness(place)] > 0:
            shown[_sameness(place)] -= 1
            yield replace(place, forms=("report",))


def front_places(document: Document, forms: tuple[str, ...]) -> Iterator[Place]:
    """Title, authors and notice."""
    for text in (document.title, document.subtitle, *document.authors, document.notice):
        yield Place("front", "", "", "", text, forms=forms)


def _sameness(place: Place) -> tuple[str, str, str, str, str]:
    return place.exhibit, place.row, place.column, place.text, place.kind


def _places(block: Block, section: str, drawn: Mapping[str, Sequence[str]]) -> Iterator[Place]:
    if isinstance(block, Heading):
        yield Place(section, "", "", "", block.text)
    elif isinstance(block, Paragraph):
        yield Place(section, "", "", "", plain(block.line))
    elif isinstance(block, Bullets):
        for line in block.lines:
            yield Place(section, "", "", "", plain(line))
    elif isinstance(block, Facts):
        for term, line in block.pairs:
            yield Place(section, "", "", "", term)
            yield Place(section, "", term, "", plain(line))
    elif isinstance(block, DataTable):
        yield from _cells(block, section)
    elif isinstance(block, Picture):
        yield from _drawn(block, section, drawn.get(block.id, ()))
    elif isinstance(block, Listing):
        for key, text in _keyed(block.text):
            yield Place(section, "", key, "", text, kind=LISTING)


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
    naming = table.id.startswith("table-checklist-")
    for row in table.rows:
        label = row.cells[0].text
        if row.group:
            yield Place(section, table.id, "group", "", label)
            continue
        yield Place(section, table.id, label, labels[0], label, kind=NUMBERING if naming else TEXT)
        for name, cell in zip(labels[1:], row.cells[1:], strict=False):
            yield Place(section, table.id, label, name, cell.text)
    for note in table.notes:
        yield Place(section, table.id, "note", "", note)


def _drawn(picture: Picture, section: str, marked: Sequence[str]) -> Iterator[Place]:
    caption = f"{picture.number}. {picture.caption}" if picture.number else picture.caption
    yield Place(section, picture.id, "caption", "", caption)
    yield Place(section, picture.id, "", "", picture.alt, kind=ALT)
    waiting: dict[str, list[str]] = {}
    for text in marked:
        waiting.setdefault(_letters(unmarked(text)), []).append(text)
    lines = [(one.scale, unicodedata.normalize("NFKC", one.text)) for one in drawn_texts(picture.svg)]
    for place, (scale, text) in enumerate(lines):
        known = waiting.get(_letters(text))
        before, after = (
            "".join(f"{said} " for _, said in lines[max(place - _REACH, 0) : place]),
            "".join(f" {said}" for _, said in lines[place + 1 : place + 1 + _REACH]),
        )
        kind = AXIS if scale else DRAWING
        shown = known.pop(0) if known else text
        yield Place(section, picture.id, "", "", shown, kind=kind, before=before, after=after)


def _letters(text: str) -> str:
    """What outlines of letters tell of a text for certain: no spaces, and no letters that fonts lack or join."""
    words = unicodedata.normalize("NFKC", text).split()
    return "".join(character for character in "".join(words) if character.isascii())
