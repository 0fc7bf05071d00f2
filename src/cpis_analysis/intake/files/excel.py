"""Excel workbooks: one sheet, its values, and the guards against files that are none."""

from __future__ import annotations

import warnings
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from cpis_analysis.errors import Problem, did_you_mean
from cpis_analysis.intake.account.delivered import Delivered, as_column
from cpis_analysis.intake.files.header_line import MOST_LINES_ABOVE, header_problem
from cpis_analysis.intake.files.sheet import SheetRows, merged_ranges, read_cells, read_merged
from cpis_analysis.plan.schema import Source

_LARGEST_PART = 400_000_000
_LARGEST_RATIO = 250
_MANY_PARTS = 5_000
_SMALL = 1_000_000
_MOST_CELLS = 50_000_000


def read_workbook(
    path: Path, source: Source, known: frozenset[str] = frozenset()
) -> tuple[Delivered | None, list[Problem]]:
    """Read one sheet of a workbook.

    Notes
    -----
    Values are those that the program that saved the file computed. A formula without a saved value, and a cell
    with an error such as #N/A, are faults of the file, as are merged cells that the plan does not explain. Blank
    rows and columns at the end are no data.
    """
    import openpyxl

    fault = archive_problem(path, source.file)
    if fault is not None:
        return None, [fault]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    except Exception as error:  # damaged workbooks raise many kinds
        hint = f"{type(error).__name__}: {str(error)[:100]}"
        return None, [Problem("is no readable Excel workbook; it may be damaged or protected", source.file, hint=hint)]
    try:
        names = [sheet.title for sheet in book.worksheets]
        wanted = source.sheet if source.sheet is not None else (names[0] if len(names) == 1 else None)
        if wanted is None:
            return None, [
                Problem(
                    "the workbook has several sheets",
                    source.file,
                    allowed=", ".join(names),
                    hint="name one with sheet:",
                )
            ]
        if wanted not in names:
            return None, [
                Problem(
                    "the workbook has no such sheet",
                    source.file,
                    value=wanted,
                    allowed=", ".join(names),
                    hint=did_you_mean(wanted, names),
                )
            ]
        return _read_sheet(book, wanted, path, source, known)
    except Exception as error:  # damaged sheets raise many kinds, from zlib to the XML parser
        hint = f"{type(error).__name__}: {str(error)[:100]}"
        return None, [Problem("the sheet cannot be read; the workbook may be damaged", source.file, hint=hint)]
    finally:
        book.close()


def archive_problem(path: Path, name: str) -> Problem | None:
    """Why an archive is no workbook, or is too large to be opened safely; None if it can be opened."""
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
            if len(parts) > _MANY_PARTS:
                return Problem(
                    "the workbook has too many parts to be one",
                    file=name,
                    hint="open it in Excel and save the sheet as a new workbook, or as CSV",
                )
            whole = sum(part.file_size for part in parts)
            for part in parts:
                ratio = part.file_size / max(part.compress_size, 1)
                if part.file_size > _LARGEST_PART or (part.file_size > 20 * _SMALL and ratio > _LARGEST_RATIO):
                    found = f"{part.file_size // _SMALL} MB packed into {part.compress_size // 1000} kB"
                    return Problem(
                        "the workbook unpacks to more than can be read; it may be damaged or a trap",
                        file=name,
                        value=found,
                        hint="ask whoever sent it for another copy, or for CSV",
                    )
            if whole > 2 * _LARGEST_PART:
                return Problem(
                    "the workbook unpacks to more than can be read",
                    file=name,
                    hint="save the sheet as CSV, without empty formatted cells",
                )
            if "xl/workbook.xml" not in archive.namelist():
                old = "xl/workbook.bin" in archive.namelist()
                hint = "save it as .xlsx" if old else None
                return Problem("is a zip archive, but no Excel workbook (.xlsx)", file=name, hint=hint)
            for part in parts:
                if part.filename.endswith((".xml", ".rels")):
                    with archive.open(part) as stream:
                        start = stream.read(2000)
                    if b"<!DOCTYPE" in start or b"<!ENTITY" in start:
                        return Problem(
                            "the workbook declares document types, which Excel never does",
                            file=name,
                            hint="open it in Excel and save it as a new workbook",
                        )
            return None
    except Exception as error:  # damaged archives raise many kinds
        return Problem("is a damaged workbook or zip archive", file=name, hint=str(error)[:100] or None)


