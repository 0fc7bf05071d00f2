"""Who a row belongs to: blank rows, participant numbers, the recruitment log, follow-up and baseline."""

from __future__ import annotations

import numpy as np
import pandas as pd

from cpis_analysis.intake.cell_rule import SET_MISSING
from cpis_analysis.intake.fieldwork import Fieldwork
from cpis_analysis.intake.journal import Journal
from cpis_analysis.intake.labels import folded
from cpis_analysis.intake.layout import team_keys
from cpis_analysis.intake.tables import Table
from cpis_analysis.plan.schema import Design

__all__ = [
    "empty_other_waves", "match_participants", "require_baseline", "set_aside_blank_rows", "set_aside_foreign_rows",
    "set_aside_unknown", "set_aside_unnamed", "set_aside_unnamed_teams",
]

_ROW = ""


def set_aside_blank_rows(tables: list[Table], journal: Journal) -> None:
    """Rows in which nothing stands but white space are set aside."""
    for table in tables:
        filled = np.zeros(len(table), dtype=bool)
        for cells in table.cells.values():
            open_ = np.flatnonzero(~filled)
            filled[open_] = [bool(text.strip()) for text in cells[open_]]
        journal.set_aside(table, np.flatnonzero(~filled), "blank_row", "the row is blank")


def set_aside_foreign_rows(tables: list[Table], journal: Journal) -> None:
    """Rows that the file itself marks as something else: tests, repeating instruments, events that are no wave."""
    for table in tables:
        for aside in table.asides:
            rows = np.flatnonzero(aside.rows & table.kept)
            if aside.question and len(rows) == 1:
                journal.ask(table, rows, _ROW, "", aside.rule, aside.question, "row set aside")
            elif aside.question:
                journal.ask_once(table, rows, _ROW, aside.reason, aside.rule, aside.question, "rows set aside")
            journal.set_aside(table, rows, aside.rule, aside.reason)


def empty_other_waves(tables: list[Table], journal: Journal) -> None:
    """Answers in a file of all waves that stand in a row of a wave at which they are not asked; asked.

    Checkboxes that are not ticked are no answers.
    """
    for table in tables:
        if not table.shared or table.holds not in ("interviews", "participants"):
            continue
        for column, variable in table.variables.items():
            if not variable.waves or table.wave in variable.waves:
                continue
            cells = table.cells[column]
            rows = np.flatnonzero(table.kept & (cells != ""))
            where = f"wave {table.wave}" if table.wave else "the person"
            reason = f"not asked in rows of {where}"
            asked = rows if "___" not in column else rows[cells[rows] != "no"]
            question = f"{variable.label}: answered in a row of {where}, where it is not asked. Where does it belong?"
            journal.ask(table, asked, column, cells[asked], "not_at_this_wave", question, SET_MISSING)
            journal.change(table, rows, column, "", "not_at_this_wave", reason)


def set_aside_unnamed(fieldwork: Fieldwork, journal: Journal, design: Design) -> None:
    """Rows about a person that do not say about whom are set aside and asked about."""
    seen = set()
    for stack in fieldwork.people:
        for part in stack.parts:
            if id(part.table) in seen:
                continue
            seen.add(id(part.table))
            rows = np.flatnonzero(part.table.kept & (part.table.cells[design.participant] == ""))
            question = "The row has no participant number. Whose is it?"
            journal.ask(part.table, rows, _ROW, "", "no_participant", question, "row set aside")
            journal.set_aside(part.table, rows, "no_participant", "the row has no participant number")


