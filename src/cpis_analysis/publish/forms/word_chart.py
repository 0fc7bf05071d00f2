"""Charts in a Word document: a drawing with its title, or a table with a drawing in each row."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from cpis_analysis.publish.blocks import Chart, ChartRow, KeyEntry, RowChart
from cpis_analysis.publish.forms.chart_files import drawings_of
from cpis_analysis.publish.forms.word_elements import Markup, element, paragraph, run
from cpis_analysis.publish.forms.word_pictures import WordPictures
from cpis_analysis.publish.forms.word_styles import MARGIN, SHORT

_SAMPLE, _KEY_LINE = 11, 112
"""Letters of the key that a sample with its gaps takes the place of, and that a line has."""
_KINDS = ("key", "whole", "row", "axis")
_WHOLE, _ENDS = 12, 3
"""A chart of up to this many rows stays on one page; of a longer one the first and the last rows stay together."""
_EDGE = 6.0
"""Points by which a drawing in a cell is narrower than its column: LibreOffice keeps the margins of cells of the style
and would cut off what reaches into them."""
_MARGINS = (("top", "15"), ("left", "0"), ("bottom", "15"), ("right", "0"))
_HEADS = ("Table Head", "Table Head", "Table Head Right")


def word_chart(
    block: Chart | RowChart, taken: WordPictures, pictures: Mapping[str, bytes], title: Sequence[Markup]
) -> Iterator[Markup]:
    """Paragraphs and the table of a chart.

    Parameters
    ----------
    block : Chart or RowChart
    taken : WordPictures
        Takes the pictures into the document.
    pictures : mapping of str to bytes
        PNG of its drawings by their names (`forms.chart_files`).
    title : sequence of markup
        Runs of number and takeaway.
    """
    widths = {name: width - _EDGE * (kind in ("row", "axis")) for kind, name, _, width in drawings_of(block)}
    names = {kind: [name for found, name, _, _ in drawings_of(block) if found == kind] for kind in _KINDS}

    def picture(name: str, told: str = "") -> Markup:
        return taken.run(pictures[name], name, told, widths[name])

    yield paragraph("Chart Title", *title)
    if block.sub:
        yield paragraph("Chart Sub", run(block.sub))
    keys = list(_keys(block.key, [picture(name) for name in names["key"]]))
    if isinstance(block, Chart):
        yield paragraph("Figure", picture(names["whole"][0], block.name))
        yield from keys
    else:
        yield from keys
        yield _table(block, iter(names["row"]), names["axis"], picture)
    yield paragraph("Table Note Last", run(block.note))


def _keys(entries: Sequence[KeyEntry], samples: Sequence[Markup]) -> Iterator[Markup]:
    """Lines of the key; an entry that its line has no room for begins the next one."""
    line: list[Markup] = []
    taken = 0
    for entry, sample in zip(entries, samples, strict=True):
        letters = len(entry.text) + _SAMPLE
        if line and taken + letters > _KEY_LINE:
            yield paragraph("Chart Key", *line)
            line, taken = [], 0
        line += [sample, run(f" {entry.text}     ")]
        taken += letters
    if line:
        yield paragraph("Chart Key", *line)


def _table(block: RowChart, drawings: Iterator[str], axis: Sequence[str], picture: Callable[..., Markup]) -> Markup:
    room = SHORT - 2 * MARGIN
    widths = [round(room * share / sum(block.shares)) for share in block.shares]
    properties = element(
        "w:tblPr",
        element("w:tblW", w=str(sum(widths)), type="dxa"),
        _lines(),
        element("w:tblLayout", type="fixed"),
        # a drawing keeps off the rules above and below it
        element("w:tblCellMar", *(element(f"w:{side}", w=width, type="dxa") for side, width in _MARGINS)),
        element("w:tblLook", val="0480", firstRow="0", lastRow="0", firstColumn="1", lastColumn="0", noVBand="1"),
        element("w:tblCaption", val=block.title),
    )
    grid = element("w:tblGrid", *(element("w:gridCol", w=str(width)) for width in widths))
    rows = []
    last = len(block.rows) - 1
    if any(block.heads):
        heads = [paragraph(style, run(text), keep=True) for style, text in zip(_HEADS, block.heads, strict=True)]
        rows.append(_row(widths, heads, header=True))
    for place, row in enumerate(block.rows):
        # what is kept whole leaves the page before it empty where it does not fit
        stays = last < _WHOLE or place < _ENDS or place > last - _ENDS
        if row.group:
            rows.append(_row([sum(widths)], [paragraph("Table Group", run(row.label), keep=True)], columns=3))
            continue
        drawn = [picture(next(drawings))] if row.drawing is not None else []
        words = [_words(row, label, stays) for label in (True, False)]
        rows.append(_row(widths, [words[0], paragraph("Chart Cell", *drawn, keep=stays), words[1]]))
    if axis:
        middle = paragraph("Chart Cell", picture(axis[0]))
        rows.append(_row(widths, [paragraph("Table Text"), middle, paragraph("Table Text")]))
    return element("w:tbl", properties, grid, *rows)


def _words(row: ChartRow, label: bool, stays: bool) -> Markup:
    text, note = (row.label, row.note) if label else (row.value, row.value_note)
    parts = [run(text, "Strong" if row.strong else "")]
    if note:
        parts += [run("\n"), run(note, "Small")]
    return paragraph("Table Text" if label else "Table Text Right", *parts, keep=stays)


def _row(widths: Sequence[int], contents: Sequence[Markup], *, header: bool = False, columns: int = 1) -> Markup:
    cells = [
        element(
            "w:tc",
            element(
                "w:tcPr",
                element("w:tcW", w=str(width), type="dxa"),
                element("w:gridSpan", val=str(columns)) if columns > 1 else None,
                element("w:vAlign", val="center"),
            ),
            content,
        )
        for width, content in zip(widths, contents, strict=True)
    ]
    first = element("w:tblHeader") if header else None
    return element("w:tr", element("w:trPr", element("w:cantSplit"), first), *cells)


def _lines() -> Markup:
    return element("w:tblBorders", element("w:insideH", val="single", sz="4", space="0", color="CFD6DC"))
