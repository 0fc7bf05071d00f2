"""One answer to a query, and what became of it."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from cpis_analysis.errors import Problem
from cpis_analysis.intake.text_files.neutral_cells import neutral_text

NEEDED_COLUMNS = (
    "query_id",
    "source",
    "line",
    "participant",
    "variable",
    "delivered",
    "rule",
    "status",
    "answer",
    "author",
    "date",
    "comment",
)
ANSWER_FATE_COLUMNS = (
    "query_id",
    "source",
    "line",
    "participant",
    "about",
    "variable",
    "status",
    "answer",
    "author",
    "date",
    "stands_in",
    "became",
    "why",
)
_MOST_SHOWN = 5
_COUNTED = ("applied", "confirmed", "already so", "asked again")
_ABOUT_THE_NUMBER = ("no_participant", "not_in_log", "two_people")


@dataclass(frozen=True)
class Correction:
    """One answer.

    Attributes
    ----------
    query_id, source, participant, about, variable, rule : str
        Of the query; ``variable`` is empty if it was about a row, ``about`` tells the row from others of the
        participant (`row_names`; empty in workbooks that do not have the column).
    line : int
    delivered : str
        What stood in the raw file when it was asked.
    status : {'corrected', 'missing', 'confirmed'}
    answer, author, date, comment : str
    file : str
        File of the answer, with the sheet.
    cell : str
        Cell of the answer in a workbook; empty for a text file.
    row : int
        Line of the answer.
    """

    query_id: str
    source: str
    line: int
    participant: str
    about: str
    variable: str
    delivered: str
    rule: str
    status: str
    answer: str
    author: str
    date: str
    comment: str
    file: str
    cell: str
    row: int

    @property
    def reason(self) -> str:
        """What the audit trail says."""
        return f"{self.author}, {self.date}: {self.comment or 'answer to query ' + self.query_id}"

    @property
    def place(self) -> str:
        """Where the answer stands, in words."""
        return f"{self.file}, cell {self.cell}" if self.cell else f"{self.file}, line {self.row}"

    @property
    def value(self) -> str:
        """What the cell becomes."""
        return "" if self.status == "missing" else self.answer

    @property
    def is_about_number(self) -> bool:
        """Whether the answer says whose a row is."""
        return not self.variable and self.rule in _ABOUT_THE_NUMBER

    def problem(self, message: str, variable: str = "", **more: Any) -> Problem:
        """A problem with this answer, at its place."""
        return Problem(
            message,
            file=f"{self.file}, cell {self.cell}" if self.cell else self.file,
            line=None if self.cell else self.row,
            participant=self.participant or None,
            variable=variable or self.variable or None,
            **more,
        )


@dataclass(frozen=True)
class Fate:
    """What became of an answer.

    Attributes
    ----------
    answer : Correction
    became : {'applied', 'confirmed', 'already so', 'asked again', 'replaced', 'stale', 'no longer asked'}
    why : str
        Empty where nothing needs saying.
    """

    answer: Correction
    became: str
    why: str = ""


def asked_again(fates: Sequence[Fate], queries: pd.DataFrame) -> list[Fate]:
    """The fates with those of answers after which the same rule asks about the same cell: they settled nothing.

    Parameters
    ----------
    fates : sequence of Fate
    queries : DataFrame
        Open queries, with the column ``about``.
    """
    columns = ["source", "participant", "about", "variable", "rule"]
    still = set(queries[columns].fillna("").astype(str).itertuples(index=False, name=None))
    why = "it stands in its cell, and contradicts another one as before: correct that one, or confirm"
    return [
        replace(one, became="asked again", why=why)
        if one.became in ("applied", "already so")
        and one.answer.status == "corrected"
        and tuple(getattr(one.answer, name) for name in columns) in still
        else one
        for one in fates
    ]


def fates_frame(fates: Sequence[Fate]) -> pd.DataFrame:
    """One line an answer, columns `ANSWER_FATE_COLUMNS`."""
    rows = [{**vars(one.answer), "stands_in": one.answer.place, "became": one.became, "why": one.why} for one in fates]
    frame = pd.DataFrame(rows, columns=list(ANSWER_FATE_COLUMNS))
    text = {name: "str" for name in ANSWER_FATE_COLUMNS if name != "line"}
    return frame.astype(text | {"line": "int64"})


def lost(before: pd.DataFrame, now: pd.DataFrame) -> pd.DataFrame:
    """Answers that counted in an earlier run and that no file holds any more."""
    return before[before["became"].isin(_COUNTED) & ~before["query_id"].isin(now["query_id"])]


def answer_remarks(answers: pd.DataFrame, before: pd.DataFrame | None = None) -> list[str]:
    """What must be said aloud of the answers: out of date, without effect on the question, not asked any more, lost.

    Parameters
    ----------
    answers : DataFrame
        As `fates_frame` gives them.
    before : DataFrame, optional
        Those of the run before.
    """
    remarks = []
    for became, what in (
        ("stale", "not applied, because the file now holds something else"),
        ("asked again", "in the data, but the same question arises again, as another cell says otherwise"),
        ("no longer asked", "about questions that are not asked any more"),
    ):
        own = answers[answers["became"] == became]
        if len(own):
            remarks.append(f"{_answers(len(own))} of {len(answers)} {_are(own)} {what}: {_places(own)}.")
    gone = lost(before, answers) if before is not None else answers.iloc[:0]
    if len(gone):
        remarks.append(
            f"{_answers(len(gone))} that the last run used {_are(gone)} in no file that data.corrections "
            f"names now: {_places(gone)}. Name the files of all rounds."
        )
    return remarks


def _answers(n: int) -> str:
    return "1 answer" if n == 1 else f"{n} answers"


def _are(frame: pd.DataFrame) -> str:
    return "is" if len(frame) == 1 else "are"


def _places(frame: pd.DataFrame) -> str:
    shown = [str(place) for place in frame["stands_in"].head(_MOST_SHOWN)]
    return "; ".join(shown) + (f"; and {len(frame) - len(shown)} more" if len(frame) > len(shown) else "")


def corrections_csv(corrections: Sequence[Correction]) -> str:
    """The answers as CSV, for keeping under version control."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    columns = (*NEEDED_COLUMNS, "about")
    writer.writerow(columns)
    writer.writerows([neutral_text(str(getattr(one, column))) for column in columns] for one in corrections)
    return out.getvalue()
