"""Row headers in the tags of a PDF: the first cell of a row names it for a screen reader.

Typst marks the cells of a table's head by itself, but those of a column only with a feature that its Python package
cannot turn on (``pdf.header-cell``, 0.15). So the tags are changed afterwards: what Typst writes has one line a tag,
no compressed tags, and a plain table of offsets. A file that looks otherwise is left as it is.
"""

from __future__ import annotations

import re

_ROW = re.compile(rb"/S/TR\b.*?/K\[([\d R]+)\]", re.S)
_CHILD = re.compile(rb"(\d+) 0 R")
_ENTRY = re.compile(rb"(\d{10}) \d{5} n")
_NAMES = b"/IDTree<</Names["
_DEFAULT = b"/Suspects false"


def mark_row_headers(pdf: bytes) -> bytes:
    """Mark the first cell of every row of a table's body as header of its row.

    1. Cut the file into its objects by the table of offsets.
    2. In each row whose first cell is a data cell, make this a header with scope and identifier, and name it among
       the headers of the other cells.
    3. List the identifiers in the tree of identifiers, and write the table of offsets anew.
    4. Leave out that nothing is suspect, which goes without saying: readers built on Poppler take it for an error.

    Parameters
    ----------
    pdf : bytes
        Tagged, as Typst writes it.

    Returns
    -------
    bytes
        The same file if it is not of that form or has no such rows.
    """
    start = re.search(rb"startxref\s+(\d+)\s+%%EOF\s*$", pdf)
    if not start or pdf[int(start[1]) : int(start[1]) + 4] != b"xref" or b"/ObjStm" in pdf:
        return pdf
    table = int(start[1])
    offsets = [int(entry[1]) for entry in _ENTRY.finditer(pdf, table)]
    if not offsets:
        return pdf
    ordered = sorted(offsets)
    ends = dict(zip(ordered, [*ordered[1:], table], strict=True))
    objects = {number: pdf[at : ends[at]] for number, at in enumerate(offsets, start=1)}
    headers = _marked(objects)
    root = next((number for number, text in objects.items() if _NAMES in text), None)
    if not headers or root is None:
        return pdf
    names = b"".join(b"(%s)%d 0 R" % name for name in sorted((_name(number), number) for number in headers))
    objects[root] = objects[root].replace(_NAMES, _NAMES + names, 1)
    objects = {number: text.replace(_DEFAULT, b"", 1) for number, text in objects.items()}
    return _written(pdf[: ordered[0]], objects, offsets, pdf[pdf.index(b"trailer", table) : start.start()])


def _marked(objects: dict[int, bytes]) -> list[int]:
    """Change the cells; gives the numbers of the headers."""
    headers = []
    for text in list(objects.values()):
        row = _ROW.search(text) if text.find(b"/S/TR") >= 0 else None
        cells = [int(child) for child in _CHILD.findall(row[1])] if row else []
        if not cells or b"/S/TD" not in objects[cells[0]]:
            continue
        first, *others = cells
        headers.append(first)
        made = objects[first].replace(b"/S/TD", b"/S/TH/ID(%s)" % _name(first), 1)
        objects[first] = _with(made, b"/Scope/Row")
        for cell in others:
            if b"/S/TD" in objects[cell]:
                objects[cell] = _named(objects[cell], _name(first))
    return headers


def _name(number: int) -> bytes:
    return b"R%07d" % number


def _named(cell: bytes, name: bytes) -> bytes:
    """A data cell with one more header."""
    if b"/Headers[" in cell:
        return cell.replace(b"/Headers[", b"/Headers[(%s)" % name, 1)
    return _with(cell, b"/Headers[(%s)]" % name)


def _with(cell: bytes, attribute: bytes) -> bytes:
    """A cell with one more attribute of a table."""
    if b"/O/Table" in cell:
        return cell.replace(b"/O/Table", b"/O/Table" + attribute, 1)
    if b"/A[" in cell:
        return cell.replace(b"/A[", b"/A[<</O/Table%s>>" % attribute, 1)
    return cell.replace(b"/K[", b"/A[<</O/Table%s>>]/K[" % attribute, 1)


def _written(head: bytes, objects: dict[int, bytes], offsets: list[int], trailer: bytes) -> bytes:
    parts, length = [head], len(head)
    moved = {}
    for number in sorted(objects, key=lambda number: offsets[number - 1]):
        moved[number] = length
        parts.append(objects[number])
        length += len(objects[number])
    entries = b"".join(b"%010d 00000 n\r\n" % moved[number] for number in sorted(moved))
    parts.append(b"xref\n0 %d\n0000000000 65535 f\r\n%s" % (len(moved) + 1, entries))
    parts.append(trailer + b"startxref\n%d\n%%%%EOF" % length)
    return b"".join(parts)
