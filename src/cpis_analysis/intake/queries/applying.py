"""Answers written into the raw cells, before any rule, each with its line in the audit trail."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

import numpy as np

from cpis_analysis.errors import DataError, Problem
from cpis_analysis.intake.account.audit_trail import TWO_PEOPLE, Journal
from cpis_analysis.intake.account.fieldwork import Fieldwork
from cpis_analysis.intake.account.row_names import row_names, versions_text
from cpis_analysis.intake.account.working_tables import Stack, Table
from cpis_analysis.intake.dictionary.expected_columns import team_keys
from cpis_analysis.intake.queries.correction import Correction, Fate
from cpis_analysis.intake.rules.cells import rules_for, steps_for
from cpis_analysis.intake.rules.participant_numbers import number_keys
from cpis_analysis.intake.values.cell_rule import ValueSettings
from cpis_analysis.intake.values.codes import folded
from cpis_analysis.plan.schema import Cleaning
from cpis_analysis.plan.schema_design import Design

_CONFLICT = "conflicting_duplicate"
_Place = tuple[Table, int]


def apply_corrections(
    corrections: Sequence[Correction], fieldwork: Fieldwork, journal: Journal, design: Design, cleaning: Cleaning
) -> list[Fate]:
    """Write the answers into the cells that they are about.

    1. Answers that say whose a row is come first; then those about cells, the oldest first.
    2. An answer finds its row by file, participant, wave (or team, or what stands in the row), variable and the value
       that was delivered when it was asked. The line decides only where workbooks do not say the wave.
    3. It is written into all versions of the row that hold that value, and into copies that are the same once they
       are cleaned, so that copies stay copies.
    4. Where the file now holds something else, the answer is out of date: it is not applied, and the cell is asked
       about again. An answer that the file holds by now needs nothing.

    Returns
    -------
    list of Fate
        One an answer, in the order given; those that confirm are left to `Journal.confirm`.

    Raises
    ------
    DataError
        With every answer about a source or a variable that the plan's files do not have.
    """
    missing = [fault for one in corrections if (fault := _no_such_cell(one, fieldwork)) is not None]
    if missing:
        raise DataError("Corrections do not fit the files of the plan.", missing)
    work = _Answers(fieldwork, journal, design, cleaning)
    fates: dict[int, Fate] = {}
    late: list[tuple[int, Correction, list[_Place]]] = []
    order = sorted(range(len(corrections)), key=lambda at: (not corrections[at].is_about_number, corrections[at].date))
    cells: set[tuple[str, ...]] = set()
    for at in order:
        one = corrections[at]
        if one.status == "confirmed":
            continue
        became, why, rows = work.apply(one)
        fates[at] = Fate(one, became, why)
        if became == "stale":
            late.append((at, one, rows))
        else:
            cells.add(_cell_of(one))
    for at, one, rows in late:
        if _cell_of(one) in cells:
            fates[at] = Fate(one, "replaced", "another answer about the same cell holds")
        else:
            work.ask_again(one, rows)
    return [fates[at] for at in sorted(fates)]


def _cell_of(one: Correction) -> tuple[str, ...]:
    return (one.source, folded(one.participant), one.about, one.variable)


def _no_such_cell(one: Correction, fieldwork: Fieldwork) -> Problem | None:
    if one.status == "confirmed":
        return None
    own = [table for table in fieldwork.tables if table.source == one.source]
    if not own:
        known = ", ".join(dict.fromkeys(table.source for table in fieldwork.tables))
        return one.problem("the plan has no such source", value=one.source, allowed=known)
    if not one.is_about_number and not any(one.variable in table.cells for table in own):
        return one.problem(f"source '{one.source}' has no such variable", hint="write the name that the query had")
    return None


class _Answers:
    def __init__(self, fieldwork: Fieldwork, journal: Journal, design: Design, cleaning: Cleaning) -> None:
        self.fieldwork, self.journal, self.design, self.cleaning = fieldwork, journal, design, cleaning
        self._rows: dict[int, tuple[np.ndarray, dict[str, list[int]]]] = {}

    def apply(self, one: Correction) -> tuple[str, str, list[_Place]]:
        """What became of the answer, why, and the rows that it is about."""
        column = self.design.participant if one.is_about_number else one.variable
        rows = self._whole_number(one) if one.is_about_number else self._candidates(one, column)
        if not rows and one.variable and not one.participant and not one.delivered:
            return "stale", "the question is about many cells; the file or the plan has to answer it", []
        if not rows:
            return "stale", "the file has no such row any more", []
        fits = self._fitting(one, column, rows)
        if fits is None:
            return "stale", "several rows hold what was delivered; it can't be told which is meant", []
        if not fits:
            held = {table.raw[column][row] for table, row in rows}
            if all(self._same_value(text, one.value, rows[0][0], column) for text in held):
                return "already so", "the file holds the answer", rows
            return "stale", f"the file holds {versions_text(held)}, not {one.delivered or '(empty)'}", rows
        for table, own in _by_table(fits):
            if column in table.cells:
                self.journal.change(table, own, column, one.value, "correction", one.reason)
                table.settled[own] |= one.is_about_number
        if one.is_about_number:
            self._rows.clear()
        return "applied", "", fits

    def _fitting(self, one: Correction, column: str, rows: list[_Place]) -> list[_Place] | None:
        """Rows that hold what was delivered when the question was asked; None if it can't be told which is meant."""
        if one.rule == _CONFLICT and not one.is_about_number:
            group = self._versions(rows)
            now = versions_text(table.raw[column][row] for table, row in group if column in table.raw)
            return group if now == one.delivered else []
        fits = [(table, row) for table, row in rows if table.raw[column][row] == one.delivered]
        if len({id(table) for table, _ in fits}) > 1 or (len(fits) > 1 and not self._one_thing(fits)):
            fits = [(table, row) for table, row in fits if int(table.lines[row]) == one.line]
            if not fits:
                return None
        return self._with_copies(fits)

    def ask_again(self, one: Correction, rows: list[_Place]) -> None:
        """The file holds something else than the answer was about: what it holds is used, and asked about."""
        column = one.variable
        if not rows or not column:
            return
        if len(self._versions(rows)) > 1 and one.rule == _CONFLICT:
            return  # the versions differ still, which is asked anyway
        table, row = rows[0]
        now = table.raw[column][row]
        question = (
            f"{table.variables[column].label}: on {one.date} {one.author} answered "
            f"{_quoted(one.value, 'missing')} for {_quoted(one.delivered)}; the file now holds {_quoted(now)}. "
            "Which is right?"
        )
        self.journal.ask(table, np.array([row]), column, now, "stale_answer", question, "the file's value is used")

    def _candidates(self, one: Correction, column: str) -> list[_Place]:
        """Rows that are about the same thing as the question."""
        found: list[_Place] = []
        for table in self.fieldwork.tables:
            if table.source != one.source or column not in table.cells:
                continue
            named = self.design.participant in table.cells
            key = folded(one.participant) or one.participant
            rows = self._keys(table)[1].get(key, []) if named else range(len(table))
            found += [(table, int(row)) for row in rows]
        if one.about:
            found = [place for place in found if self._about(*place) == one.about]
        return found

    def _whole_number(self, one: Correction) -> list[_Place]:
        """Rows with the number that was asked about; one row where the question is about the row."""
        found: list[_Place] = []
        for table in self.fieldwork.tables:
            raw = table.raw.get(self.design.participant)
            if table.source != one.source or raw is None:
                continue
            rows = [int(row) for row in np.flatnonzero(raw == one.delivered) if self._belongs(table)[row]]
            if one.about:
                full = one.rule == TWO_PEOPLE
                rows = [row for row in rows if self._about(table, row, full) == one.about]
            elif one.rule == "no_participant":
                rows = [row for row in rows if int(table.lines[row]) == one.line]
            found += [(table, row) for row in rows]
        return found

    def _about(self, table: Table, row: int, in_full: bool = False) -> str:
        return row_names(table, np.array([row]), self.design.participant, team_keys(self.design), np.array([in_full]))[
            0
        ]

    def _keys(self, table: Table) -> tuple[np.ndarray, dict[str, list[int]]]:
        """The key of each row's number, and the rows by key, without rows that are no interviews."""
        if id(table) not in self._rows:
            known: set[str] = set()
            for part in self.fieldwork.persons.parts:
                if part.table is not table:
                    known |= set(number_keys(part.table, self.design.participant, self.cleaning))
            keys = number_keys(table, self.design.participant, self.cleaning, known)
            rows: dict[str, list[int]] = defaultdict(list)
            for row in np.flatnonzero(self._belongs(table)):
                rows[keys[row]].append(int(row))
            self._rows[id(table)] = (keys, rows)
        return self._rows[id(table)]

    @staticmethod
    def _belongs(table: Table) -> np.ndarray:
        aside = np.zeros(len(table), dtype=bool)
        for one in table.asides:
            aside |= one.rows
        return ~aside

    def _one_thing(self, rows: list[_Place]) -> bool:
        """Whether rows of one table are versions of one thing: they name somebody, or the same team."""
        table = rows[0][0]
        if self.design.participant in table.cells:
            return all(table.cells[self.design.participant][row] for _, row in rows)
        return table.holds == "teams" and len({self._about(*place) for place in rows}) == 1

    def _versions(self, rows: list[_Place]) -> list[_Place]:
        """All rows, of any file, about what the given rows are about."""
        table, row = rows[0]
        stack = self._stack(table)
        if stack is None:
            return rows
        found: list[_Place] = []
        for part in stack.parts:
            if self.design.participant in table.cells:
                key = self._keys(table)[0][row]
                found += [(part.table, at) for at in self._keys(part.table)[1].get(key, [])]
            else:
                name = self._about(table, row)
                found += [(part.table, at) for at in range(len(part.table)) if self._about(part.table, at) == name]
        return found

    def _stack(self, table: Table) -> Stack | None:
        return next(
            (stack for stack, _ in self.fieldwork.rows if any(part.table is table for part in stack.parts)), None
        )

    def _with_copies(self, rows: list[_Place]) -> list[_Place]:
        """The rows, and those of the same thing that are equal to one of them in every cell once they are cleaned."""
        if not rows:
            return rows
        versions = self._versions(rows)
        if len(versions) <= len(rows):
            return rows
        equal = {self._cleaned(*place) for place in rows}
        own = {(id(table), row) for table, row in rows}
        return rows + [
            (table, row)
            for table, row in versions
            if (id(table), row) not in own and self._cleaned(table, row) in equal
        ]

    def _cleaned(self, table: Table, row: int) -> tuple[tuple[str, str], ...]:
        """Filled cells of a row as the rules for single cells leave them."""
        texts = (
            (name, self._read(table.raw[name][row], table, name))
            for name in table.raw
            if name != self.design.participant
        )
        return tuple(sorted((name, text) for name, text in texts if text))

    def _read(self, text: str, table: Table, column: str) -> str:
        variable = table.variables[column]
        settings = ValueSettings(self.cleaning, table.decimal_comma, table.format)
        raw_keys = frozenset(team_keys(self.design)) | {self.design.participant}
        steps = steps_for(text, variable, rules_for(variable, raw_keys), settings)
        read = steps[-1].after if steps else text
        if variable.is_numeric and read:
            return repr(float(read))
        return folded(read) if variable.name in raw_keys else read

    def _same_value(self, text: str, answer: str, table: Table, column: str) -> bool:
        if text == answer:
            return True
        return (
            bool(answer)
            and column in table.variables
            and self._read(text, table, column) == self._read(answer, table, column) != ""
        )


def _by_table(places: Iterable[_Place]) -> list[tuple[Table, np.ndarray]]:
    tables: dict[int, tuple[Table, list[int]]] = {}
    for table, row in places:
        tables.setdefault(id(table), (table, []))[1].append(row)
    return [(table, np.array(sorted(set(rows)))) for table, rows in tables.values()]


def _quoted(text: str, blank: str = "no answer") -> str:
    return f"'{text}'" if text else blank
