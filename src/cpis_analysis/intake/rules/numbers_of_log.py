"""Participant numbers of all files in the spelling of the recruitment log, and what to do about lost zeros."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from cpis_analysis.intake.account.audit_trail import TWO_PEOPLE, Journal
from cpis_analysis.intake.account.delivered import as_column
from cpis_analysis.intake.account.fieldwork import Fieldwork
from cpis_analysis.intake.account.working_tables import Stack, Table
from cpis_analysis.intake.rules.participant_numbers import NumberForm, number_form, usual_form
from cpis_analysis.intake.values.codes import folded
from cpis_analysis.plan.naming import plural
from cpis_analysis.plan.schema_design import Design

_ROW = ""
_EXAMPLES = 3
_FEWEST = 2
_MOST_OF_THEM = 0.8


@dataclass(frozen=True)
class _Loss:
    """Numbers of a file that are in no log, and would be if one of the two had not lost zeros or letters.

    Attributes
    ----------
    numbers : mapping
        Number that would be meant, by number as written.
    of : Table
        The file that lost something: this one or the log.
    example : str
        A number of the other's form.
    unknown : int
        Numbers of the file that are not in the log, those that would match among them.
    """

    numbers: Mapping[str, str]
    of: Table
    example: str
    unknown: int

    @property
    def key(self) -> str:
        """What the plan would have to say."""
        return f'data.sources.{self.of.source}.numbers_like: "{self.example}"'

    def sentence(self) -> str:
        """The offer, in words."""
        shown = ", ".join(f"{text} as {wanted}" for text, wanted in list(self.numbers.items())[:_EXAMPLES])
        many = f"{len(self.numbers)} of the {self.unknown} numbers" if len(self.numbers) < self.unknown else "all"
        return (
            f"with the zeros or letters in front that {self.of.file} seems to have lost, {many} would be in both "
            f"files ({shown}); if that is so, write in the plan: {self.key}"
        )


def match_participants(fieldwork: Fieldwork, journal: Journal, design: Design) -> None:
    """Give numbers the spelling of the recruitment log, where no other person can be meant.

    1. Numbers of a file with ``numbers_like`` get back the zeros or letters in front that they lost.
    2. Numbers that differ from one in the log by case, spaces or punctuation only become that one.
    3. Where a file seems to have lost zeros and the plan does not say so, one question offers that; its rows are set
       aside until then.
    4. A number of such a file that can be that of two people (1017 where 001017 is in the log too) is set aside, and
       asked about.

    Numbers are never matched by likeness: CP010 and CP001 are two people.
    """
    log = fieldwork.persons
    for table in _tables([log]):
        if table.numbers_like:
            _complete_log(table, journal, design)
    usual = _usual(log)
    known = set(usual.values())
    for stack in fieldwork.people:
        own = stack.ids()
        wanted = {
            text: usual[folded(text)]
            for text in dict.fromkeys(own)
            if text and text not in known and folded(text) in usual
        }
        rows = np.flatnonzero(_among(own, wanted) & stack.present())
        after = as_column(wanted[text] for text in own[rows])
        reasons = as_column(
            f"the same as '{text}' of the recruitment log but for case, spaces or punctuation" for text in after
        )
        journal.change_stack(stack, rows, design.participant, after, "participant_spelling", reasons)
    own_tables = {id(table) for table in _tables([log])}
    for table in _tables(fieldwork.people[1:]):
        if id(table) in own_tables:
            continue
        form = number_form(table.numbers_like) if table.numbers_like else None
        if form is not None:
            _complete(table, form, usual, journal, design)
            continue
        loss = _loss(table, fieldwork, usual)
        if loss is not None:
            _offer_once(table, loss, usual, journal, design)


def offer(fieldwork: Fieldwork, stack: Stack) -> str:
    """What to write in the plan where the numbers of a stack would match but for lost zeros or letters; or nothing."""
    usual = _usual(fieldwork.persons)
    found = [loss for table in _tables([stack]) if (loss := _loss(table, fieldwork, usual)) is not None]
    return found[0].sentence() if found else ""


def _tables(stacks: Sequence[Stack]) -> list[Table]:
    return list({id(part.table): part.table for stack in stacks for part in stack.parts}.values())


def _usual(log: Stack) -> dict[str, str]:
    usual: dict[str, str] = {}
    for number in dict.fromkeys(log.ids()[log.present()]):
        usual.setdefault(folded(number) or number, number)
    usual.pop("", None)
    return usual


def _complete_log(table: Table, journal: Journal, design: Design) -> None:
    form = number_form(table.numbers_like)
    cells = table.cells[design.participant]
    written = {folded(text) for text in cells[table.kept] if text}
    completed = {text: form.completed(text) for text in dict.fromkeys(cells[table.kept]) if form is not None and text}
    completed = {text: wanted for text, wanted in completed.items() if wanted and wanted != text}
    twice = {
        text: wanted
        for text, wanted in completed.items()
        if folded(wanted) in written and folded(wanted) != folded(text)
    }
    rows = np.flatnonzero(_among(cells, twice) & table.kept)
    people = plural(design.people.noun)
    questions = as_column(
        f"{text} stands in the log, and {twice[text]} too. Are they two {people}?" for text in cells[rows]
    )
    journal.ask(table, rows, _ROW, cells[rows], TWO_PEOPLE, questions, f"taken for two {people}")
    rows = np.flatnonzero(_among(cells, completed.keys() - twice.keys()) & table.kept)
    reason = "zeros or letters in front were lost (numbers_like of the plan)"
    after = as_column(completed[text] for text in cells[rows])
    journal.change(table, rows, design.participant, after, "number_completed", reason)


def _complete(table: Table, form: NumberForm, usual: Mapping[str, str], journal: Journal, design: Design) -> None:
    cells = table.cells[design.participant]
    wanted = {
        text: usual[key]
        for text in dict.fromkeys(cells[table.kept])
        if text and (key := folded(form.completed(text))) in usual and usual[key] != text
    }
    twice = {text for text in wanted if folded(text) in usual}
    for text in sorted(twice):
        _two_people(table, text, wanted[text], journal, design)
    rows = np.flatnonzero(_among(cells, wanted.keys() - twice) & table.kept & ~table.settled)
    after = as_column(wanted[text] for text in cells[rows])
    reasons = as_column(
        f"'{text}' of the recruitment log without its zeros or letters in front (numbers_like of the plan)"
        for text in after
    )
    journal.change(table, rows, design.participant, after, "number_completed", reasons)


def _among(cells: np.ndarray, texts: Collection[str]) -> np.ndarray:
    """(n,) bool: cells that hold one of the texts."""
    return np.array([text in texts for text in cells], dtype=bool)


def _two_people(table: Table, text: str, wanted: str, journal: Journal, design: Design) -> None:
    rows = np.flatnonzero((table.cells[design.participant] == text) & table.kept & ~table.settled)
    question = (
        f"The file lost zeros or letters in front of its numbers, and both {text} and {wanted} are in the "
        "recruitment log. Which of the two is it?"
    )
    journal.ask(table, rows, _ROW, text, TWO_PEOPLE, question, "row set aside")
    journal.set_aside(table, rows, TWO_PEOPLE, f"can be {text} or {wanted} of the recruitment log")


def _loss(table: Table, fieldwork: Fieldwork, usual: Mapping[str, str]) -> _Loss | None:
    """What a file, or the log, seems to have lost; None unless nearly all unknown numbers would then be known."""
    log = fieldwork.persons
    cells = table.cells.get(log.participant)
    if cells is None:
        return None
    unknown = [text for text in dict.fromkeys(cells) if text and folded(text) not in usual]
    enough = max(_FEWEST, _MOST_OF_THEM * len(unknown))
    if len(unknown) < _FEWEST or not usual:
        return None
    found = usual_form(usual.values())
    if found is not None:
        form, example = found
        numbers = {
            text: usual[folded(form.completed(text))] for text in unknown if folded(form.completed(text)) in usual
        }
        if len(numbers) >= enough:
            return _Loss(numbers, table, example, len(unknown))
    found = usual_form(unknown)
    if found is not None:
        form, example = found
        completed = {folded(form.completed(number)): number for number in usual.values()}
        numbers = {completed[folded(text)]: text for text in unknown if folded(text) in completed}
        if len(numbers) >= enough:
            return _Loss(numbers, log.parts[0].table, example, len(unknown))
    return None


def _offer_once(table: Table, loss: _Loss, usual: Mapping[str, str], journal: Journal, design: Design) -> None:
    """One question for all rows; those that would match are set aside without questions of their own."""
    cells = table.cells[design.participant]
    concerned = set(loss.numbers) if loss.of is table else set(loss.numbers.values())
    rows = np.flatnonzero(np.isin(cells, list(concerned)) & table.kept & ~table.settled)
    if rows.size:
        question = f"Numbers are not in the recruitment log, but {loss.sentence()}. Is it so?"
        journal.ask_once(table, rows, _ROW, "", "lost_zeros", question, "rows set aside")
        journal.set_aside(table, rows, "lost_zeros", "the number is not in the recruitment log as it is written")
    form = number_form(loss.example)
    if loss.of is not table or form is None:
        return
    for text in dict.fromkeys(cells[table.kept]):
        wanted = usual.get(folded(form.completed(text))) if text else None
        if wanted is not None and folded(text) in usual and folded(wanted) != folded(text):
            _two_people(table, text, wanted, journal, design)
