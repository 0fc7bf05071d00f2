"""Delimited text of any usual encoding and separator."""

from __future__ import annotations

import csv
from pathlib import Path

from cpis_analysis.errors import Problem
from cpis_analysis.intake.formats.delivered import Delivered, as_column
from cpis_analysis.intake.rows import decode_text, read_rows
from cpis_analysis.plan.schema import Source

__all__ = ["read_delimited", "separator_of"]

_SEPARATORS = (",", ";", "\t", "|")
_WORDS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "vertical bars"}


def read_delimited(path: Path, source: Source) -> tuple[Delivered | None, list[Problem]]:
    """Read delimited text; encoding and separator are told from the file where the plan leaves it open."""
    text, encoding, problems = decode_text(path, source.file, source.encoding)
    if text is None:
        return None, problems
    delimiter = separator_of(text) if source.delimiter == "auto" else source.delimiter
    rows, problems = read_rows(text, source.file, delimiter)
    if rows is None:
        return None, problems
    remarks = []
    if encoding != "utf-8":
        remarks.append(f"read as {encoding}")
    if delimiter != ",":
        remarks.append(f"columns separated by {_WORDS[delimiter]}")
    columns = [as_column(cells) for cells in zip(*(row for _, row in rows.rows), strict=True)] if rows.rows else []
    columns += [as_column(()) for _ in rows.header[len(columns):]]
    return Delivered(
        format="csv",
        header=rows.header,
        columns=tuple(columns),
        lines=as_column(line for line, _ in rows.rows).astype("int64"),
        labels=("",) * len(rows.header),
        remarks=tuple(remarks),
        decimal_comma=delimiter == ";",
    ), problems


def separator_of(text: str) -> str:
    """The separator that splits the header into most columns; a comma if none does."""
    start = text.lstrip("\r\n")[:100_000]
    counts = {}
    for sign in _SEPARATORS:
        try:
            first = next(csv.reader(start.splitlines(keepends=True), delimiter=sign))
        except (csv.Error, StopIteration):
            first = []
        counts[sign] = len(first)
    return max(_SEPARATORS, key=lambda sign: (counts[sign], -_SEPARATORS.index(sign)))
