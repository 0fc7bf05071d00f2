"""Answered queries, read back and applied before any rule."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np

from cpis_analysis.errors import DataError, Problem, did_you_mean
from cpis_analysis.intake.answers.spreadsheet import neutral_text
from cpis_analysis.intake.answers.workbook import STATUSES
from cpis_analysis.intake.dates import is_plain_date
from cpis_analysis.intake.formats.labelled import cell_text
from cpis_analysis.intake.formats.workbook import archive_problem
from cpis_analysis.intake.journal import Journal
from cpis_analysis.intake.labels import folded
from cpis_analysis.intake.rows import decode_file, read_rows
from cpis_analysis.intake.tables import Table

__all__ = ["NEEDED_COLUMNS", "Correction", "apply_corrections", "confirmed", "corrections_csv", "read_corrections"]

NEEDED_COLUMNS = ("query_id", "source", "line", "participant", "variable", "delivered", "rule", "status", "answer",
                  "author", "date", "comment")
_ABOUT_THE_NUMBER = ("no_participant", "not_in_log")


@dataclass(frozen=True)
class Correction:
    """One answer.

    Attributes
    ----------
    query_id, source, participant, variable, rule : str
        Of the query; ``variable`` is empty if it was about a row.
    line : int
    delivered : str
        What stood in the raw file when it was asked.
    status : {'corrected', 'missing', 'confirmed'}
    answer, author, date, comment : str
    place : (str, int)
        Sheet or file, and line, of the answer.
    """

    query_id: str
    source: str
    line: int
    participant: str
    variable: str
    delivered: str
    rule: str
    status: str
    answer: str
    author: str
    date: str
    comment: str
    place: tuple[str, int]

    @property
    def reason(self) -> str:
        """What the audit trail says."""
        return f"{self.author}, {self.date}: {self.comment or 'answer to query ' + self.query_id}"


def read_corrections(path: Path, name: str) -> list[Correction]:
    """Read an answered workbook, or a CSV file with the same columns.

    Raises
    ------
    DataError
        With every answer that is incomplete or cannot be read.
    """
    problems: list[Problem] = []
    records = _workbook(path, name, problems) if _is_archive(path) else _text(path, name, problems)
    found = [one for record, place in records if (one := _correction(record, place, name, problems)) is not None]
    by_id: dict[str, Correction] = {}
    for one in found:
        other = by_id.setdefault(one.query_id, one)
        if (other.status, other.answer) != (one.status, one.answer):
            problems.append(Problem(f"query {one.query_id} has two answers, here and on line {other.place[1]}", name,
                                    one.place[1]))
    if problems:
        raise DataError("The corrections cannot be used.", problems)
    return list(by_id.values())


def apply_corrections(
    corrections: list[Correction], tables: list[Table], journal: Journal, participant: str, file: str
) -> None:
    """Write the answers into the raw cells, each with its audit line.

    An answer fits if the cell still holds what it held when the question was asked: in the same line, or, where the
    file was delivered anew, in the only row of the participant that holds it.

    Raises
    ------
    DataError
        With every correction that no longer fits.
    """
    problems: list[Problem] = []
    for one in corrections:
        if one.status == "confirmed":
            continue
        variable = participant if not one.variable and one.rule in _ABOUT_THE_NUMBER else one.variable
        where = {"file": file, "line": one.place[1], "participant": one.participant or None,
                 "variable": variable or None}
        if not variable:
            problems.append(Problem("the query is about a row, not a cell; it can only be confirmed", **where))
            continue
        own = [table for table in tables if table.source == one.source]
        if not own or not any(variable in table.cells for table in own):
            problems.append(Problem(f"source '{one.source}' has no such variable", **where))
            continue
        hits = [(table, rows) for table in own if (rows := _rows(one, table, variable, participant)).size]
        if not hits:
            problems.append(Problem("the correction no longer fits: the cell does not hold what it held when it was "
                                    "asked", hint="take the line out, or ask again", **where))
            continue
        for table, rows in hits:
            answer = "" if one.status == "missing" else one.answer
            journal.change(table, rows, variable, answer, "correction", one.reason)
    if problems:
        raise DataError("Corrections no longer fit the raw data.", problems)


def confirmed(corrections: list[Correction]) -> frozenset[str]:
    """Queries that need no further asking."""
    return frozenset(one.query_id for one in corrections if one.status in ("confirmed", "missing"))


def corrections_csv(corrections: list[Correction]) -> str:
    """The answers as CSV, for keeping under version control."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(NEEDED_COLUMNS)
    writer.writerows([neutral_text(str(getattr(one, column))) for column in NEEDED_COLUMNS] for one in corrections)
    return out.getvalue()


