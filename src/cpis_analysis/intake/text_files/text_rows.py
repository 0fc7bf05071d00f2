"""Delimited text into rows of cells that know their line, quoted line breaks included."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cpis_analysis.errors import Problem

_UNREADABLE_STARTS = {
    b"PK\x03\x04": "is a zip archive or an Excel workbook, not text; save it as CSV",
    b"\xd0\xcf\x11\xe0": "is an old Excel workbook, not text; save it as CSV",
    b"$FL2": "is an SPSS file, not text; export it as CSV",
    b"%PDF": "is a PDF, not text",
    b"\x1f\x8b": "is a gzip archive, not text; unpack it",
    b"\xff\xfe": "is UTF-16 text; save it as UTF-8",
    b"\xfe\xff": "is UTF-16 text; save it as UTF-8",
}
_UTF8_CHARACTER = re.compile(rb"[\xc3-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_LARGEST_CELL = 1_000_000
_MOST_LINES = 10
_BEGINNING = 1_000_000


@dataclass(frozen=True)
class Rows:
    """The header and the rows of a file, each with the line on which it starts."""

    header: tuple[str, ...]
    rows: tuple[tuple[int, list[str]], ...]


def decode_file(path: Path, name: str, encoding: str = "utf-8") -> tuple[str | None, list[Problem]]:
    """`decode_text` for a file of which the encoding is known."""
    text, _, problems = decode_text(path, name, encoding)
    return text, problems


def decode_text(path: Path, name: str, encoding: str = "auto") -> tuple[str | None, str, list[Problem]]:
    """Bytes of a file as text, or the reason why they are none.

    Parameters
    ----------
    path : Path
        Where the file is.
    name : str
        What messages call it.
    encoding : {'auto', 'utf-8', 'windows-1252'}
        A byte-order mark is dropped. ``auto``: UTF-8 if the bytes can be that; otherwise Windows-1252 if no
        part of the text is UTF-8 beyond ASCII, since a text that is both was damaged on its way.

    Returns
    -------
    text : str or None
    encoding : str
        The one that was used.
    problems : list of Problem
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return (
            None,
            encoding,
            [Problem("there is no such file", file=name, hint="put it there, or correct the path in the plan")],
        )
    except OSError as error:
        return (
            None,
            encoding,
            [
                Problem(
                    f"cannot be opened: {error.strerror}",
                    file=name,
                    hint="see who owns the file, and whether another program has it open",
                )
            ],
        )
    if not content.strip():
        return (
            None,
            encoding,
            [Problem("the file is empty", file=name, hint="ask for the file again, or take it out of data.sources")],
        )
    for start, reason in _UNREADABLE_STARTS.items():
        if content.startswith(start):
            return None, encoding, [Problem(f"the file {reason}", file=name, hint="save it as text in UTF-8")]
    if b"\x00" in content:
        position = content.index(b"\x00")
        line = content.count(b"\n", 0, position) + 1
        return (
            None,
            encoding,
            [
                Problem(
                    "contains NUL bytes, so it is not text or is damaged",
                    file=name,
                    line=line,
                    hint="save it as text (CSV, UTF-8), or ask for another copy",
                )
            ],
        )
    if encoding == "auto":
        encoding = "windows-1252" if _is_windows_text(content) else "utf-8"
    text, problems = _decode(content, name, encoding)
    return text, encoding, problems


def _is_windows_text(content: bytes) -> bool:
    """No byte beyond ASCII belongs to UTF-8, and all of them exist in Windows-1252."""
    if _decodes(content, "utf-8") or not _decodes(content, "windows-1252"):
        return False
    return _UTF8_CHARACTER.search(content) is None


def read_rows(text: str, name: str, delimiter: str = ",", start: int = 1) -> tuple[Rows | None, list[Problem]]:
    """Split text into rows.

    Parameters
    ----------
    text : str
        A whole file.
    name : str
        What messages call it.
    delimiter : str
        One character.
    start : int
        Line of the header; what stands above it is not read.

    Returns
    -------
    rows : Rows or None
        Blank lines are rows without text; rows that are too short or too long are
        reported and left out.
    problems : list of Problem
    """
    problems: list[Problem] = []
    records = _records(text, name, delimiter, problems, start)
    first = next(records, None)
    if first is None:
        return None, problems or [
            Problem(
                "the file is empty" if start == 1 else f"the file has no line {start}",
                name,
                hint="ask for the file again" if start == 1 else "give the number of a line that it has: header_line",
            )
        ]
    header = tuple(cell.strip() for cell in first[1])
    width = len(header)
    rows: list[tuple[int, list[str]]] = []
    ragged: dict[int, list[int]] = {}
    for line, cells in records:
        if len(cells) == width:
            rows.append((line, cells))
        elif not any(cell.strip() for cell in cells):
            rows.append((line, [""] * width))
        else:
            ragged.setdefault(len(cells), []).append(line)
    for count, lines in ragged.items():
        message = f"the row has {count} cells where the header has {width}"
        hint = "a cell that contains the separator must stand in quotes" if count > width else "the row may be cut off"
        shown = lines if len(lines) <= _MOST_LINES else lines[:1]
        times = 1 if len(lines) <= _MOST_LINES else len(lines)
        problems += [Problem(message, file=name, line=line, hint=hint, count=times) for line in shown]
    return Rows(header=header, rows=tuple(rows)), problems


def _decode(content: bytes, name: str, encoding: str) -> tuple[str | None, list[Problem]]:
    if encoding != "utf-8" and not content.isascii() and _decodes(content, "utf-8"):
        found = "the text is UTF-8, but the plan says that it is " + encoding
        return None, [Problem(found, file=name, hint="set encoding: utf-8")]
    try:
        return content.decode("utf-8-sig" if encoding == "utf-8" else encoding), []
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        hint = None
        if encoding == "utf-8" and _decodes(content, "windows-1252"):
            hint = "it may be windows-1252: set encoding: windows-1252"
        found = f"is not {encoding} text (byte 0x{content[error.start]:02X})"
        return None, [Problem(found, file=name, line=line, hint=hint)]


def _decodes(content: bytes, encoding: str) -> bool:
    try:
        content.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def from_line(text: str, start: int) -> str:
    """The text from a line on, counted from 1."""
    if start == 1:
        return text
    stream = io.StringIO(text, newline="")
    for _ in range(start - 1):
        stream.readline()
    return stream.read()


def first_records(text: str, delimiter: str, most: int) -> list[tuple[int, list[str]]]:
    """The first rows of a text, whatever is wrong with it, each with its line."""
    beginning = text[:_BEGINNING]
    return [record for _, record in zip(range(most), _records(beginning, "", delimiter, []), strict=False)]


def _records(
    text: str, name: str, delimiter: str, problems: list[Problem], start: int = 1
) -> Iterator[tuple[int, list[str]]]:
    csv.field_size_limit(_LARGEST_CELL)
    reader = csv.reader(io.StringIO(from_line(text, start), newline=""), delimiter=delimiter, strict=True)
    while True:
        line = reader.line_num + start
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            problems.append(Problem(_csv_fault(str(error)), file=name, line=line, hint="correct the line in the file"))
            return
        yield line, cells


def _csv_fault(message: str) -> str:
    if "unexpected end of data" in message:
        return "a quoted cell begins in this row and is never closed; the file may be cut off"
    if "field larger" in message:
        return f"a cell is longer than {_LARGEST_CELL} characters; a closing quote may be missing"
    if "expected after" in message:
        return "text follows a closing quote; quotes inside a cell must be doubled"
    return f"the row cannot be read: {message}"
