"""Rules that the plan declares: answers known to be wrong, date windows, conditions that must hold."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np

from cpis_analysis.errors import Problem
from cpis_analysis.intake.account.audit_trail import Journal
from cpis_analysis.intake.account.delivered import as_column
from cpis_analysis.intake.account.fieldwork import Fieldwork
from cpis_analysis.intake.account.working_tables import Stack
from cpis_analysis.intake.dictionary.conditions import Condition, ConditionError, Reference, parse_condition
from cpis_analysis.intake.dictionary.dictionary import Dictionary
from cpis_analysis.intake.dictionary.expected_columns import NAMED_IN_VAIN
from cpis_analysis.intake.dictionary.variable import Variable
from cpis_analysis.intake.rules.skip_logic import evaluate, looked_up
from cpis_analysis.intake.values.cell_rule import SET_MISSING
from cpis_analysis.intake.values.dates import is_plain_date
from cpis_analysis.intake.values.written_numbers import is_plain_number
from cpis_analysis.plan.schema import Cleaning, Data
from cpis_analysis.plan.schema_design import Design

_CONDITIONS = "write the condition as docs/plan.md says under Who is analysed"
_ROW = ""


def declared_problems(dictionary: Dictionary, data: Data, design: Design, cleaning: Cleaning) -> list[Problem]:
    """What declared rules and dictionary say about each other that cannot be true."""
    events = {wave.name for wave in design.waves}
    events |= {event for source in data.sources.values() for event in source.waves}
    found = _Declared(dictionary, design, cleaning)
    found.recoded()
    found.matched()
    found.dated()
    found.windows()
    found.conditions(events)
    found.set_missing()
    return found.problems


class _Declared:
    """Problems of the declared rules, rule by rule."""

    def __init__(self, dictionary: Dictionary, design: Design, cleaning: Cleaning) -> None:
        self.dictionary, self.design, self.cleaning = dictionary, design, cleaning
        self.problems: list[Problem] = []

    def known(self, place: str, name: str) -> Variable | None:
        """The variable that a key of the plan names; a problem if there is none."""
        if name not in self.dictionary:
            self.problems.append(self.dictionary.absent(name, place, NAMED_IN_VAIN))
        return self.dictionary.get(name)

    def wrong(self, place: str, message: str, **more: Any) -> None:
        """A problem with a key of the plan."""
        self.problems.append(Problem(f"{place}{message}", key=tuple(place.split(".")), **more))

    def recoded(self) -> None:
        for name, pairs in self.cleaning.recode.items():
            variable = self.known("cleaning.recode", name)
            if variable is None:
                continue
            for old, new in pairs.items():
                if new in pairs:
                    message = f" turns '{old}' into '{new}', which it recodes again"
                    self.wrong("cleaning.recode", message, variable=name, hint="recode to values that stay")
                elif not _possible(new, variable):
                    message = " gives a value that the variable cannot have"
                    self.wrong("cleaning.recode", message, variable=name, value=new, allowed=variable.allowed)

    def matched(self) -> None:
        for name in self.cleaning.match:
            variable = self.known("cleaning.match", name)
            if variable is not None and not variable.is_categorical:
                unfit = self.dictionary.unfit(name, "names it, but it is no category", "cleaning.match")
                self.problems.append(unfit)

    def dated(self) -> None:
        for name in self.cleaning.date_numbers:
            variable = self.known("cleaning.date_numbers", name)
            if variable is not None and variable.type != "date":
                self.problems.append(self.dictionary.unfit(name, "needs a date", "cleaning.date_numbers"))

    def windows(self) -> None:
        for name, window in self.cleaning.date_windows.items():
            for one in (name, window.after):
                variable = self.known("cleaning.date_windows", one)
                if variable is not None and variable.type != "date":
                    self.problems.append(self.dictionary.unfit(one, "needs a date", "cleaning.date_windows"))
            if window.latest_days is not None and window.latest_days < window.earliest_days:
                self.wrong("cleaning.date_windows", " ends before it begins", variable=name, hint="give earliest first")

    def conditions(self, events: set[str]) -> None:
        texts = [("cleaning.set_missing", part.where) for part in self.cleaning.set_missing]
        texts += [("cleaning.consistent", part.holds) for part in self.cleaning.consistent]
        for place, text in texts:
            try:
                references = parse_condition(text).references()
            except ConditionError as error:
                self.wrong(place, f": the condition {error}", value=text, hint=_CONDITIONS)
                continue
            for reference in references:
                self.known(place, reference.variable)
                if reference.event and reference.event not in events:
                    message = f": there is no wave or event '{reference.event}'"
                    self.wrong(place, message, allowed=", ".join(sorted(events)))

    def set_missing(self) -> None:
        design = self.design
        for name in (name for part in self.cleaning.set_missing for name in part.variables):
            self.known("cleaning.set_missing", name)
            if name in (design.participant, *design.clusters, design.arm.variable):
                message = " cannot take away who or where somebody is"
                self.wrong("cleaning.set_missing", message, variable=name, hint="remove it; correct the file instead")


def set_declared_missing(fieldwork: Fieldwork, journal: Journal, cleaning: Cleaning) -> None:
    """Set missing what the plan says is wrong; the plan's reason stands in the audit trail."""
    for part in cleaning.set_missing:
        condition = parse_condition(part.where)
        for stack in fieldwork.people:
            for name in part.variables:
                if name not in stack:
                    continue
                rows = np.flatnonzero(stack.present() & (stack.text(name) != ""))
                true, known = _truth(condition, fieldwork, stack, rows)
                journal.change_stack(stack, rows[true & known], name, "", "declared_missing", part.reason)


