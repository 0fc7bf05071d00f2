"""A document -> Word: real headings, captions and contents as fields, styles for everything, the same bytes again."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from itertools import count
from typing import Any

from cpis_analysis.publish.blocks import (
    Block,
    Bullets,
    Chart,
    DataTable,
    Document,
    Facts,
    FlowChart,
    Heading,
    Line,
    Listing,
    Paragraph,
    Picture,
    RowChart,
    Run,
)
from cpis_analysis.publish.forms.chart_files import chart_marks
from cpis_analysis.publish.forms.pdf import drawing_size, to_pngs
from cpis_analysis.publish.forms.table_widths import is_wide
from cpis_analysis.publish.forms.word_chart import word_chart
from cpis_analysis.publish.forms.word_elements import (
    Markup,
    bookmarked,
    element,
    field,
    field_begin,
    field_end,
    linked,
    paragraph,
    read_markup,
    run,
)
from cpis_analysis.publish.forms.word_flow import word_flow
from cpis_analysis.publish.forms.word_package import word_package
from cpis_analysis.publish.forms.word_page import prepare
from cpis_analysis.publish.forms.word_pictures import WordPictures
from cpis_analysis.publish.forms.word_properties import add_properties
from cpis_analysis.publish.forms.word_styles import LONG, MARGIN, SHORT
from cpis_analysis.publish.forms.word_table import word_table
from cpis_analysis.publish.lines import BESIDE
from cpis_analysis.publish.shown import as_shown

_STYLES = {"note": "Note", "notice": "Notice", "alert": "Alert", "lede": "Lede", "question": "Question", "slot": "Slot"}
_CHARACTERS = {"strong": "Strong", "emphasis": "Emphasis", "code": "Verbatim Char"}
_HYPERLINK = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/hyperlink"
_CREATED = datetime.datetime(2000, 1, 1)
"""Any fixed time: a document must be the same for the same content."""


def to_docx(document: Document, pictures: Mapping[str, bytes]) -> bytes:
    """Set a document for Word: A4, British English, header rows that repeat, widths as given, alternative texts.

    Parameters
    ----------
    document : Document
    pictures : mapping of str to bytes
        PNG of every figure by its id.
    """
    import docx

    document = as_shown(document)
    made = docx.Document()
    _name(made.core_properties, document)
    add_properties(made, document.properties)
    sides = prepare(made, running=document.running, title=document.title)
    writer = _Writer(made, document, {**pictures, **_chart_pictures(document)})
    end = made.element.body.sectPr
    across = False
    written = list(writer.front())
    for before, block in zip([None, *document.blocks], document.blocks, strict=False):
        wide = isinstance(block, DataTable) and is_wide(block)
        if wide != across:
            # a break closes the section before it
            _put(end, written, sides.break_after(across=across))
            written, across = [], wide
        written += writer.block(block, before)
    _put(end, written, *([sides.break_after(across=True)] if across else []))
    return word_package(made)


def _put(end: Any, written: list[Markup], *elements: Any) -> None:
    """Put what is written, and then these elements, before the end of the document."""
    for part in (*read_markup(written), *elements):
        end.addprevious(part)


class _Writer:
    """Puts blocks into paragraphs and tables; knows the anchors of the document."""

    def __init__(self, made: Any, document: Document, pictures: Mapping[str, bytes]) -> None:
        self.made, self.document, self.pictures = made, document, pictures
        self.taken = WordPictures(made.part)
        headings = [block for block in document.blocks if isinstance(block, Heading)]
        kinds = {1: "_Toc"}
        self.bookmarks = {
            id(block): f"{kinds.get(block.level, '_Ref')}{place:06d}" for place, block in enumerate(headings, start=1)
        }
        self.targets = {block.anchor: block for block in headings if block.anchor}
        self.numbers = count(1)

    def front(self) -> Iterator[Markup]:
        """Title, authors, notice, list of contents."""
        document = self.document
        yield paragraph("Title", run(document.title))
        if document.subtitle:
            yield paragraph("Subtitle", run(document.subtitle))
        yield from (paragraph("Author", run(author)) for author in document.authors)
        if document.notice:
            yield paragraph("Notice", run(document.notice))
        if document.contents:
            yield paragraph("Contents Heading", run("Contents"))
            yield from self._contents()

    def block(self, block: Block, before: Block | None = None) -> Iterator[Markup]:
        """Paragraphs and tables of a block; `before` is what stands above it."""
        match block:
            case Heading(level, text):
                answers = isinstance(before, Paragraph) and before.kind == "question"
                yield paragraph(
                    f"{'Answer' if answers else 'Heading'} {level}", *self._marked(self.bookmarks[id(block)], run(text))
                )
            case Paragraph(line, kind):
                yield paragraph(_STYLES.get(kind, "Body Text"), *self.line(line))
            case Bullets(lines):
                yield from (paragraph("List Bullet", *self.line(line)) for line in lines)
            case Facts(pairs):
                yield from (paragraph("Fact", run(term, "Strong"), run("  "), *self.line(line)) for term, line in pairs)
            case Listing(text):
                yield paragraph("Source Code", run(text))
            case Picture():
                yield self._picture(block)
                yield paragraph("Caption", *self._caption(block))
            case DataTable():
                yield from self._table(block)
            case Chart() | RowChart():
                title = self._numbered(block.number, block.title)
                yield from word_chart(block, self.taken, self.pictures, title)
            case FlowChart():
                yield from word_flow(block, self._numbered(block.number, block.title))

    def line(self, line: Line) -> list[Markup]:
        """Runs of a line with their styles and links."""
        return [part for one in line for part in self._run(one)]

    def _run(self, one: Run) -> list[Markup]:
        if one.file in BESIDE:
            # documents of the same name lie beside this one
            to = self.made.part.relate_to(f"{one.file.removesuffix('.html')}.docx", _HYPERLINK, is_external=True)
            return [linked(to, run(one.text, "Hyperlink"))]
        heading = self.targets.get(one.target)
        if heading is None:
            return [run(one.text, _CHARACTERS.get(one.style, ""))]
        name, words = self.bookmarks[id(heading)], [run(one.text, "Hyperlink")]
        if one.text == heading.text:
            # a cross-reference: it says what the heading says, even after someone has changed that
            words = field(f"REF {name} \\h", *words, style="Hyperlink")
        return [element("w:hyperlink", *words, anchor=name, history="1")]

    def _contents(self) -> Iterator[Markup]:
        """A field that lists the headings of level 1, with its entries: they lead there and name their pages.

        Nobody knows the page numbers before the text is set, and a wrong number is worse than none, so each is a
        field that begins empty.
        """
        sections = [block for block in self.document.blocks if isinstance(block, Heading) and block.level == 1]
        for place, block in enumerate(sections, start=1):
            name = self.bookmarks[id(block)]
            page = (element("w:r", element("w:tab")), *field(f"PAGEREF {name} \\h"))
            entry = element("w:hyperlink", run(block.text), *page, anchor=name, history="1")
            begin = field_begin('TOC \\o "1-1" \\h \\z \\u') if place == 1 else []
            end = [field_end()] if place == len(sections) else []
            yield paragraph("TOC 1", *begin, entry, *end)

    def _table(self, table: DataTable) -> Iterator[Markup]:
        if table.caption:
            yield paragraph("Table Caption", *self._caption(table))
        room = (LONG if is_wide(table) else SHORT) - 2 * MARGIN
        yield word_table(table, room, self.line)
        *notes, last = table.notes or ("",)
        yield from (paragraph("Table Note", run(note)) for note in notes)
        yield paragraph("Table Note Last", run(last))

    def _picture(self, picture: Picture) -> Markup:
        width, height = drawing_size(picture)
        name = picture.number or picture.id
        return paragraph("Figure", self.taken.run(self.pictures[picture.id], name, picture.alt, width, height))

    def _caption(self, exhibit: DataTable | Picture) -> list[Markup]:
        """The number as a field, so that Word lists tables and figures and refers to them; it keeps its value."""
        return self._numbered(exhibit.number, exhibit.caption)

    def _numbered(self, number: str, caption: str) -> list[Markup]:
        if not number:
            return [run(caption)]
        digits = len(number) - len(number.rstrip("0123456789"))
        label, place = number[:-digits], number[-digits:]
        code = f"SEQ {label.strip().replace(' ', '_')} \\* ARABIC \\r {place}"
        name = f"_Ref9{next(self.numbers):05d}"
        named = self._marked(name, run(label, ""), *field(code, run(place)))
        return [*named, run(f". {caption}")]

    def _marked(self, name: str, *children: Markup) -> list[Markup]:
        return bookmarked(name, next(self.numbers), *children)


def _chart_pictures(document: Document) -> dict[str, bytes]:
    """Drawings of charts in dots, by their names."""
    drawn = chart_marks(document.blocks)
    return dict(zip(drawn, to_pngs(list(drawn.values())), strict=True))


def _name(properties: Any, document: Document) -> None:
    properties.title = _in_property(f"{document.title}: {document.subtitle}" if document.subtitle else document.title)
    properties.author = _in_property(", ".join(document.authors))
    properties.last_modified_by = ""
    properties.comments = _in_property(document.notice)
    properties.language = "en-GB"
    properties.created = properties.modified = _CREATED
    properties.revision = 1


def _in_property(text: str) -> str:
    """A text as far as a property of a Word file holds it: 255 characters. The document itself has all of it."""
    return text if len(text) <= 255 else text[:254] + "…"
