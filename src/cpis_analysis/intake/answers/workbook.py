"""The queries as a workbook for the data manager: one sheet a team, with columns to answer in."""

from __future__ import annotations

import pandas as pd

from cpis_analysis.intake.answers.spreadsheet import put_text, sheet_title, workbook_bytes
from cpis_analysis.intake.dictionary import Dictionary
from cpis_analysis.plan.schema import Design

__all__ = ["ANSWER_COLUMNS", "ASKED_COLUMNS", "STATUSES", "queries_workbook"]

ASKED_COLUMNS = ("query_id", "source", "line", "participant", "variable", "label", "delivered", "question", "allowed",
                 "meanwhile", "rule")
ANSWER_COLUMNS = ("status", "answer", "author", "date", "comment")
STATUSES = {
    "open": "not answered yet",
    "corrected": "the right value stands under answer",
    "missing": "there is no right value: leave it missing",
    "confirmed": "the files are right as cleaned; do not ask again",
}
_WIDTHS = {"query_id": 12, "line": 7, "question": 60, "allowed": 30, "label": 28, "answer": 20, "comment": 30}
_NO_TEAM = "Team not known"


def queries_workbook(
    queries: pd.DataFrame, delivered: pd.Series, participants: pd.DataFrame, dictionary: Dictionary, design: Design
) -> bytes:
    """An .xlsx file.

    Parameters
    ----------
    queries : DataFrame
        As `Journal.queries` gives them.
    delivered : Series
        What stands in the raw file, for each query.
    participants : DataFrame
        Clean participants: say to which team a query goes.
    """
    import openpyxl
    from openpyxl.styles import Alignment, Font, PatternFill
    from openpyxl.worksheet.datavalidation import DataValidation

    book = openpyxl.Workbook()
    taken: set[str] = set()
    _instructions(book.active, sheet_title("How to answer", taken), len(queries))
    teams = _teams(queries["participant"], participants, design)
    lines = queries.assign(delivered=delivered.to_numpy(), team=teams)
    lines["label"] = [dictionary[name].label if name in dictionary else "" for name in _base(lines, dictionary)]
    lines["allowed"] = [dictionary[name].allowed if name in dictionary else "" for name in _base(lines, dictionary)]
    columns = (*ASKED_COLUMNS, *ANSWER_COLUMNS)
    for team in sorted(set(teams), key=lambda name: (name == _NO_TEAM, name)):
        sheet = book.create_sheet(sheet_title(team, taken))
        for at, column in enumerate(columns, start=1):
            cell = put_text(sheet, 1, at, column)
            cell.font = Font(bold=True)
            if column in ANSWER_COLUMNS:
                cell.fill = PatternFill("solid", fgColor="FFF2CC")
            sheet.column_dimensions[cell.column_letter].width = _WIDTHS.get(column, 14)
        own = lines[lines["team"] == team]
        for row, line in enumerate(own.to_dict("records"), start=2):
            for at, column in enumerate(ASKED_COLUMNS, start=1):
                if column == "line":
                    sheet.cell(row, at).value = int(line["line"])
                else:
                    cell = put_text(sheet, row, at, str(line[column]))
                    cell.alignment = Alignment(wrap_text=column == "question", vertical="top")
            put_text(sheet, row, len(ASKED_COLUMNS) + 1, "open")
            for at in range(2, len(ANSWER_COLUMNS) + 1):
                sheet.cell(row, len(ASKED_COLUMNS) + at).number_format = "@"
        choice = DataValidation(type="list", formula1=f'"{",".join(STATUSES)}"', allow_blank=True)
        sheet.add_data_validation(choice)
        letter = sheet.cell(1, len(ASKED_COLUMNS) + 1).column_letter
        choice.add(f"{letter}2:{letter}{max(len(own) + 1, 2)}")
        sheet.freeze_panes = "B2"
    return workbook_bytes(book)


def _instructions(sheet, title: str, count: int) -> None:
    sheet.title = title
    text = [
        f"{count} questions about the raw data. CONFIDENTIAL: lines are about single participants.",
        "Answer in the yellow columns; change nothing else. Then name this file under data.corrections in the plan.",
        "",
        *(f"{status}: {meaning}" for status, meaning in STATUSES.items()),
        "",
        "author and date (year-month-day) are needed with every answer; they enter the audit trail.",
    ]
    for row, line in enumerate(text, start=1):
        put_text(sheet, row, 1, line)
    sheet.column_dimensions["A"].width = 110


def _base(lines: pd.DataFrame, dictionary: Dictionary) -> list[str]:
    """Variable of each line; the column of a wide file without its wave."""
    return [name if name in dictionary else name.rpartition("_")[0] for name in lines["variable"]]


def _teams(people: pd.Series, participants: pd.DataFrame, design: Design) -> list[str]:
    places = [design.trust, *([design.team] if design.team else [])]
    known = {}
    for row in participants[[design.participant, *places]].astype(object).itertuples(index=False):
        if not any(pd.isna(value) for value in row):
            known[row[0]] = " ".join(str(value) for value in row[1:])
    return [known.get(person, _NO_TEAM) for person in people]
