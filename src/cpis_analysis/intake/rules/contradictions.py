"""What two interviews of one person, or the log and the interviews, cannot both say."""

from __future__ import annotations

import numpy as np
import pandas as pd

from cpis_analysis.intake.account.audit_trail import Journal
from cpis_analysis.intake.account.fieldwork import Fieldwork
from cpis_analysis.intake.rules.duplicates import comparable
from cpis_analysis.intake.values.cell_rule import SET_MISSING
from cpis_analysis.plan.schema import Cleaning
from cpis_analysis.plan.schema_design import Design, Wave

STATUS, LOST_REASON = "status", "loss_reason"
COMPLETED, LOST_BEFORE, LOST_AFTER = "completed", "lost_before_baseline", "lost_after_baseline"


def keep_constant(fieldwork: Fieldwork, journal: Journal, design: Design, cleaning: Cleaning) -> None:
    """What cannot change keeps its value of the first wave later on; the difference is asked about."""
    for wave in design.waves[1:]:
        _keep_constant(fieldwork, journal, design, wave, cleaning)


def _keep_constant(fieldwork: Fieldwork, journal: Journal, design: Design, wave: Wave, cleaning: Cleaning) -> None:
    start = design.waves[0]
    first, later = fieldwork.interviews[start.name], fieldwork.interviews[wave.name]
    for variable in cleaning.constant:
        if variable not in later:
            continue
        what = later.variable(variable)
        rows = np.flatnonzero(later.present())
        right = fieldwork.aligned(variable, later.ids()[rows], first)
        given = later.text(variable)[rows]
        known = np.array([bool(text) for text in right], dtype=bool) & (given != "")
        rows, right, given = rows[known], right[known], given[known]
        differs = comparable(right, what) != comparable(given, what)
        rows, right, given = rows[differs], right[differs], given[differs]
        questions = np.array(
            [
                f"{what.label}: {was} at {start.label.lower()}, {now} at {wave.label.lower()}. Which is right?"
                for was, now in zip(right, given, strict=True)
            ],
            dtype=object,
        )
        rule = "changed_between_waves"
        kept = "baseline" if design.baseline_wave else f"'{start.label}'"
        journal.ask_stack(later, rows, variable, given, rule, questions, f"the {kept} answer is used")
        journal.change_stack(later, rows, variable, right, rule, f"cannot change between waves; {kept} is kept")


def dates_in_order(fieldwork: Fieldwork, journal: Journal, design: Design) -> None:
    """An interview that is dated before the first wave loses its date, not its answers; it is asked about."""
    when = design.interview_date
    for wave in design.waves[1:] if when is not None else ():
        _date_after_first(fieldwork, journal, design, wave, str(when))


def _date_after_first(fieldwork: Fieldwork, journal: Journal, design: Design, wave: Wave, when: str) -> None:
    first, later = fieldwork.interviews[design.waves[0].name], fieldwork.interviews[wave.name]
    if when not in first or when not in later:
        return
    name = fieldwork.occasion
    start = f"baseline {name}" if design.baseline_wave else f"{name} of the wave '{design.waves[0].label}'"
    held = "follow-up" if len(design.waves) == 2 else f"{name} of the wave '{wave.label}'"
    rows = np.flatnonzero(later.present())
    before = fieldwork.aligned(when, later.ids()[rows], first)
    given = later.text(when)[rows]
    # year-month-day sorts as text
    wrong = np.array([bool(a) and bool(b) and b < a for a, b in zip(before, given, strict=True)], dtype=bool)
    rows, before, given = rows[wrong], before[wrong], given[wrong]
    reasons = np.array([f"before the {start} of {day}" for day in before], dtype=object)
    questions = np.array(
        [
            f"The {held} is dated {b}, before the {start} of {a}. What is right?"
            for a, b in zip(before, given, strict=True)
        ],
        dtype=object,
    )
    journal.ask_stack(later, rows, when, given, "followup_before_baseline", questions, SET_MISSING)
    journal.change_stack(later, rows, when, "", "followup_before_baseline", reasons)


def check_status(fieldwork: Fieldwork, journal: Journal, design: Design) -> None:
    """The log's status against the interviews that are there; a contradiction is asked about, nothing is changed.

    Applies where the log has a variable ``status`` with the codes completed,
    lost_before_baseline and lost_after_baseline: it is held against baseline and the primary wave.
    """
    persons = fieldwork.persons
    if STATUS not in persons or not {COMPLETED, LOST_BEFORE, LOST_AFTER} <= set(persons.variable(STATUS).choices):
        return
    rows = np.flatnonzero(persons.present())
    ids, status = persons.ids()[rows], persons.text(STATUS)[rows]
    has, ends = [], [wave for wave in design.waves if wave.name in (design.baseline_wave, design.followup_wave)]
    for wave in ends:
        stack = fieldwork.interviews[wave.name]
        held = pd.Index(stack.ids()[stack.present()]).unique()
        has.append(held.get_indexer(ids) >= 0)
    expected = {COMPLETED: (True, True), LOST_AFTER: (True, False), LOST_BEFORE: (False, False)}
    for code, wanted in expected.items():
        for wave, here, should in zip(ends, has, wanted[-len(ends) :], strict=True):
            chosen = rows[(status == code) & (here != should)]
            found = f"is no {fieldwork.occasion}" if should else f"is {fieldwork.occasion.with_article}"
            question = (
                f"The log says '{persons.variable(STATUS).choices[code]}', but there {found} of the "
                f"wave '{wave.label}'. What is right?"
            )
            journal.ask_stack(persons, chosen, STATUS, code, "status_contradicted", question, "left as it is")