def _read_sheet(
    book: Any, sheet: str, path: Path, source: Source, known: frozenset[str]
) -> tuple[Delivered | None, list[Problem]]:
    problems: list[Problem] = []
    found = read_cells(book[sheet], _MOST_CELLS)
    if found is None:
        return None, [
            Problem(
                "the sheet has more cells than can be read",
                source.file,
                value=sheet,
                hint="remove empty rows and columns, or save the sheet as CSV",
            )
        ]
    if not found.rows:
        return None, [
            Problem(
                f"the sheet '{sheet}' is empty", source.file, hint="name another sheet under the source: sheet: NAME"
            )
        ]
    wrong = _start_at_header(found, sheet, source, known)
    if wrong is not None:
        return None, [wrong]
    rows = found.rows
    header = [text.strip() for text in rows[0][1]]
    width = len(header)
    with zipfile.ZipFile(path) as archive:
        ranges = merged_ranges(archive, book[sheet]._worksheet_path.removeprefix("/"))
    notices, wrong = read_merged(ranges, found, sheet, source.file, source.merged_cells == "fill")
    problems += [wrong] if wrong is not None else []
    for number, texts in rows[1:]:
        if len(texts) > width:
            problems.append(
                Problem(
                    f"sheet '{sheet}': the row has {len(texts)} cells where the header has {width}",
                    source.file,
                    number,
                    hint="remove what stands beyond the last column, or name the columns",
                )
            )
        for at, text in enumerate(texts[:width]):
            if text.startswith("#") and text in _ERRORS:
                problems.append(
                    Problem(
                        f"sheet '{sheet}': the cell holds an error of Excel",
                        source.file,
                        number,
                        variable=header[at],
                        value=text,
                        hint="correct the formula in the workbook, or clear the cell",
                    )
                )
    problems += _unsaved_formulas(path, sheet, rows, source)
    if problems:
        return None, _shortened(problems)
    body = [(number, [*texts, *[""] * (width - len(texts))]) for number, texts in rows[1:]]
    columns = (
        [as_column(column) for column in zip(*(texts for _, texts in body), strict=True)]
        if body
        else [as_column(()) for _ in header]
    )
    above = [f"header in line {rows[0][0]}"] if source.header_line else []
    return Delivered(
        format="excel",
        header=tuple(header),
        columns=tuple(columns),
        lines=np.array([number for number, _ in body], dtype=np.int64),
        labels=("",) * width,
        remarks=(f"sheet '{sheet}'", *above),
        day_zero=book.epoch.date(),
        notices=tuple(notices),
        date_cells={
            at: np.array([number in found.dates[at] for number, _ in body], dtype=bool)
            for at in range(width)
            if at in found.dates
        },
    ), []


def _start_at_header(found: SheetRows, sheet: str, source: Source, known: frozenset[str]) -> Problem | None:
    """Leave out what stands above the header, or say why the first row is none."""
    if source.header_line is None:
        return header_problem(found.rows[:MOST_LINES_ABOVE], known, source.file, f"sheet '{sheet}': ")
    found.rows = [(number, texts) for number, texts in found.rows if number >= source.header_line]
    if not found.rows or found.rows[0][0] != source.header_line or not found.rows[0][1]:
        return Problem(
            f"sheet '{sheet}': nothing stands in the line that header_line names",
            source.file,
            source.header_line,
            hint="give the number of the line in which the names of the columns stand",
        )
    return None


_ERRORS = {"#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NUM!", "#NAME?", "#NULL!"}


def _unsaved_formulas(path: Path, sheet: str, rows: list[tuple[int, list[str]]], source: Source) -> Iterator[Problem]:
    """Cells whose formula was never computed: they would be read as blank."""
    with zipfile.ZipFile(path) as archive:
        if not any(
            b"<f>" in archive.read(part) or b"<f " in archive.read(part)
            for part in archive.namelist()
            if part.startswith("xl/worksheets/")
        ):
            return
    import openpyxl

    book = openpyxl.load_workbook(path, read_only=True, data_only=False)
    texts = dict(rows)
    for number, row in enumerate(book[sheet].iter_rows(values_only=True), start=1):
        if number < rows[0][0]:
            continue
        for at, value in enumerate(row):
            found = texts.get(number, [])
            if isinstance(value, str) and value.startswith("=") and (at >= len(found) or not found[at]):
                message = f"sheet '{sheet}': cell {at + 1} holds a formula whose value was never saved"
                hint = "open and save the workbook in Excel, or paste values"
                yield Problem(message, source.file, number, hint=hint)
    book.close()


def _shortened(problems: list[Problem], most: int = 10) -> list[Problem]:
    if len(problems) <= most:
        return problems
    from dataclasses import replace

    return [*problems[: most - 1], replace(problems[most - 1], count=len(problems) - most + 1)]
