"""Cells of a sheet as Excel shows them, which of them are true dates, and which are merged."""

from __future__ import annotations

import re
import zipfile
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np

from cpis_analysis.errors import Problem
from cpis_analysis.intake.account.delivered import as_column
from cpis_analysis.intake.account.working_tables import Notice
from cpis_analysis.intake.files.spss_stata import cell_text

_MERGED = re.compile(rb"<(?:\w+:)?mergeCell\s[^>]*?ref=\"([A-Z]{1,3})([0-9]+):([A-Z]{1,3})([0-9]+)\"")
_QUOTED = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]')
_PADDED = re.compile(r'(?:"([^"]*)")?(00+)\Z')
_CHUNK = 1 << 20
_LONGEST_TAG = 200
_MOST_SHOWN = 5
_DAY_NUMBERS = range(20_000, 80_000)


@dataclass
class SheetRows:
    """Rows of a sheet.

    Attributes
    ----------
    rows : list of (int, list of str)
        Row of the sheet and its cells, without blank ones at the end.
    dates : dict of int to set of int
        By column: rows in which a true date stands, or a number that can be the number of a day.
    """

    rows: list[tuple[int, list[str]]] = field(default_factory=list)
    dates: dict[int, set[int]] = field(default_factory=dict)


def read_cells(sheet: Any, most: int) -> SheetRows | None:
    """Cells of a sheet as text; None if there are more than ``most``.

    Notes
    -----
    A number with a percent format is written as Excel shows it, with all its digits: .46 is ``46%``; a whole number
    that is shown with zeros in front (format 000) has them. Other formats change how a number looks, not what it is.
    """
    found, cells = SheetRows(), 0
    formats: dict[int, tuple[bool, re.Match | None]] = {}
    for number, row in enumerate(sheet.iter_rows(), start=1):
        cells += len(row)
        if cells > most:
            return None
        texts = []
        for at, cell in enumerate(row):
            value = cell.value
            if value is None or isinstance(value, str):
                texts.append(value or "")
                continue
            if isinstance(value, date) or (isinstance(value, int | float) and value in _DAY_NUMBERS):
                found.dates.setdefault(at, set()).add(number)
            texts.append(_shown(value, cell, formats))
        while texts and not texts[-1].strip():
            texts.pop()
        found.rows.append((number, texts))
    while found.rows and not found.rows[-1][1]:
        found.rows.pop()
    while found.rows and not found.rows[0][1]:
        found.rows.pop(0)
    return found


def _shown(value: Any, cell: Any, formats: dict[int, tuple[bool, re.Match | None]]) -> str:
    text = cell_text(value)
    if not isinstance(value, int | float) or isinstance(value, bool) or not text:
        return text
    style = cell.style_array.numFmtId
    if style not in formats:
        written = str(cell.number_format)
        formats[style] = ("%" in _QUOTED.sub("", written), _PADDED.match(written))
    percent, padded = formats[style]
    if percent:
        return format((Decimal(text) * 100).normalize(), "f") + "%"
    if padded and text.isdigit():
        return (padded.group(1) or "") + text.zfill(len(padded.group(2)))
    return text


def merged_ranges(archive: zipfile.ZipFile, part: str) -> list[tuple[int, int, int, int]]:
    """First column, first row, last column and last row (from 1) of each merged range of a sheet."""
    from openpyxl.utils import column_index_from_string

    found: dict[tuple[int, int, int, int], None] = {}
    with archive.open(part) as stream:
        before = b""
        while piece := stream.read(_CHUNK):
            text = before + piece
            for left, top, right, bottom in _MERGED.findall(text):
                found[
                    column_index_from_string(left.decode()),
                    int(top),
                    column_index_from_string(right.decode()),
                    int(bottom),
                ] = None
            before = text[-_LONGEST_TAG:]
    return list(found)


def read_merged(
    ranges: list[tuple[int, int, int, int]], sheet: SheetRows, title: str, file: str, fill: bool
) -> tuple[list[tuple[int, Notice]], Problem | None]:
    """What merged cells mean, or why that can't be known.

    Parameters
    ----------
    ranges : list of (int, int, int, int)
        As `merged_ranges` gives them.
    sheet : SheetRows
        The header first.
    title, file : str
        For messages.
    fill : bool
        The plan says that the cells below the first hold its value.

    Returns
    -------
    notices : list of (int, Notice)
        By column: the cells to be filled.
    problem : Problem or None
    """
    header = sheet.rows[0][0]
    texts = dict(sheet.rows)
    width = len(sheet.rows[0][1])
    lines = [number for number, _ in sheet.rows[1:]]
    held = [one for one in ranges if one[3] >= header and _text(texts, one[1], one[0])]
    unclear = [one for one in held if not fill or one[0] != one[2] or one[1] <= header]
    if unclear:
        from openpyxl.utils import get_column_letter as letter

        shown = ", ".join(
            f"{letter(a)}{b}:{letter(c)}{d}" for a, b, c, d in sorted(unclear, key=lambda x: (x[1], x[0]))[:_MOST_SHOWN]
        )
        more = f" and {len(unclear) - _MOST_SHOWN} others" if len(unclear) > _MOST_SHOWN else ""
        hint = (
            "unmerge the cells and write the value into each, or set merged_cells: fill"
            if not fill
            else ("only cells merged downwards, below the header, can be filled: unmerge the others")
        )
        return [], Problem(
            f"sheet '{title}': cells are merged ({shown}{more}); only the first of each holds the value",
            file,
            min(one[1] for one in unclear),
            hint=hint,
        )
    notices = []
    place = {number: at for at, number in enumerate(lines)}
    for left, top, _, bottom in held:
        if left > width:
            continue
        rows = np.zeros(len(lines), dtype=bool)
        rows[[place[number] for number in range(top + 1, bottom + 1) if number in place]] = True
        after = as_column([_text(texts, top, left)] * len(lines))
        notices.append((left - 1, Notice(rows, after, "merged_cell", f"merged with the cell of line {top}")))
    return notices, None


def _text(texts: dict[int, list[str]], row: int, column: int) -> str:
    found = texts.get(row, [])
    return found[column - 1].strip() if column <= len(found) else ""
