"""Answers to questions that should not have been asked."""

from __future__ import annotations

import numpy as np

from cpis_analysis.intake.account.audit_trail import Journal
from cpis_analysis.intake.account.fieldwork import Fieldwork
from cpis_analysis.intake.account.working_tables import Stack
from cpis_analysis.intake.dictionary.conditions import Comparison, Condition, Group, Literal, Reference
from cpis_analysis.intake.values.cell_rule import SET_MISSING
from cpis_analysis.intake.values.dates import is_plain_date


def follow_branching(fieldwork: Fieldwork, journal: Journal) -> None:
    """Set missing, and ask about, each answer whose condition is false.

    A condition that cannot be known (an answer that it needs is missing) changes
    nothing. The pass is repeated until nothing changes, because an answer that is
    taken away can be what another condition looks at.
    """
    while _pass(fieldwork, journal):
        pass


def evaluate(condition: Condition, values: dict[tuple[str, str], np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Truth of a condition for each row, in three-valued logic.

    Parameters
    ----------
    condition : Condition
    values : dict of (n,) object arrays
        Texts by event and variable (`Reference.key`): empty for a missing answer, None where the row has no such
        variable.

    Returns
    -------
    true, known : (n,) bool arrays
        ``true`` means something only where ``known``.
    """
    return _tree(condition.tree, values)


def _pass(fieldwork: Fieldwork, journal: Journal) -> bool:
    changed = False
    for stack in fieldwork.people:
        for name in stack.variables:
            condition = stack.variable(name).branching
            if condition is None or name == stack.participant:
                continue
            rows = np.flatnonzero(stack.present() & (stack.text(name) != ""))
            if not rows.size:
                continue
            values = {asked.key: looked_up(asked, fieldwork, stack, rows) for asked in condition.references()}
            true, known = evaluate(condition, values)
            rows = rows[known & ~true]
            if rows.size:
                changed = True
                _empty(stack, journal, rows, name, condition)
    return changed


def _empty(stack: Stack, journal: Journal, rows: np.ndarray, name: str, condition: Condition) -> None:
    given = stack.text(name)[rows]
    label = stack.variable(name).label
    question = f"{label}: answered, but it should be asked only where {condition.text}. What is right?"
    journal.ask_stack(stack, rows, name, given, "not_asked", question, SET_MISSING)
    journal.change_stack(stack, rows, name, "", "not_asked", f"asked only where {condition.text}")


def looked_up(asked: Reference, fieldwork: Fieldwork, stack: Stack, rows: np.ndarray) -> np.ndarray:
    """Texts of what a condition looks at, for rows of a stack; None where there is no such answer.

    With an event: the person's interview of that wave, or what the person's row says. Otherwise the same row first,
    then the person, then the interview of another wave. An event that no source maps to a wave is not known.
    """
    name = asked.variable
    if asked.event:
        wave = fieldwork.events.get(asked.event)
        if asked.event not in fieldwork.events:
            return np.full(len(rows), None, dtype=object)
        places = [fieldwork.interviews[wave]] if wave is not None else []
        others = [other for other in (*places, fieldwork.persons) if name in other]
    else:
        if name in stack:
            return stack.text(name)[rows]
        others = [other for other in fieldwork.people if other is not stack and name in other]
    if not others:
        return np.full(len(rows), None, dtype=object)
    return fieldwork.aligned(name, stack.ids()[rows], others[0])


def _tree(tree: Comparison | Group, values: dict[tuple[str, str], np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    if isinstance(tree, Comparison):
        return _comparison(tree, values)
    parts = [_tree(part, values) for part in tree.parts]
    true = [part[0] & part[1] for part in parts]
    false = [~part[0] & part[1] for part in parts]
    some, every = np.logical_or.reduce, np.logical_and.reduce
    if tree.joined_by == "or":
        return some(true), some(true) | every(false)
    return every(true), some(false) | every(true)


def _comparison(tree: Comparison, values: dict[tuple[str, str], np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    import pandas as pd

    length = len(next(iter(values.values()))) if values else 1
    left, right = (_operand(side, values, length) for side in (tree.left, tree.right))
    here = _not_none(left) & _not_none(right)
    asks_for_empty = any(isinstance(side, Literal) and not side.text for side in (tree.left, tree.right))
    if asks_for_empty:
        equal = left == right
        known = here if tree.operator in ("=", "<>") else np.zeros(length, dtype=bool)
        return (equal if tree.operator == "=" else ~equal), known
    here &= (left != "") & (right != "")
    numbers = [pd.to_numeric(pd.Series(side), errors="coerce").to_numpy(dtype=float) for side in (left, right)]
    numeric = np.isfinite(numbers[0]) & np.isfinite(numbers[1])
    same = np.where(numeric, numbers[0] == numbers[1], left == right).astype(bool)
    if tree.operator in ("=", "<>"):
        return (same if tree.operator == "=" else ~same), here
    dated = np.array([_is_date(a) and _is_date(b) for a, b in zip(left, right, strict=True)], dtype=bool)
    less = np.zeros(length, dtype=bool)
    less[dated] = [a < b for a, b in zip(left[dated], right[dated], strict=True)]
    less[numeric] = numbers[0][numeric] < numbers[1][numeric]
    truth = {"<": less, "<=": less | same, ">": ~less & ~same, ">=": ~less}[tree.operator]
    return truth, here & (numeric | dated)


def _operand(side: Reference | Literal, values: dict[tuple[str, str], np.ndarray], length: int) -> np.ndarray:
    if isinstance(side, Reference):
        return values[side.key]
    return np.full(length, side.text, dtype=object)


def _not_none(values: np.ndarray) -> np.ndarray:
    return np.array([value is not None for value in values], dtype=bool)


def _is_date(text: object) -> bool:
    return isinstance(text, str) and is_plain_date(text)
