"""A document -> Word, through pandoc and the reference document of this project."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from cpis_analysis.errors import CpisError, Problem
from cpis_analysis.publish.blocks import (
    Block,
    Bullets,
    Cell,
    DataTable,
    Document,
    Facts,
    Heading,
    Line,
    Listing,
    Paragraph,
    Picture,
    Run,
    TableRow,
)
from cpis_analysis.publish.pdf import drawing_size
from cpis_analysis.publish.shown import as_shown, unbroken
from cpis_analysis.publish.table_widths import SMALL_FROM, column_shares, is_wide
from cpis_analysis.publish.word_package import LANDSCAPE, PORTRAIT, contents_list, finish_package

__all__ = ["REFERENCE", "to_docx"]

REFERENCE = Path(__file__).parent / "reference.docx"
"""Page, styles, header and footer; written by `word_reference`."""
_API = [1, 23, 1]
_ALIGN = {"left": "AlignLeft", "right": "AlignRight", "centre": "AlignCenter"}
_NOTHING: list[Any] = ["", [], []]

Node = dict[str, Any]


def to_docx(document: Document, pictures: Mapping[str, bytes]) -> bytes:
    """Set a document for Word: A4, British English, header rows that repeat, widths as given, alternative texts.

    Parameters
    ----------
    document : Document
    pictures : mapping of str to bytes
        PNG of every figure by its id.

    Raises
    ------
    CpisError
        If pandoc fails.
    """
    document = as_shown(document)
    anchors = {block.anchor for block in document.blocks if isinstance(block, Heading)} - {""}
    with tempfile.TemporaryDirectory(prefix="report-") as folder:
        for name, content in pictures.items():
            (Path(folder) / f"{name}.png").write_bytes(content)
        made = _pandoc(_whole(document, anchors), folder)
    return finish_package(
        made,
        running=document.running,
        title=document.title,
        wide=[is_wide(block) for block in document.blocks if isinstance(block, DataTable)],
    )


def _pandoc(content: Node, folder: str) -> bytes:
    import pypandoc

    # pandoc writes this time into the package
    environment = os.environ | {"SOURCE_DATE_EPOCH": "0"}
    command = [pypandoc.get_pandoc_path(), "--from=json", "--to=docx", f"--reference-doc={REFERENCE}", "--output=-"]
    done = subprocess.run(
        command, input=json.dumps(content).encode(), capture_output=True, cwd=folder, env=environment, check=False
    )
    if done.returncode:
        raise CpisError("The Word document could not be set.", [Problem(done.stderr.decode("utf-8", "replace"))])
    return done.stdout


def _whole(document: Document, anchors: set[str]) -> Node:
    blocks = [_styled("Notice", [_text(document.notice)])] if document.notice else []
    if document.contents:
        sections = [b.text for b in document.blocks if isinstance(b, Heading) and b.level == 1]
        blocks += [_styled("Contents heading", [_text("Contents")]), _raw(contents_list(sections))]
    blocks += _in_sections(document.blocks, anchors)
    meta = {
        "title": _inlines(document.title),
        "subtitle": _inlines(document.subtitle),
        "author": {"t": "MetaList", "c": [_inlines(author) for author in document.authors]},
        "lang": {"t": "MetaString", "c": "en-GB"},
    }
    return {"pandoc-api-version": _API, "meta": meta, "blocks": blocks}


def _in_sections(blocks: Iterable[Block], anchors: set[str]) -> list[Node]:
    """Blocks, with section breaks round runs of wide tables."""
    nodes: list[Node] = []
    across = False
    for block in blocks:
        wide = isinstance(block, DataTable) and is_wide(block)
        if wide != across:
            # a break closes the section before it
            nodes.append(_raw(LANDSCAPE if across else PORTRAIT))
            across = wide
        nodes += _block(block, anchors)
    if across:
        nodes.append(_raw(LANDSCAPE))
    return nodes


def _block(block: Block, anchors: set[str]) -> list[Node]:
    if isinstance(block, Heading):
        identity = [block.anchor, [], []]
        return [{"t": "Header", "c": [block.level, identity, [_text(block.text)]]}]
    if isinstance(block, Paragraph):
        style = {"note": "Note", "notice": "Notice"}.get(block.kind, "Body Text")
        return [_styled(style, _line(block.line, anchors))]
    if isinstance(block, Bullets):
        return [{"t": "BulletList", "c": [[{"t": "Plain", "c": _line(line, anchors)}] for line in block.lines]}]
    if isinstance(block, Facts):
        return [_styled("Fact", [_strong(term), _text("  "), *_line(line, anchors)]) for term, line in block.pairs]
    if isinstance(block, Listing):
        return [{"t": "CodeBlock", "c": [_NOTHING, block.text]}]
    if isinstance(block, Picture):
        return _picture(block)
    return _table(block, anchors)


def _picture(picture: Picture) -> list[Node]:
    width, height = (f"{side / 72:.3f}in" for side in drawing_size(picture.svg, picture.small))
    image = {
        "t": "Image",
        "c": [["", [], [["width", width], ["height", height]]], [_text(picture.alt)], [f"{picture.id}.png", ""]],
    }
    return [_styled("Captioned Figure", [image]), _styled("Image Caption", _caption(picture.number, picture.caption))]


def _table(table: DataTable, anchors: set[str]) -> list[Node]:
    size = " small" if table.columns >= SMALL_FROM else ""
    aligns = [_ALIGN["right"] if _numeric(table, place) else _ALIGN["left"] for place in range(table.columns)]
    columns = [
        [{"t": align}, {"t": "ColWidth", "c": width}] for align, width in zip(aligns, column_shares(table), strict=True)
    ]
    head = [[_NOTHING, [_cell(cell, f"Table head{size}", anchors, strong=False) for cell in row]] for row in table.head]
    body = [[_NOTHING, _row(row, size, anchors)] for row in table.rows]
    made = {
        "t": "Table",
        "c": [[table.id, [], []], [None, []], columns, [_NOTHING, head], [[_NOTHING, 1, [], body]], [_NOTHING, []]],
    }
    caption = [_styled("Table Caption", _caption(table.number, table.caption))] if table.caption else []
    *notes, last = table.notes or ("",)
    return [
        *caption,
        made,
        *(_styled("Table note", [_text(note)]) for note in notes),
        _styled("Table note last", [_text(last)]),
    ]


def _numeric(table: DataTable, place: int) -> bool:
    cells = (row.cells[place] for row in table.rows if len(row.cells) == table.columns)
    return any(cell.align == "right" for cell in cells)


def _row(row: TableRow, size: str, anchors: set[str]) -> list[Any]:
    if row.group:
        return [_cell(row.cells[0], f"Table group{size}", anchors, strong=False)]
    first = f"Table indent{size}" if row.indent else f"Table text{size}"
    return [
        _cell(cell, f"Table text{size}" if place else first, anchors, strong=row.strong)
        for place, cell in enumerate(row.cells)
    ]


def _cell(cell: Cell, style: str, anchors: set[str], *, strong: bool) -> list[Any]:
    words = [_strong(unbroken(cell.text)) if strong and cell.text else _text(unbroken(cell.text))]
    if cell.line:
        words = _line(cell.line, anchors)
    return [_NOTHING, {"t": _ALIGN[cell.align]}, cell.rows, cell.columns, [_styled(style, words)]]


def _caption(number: str, words: str) -> list[Node]:
    return [*([_strong(f"{number}."), _text(" ")] if number else []), _text(words)]


def _line(line: Line, anchors: set[str]) -> list[Node]:
    return [_run(run, anchors) for run in line]


def _run(run: Run, anchors: set[str]) -> Node:
    node = _text(run.text)
    if run.style == "code":
        node = {"t": "Code", "c": [_NOTHING, run.text]}
    elif run.style:
        node = {"t": "Strong" if run.style == "strong" else "Emph", "c": [node]}
    return {"t": "Link", "c": [_NOTHING, [node], [f"#{run.target}", ""]]} if run.target in anchors else node


def _styled(style: str, inlines: Sequence[Node]) -> Node:
    return {"t": "Div", "c": [["", [], [["custom-style", style]]], [{"t": "Para", "c": list(inlines)}]]}


def _text(text: str) -> Node:
    return {"t": "Str", "c": text}


def _strong(text: str) -> Node:
    return {"t": "Strong", "c": [_text(text)]}


def _inlines(text: str) -> Node:
    return {"t": "MetaInlines", "c": [_text(text)]}


def _raw(xml: str) -> Node:
    return {"t": "RawBlock", "c": ["openxml", xml]}
