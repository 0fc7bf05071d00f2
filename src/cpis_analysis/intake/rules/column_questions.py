"""Questions about a column, in place of many about its cells."""

from __future__ import annotations

import numpy as np

from cpis_analysis.intake.account.audit_trail import Journal
from cpis_analysis.intake.account.working_tables import Table
from cpis_analysis.intake.dictionary.dictionary import Variable
from cpis_analysis.intake.values.cell_rule import SET_MISSING, Step
from cpis_analysis.intake.values.written_numbers import fraction_beside_percent

_LONG_COLUMN = 20
_LONGEST_SHOWN = 40


def ask_about_fractions(
    table: Table, journal: Journal, column: str, variable: Variable, codes: np.ndarray, texts: np.ndarray
) -> None:
    """One question where numbers below 1 stand beside per cent: 0.46 may have been 46%."""
    if not variable.is_numeric or not any(text.endswith("%") for text in texts):
        return
    odd = np.array([fraction_beside_percent(text, variable) for text in texts], dtype=bool)
    if odd.any():
        first = texts[np.flatnonzero(odd)[0]]
        question = (
            f"{variable.label}: numbers below 1, such as {first}, stand beside per cent. Are they shares that "
            f"lost their per cent format (is {first} in truth {100 * float(first):g})?"
        )
        journal.ask_once(
            table, np.flatnonzero(odd[codes]), column, "", "fraction_beside_percent", question, "left as it is"
        )


def asked_at_once(
    table: Table, journal: Journal, column: str, variable: Variable, rows: np.ndarray, steps: list[Step]
) -> np.ndarray:
    """(k,) bool: steps of one cause, which are asked about in one question for the column.

    A rule knows its cause (`Step.about_column`); besides, where a rule asks about most of a long column, the column
    is in question and not its cells.
    """
    together = np.zeros(len(rows), dtype=bool)
    filled = int((table.raw[column] != "").sum())
    by_rule: dict[str, list[int]] = {}
    for at, step in enumerate(steps):
        if step.question:
            by_rule.setdefault(step.rule, []).append(at)
    for rule, own in by_rule.items():
        question = next((steps[at].about_column for at in own if steps[at].about_column), "")
        if not question and len(own) >= _LONG_COLUMN and 2 * len(own) > filled:
            texts = list(dict.fromkeys(str(table.raw[column][rows[at]]) for at in own))[:3]
            shown = ", ".join(f"'{_short(text)}'" for text in texts)
            question = (
                f"{variable.label}: most of the column can't be used ({steps[own[0]].reason}), such as "
                f"{shown}. Is it another column, or written in another way than plan and dictionary say?"
            )
        if question and len(own) > 1:
            journal.ask_once(table, rows[own], column, "", rule, question, SET_MISSING)
            together[own] = True
    return together


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST_SHOWN else text[: _LONGEST_SHOWN - 1] + "…"
