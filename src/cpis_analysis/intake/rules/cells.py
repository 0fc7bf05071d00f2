"""Cell by cell: white space, missing-value codes, numbers, dates, codes, ranges.

Each rule looks at one text at a time; it is asked once for each different text of
a column, and its answer is then applied to the whole column.
"""

from __future__ import annotations

import re
from datetime import date

import numpy as np

from cpis_analysis.intake.account.audit_trail import Journal
from cpis_analysis.intake.account.delivered import as_column
from cpis_analysis.intake.account.working_tables import Table
from cpis_analysis.intake.dictionary.dictionary import Variable
from cpis_analysis.intake.rules.column_questions import ask_about_fractions, asked_at_once
from cpis_analysis.intake.rules.team_spelling import match_name
from cpis_analysis.intake.values.cell_rule import SET_MISSING, CellRule, Step, ValueSettings
from cpis_analysis.intake.values.codes import folded, label_rule
from cpis_analysis.intake.values.dates import date_rule
from cpis_analysis.intake.values.written_numbers import (
    codes_of_number,
    digits_rule,
    is_plain_number,
    number_code,
    number_rule,
)
from cpis_analysis.plan.schema import Cleaning

_SPACES = re.compile(r"[\s\u00a0\u200b\ufeff]+")
_LONGEST_VALUE = 300
_SIMPLE_NUMBER = re.compile(r"-?(?=[0-9.]{1,16}\Z)[0-9]{1,15}(\.[0-9]{1,14})?")
_MARGIN = " \t\r\n\f\v\u00a0\u2007\u202f\u200b\ufeff"


def clean_values(tables: list[Table], journal: Journal, cleaning: Cleaning, raw_keys: frozenset[str]) -> None:
    """Apply the cell rules to all columns.

    Parameters
    ----------
    tables : list of Table
    journal : Journal
    cleaning : Cleaning
    raw_keys : frozenset of str
        Variables whose values later rules compare with lists (trust, team): only white
        space and missing codes are dealt with here.
    """
    for table in tables:
        settings = ValueSettings(cleaning, table.decimal_comma, table.format)
        for column, variable in table.variables.items():
            _clean_column(table, journal, column, variable, rules_for(variable, raw_keys), settings)


def rules_for(variable: Variable, raw_keys: frozenset[str] = frozenset()) -> tuple[CellRule, ...]:
    """Rules of a variable in their order.

    Missing codes stand twice where reading can bring one to light (a written-out "nine").
    """
    if variable.name in raw_keys:
        return (white_space_rule, recode_rule, missing_rule, missing_text_rule)
    if variable.type == "text":
        return (white_space_rule, recode_rule, missing_rule)
    first = (white_space_rule, too_long_rule, recode_rule, missing_rule, missing_text_rule)
    if variable.is_categorical:
        return (*first, match_rule, label_rule)
    read = (number_rule, digits_rule) if variable.is_numeric else (date_rule,)
    return (*first, *read, missing_rule, range_rule)


def steps_for(text: str, variable: Variable, rules: tuple[CellRule, ...], settings: ValueSettings) -> list[Step]:
    """What the rules do to one text, in order."""
    steps: list[Step] = []
    for rule in rules:
        if not text:
            break
        step = rule(text, variable, settings)
        if step is not None:
            steps.append(step)
            text = step.after
    return steps


def white_space_rule(text: str, variable: Variable, settings: ValueSettings) -> Step | None:
    """Take white space from both ends; runs inside become one space, except in free text."""
    trimmed = text.strip(_MARGIN) if variable.type == "text" else _SPACES.sub(" ", text).strip()
    return None if trimmed == text else Step(trimmed, "white_space", "white space was taken away")


def too_long_rule(text: str, variable: Variable, settings: ValueSettings) -> Step | None:
    """A text as long as a letter is no number, date or category."""
    if len(text) <= _LONGEST_VALUE:
        return None
    question = f"{variable.label}: a text of {len(text)} characters stands where a {variable.type} is expected."
    return Step("", "too_long", f"{len(text)} characters", question)


def recode_rule(text: str, variable: Variable, settings: ValueSettings) -> Step | None:
    """What the plan's ``cleaning.recode`` says."""
    pairs = settings.cleaning.recode.get(variable.name)
    if not pairs or text not in pairs:
        return None
    return Step(pairs[text], "recode", "recoded as the plan says")