def set_aside_unnamed_teams(fieldwork: Fieldwork, journal: Journal, design: Design) -> None:
    """Rows of the team list that name no known team, and themes of which nothing is left, are set aside; asked."""
    if fieldwork.teams is not None:
        teams = fieldwork.teams
        named = np.all([teams.text(variable) != "" for variable in team_keys(design)], axis=0)
        rows = np.flatnonzero(teams.present() & ~named)
        for part, own, _ in teams.split(rows):
            raw = [part.table.raw[part.columns[variable]][own] for variable in team_keys(design)]
            written = np.array([" / ".join(cells) for cells in zip(*raw, strict=True)], dtype=object)
            question = f"The row does not name a known {design.team_label}. Which is it?"
            journal.ask(part.table, own, _ROW, written, "no_team_name", question, "row set aside")
            reason = f"the row does not name a known {design.team_label}"
            journal.set_aside(part.table, own, "no_team_name", reason)
    if fieldwork.themes is not None:
        themes = fieldwork.themes
        filled = np.any([themes.text(variable) != "" for variable in themes.variables], axis=0)
        rows = np.flatnonzero(themes.present() & ~filled)
        journal.ask_stack(themes, rows, _ROW, "", "nothing_left", "Nothing in the row could be read.", "row set aside")
        journal.set_aside_stack(themes, rows, "nothing_left", "nothing in the row could be read")


def match_participants(fieldwork: Fieldwork, journal: Journal, design: Design) -> None:
    """Numbers that differ from one in the log by case, spaces or punctuation only become that one.

    Numbers are never matched by likeness: CP010 and CP001 are two people.
    """
    log = fieldwork.persons
    ids = log.ids()[log.present()]
    usual: dict[str, str] = {}
    for number in dict.fromkeys(ids):
        usual.setdefault(folded(number) or number, number)
    known = set(usual.values())
    for stack in fieldwork.people:
        own = stack.ids()
        different = [text for text in dict.fromkeys(own) if text and text not in known]
        for text in different:
            wanted = usual.get(folded(text))
            if wanted is not None:
                rows = np.flatnonzero((own == text) & stack.present())
                reason = f"the same as '{wanted}' of the recruitment log but for case, spaces or punctuation"
                journal.change_stack(stack, rows, design.participant, wanted, "participant_spelling", reason)


def set_aside_unknown(fieldwork: Fieldwork, journal: Journal) -> None:
    """Interviews of numbers that are not in the recruitment log are set aside and asked about."""
    log = fieldwork.persons
    recruited = pd.Index(log.ids()[log.present()]).unique()
    for stack in fieldwork.people[1:]:
        ids = stack.ids()
        rows = np.flatnonzero(stack.present() & (recruited.get_indexer(ids) < 0))
        if not rows.size:
            continue
        questions = np.array(
            [f"Participant {text} is not in the recruitment log. Who is it?" for text in ids[rows]], dtype=object
        )
        journal.ask_stack(stack, rows, _ROW, ids[rows], "not_in_log", questions, "row set aside")
        journal.set_aside_stack(stack, rows, "not_in_log", "the participant is not in the recruitment log")


def require_baseline(fieldwork: Fieldwork, journal: Journal, design: Design) -> None:
    """A follow-up of somebody without a baseline interview is set aside and asked about.

    In a wide file, where the row is the person, the answers of the follow-up are set
    missing instead.
    """
    first, later = (fieldwork.interviews[wave.name] for wave in design.waves)
    with_baseline = pd.Index(first.ids()[first.present()]).unique()
    rows = np.flatnonzero(later.present() & (with_baseline.get_indexer(later.ids()) < 0))
    label = design.waves[0].label
    reason = f"there is no interview of the wave '{label}'"
    question = f"There is a follow-up, but no interview of the wave '{label}'. Was it held?"
    for part, own, _ in later.split(rows):
        if part.is_row:
            journal.ask(part.table, own, _ROW, "", "followup_without_baseline", question, "row set aside")
            journal.set_aside(part.table, own, "followup_without_baseline", reason)
            continue
        journal.ask(part.table, own, _ROW, "", "followup_without_baseline", question, f"answers {SET_MISSING}")
        for variable in part.columns:
            if variable == design.participant:
                continue
            journal.change(part.table, own, part.columns[variable], "", "followup_without_baseline", reason)
