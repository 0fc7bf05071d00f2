"""Who a row belongs to: blank rows, participant numbers, the recruitment log, follow-up and baseline."""

from __future__ import annotations

import numpy as np
import pandas as pd

from cpis_analysis.errors import DataError, Problem
from cpis_analysis.intake.account.audit_trail import Journal
from cpis_analysis.intake.account.fieldwork import Fieldwork
from cpis_analysis.intake.account.working_tables import Part, Table
from cpis_analysis.intake.dictionary.expected_columns import team_keys
from cpis_analysis.intake.rules.numbers_of_log import offer
from cpis_analysis.intake.values.cell_rule import SET_MISSING
from cpis_analysis.plan.schema_design import Design
from cpis_analysis.publish.format import capital
from cpis_analysis.study_words import A_PERSON

_ROW = ""
_EXAMPLES = 3


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


def empty_other_waves(tables: list[Table], journal: Journal, design: Design) -> None:
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
            where = f"wave {table.wave}" if table.wave else f"the {design.people.noun}"
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
            question = f"The row has no {design.participant_noun} number. Whose is it?"
            journal.ask(part.table, rows, _ROW, "", "no_participant", question, "row set aside")
            journal.set_aside(part.table, rows, "no_participant", f"the row has no {design.participant_noun} number")


def set_aside_unnamed_teams(fieldwork: Fieldwork, journal: Journal, design: Design) -> None:
    """Rows of the team list that name no known team, and themes of which nothing is left, are set aside; asked."""
    if fieldwork.teams is not None:
        teams, rule = fieldwork.teams, f"no_{design.clusters[-1]}_name"
        named = np.all([teams.text(variable) != "" for variable in team_keys(design)], axis=0)
        rows = np.flatnonzero(teams.present() & ~named)
        for part, own, _ in teams.split(rows):
            raw = [part.table.raw[part.columns[variable]][own] for variable in team_keys(design)]
            written = np.array([" / ".join(cells) for cells in zip(*raw, strict=True)], dtype=object)
            question = f"The row does not name a known {design.team_noun}. Which is it?"
            journal.ask(part.table, own, _ROW, written, rule, question, "row set aside")
            reason = f"the row does not name a known {design.team_noun}"
            journal.set_aside(part.table, own, rule, reason)
    if fieldwork.themes is not None:
        themes = fieldwork.themes
        filled = np.any([themes.text(variable) != "" for variable in themes.variables], axis=0)
        rows = np.flatnonzero(themes.present() & ~filled)
        journal.ask_stack(themes, rows, _ROW, "", "nothing_left", "Nothing in the row could be read.", "row set aside")
        journal.set_aside_stack(themes, rows, "nothing_left", "nothing in the row could be read")


def set_aside_unknown(fieldwork: Fieldwork, journal: Journal, design: Design) -> None:
    """Interviews of numbers that are not in the recruitment log are set aside and asked about."""
    log = fieldwork.persons
    recruited = pd.Index(log.ids()[log.present()]).unique()
    for stack in fieldwork.people[1:]:
        ids = stack.ids()
        rows = np.flatnonzero(stack.present() & (recruited.get_indexer(ids) < 0))
        if not rows.size:
            continue
        who = design.participant_noun
        questions = np.array(
            [f"{capital(who)} {text} is not in the recruitment log. Who is it?" for text in ids[rows]], dtype=object
        )
        journal.ask_stack(stack, rows, _ROW, ids[rows], "not_in_log", questions, "row set aside")
        journal.set_aside_stack(stack, rows, "not_in_log", f"the {who} is not in the recruitment log")


def require_baseline(fieldwork: Fieldwork, journal: Journal, design: Design) -> None:
    """A follow-up of somebody without a baseline interview is set aside and asked about.

    In a wide file, where the row is the person, the answers of the follow-up are set
    missing instead. In a study without baseline there is nothing to require.
    """
    for wave in design.waves[1:] if design.baseline_wave is not None else ():
        _require_baseline(fieldwork, journal, design, wave.name)


def _require_baseline(fieldwork: Fieldwork, journal: Journal, design: Design, wave: str) -> None:
    first, later = fieldwork.interviews[design.waves[0].name], fieldwork.interviews[wave]
    with_baseline = pd.Index(first.ids()[first.present()]).unique()
    rows = np.flatnonzero(later.present() & (with_baseline.get_indexer(later.ids()) < 0))
    label = design.waves[0].label
    reason = f"there is no {fieldwork.occasion} of the wave '{label}'"
    question = f"There is a follow-up, but no {fieldwork.occasion} of the wave '{label}'. Was it held?"
    for part, own, _ in later.split(rows):
        if part.is_row:
            journal.ask(part.table, own, _ROW, "", "followup_without_baseline", question, "row set aside")
            journal.set_aside(part.table, own, "followup_without_baseline", reason)
            continue
        journal.ask(part.table, own, _ROW, "", "followup_without_baseline", question, f"answers {SET_MISSING}")
        for variable in part.columns:
            if variable == design.participant:
                continue
            column = part.columns[variable]
            journal.change(part.table, own, column, "", "followup_without_baseline", reason)
            if column in part.table.unread:
                part.table.unread[column][own] = False


def check_people_left(fieldwork: Fieldwork, journal: Journal, design: Design) -> None:
    """Stop where nobody, or no interview of the first wave, is left, or numbers of a wave are in no log.

    Raises
    ------
    DataError
        That says why: numbers that are in no log, with examples of both forms, or the rules that set the rows aside.
    """
    log, problems = fieldwork.persons, []
    numbers = list(dict.fromkeys(log.ids()[log.present()]))
    if not numbers:
        files = ", ".join(dict.fromkeys(part.table.file for part in log.parts))
        problems.append(
            Problem(
                f"no row names {A_PERSON} who was recruited",
                files,
                variable=design.participant,
                hint=_reasons(log.parts, journal),
            )
        )
    for wave in design.waves if numbers else ():
        stack = fieldwork.interviews[wave.name]
        if stack.present().any():
            continue
        files = ", ".join(dict.fromkeys(part.table.file for part in stack.parts))
        lost = [text for text in dict.fromkeys(stack.ids()) if text and text not in numbers]
        if lost and len(lost) == len(set(stack.ids()) - {""}):
            problems.append(
                Problem(
                    f"no {fieldwork.occasion}'s number is in the recruitment log (wave '{wave.label}')",
                    files,
                    variable=design.participant,
                    value=", ".join(lost[:_EXAMPLES]),
                    allowed=f"numbers of the log, such as {', '.join(numbers[:_EXAMPLES])}",
                    hint=offer(fieldwork, stack) or "look whether both columns of numbers are the right ones",
                )
            )
        elif wave is design.waves[0] or offer(fieldwork, stack):
            # a study without follow-ups yet is described; without its first wave there is nothing to describe
            hints = filter(None, [_reasons(stack.parts, journal), offer(fieldwork, stack)])
            problems.append(
                Problem(f"no {fieldwork.occasion} of the wave '{wave.label}' is left", files, hint="; ".join(hints))
            )
    if problems:
        raise DataError("The raw data leave nothing to analyse.", problems)


def _reasons(parts: list[Part], journal: Journal) -> str:
    """How many rows which rules set aside."""
    aside = journal.rows_set_aside()
    own = aside[aside["source"].isin([part.table.source for part in parts])]
    counts = own["rule"].value_counts(sort=False)
    said = ", ".join(f"{n} {rule.replace('_', ' ')}" for rule, n in counts.items())
    return f"rows set aside: {said}" if said else "no row holds an answer"