def check_date_windows(fieldwork: Fieldwork, journal: Journal, cleaning: Cleaning) -> None:
    """Dates that lie too far from another are set missing and asked about, or only asked about."""
    for name, window in cleaning.date_windows.items():
        for stack in fieldwork.people:
            if name not in stack:
                continue
            rows = np.flatnonzero(stack.present() & (stack.text(name) != ""))
            given = stack.text(name)[rows]
            other = looked_up(Reference(window.after), fieldwork, stack, rows)
            days = np.array([_days(a, b) for a, b in zip(other, given, strict=True)], dtype=float)
            wrong = days < window.earliest_days
            if window.latest_days is not None:
                wrong |= days > window.latest_days
            rows, given, other, days = rows[wrong], given[wrong], other[wrong], days[wrong]
            label = stack.variable(name).label
            questions = as_column(
                f"{label}: {day} is {abs(int(gap))} days {'after' if gap >= 0 else 'before'} {since} ({window.after}). "
                "Which is right?"
                for day, since, gap in zip(given, other, days, strict=True)
            )
            meanwhile = SET_MISSING if window.outside == "set_missing" else "left as it is"
            journal.ask_stack(stack, rows, name, given, "outside_date_window", questions, meanwhile)
            if window.outside == "set_missing":
                reason = f"outside the plan's window around {window.after}"
                journal.change_stack(stack, rows, name, "", "outside_date_window", reason)


def check_consistency(fieldwork: Fieldwork, journal: Journal, cleaning: Cleaning) -> None:
    """Ask where a condition between answers is false; nothing is changed."""
    for part in cleaning.consistent:
        condition = parse_condition(part.holds)
        for stack, name in _places(condition, fieldwork):
            rows = np.flatnonzero(stack.present())
            true, known = _truth(condition, fieldwork, stack, rows)
            rows = rows[known & ~true]
            value = stack.text(name)[rows] if name else ""
            journal.ask_stack(stack, rows, name, value, "inconsistent", part.question, "left as it is")


def _places(condition: Condition, fieldwork: Fieldwork) -> list[tuple[Stack, str]]:
    """Where a condition is asked: in every row of its first variable without event; else in the person's row."""
    for reference in condition.references():
        if not reference.event:
            stacks = [stack for stack in fieldwork.people if reference.variable in stack]
            if stacks:
                return [(stack, reference.variable) for stack in stacks]
    return [(fieldwork.persons, _ROW)]


def _truth(condition: Condition, fieldwork: Fieldwork, stack: Stack, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    if not rows.size:
        return np.zeros(0, dtype=bool), np.zeros(0, dtype=bool)
    values = {asked.key: looked_up(asked, fieldwork, stack, rows) for asked in condition.references()}
    return evaluate(condition, values)


def _days(since: object, day: str) -> float:
    if not isinstance(since, str) or not is_plain_date(since) or not is_plain_date(day):
        return float("nan")
    return float((date.fromisoformat(day) - date.fromisoformat(since)).days)


def _possible(text: str, variable: Variable) -> bool:
    if not text or text in variable.missing:
        return True
    if variable.is_categorical:
        return text in variable.choices
    if variable.type == "date":
        return is_plain_date(text)
    if not variable.is_numeric:
        return True
    if not is_plain_number(text):
        return False
    value = float(text)
    return (variable.type != "integer" or value == int(value)) and variable.within(value)
