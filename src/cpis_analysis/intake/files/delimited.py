"""Delimited text of any usual encoding and separator."""

from __future__ import annotations

import csv
import re
from pathlib import Path

from cpis_analysis.errors import Problem
from cpis_analysis.intake.account.delivered import Delivered, as_column
from cpis_analysis.intake.files.header_line import MOST_LINES_ABOVE, header_problem, names_found
from cpis_analysis.intake.text_files.text_rows import decode_text, first_records, from_line, read_rows
from cpis_analysis.plan.schema import Source

_SEPARATORS = (",", ";", "\t", "|")
_NAMED_SEPARATOR = re.compile(r"\"?sep=([,;\t|])\"?\r?\n", re.IGNORECASE)
_WORDS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "vertical bars"}


def read_delimited(
    path: Path, source: Source, known: frozenset[str] = frozenset()
) -> tuple[Delivered | None, list[Problem]]:
    """Read delimited text; encoding and separator are told from the file where the plan leaves it open.

    A first line ``sep=;``, as Excel reads and writes it, names the separator and is not data. ``known`` holds the
    names that columns may have (folded), by which a header below a title is found.
    """
    text, encoding, problems = decode_text(path, source.file, source.encoding)
    if text is None:
        return None, problems
    named = _NAMED_SEPARATOR.match(text)
    start = source.header_line or (2 if named else 1)
    if named and start == 1:
        return None, [
            Problem(
                "line 1 names the separator, it is no header",
                source.file,
                1,
                hint="set header_line: 2, or take the key out",
            )
        ]
    delimiter: str = source.delimiter
    if named:
        if delimiter not in ("auto", named.group(1)):
            return None, [
                Problem(
                    f"line 1 says that '{named.group(1)}' separates the columns, the plan says '{delimiter}'",
                    source.file,
                    1,
                    hint="take delimiter out of the plan",
                )
            ]
        delimiter = named.group(1)
    wrong = _not_at_the_header(text, source, delimiter, start, known)
    if wrong is not None:
        return None, [wrong]
    if delimiter == "auto":
        delimiter = separator_of(from_line(text, start))
    rows, problems = read_rows(text, source.file, delimiter, start)
    if rows is None:
        return None, problems
    late = source.header_line is not None and start > (2 if named else 1)
    said = [
        (encoding != "utf-8", f"read as {encoding}"),
        (named is not None, "line 1 names the separator"),
        (late, f"header in line {start}"),
        (delimiter != ",", f"columns separated by {_WORDS[delimiter]}"),
    ]
    columns = [as_column(cells) for cells in zip(*(row for _, row in rows.rows), strict=True)] if rows.rows else []
    columns += [as_column(()) for _ in rows.header[len(columns) :]]
    return Delivered(
        format="csv",
        header=rows.header,
        columns=tuple(columns),
        lines=as_column(line for line, _ in rows.rows).astype("int64"),
        labels=("",) * len(rows.header),
        remarks=tuple(text for holds, text in said if holds),
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


def _not_at_the_header(text: str, source: Source, delimiter: str, start: int, known: frozenset[str]) -> Problem | None:
    """Why the file does not begin with its header, told with the separator that finds most of its names."""
    if source.header_line is not None:
        if not from_line(text, start).partition("\n")[0].strip():
            return Problem(
                "nothing stands in the line that header_line names",
                source.file,
                start,
                hint="give the number of the line in which the names of the columns stand",
            )
        return None
    beginnings = [
        [record for record in first_records(text, sign, MOST_LINES_ABOVE) if record[0] >= start]
        for sign in (_SEPARATORS if delimiter == "auto" else (delimiter,))
    ]
    best = max(
        beginnings,
        key=lambda records: (
            max((names_found(cells, known) for _, cells in records), default=0),
            sum(len(cells) for _, cells in records),
        ),
    )
    return header_problem(best, known, source.file)
