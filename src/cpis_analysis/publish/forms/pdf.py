"""A document -> PDF/UA-1 by Typst, and drawings -> PNG for Word and slides.

What is set goes to Typst as data (JSON), never as markup: no label can become a command.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from itertools import pairwise, zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cpis_analysis.errors import OUR_FAULT, CpisError, Problem
from cpis_analysis.publish.blocks import (
    Block,
    Cell,
    Chart,
    DataTable,
    Document,
    FlowChart,
    Heading,
    Line,
    Paragraph,
    Picture,
    RowChart,
)
from cpis_analysis.publish.forms.chart_files import chart_files, file_names
from cpis_analysis.publish.forms.chart_source import CHARTS
from cpis_analysis.publish.forms.figure_source import FIGURE
from cpis_analysis.publish.forms.pdf_headers import mark_row_headers
from cpis_analysis.publish.forms.table_widths import column_shares, is_whole, is_wide
from cpis_analysis.publish.letters import foreign_letters
from cpis_analysis.publish.lines import BESIDE
from cpis_analysis.publish.plain_record import record_of
from cpis_analysis.publish.shown import as_shown, unbroken
from cpis_analysis.publish.typeface import shipped_fonts

if TYPE_CHECKING:
    import typst

TEMPLATE = Path(__file__).parent / "document.typ"
RESOLUTION = 300
_ROOM = (470.0, 610.0)
"""Largest width and height of a figure on the page in points: A4 less margins, caption and heading."""
SMALL_HEIGHT = 285.0
"""Largest height of a small figure in points: two of them share a page."""
TALL = 330.0
"""From this height in points on a figure may move to the next page while the text of its section goes on."""
FEW_LINES = 240.0
"""Where the last page of a short document is not used below this, in points from its upper edge (text begins at 65),
the document is set again with less space between lines, in case that page can be saved."""
_EPOCH = 0
"""Time that a document names as that of its making: none, so that the same run gives the same bytes."""


def to_pdf(document: Document, pictures: Mapping[str, bytes] | None = None) -> bytes:
    """Set a document as PDF/UA-1: A4, tagged, fonts embedded, the same bytes for the same document.

    Parameters
    ----------
    document : Document
    pictures : mapping, optional
        Not needed: drawings stay drawings.

    Raises
    ------
    CpisError
        If Typst can't set it, for instance because a figure has no alternative text.
    """
    document = as_shown(document)
    drawings = {block.id: block.drawn.svg for block in document.blocks if isinstance(block, Picture)}
    files = {"content.json": json.dumps(_content(document), ensure_ascii=False).encode()}
    files |= {f"{name}.svg": svg.encode() for name, svg in (drawings | chart_files(document.blocks)).items()}
    options: dict[str, Any] = {"format": "pdf", "pdf_standards": "ua-1", "timestamp": _EPOCH}
    with _compiler(files, TEMPLATE.read_text("utf-8")) as compiler:
        made: Any = compiler.compile(**options)
        if not document.contents:
            pages, used = _end(compiler)
            if pages > 1 and used < FEW_LINES:
                closer = compiler.compile(**options, sys_inputs={"closer": "yes"})
                made = closer if _end(compiler)[0] < pages else made
    return mark_row_headers(bytes(made))


def _end(compiler: typst.Compiler) -> tuple[int, float]:
    """Pages of what was compiled last, and how far down its last page goes, in points."""
    found = json.loads(compiler.query("<end>", field="value", one=True))
    return int(found["page"]), float(found["down"])


def to_png(drawing: Mapping[str, Any]) -> bytes:
    """A drawing at 300 dots an inch of the size at which it stands on a page of its own.

    Parameters
    ----------
    drawing : mapping
        Of `pen.as_data.canvas_data`. Typst sets its marks in half the time in which it copies a drawing in SVG.
    """
    content = {**drawing, "scale": _scale(drawing["width"], drawing["height"], _ROOM)}
    files = {"figure.json": json.dumps(content, ensure_ascii=False).encode()}
    return bytes(_compile(files, FIGURE, format="png", ppi=float(RESOLUTION)))


def to_pngs(drawings: Sequence[Mapping[str, Any]]) -> list[bytes]:
    """Drawings at 300 dots an inch of their own size, all in one go.

    Parameters
    ----------
    drawings : sequence of mapping
        Of `chart.fixed.fixed_marks`.
    """
    if not drawings:
        return []
    files = {"charts.json": json.dumps(drawings, ensure_ascii=False).encode()}
    made = _compile(files, CHARTS, format="png", ppi=float(RESOLUTION))
    return [bytes(page) for page in made] if isinstance(made, list) else [bytes(made)]


def drawing_size(picture: Picture) -> tuple[float, float]:
    """Width and height in points at which a figure fits the page, never larger than drawn."""
    width, height = picture.drawn.size
    scale = _scale(width, height, (_ROOM[0], SMALL_HEIGHT if picture.small else _ROOM[1]))
    return width * scale, height * scale


def _scale(width: float, height: float, most: tuple[float, float]) -> float:
    return min(1.0, most[0] / width, most[1] / height)


def _compile(files: Mapping[str, bytes], source: str, **options: Any) -> Any:
    with _compiler(files, source) as compiler:
        return compiler.compile(timestamp=_EPOCH, **options)


@contextmanager
def _compiler(files: Mapping[str, bytes], source: str) -> Iterator[typst.Compiler]:
    import typst

    with tempfile.TemporaryDirectory(prefix="report-") as folder:
        for name, content in files.items():
            (Path(folder) / name).write_bytes(content)
        main = Path(folder) / "main.typ"
        main.write_text(source, encoding="utf-8")
        try:
            fonts = _fonts(any(map(_has_foreign_letters, files.values())))
            yield typst.Compiler(str(main), root=folder, font_paths=fonts)
        except typst.TypstError as error:
            raise CpisError(
                "The document could not be set.",
                Problem(
                    str(error.message),
                    hint=OUR_FAULT,
                ),
            ) from None


def _has_foreign_letters(content: bytes) -> bool:
    # drawings are long, and most of them are ASCII
    return not content.isascii() and bool(foreign_letters("".join(set(content.decode("utf-8", "replace")))))


@cache
def _fonts(of_machine: bool) -> typst.Fonts:
    """DejaVu, which has letters that Typst's own fonts lack and comes with Matplotlib.

    Fonts of the machine only where a text has letters that are in none of these, so that all other documents are the
    same everywhere.
    """
    import typst

    return typst.Fonts(include_system_fonts=of_machine, font_paths=[str(shipped_fonts())])


def _content(document: Document) -> dict[str, Any]:
    anchors = {block.anchor for block in document.blocks if isinstance(block, Heading)} - {""}
    return {
        "title": document.title,
        "subtitle": document.subtitle,
        "authors": list(document.authors),
        "notice": document.notice,
        "running": document.running,
        "contents": document.contents,
        "blocks": [_block(block, anchors, before) for before, block in pairwise([None, *document.blocks])],
    }


def _block(block: Any, anchors: set[str], before: Block | None) -> dict[str, Any]:
    if isinstance(block, Chart | RowChart):
        return {"kind": type(block).__name__} | _chart(block)
    if isinstance(block, DataTable):
        return {"kind": type(block).__name__} | _table(block, anchors)
    if isinstance(block, Picture):
        return {"kind": type(block).__name__} | _picture(block, before)
    record = record_of(block)
    # a paragraph has a kind of its own; a heading below a question is its answer
    answers = isinstance(before, Paragraph) and before.kind == "question"
    record |= {"kind_of": record.get("kind", ""), "kind": type(block).__name__, "answers": answers}
    if isinstance(block, FlowChart):
        record |= {"levels": [[box and record_of(box) for box in level] for level in block.levels]}
        record["ends"] = [
            [block.ends(at, place) for at in range(len(block.branches))] for place in range(len(block.levels))
        ]
    elif "line" in record:
        record["line"] = _line(block.line, anchors)
    elif "lines" in record:
        record["lines"] = [_line(line, anchors) for line in block.lines]
    elif "pairs" in record:
        record["pairs"] = [[term, _line(line, anchors)] for term, line in block.pairs]
    return record


def _picture(picture: Picture, before: Block | None) -> dict[str, Any]:
    """A figure as words, the name of its file, and its place."""
    width, height = drawing_size(picture)
    # after another figure it would overtake this one
    floats = height > TALL and not picture.small and not isinstance(before, Picture)
    return {name: getattr(picture, name) for name in ("id", "number", "caption", "alt")} | {
        "width": width,
        "floats": floats,
    }


def _table(table: DataTable, anchors: set[str]) -> dict[str, Any]:
    """A table; a cell that is as most of its column is its text, because to set more than a text takes longer."""
    body = [row.cells for row in table.rows if not row.group]
    # behind one that covers several columns or rows, a cell has another column than place
    spanned = any(cell.columns > 1 or cell.rows > 1 for cells in body for cell in cells)
    aligns = [cell.align for cell in body[0]] if body and not spanned else []
    rows = [
        {"group": unbroken(row.cells[0].text)}
        if row.group
        else {
            "strong": row.strong,
            "indent": row.indent,
            "cells": [
                unbroken(cell.text)
                if (cell.align, cell.columns, cell.rows, cell.line) == (align, 1, 1, ())
                else _cell(cell, anchors)
                for cell, align in zip_longest(row.cells, aligns[: len(row.cells)])
            ],
        }
        for row in table.rows
    ]
    return {
        "number": table.number,
        "caption": table.caption,
        "head": [[_cell(cell, anchors) for cell in line] for line in table.head],
        "rows": rows,
        "aligns": aligns,
        "notes": table.notes,
        "wide": is_wide(table),
        "widths": column_shares(table),
        "whole": is_whole(table),
    }


def _cell(cell: Cell, anchors: set[str]) -> dict[str, Any]:
    shape = {"align": cell.align, "columns": cell.columns, "rows": cell.rows}
    return shape | {"text": unbroken(cell.text), "line": _line(cell.line, anchors)}


def _chart(block: Chart | RowChart) -> dict[str, Any]:
    """A chart as words and names of files."""
    record = {name: getattr(block, name) for name in ("id", "number", "title", "sub", "note")}
    record["key"] = [
        {"text": entry.text, "file": name} for entry, name in zip(block.key, file_names(block, "key"), strict=True)
    ]
    if isinstance(block, Chart):
        return record | {"name": block.name, "file": file_names(block, "whole")[0]}
    names = iter(file_names(block, "row"))
    rows = [
        {name: getattr(row, name) for name in ("label", "value", "note", "value_note", "strong", "group")}
        | {"file": next(names) if row.drawing else ""}
        for row in block.rows
    ]
    return record | {
        "heads": list(block.heads),
        "shares": list(block.shares),
        "rows": rows,
        "axis": file_names(block, "axis")[0] if block.axis else "",
    }


def _line(line: Line, anchors: set[str]) -> Sequence[dict[str, str]]:
    return [
        {
            "text": run.text,
            "style": run.style,
            "target": run.target if run.target in anchors and not run.file else "",
            "file": f"{run.file.removesuffix('.html')}.pdf" if run.file in BESIDE else "",
        }
        for run in line
    ]
