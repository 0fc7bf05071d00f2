"""The queries as a workbook for the data manager: one sheet a team, with columns to answer in."""

from __future__ import annotations

import pandas as pd

from cpis_analysis.intake.dictionary.dictionary import Dictionary
from cpis_analysis.intake.text_files.neutral_cells import Sheet, sheet_title, workbook_bytes
from cpis_analysis.plan.naming import Noun, plural
from cpis_analysis.plan.schema_design import Design
from cpis_analysis.publish.format import capital

ASKED_COLUMNS = (
    "query_id",
    "source",
    "line",
    "participant",
    "about",
    "variable",
    "label",
    "delivered",
    "question",
    "allowed",
    "meanwhile",
    "rule",
)
ANSWER_COLUMNS = ("status", "answer", "author", "date", "comment")
STATUSES = {
    "open": "not answered yet",
    "corrected": "the right value stands under answer",
    "missing": "there is no right value: leave it missing",
    "confirmed": "the files are right as cleaned; do not ask again",
}
_WIDTHS = {"query_id": 12, "line": 7, "question": 60, "allowed": 30, "label": 28, "answer": 20, "comment": 30}


def queries_workbook(
    queries: pd.DataFrame,
    delivered: pd.Series,
    participants: pd.DataFrame,
    dictionary: Dictionary,
    design: Design,
    about: pd.Series | None = None,
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
    about : Series, optional
        What tells the row of each query from others of the participant.
    """
    taken: set[str] = set()
    sheets = [_instructions(sheet_title("How to answer", taken), len(queries), design.participant_noun)]
    nowhere = f"{capital(design.team_noun)} not known"
    teams = _teams(queries["participant"], participants, design, nowhere)
    lines = queries.assign(delivered=delivered.to_numpy(), team=teams, about="" if about is None else about.to_numpy())
    names = _base(lines, dictionary)
    lines["label"] = [dictionary[name].label if name in dictionary else "" for name in names]
    lines["allowed"] = [dictionary[name].allowed if name in dictionary else "" for name in names]
    columns = (*ASKED_COLUMNS, *ANSWER_COLUMNS)
    open_answer = ["open", *[""] * (len(ANSWER_COLUMNS) - 1)]
    for team in sorted(set(teams), key=lambda name: (name == nowhere, name)):
        own = lines.loc[lines["team"] == team, list(ASKED_COLUMNS)].astype({"line": int}).to_numpy(dtype=object)
        sheets.append(
            Sheet(
                title=sheet_title(team, taken),
                widths=tuple(_WIDTHS.get(column, 14) for column in columns),
                rows=[list(columns), *([*row, *open_answer] for row in own.tolist())],
                to_fill=frozenset(range(len(ASKED_COLUMNS), len(columns))),
                choices={len(ASKED_COLUMNS): tuple(STATUSES)},
            )
        )
    return workbook_bytes(sheets)


def _instructions(title: str, count: int, who: Noun) -> Sheet:
    text = [
        f"{count} questions about the raw data. CONFIDENTIAL: lines are about single {plural(who)}.",
        "Answer in the yellow columns; change nothing else. Then name this file under data.corrections in the plan.",
        "",
        *(f"{status}: {meaning}" for status, meaning in STATUSES.items()),
        "",
        "author and date (year-month-day) are needed with every answer; they enter the audit trail.",
    ]
    return Sheet(title, (110,), [[line] for line in text])


def _base(lines: pd.DataFrame, dictionary: Dictionary) -> list[str]:
    """Variable of each line; the column of a wide file without its wave."""
    return [name if name in dictionary else name.rpartition("_")[0] for name in lines["variable"]]


def _teams(people: pd.Series, participants: pd.DataFrame, design: Design, nowhere: str) -> list[str]:
    places = [*design.clusters]
    known = {}
    for row in participants[[design.participant, *places]].astype(object).itertuples(index=False):
        if not any(pd.isna(value) for value in row):
            known[row[0]] = " ".join(str(value) for value in row[1:])
    return [known.get(person, nowhere) for person in people]
