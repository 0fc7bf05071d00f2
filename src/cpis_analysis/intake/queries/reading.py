"""Answered workbooks (or CSV files) read back, each answer held against the dictionary."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from cpis_analysis.errors import DataError, Problem, did_you_mean
from cpis_analysis.intake.dictionary.dictionary import Dictionary, Variable
from cpis_analysis.intake.files.excel import archive_problem
from cpis_analysis.intake.files.spss_stata import cell_text
from cpis_analysis.intake.queries.correction import NEEDED_COLUMNS, Correction
from cpis_analysis.intake.queries.workbook_of_queries import STATUSES
from cpis_analysis.intake.rules.cells import rules_for, steps_for
from cpis_analysis.intake.text_files.neutral_cells import column_letters, neutral_text
from cpis_analysis.intake.text_files.text_rows import decode_file, read_rows
from cpis_analysis.intake.values.cell_rule import ValueSettings
from cpis_analysis.intake.values.dates import is_plain_date
from cpis_analysis.plan.schema import Cleaning


@dataclass(frozen=True)
class _Record:
    """One line as it stands in the file, and where."""

    cells: dict[str, Any]
    file: str
    row: int
    cell: Callable[[str], str]

    def problem(self, message: str, column: str, **more: Any) -> Problem:
        cell = self.cell(column)
        return Problem(message, f"{self.file}, cell {cell}" if cell else self.file, None if cell else self.row, **more)


def read_corrections(
    files: Sequence[str],
    root: Path,
    dictionary: Dictionary | None = None,
    cleaning: Cleaning | None = None,
    choose: Callable[[list[Correction]], list[Correction]] | None = None,
) -> list[Correction]:
    """Read answered workbooks, or CSV files with the same columns.

    Parameters
    ----------
    files : sequence of str
        Relative to ``root``; a query may be answered in one of them, or in several alike.
    dictionary : Dictionary, optional
        Says which answers are possible; without it that is not looked at.
    cleaning : Cleaning, optional
        Spellings that the plan accepts.
    choose : callable, optional
        Gives back those of the answers that may be used; nothing is said about the others.

    Raises
    ------
    DataError
        With every answer of every file that is incomplete, contradicts another or can't be a value of its variable,
        with its sheet and cell.
    """
    problems: list[Problem] = []
    found: list[Correction] = []
    for name in files:
        path = root / name
        records = _workbook(path, name, problems) if _is_archive(path) else _text(path, name, problems)
        found += [one for record in records if (one := _correction(record, problems)) is not None]
    found = found if choose is None else choose(found)
    by_id: dict[str, Correction] = {}
    for one in found:
        other = by_id.setdefault(one.query_id, one)
        if (other.status, other.answer) != (one.status, one.answer):
            said = f"query {one.query_id} has two answers, here and in {other.place}"
            problems.append(one.problem(said, hint="remove one of the two"))
    if dictionary is not None:
        settings = ValueSettings(cleaning or Cleaning())
        problems += [fault for one in by_id.values() if (fault := _impossible(one, dictionary, settings)) is not None]
    if problems:
        raise DataError("The corrections cannot be used.", problems)
    return list(by_id.values())


def _impossible(one: Correction, dictionary: Dictionary, settings: ValueSettings) -> Problem | None:
    """Why an answer can't be a value of its variable, or can't be written anywhere."""
    if one.status == "confirmed" or one.is_about_number:
        return None
    if not one.variable:
        return one.problem(
            "the query is about a row, not a cell; it can only be confirmed", hint="write confirmed as its status"
        )
    variable = _variable(one.variable, dictionary)
    if variable is None:
        return one.problem(
            "the dictionary has no such variable",
            hint=did_you_mean(one.variable, dictionary) or "write the name of the variable as the query had it",
        )
    if one.status == "missing":
        return None
    asked = next(
        (step for step in steps_for(one.answer, variable, rules_for(variable), settings) if step.question), None
    )
    if asked is None:
        return None
    return one.problem(
        f"the answer is no possible value: it {_said(asked.reason)}", value=one.answer, allowed=variable.allowed or None
    )


def _said(reason: str) -> str:
    return reason if reason.split(" ", 1)[0] in ("is", "can", "has", "may") else f"can't be read: {reason}"


def _variable(column: str, dictionary: Dictionary) -> Variable | None:
    """The variable of a column: of its name, a box of a checkbox, or the name before the wave of a wide file."""
    for name in (column, column.rpartition("_")[0]):
        if name in dictionary:
            return dictionary[name]
    return None


def _correction(record: _Record, problems: list[Problem]) -> Correction | None:
    given = record.cells
    text = {column: _as_meant(cell_text(given.get(column)).strip()) for column in (*NEEDED_COLUMNS, "about")}
    text["delivered"] = _as_meant(cell_text(given.get("delivered")))
    status = text["status"].lower() or "open"
    if not text["query_id"] or status == "open":
        if text["answer"] and status == "open":
            problems.append(
                record.problem("there is an answer, but the status is open", "status", allowed=", ".join(STATUSES))
            )
        return None
    faults = []
    if status not in STATUSES:
        faults.append(
            record.problem(
                "the status is not known",
                "status",
                value=text["status"],
                allowed=", ".join(STATUSES),
                hint=did_you_mean(status, STATUSES),
            )
        )
    if status == "corrected" and not text["answer"]:
        faults.append(
            record.problem("corrected, but there is no answer", "answer", hint="write the new value, or another status")
        )
    if status in ("missing", "confirmed") and text["answer"]:
        faults.append(
            record.problem(
                f"there is an answer, but the status is {status}",
                "answer",
                value=text["answer"],
                hint="write corrected as its status",
            )
        )
    if not text["author"]:
        faults.append(record.problem("the author is missing", "author", hint="write who answered"))
    if not is_plain_date(text["date"][:10]):
        faults.append(
            record.problem(
                "the date is missing or is not written year-month-day",
                "date",
                value=text["date"] or None,
                hint="write the day of the answer, such as 2026-01-31",
            )
        )
    if not text["line"].isdigit():
        faults.append(
            record.problem(
                "the line is not a number", "line", value=text["line"], hint="put it back as the query had it"
            )
        )
    problems += faults
    if status not in STATUSES or not text["line"].isdigit() or (status == "corrected" and not text["answer"]):
        return None
    # an answer without author or date is looked at all the same, so that one message names all that is wrong with it
    words = {**text, "status": status, "date": text["date"][:10]}
    return Correction(
        line=int(words.pop("line")),
        **words,
        file=record.file,
        cell=record.cell("answer"),
        row=record.row,
    )


def _as_meant(text: str) -> str:
    """Text without the apostrophe that kept a spreadsheet from taking it for a formula."""
    return text[1:] if text[:1] == "'" and neutral_text(text[1:]) == text else text


def _is_archive(path: Path) -> bool:
    try:
        with open(path, "rb") as stream:
            return stream.read(4) == b"PK\x03\x04"
    except OSError:
        return False


def _workbook(path: Path, name: str, problems: list[Problem]) -> list[_Record]:
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
        problems.append(
            Problem(
                "is no readable workbook",
                name,
                value=f"{type(error).__name__}: {str(error)[:100]}",
                hint="open it in Excel and save it again as .xlsx",
            )
        )
        return []
    records = []
    for title, rows in sheets.items():
        header = [cell_text(value).strip() for value in rows[0]] if rows else []
        if "query_id" not in header:
            continue
        missing = [column for column in NEEDED_COLUMNS if column not in header]
        problems += [
            Problem(
                f"sheet '{title}': the column '{column}' is missing",
                name,
                1,
                hint="put the column back as the workbook of queries has it",
            )
            for column in missing
        ]
        letters = {column: column_letters(at) for at, column in enumerate(header)}
        for number, row in enumerate(rows[1:], start=2):
            given = dict(zip(header, row, strict=False))
            written = given.get("date")
            if isinstance(written, datetime | date):
                given["date"] = written.isoformat()[:10]
            records.append(_Record(given, f"{name}, sheet '{title}'", number, _cells(letters, number)))
    if not records and not problems:
        problems.append(
            Problem(
                "no sheet has the column 'query_id'",
                name,
                hint="give the workbook of queries as it was written, with answers filled in",
            )
        )
    return records


def _cells(letters: dict[str, str], number: int) -> Callable[[str], str]:
    return lambda column: f"{letters.get(column, 'A')}{number}"


def _text(path: Path, name: str, problems: list[Problem]) -> list[_Record]:
    content, found = decode_file(path, name)
    if content is None:
        problems += found
        return []
    rows, found = read_rows(content, name)
    problems += found
    if rows is None:
        return []
    problems += [
        Problem(
            f"the column '{column}' is missing",
            name,
            1,
            hint=did_you_mean(column, rows.header) or "put the column back as the workbook of queries has it",
        )
        for column in NEEDED_COLUMNS
        if column not in rows.header
    ]
    return [
        _Record(dict(zip(rows.header, cells, strict=True)), name, line, lambda column: "") for line, cells in rows.rows
    ]