def _rows(one: Correction, table: Table, variable: str, participant: str) -> np.ndarray:
    if variable not in table.cells:
        return np.empty(0, dtype=np.int64)
    raw, people = table.raw[variable], table.raw.get(participant)
    if one.rule == "conflicting_duplicate" and people is not None:
        same = np.array([folded(text) == folded(one.participant) for text in people], dtype=bool)
        return np.flatnonzero(same) if np.any(same & (table.lines == one.line)) else np.empty(0, dtype=np.int64)
    fits = raw == one.delivered
    here = np.flatnonzero(fits & (table.lines == one.line))
    if here.size:
        belongs = variable == participant or people is None or folded(people[here[0]]) == folded(one.participant)
        return here if belongs else np.empty(0, dtype=np.int64)
    if people is None or variable == participant:
        return here
    same = np.array([folded(text) == folded(one.participant) for text in people], dtype=bool)
    elsewhere = np.flatnonzero(fits & same)
    return elsewhere if elsewhere.size == 1 and same.sum() == 1 else np.empty(0, dtype=np.int64)


def _correction(
    record: dict[str, Any], place: tuple[str, int], file: str, problems: list[Problem]
) -> Correction | None:
    text = {column: _as_meant(cell_text(record.get(column)).strip()) for column in NEEDED_COLUMNS}
    text["delivered"] = _as_meant(cell_text(record.get("delivered")))
    status = text["status"].lower() or "open"
    if not text["query_id"] or status == "open":
        if text["answer"] and status == "open":
            problems.append(Problem("there is an answer, but the status is open", file, place[1],
                                    allowed=", ".join(STATUSES)))
        return None
    faults = []
    if status not in STATUSES:
        faults.append(Problem("the status is not known", file, place[1], value=text["status"],
                              allowed=", ".join(STATUSES), hint=did_you_mean(status, STATUSES)))
    if status == "corrected" and not text["answer"]:
        faults.append(Problem("corrected, but there is no answer", file, place[1]))
    if not text["author"]:
        faults.append(Problem("the author is missing", file, place[1]))
    if not is_plain_date(text["date"][:10]):
        faults.append(Problem("the date is missing or is not written year-month-day", file, place[1],
                              value=text["date"] or None))
    if not text["line"].isdigit():
        faults.append(Problem("the line is not a number", file, place[1], value=text["line"]))
    problems += faults
    if faults:
        return None
    return Correction(**{**text, "status": status, "line": int(text["line"]), "date": text["date"][:10]}, place=place)


def _as_meant(text: str) -> str:
    """Text without the apostrophe that kept a spreadsheet from taking it for a formula."""
    return text[1:] if text[:1] == "'" and neutral_text(text[1:]) == text else text


def _is_archive(path: Path) -> bool:
    try:
        with open(path, "rb") as stream:
            return stream.read(4) == b"PK\x03\x04"
    except OSError:
        return False


def _workbook(path: Path, name: str, problems: list[Problem]) -> list[tuple[dict[str, Any], tuple[str, int]]]:
    import openpyxl

    fault = archive_problem(path, name)
    if fault is not None:
        problems.append(fault)
        return []
    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
        sheets = {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in book.worksheets}
        book.close()
    except Exception as error:  # damaged workbooks raise many kinds
        problems.append(Problem("is no readable workbook", name, hint=f"{type(error).__name__}: {str(error)[:100]}"))
        return []
    records = []
    for title, rows in sheets.items():
        header = [cell_text(value).strip() for value in rows[0]] if rows else []
        if "query_id" not in header:
            continue
        missing = [column for column in NEEDED_COLUMNS if column not in header]
        problems += [Problem(f"sheet '{title}': the column '{column}' is missing", name, 1) for column in missing]
        for number, row in enumerate(rows[1:], start=2):
            given = dict(zip(header, row, strict=False))
            if isinstance(given.get("date"), datetime | date):
                given["date"] = given["date"].isoformat()[:10]
            records.append((given, (f"{name}, sheet '{title}'", number)))
    if not records and not problems:
        problems.append(Problem("no sheet has the column 'query_id'", name))
    return records


def _text(path: Path, name: str, problems: list[Problem]) -> list[tuple[dict[str, Any], tuple[str, int]]]:
    content, found = decode_file(path, name)
    if content is None:
        problems += found
        return []
    rows, found = read_rows(content, name)
    problems += found
    if rows is None:
        return []
    problems += [Problem(f"the column '{column}' is missing", name, 1, hint=did_you_mean(column, rows.header))
                 for column in NEEDED_COLUMNS if column not in rows.header]
    return [(dict(zip(rows.header, cells, strict=True)), (name, line)) for line, cells in rows.rows]