def match_rule(text: str, variable: Variable, settings: ValueSettings) -> Step | None:
    """A misspelt category becomes the only one that is alike, where the plan's ``cleaning.match`` allows it."""
    rule = settings.cleaning.match.get(variable.name)
    if rule is None or text in variable.choices:
        return None
    known = label_rule(text, variable, settings)
    if known is None or not known.question:
        return None
    match = match_name(text, dict(variable.choices), rule.threshold)
    if not match.name:
        return None
    return Step(match.name, "alike", f"only '{match.name}' is alike (likeness {match.score:.2f})")


def missing_rule(text: str, variable: Variable, settings: ValueSettings) -> Step | None:
    """Missing-value codes become missing; so do their labels where the variable is not free text."""
    if not variable.missing or text in variable.choices:
        return None
    for code, label in variable.missing.items():
        same = text == code or bool(codes_of_number(text, [code]))
        if not same and variable.type != "text" and number_code(text) is None:
            same = folded(text) in (folded(label), folded(code)) and folded(text) != ""
        if same:
            return Step("", "missing_code", label)
    return None


def missing_text_rule(text: str, variable: Variable, settings: ValueSettings) -> Step | None:
    """Texts that stand for no answer in the whole study (``cleaning.missing_texts``): NA, NULL, a lone dot."""
    if text.casefold() not in settings.missing_texts:
        return None
    own = {folded(written) for pair in variable.choices.items() for written in pair} - {""}
    if text in variable.choices or folded(text) in own:
        return None
    return Step("", "missing_text", "stands for no answer (cleaning.missing_texts)")


def range_rule(text: str, variable: Variable, settings: ValueSettings) -> Step | None:
    """Values outside the dictionary's range are set missing and asked about."""
    if variable.low is None and variable.high is None:
        return None
    if variable.within(float(text) if variable.is_numeric else date.fromisoformat(text)):
        return None
    question = f"{variable.label}: {text} is out of range ({variable.allowed}). What is right?"
    return Step("", "out_of_range", f"is out of range ({variable.allowed})", question)


def _clean_column(
    table: Table,
    journal: Journal,
    column: str,
    variable: Variable,
    rules: tuple[CellRule, ...],
    settings: ValueSettings,
) -> None:
    import pandas as pd

    codes, texts = pd.factorize(table.cells[column])
    ask_about_fractions(table, journal, column, variable, codes, texts)
    fine = _plainly_right(texts, variable, rules, settings)
    chains = {at: steps_for(texts[at], variable, rules, settings) for at in np.flatnonzero(~fine)}
    chains = {at: chain for at, chain in chains.items() if chain}
    for position in range(max(map(len, chains.values()), default=0)):
        affected = np.zeros(len(texts), dtype=bool)
        affected[[at for at, chain in chains.items() if len(chain) > position]] = True
        rows = np.flatnonzero(affected[codes])
        steps = [chains[code][position] for code in codes[rows]]
        before = table.cells[column][rows]
        journal.change(
            table,
            rows,
            column,
            after=as_column(step.after for step in steps),
            rule=as_column(step.rule for step in steps),
            reason=as_column(step.reason for step in steps),
        )
        asked = np.array([bool(step.question) for step in steps], dtype=bool)
        asked &= ~asked_at_once(table, journal, column, variable, rows, steps)
        questions = [step for step, own in zip(steps, asked, strict=True) if own]
        journal.ask(
            table,
            rows[asked],
            column,
            before[asked],
            as_column(step.rule for step in questions),
            as_column(step.question for step in questions),
            SET_MISSING,
        )


def _plainly_right(
    texts: np.ndarray, variable: Variable, rules: tuple[CellRule, ...], settings: ValueSettings
) -> np.ndarray:
    """(n,) bool: numbers to which no rule would do anything, found at once rather than one by one."""
    right = np.zeros(len(texts), dtype=bool)
    if range_rule not in rules or not variable.is_numeric:
        return right
    recoded = settings.cleaning.recode.get(variable.name, {})
    matching = _SIMPLE_NUMBER.fullmatch
    simple = np.array(
        [matching(text) is not None and text not in recoded and text not in settings.missing_texts for text in texts],
        dtype=bool,
    )
    values = np.array([float(text) for text in texts[simple]], dtype=float)
    good = np.ones(len(values), dtype=bool)
    if variable.low is not None:
        good &= values >= variable.low
    if variable.high is not None:
        good &= values <= variable.high
    if variable.type == "integer":
        good &= values == np.floor(values)
    codes = [float(code) for code in variable.missing if is_plain_number(code)]
    right[simple] = good & ~np.isin(values, codes)
    return right
