"""People who withdrew consent to the use of their data: their rows are dropped while files are read."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from cpis_analysis.errors import DataError, Problem
from cpis_analysis.intake.account.delivered import Delivered, as_column
from cpis_analysis.intake.account.row_names import row_names
from cpis_analysis.intake.account.working_tables import Table
from cpis_analysis.intake.dictionary.dictionary import Variable
from cpis_analysis.intake.files.header import Header
from cpis_analysis.intake.files.read_file import read_file
from cpis_analysis.intake.queries.correction import Correction
from cpis_analysis.intake.rules.participant_numbers import (
    NumberForm,
    number_form,
    number_key,
    number_keys,
    usual_form,
    without_form,
)
from cpis_analysis.intake.values.cell_rule import ValueSettings
from cpis_analysis.intake.values.codes import folded
from cpis_analysis.intake.values.dates import date_rule
from cpis_analysis.plan.schema import Cleaning, Data, Source
from cpis_analysis.plan.schema_design import Design
from cpis_analysis.study_words import PEOPLE

MENTION = "[withdrawn]"
_DATE = Variable("date", "", "Date of withdrawal", type="date")
_ID_NAMES, _DATE_NAMES = ("id", "participant", "participantid", "number"), ("date", "withdrawnon", "withdrawn")
_FEWEST_DIGITS = 5


@dataclass
class Withdrawal:
    """The list of people, and what was found of them; it is filled while files are read.

    Attributes
    ----------
    file : str
    lines : dict of str to int
        Line of the list by key of the number (`folded`).
    cleaning : Cleaning
    participant : str
    rows : Counter
        Rows that were not read, by source.
    answers : int
        Answers to queries that were left out.
    mentions : int
        Cells of other rows in which a number stood and was blotted out.
    found : set of str
        Keys of the people of whom something was found.
    """

    file: str
    lines: dict[str, int]
    cleaning: Cleaning
    participant: str
    pattern: re.Pattern[str] | None = None
    digits: re.Pattern[str] | None = None
    rows: Counter[str] = field(default_factory=Counter)
    answers: int = 0
    mentions: int = 0
    found: set[str] = field(default_factory=set)
    _answered: list[Correction] = field(default_factory=list)

    def concerns(self, text: str) -> bool:
        """Whether a text is one of the numbers, in any spelling but for lost zeros."""
        return folded(text) in self.lines

    def names(self, text: str) -> bool:
        """Whether a longer text mentions one of the numbers."""
        return any(one is not None and one.search(text) for one in (self.pattern, self.digits))

    @property
    def people(self) -> int:
        """How many of the people of the list some file holds."""
        return len(self.found)

    def kept_answers(self, answers: Iterable[Correction]) -> list[Correction]:
        """Answers about other people; those that give a row to one of these people are remembered for it."""
        kept = []
        for one in answers:
            whose = one.is_about_number or one.variable == self.participant
            if whose and one.status == "corrected" and self.concerns(one.answer):
                self._answered.append(one)
            elif not self.concerns(one.participant) and not (whose and self.concerns(one.delivered)):
                kept.append(replace(one, answer=self.blotted(one.answer), comment=self.blotted(one.comment)))
                continue
            self.answers += 1
        return kept

    def blotted(self, text: str) -> str:
        """A text without the numbers that it mentions."""
        for one in (self.pattern, self.digits):
            text = one.sub(MENTION, text) if one is not None and text else text
        return text

    def drop(self, delivered: Delivered, header: Header, source: str, plan: Source) -> Delivered:
        """A file without the rows of these people and without mentions of their numbers."""
        key = next((at for at, (_, one) in header.variables.items() if one.name == self.participant), None)
        if key is not None:
            form = number_form(plan.numbers_like) if plan.numbers_like else None
            own = self._hits(delivered.columns[key], header.variables[key][1], delivered, form)
            if own.any():
                self.rows[source] += int(own.sum())
                delivered = delivered.of(~own)
        columns = list(delivered.columns)
        for at, (_, variable) in header.variables.items():
            if at != key and not variable.identifier:
                columns[at] = self._without_mentions(columns[at], variable)
        return delivered.with_columns(columns)

    def drop_late(self, tables: Sequence[Table], team: tuple[str, ...]) -> list[Table]:
        """Tables without rows that only all files together show to be of these people.

        1. Rows that an answer of the data manager gives to one of them.
        2. Where the list itself lost zeros or letters: its numbers in the log's form.
        3. Rows whose number lost them, where nobody else of the log can be meant.
        """
        log = [table for table in tables if table.holds in ("participants", "wide")]
        known = {key for table in log for key in number_keys(table, self.participant, self.cleaning)} - {""}
        self._complete(log, known)
        bare = {without_form(key): key for key in self.lines}
        kept = []
        for table in tables:
            if self.participant not in table.cells:
                kept.append(table)
                continue
            keys = number_keys(table, self.participant, self.cleaning, known)
            lost = {
                text: bare[without_form(text)]
                for text in dict.fromkeys(table.raw[self.participant])
                if known and text and folded(text) not in known and without_form(text) in bare
            }
            own = np.array([key in self.lines for key in keys], dtype=bool)
            own |= np.array([text in lost for text in table.raw[self.participant]], dtype=bool)
            for row in np.flatnonzero(own):
                key = keys[row] if keys[row] in self.lines else lost[table.raw[self.participant][row]]
                self.found.add(key)
            own |= self._given(table, team)
            self.rows[table.source] += int(own.sum())
            kept.append(table.of(~own) if own.any() else table)
        return kept

    def remarks(self) -> list[str]:
        """What a run has to say aloud: lines of the list, no number and no count that could be small."""
        said = []
        if self.found:
            said.append(
                f"{self.file}: nothing of the {PEOPLE} on the list was read; how many rows that were stands in "
                "data/processed/reconciliation.csv."
            )
        absent = [line for key, line in self.lines.items() if key not in self.found]
        if absent:
            where = ", ".join(map(str, absent[:10])) + (" and others" if len(absent) > 10 else "")
            said.append(
                f"{self.file}: numbers of the list that stand in no file: line {where}. Are they written as in "
                "the recruitment log?"
            )
        return said

    def _hits(self, cells: np.ndarray, variable: Variable, delivered: Delivered, form: NumberForm | None) -> np.ndarray:
        hits = {}
        for text in dict.fromkeys(cells):
            keys = {folded(text), number_key(text, variable, self.cleaning, delivered.decimal_comma, delivered.format)}
            keys |= {folded(form.completed(text))} if form is not None else set()
            own = keys & set(self.lines)
            self.found |= own
            hits[text] = bool(own)
        return np.array([hits[text] for text in cells], dtype=bool)

    def _without_mentions(self, cells: np.ndarray, variable: Variable) -> np.ndarray:
        patterns = [self.pattern, self.digits if variable.type == "text" else None]
        changed = {}
        for text in dict.fromkeys(cells):
            after = text
            for one in patterns:
                after = one.sub(MENTION, after) if one is not None and after else after
            if after != text:
                changed[text] = after
        if not changed:
            return cells
        self.mentions += sum(text in changed for text in cells)
        return as_column(changed.get(text, text) for text in cells)

    def _complete(self, log: Sequence[Table], known: set[str]) -> None:
        numbers = [text for table in log for text in table.raw.get(self.participant, ()) if text]
        usual = usual_form(numbers)
        for key in [key for key in self.lines if key not in self.found]:
            whole = folded(usual[0].completed(key)) if usual is not None else ""
            if whole and whole in known and whole not in self.lines:
                self.lines[whole] = self.lines.pop(key)

    def _given(self, table: Table, team: tuple[str, ...]) -> np.ndarray:
        """(n,) bool: rows that answers give to one of these people."""
        own = np.zeros(len(table), dtype=bool)
        raw = table.raw[self.participant]
        for one in self._answered:
            if one.source != table.source:
                continue
            rows = np.flatnonzero(raw == one.delivered)
            if one.about:
                full = np.full(len(rows), one.rule == "two_people")
                names = row_names(table, rows, self.participant, team, full)
                rows = rows[[name == one.about for name in names]] if len(rows) else rows
            elif not one.delivered:
                rows = rows[table.lines[rows] == one.line]
            own[rows] = True
            if len(rows):
                self.found.add(folded(one.answer))
        return own


def read_withdrawal(data: Data, design: Design, cleaning: Cleaning, root: Path) -> Withdrawal | None:
    """Read the list that the plan names; any layout, with the columns id and date.

    Raises
    ------
    DataError
        With every line that is incomplete. No number stands in the message.
    """
    if data.withdrawn is None:
        return None
    name = data.withdrawn
    delivered, problems = read_file(root / name, Source(file=name, holds="participants"))
    if delivered is None:
        raise DataError("The list of withdrawn consent cannot be used.", problems)
    ids = _column(delivered, (folded(design.participant), *_ID_NAMES))
    dates = _column(delivered, _DATE_NAMES)
    for found, wanted in ((ids, "id"), (dates, "date")):
        if found is None:
            problems.append(
                Problem(
                    f"the column '{wanted}' is missing",
                    name,
                    1,
                    hint="add the column to the list of withdrawals: it has id and date",
                )
            )
    listed: list[tuple[str, int]] = []
    if ids is not None and dates is not None:
        rows = zip(delivered.columns[ids], delivered.columns[dates], delivered.lines, strict=True)
        listed = _listed(rows, name, ValueSettings(cleaning), problems)
    if problems:
        raise DataError("The list of withdrawn consent cannot be used.", problems)
    lines: dict[str, int] = {}
    for text, line in listed:
        lines.setdefault(folded(text), line)
    written = [text for text, _ in listed]
    mixed = [text for text in written if re.search(r"[^\W\d_]", text) and re.search(r"\d", text)]
    plain = [text for text in written if text.isdigit() and len(text) >= _FEWEST_DIGITS]
    return Withdrawal(name, lines, cleaning, design.participant, _pattern(mixed), _pattern(plain))


def _listed(
    rows: Iterable[tuple[str, str, Any]], name: str, settings: ValueSettings, problems: list[Problem]
) -> list[tuple[str, int]]:
    """Numbers of the list with their lines; lines without a number or a date are problems."""
    found = []
    for text, day, line in rows:
        if not text.strip() and not day.strip():
            continue
        if not folded(text):
            problems.append(
                Problem(
                    "the number is missing",
                    name,
                    int(line),
                    hint="write the number of who withdrew, or remove the line",
                )
            )
            continue
        step = date_rule(day.strip(), _DATE, settings) if day.strip() else None
        if not day.strip() or (step is not None and step.question):
            message, allowed = "the date is missing or can't be read", "a date, such as 2019-01-31"
            problems.append(Problem(message, name, int(line), allowed=allowed))
        found.append((text.strip(), int(line)))
    return found


def _column(delivered: Delivered, names: Sequence[str]) -> int | None:
    header = [folded(column) for column in delivered.header]
    return next((header.index(name) for name in names if name in header), None)


def _pattern(numbers: Sequence[str]) -> re.Pattern[str] | None:
    """Numbers as they may stand in a text: in any case, with spaces or punctuation between letters and digits."""
    if not numbers:
        return None
    parts = [r"[\W_]{0,2}".join(re.findall(r"[^\W\d_]+|\d+", number)) for number in sorted(set(numbers))]
    return re.compile(rf"(?<![^\W_])(?:{'|'.join(parts)})(?![^\W_])", re.IGNORECASE)
