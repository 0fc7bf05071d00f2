"""Which participants an analysis is about."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from cpis_analysis.errors import DataError, Problem, did_you_mean
from cpis_analysis.plan.condition_parser import parse_condition
from cpis_analysis.plan.expression import (
    And,
    Comparison,
    Condition,
    Literal,
    Membership,
    Missing,
    Not,
    Or,
    Truth,
    Variable,
    comparisons,
    variables_of,
)

Where = Sequence[tuple[str, Sequence[str]]]
Derived = Sequence[tuple[str, str]]

_ORDER = {"<": np.less, "<=": np.less_equal, ">": np.greater, ">=": np.greater_equal}


def in_population(participants: pd.DataFrame, where: Where, condition: str = "") -> pd.Series:
    """Tell for each participant whether all conditions hold.

    Parameters
    ----------
    participants : DataFrame
        Wide analysis data.
    where : sequence of (variable, allowed codes)
        Conditions; none means everyone. A missing value fulfils no condition. Truth values are the codes
        ``true`` and ``false``.
    condition : str
        Condition in the language of `plan.expression`; empty means everyone.

    Returns
    -------
    Series of bool
        On the index of `participants`.

    Raises
    ------
    DataError
        For every variable or code that the data do not have.
    """
    problems: list[Problem] = []
    chosen = pd.Series(True, index=participants.index)
    for variable, codes in where:
        if variable not in participants:
            problems.append(_unknown(variable, participants))
            continue
        values = _as_codes(participants[variable])
        problems += _unknown_codes(variable, codes, participants[variable], values)
        chosen &= values.isin(list(codes))
    if problems:
        raise DataError("The population can't be selected.", problems)
    if condition:
        true, _ = truth_of(condition, participants)
        chosen &= true
    return chosen


def with_derived(participants: pd.DataFrame, derived: Derived) -> pd.DataFrame:
    """Add derived variables: ``yes`` where the condition is true, ``no`` where it is false, else missing.

    Raises
    ------
    DataError
        For variables or codes that the data do not have, or a name that is taken.
    """
    taken = [
        Problem(
            "the data have a variable of this name already",
            variable=name,
            hint="give the derived variable another name",
        )
        for name, _ in derived
        if name in participants
    ]
    if taken:
        raise DataError("Derived variables can't be made.", taken)
    added = {}
    for name, condition in derived:
        true, known = truth_of(condition, participants)
        neither: Any = None
        values = np.where(true, "yes", np.where(known, "no", neither))
        added[name] = pd.Categorical(values, categories=["no", "yes"])
    return participants.assign(**added) if added else participants


def truth_of(condition: str, participants: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """Where a condition is true, and where it can be told at all.

    Returns
    -------
    true, known : Series of bool
        On the index of `participants`. A comparison with a missing value can't be told; ``false and unknown`` is
        false, ``true or unknown`` is true (Kleene).

    Raises
    ------
    DataError
        For variables and codes that the data do not have, and comparisons that mean nothing.
    """
    parsed = parse_condition(condition)
    problems = [_unknown(name, participants) for name in variables_of(parsed) if name not in participants]
    if not problems:
        for part in comparisons(parsed):
            problems += _senseless(part, participants)
    if problems:
        raise DataError(f"The condition '{condition}' can't be told from the data.", problems)
    true, known = _evaluate(parsed, participants)
    return pd.Series(true, index=participants.index), pd.Series(known, index=participants.index)


def _evaluate(part: Condition, people: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    if isinstance(part, Not):
        true, known = _evaluate(part.part, people)
        return known & ~true, known
    if isinstance(part, And):
        found = [_evaluate(inner, people) for inner in part.parts]
        true = np.logical_and.reduce([t for t, _ in found])
        false = np.logical_or.reduce([k & ~t for t, k in found])
        return true, true | false
    if isinstance(part, Or):
        found = [_evaluate(inner, people) for inner in part.parts]
        true = np.logical_or.reduce([t for t, _ in found])
        false = np.logical_and.reduce([k & ~t for t, k in found])
        return true, true | false
    column = people[part.variable]
    present = column.notna().to_numpy(dtype=bool)
    if isinstance(part, Missing):
        return (present if part.negated else ~present), np.ones(len(people), dtype=bool)
    if isinstance(part, Comparison):
        true, known = _compared(part, column, people)
    elif isinstance(part, Membership):
        true = np.logical_or.reduce([_equal(column, value) for value in part.values])
        true, known = (~true if part.negated else true), present
    else:
        true, known = _equal(column, Literal(True)) | _equal(column, Literal("yes")), present
    return true & known, known


def _compared(part: Comparison, column: pd.Series, people: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    present = column.notna().to_numpy(dtype=bool)
    if isinstance(part.value, Variable):
        other = people[part.value.name]
        present = present & other.notna().to_numpy(dtype=bool)
        if part.operator in _ORDER:
            return _ORDER[part.operator](_sortable(column), _sortable(other)), present
        same = (_as_codes(column).astype(object) == _as_codes(other).astype(object)).to_numpy(dtype=bool)
    elif part.operator in _ORDER:
        value = np.datetime64(str(part.value.value)) if _is_date(column) else part.value.value
        return _ORDER[part.operator](_sortable(column), value), present
    else:
        same = _equal(column, part.value)
    return (same if part.operator == "==" else ~same), present


def _equal(column: pd.Series, value: Literal) -> np.ndarray:
    if _is_number(column) and isinstance(value.value, float):
        return (column.astype(float) == value.value).to_numpy(dtype=bool, na_value=False)
    if _is_date(column):
        return (column == pd.Timestamp(str(value.value))).to_numpy(dtype=bool)
    return (_as_codes(column) == value.code).to_numpy(dtype=bool, na_value=False)


def _sortable(column: pd.Series) -> np.ndarray:
    if _is_date(column):
        return column.to_numpy(dtype="datetime64[ns]")
    return column.to_numpy(dtype=float, na_value=np.nan)


def _senseless(part: Condition, people: pd.DataFrame) -> list[Problem]:
    """Codes that a variable does not have, and orders between things that have none."""
    if not isinstance(part, Comparison | Membership | Truth):
        return []
    column = people[part.variable]
    if isinstance(part, Truth):
        return _no_truth_value(part, column)
    if isinstance(part, Comparison) and part.operator in _ORDER and not (_is_number(column) or _is_date(column)):
        message, hint = "only numbers and dates can be larger or smaller", "write == or in for codes"
        return [Problem(message, variable=part.variable, value=str(part), hint=hint)]
    values = part.values if isinstance(part, Membership) else (part.value,)
    return [problem for value in values for problem in _unlike(part, value, people)]


def _no_truth_value(part: Truth, column: pd.Series) -> list[Problem]:
    codes = _known_codes(column, _as_codes(column))
    if set(codes) <= {"true", "false", "yes", "no"}:
        return []
    hint = f'write {part.variable} == "{codes[0]}"' if codes else None
    return [Problem("the variable is no truth value", variable=part.variable, allowed=_shown(codes), hint=hint)]


def _unlike(part: Comparison | Membership, value: Literal | Variable, people: pd.DataFrame) -> list[Problem]:
    """Why a variable can't be compared with a value."""
    name, column = part.variable, people[part.variable]
    if isinstance(value, Variable):
        other = people[value.name]
        if (_is_number(column), _is_date(column)) == (_is_number(other), _is_date(other)):
            return []
        return [
            Problem(
                "variables of different kinds are compared",
                variable=name,
                value=str(part),
                hint="compare numbers with numbers, dates with dates, and codes with codes in quotes",
            )
        ]
    if _is_number(column):
        if isinstance(value.value, float):
            return []
        message, hint = "a number is compared with something else", "write the number without quotes"
        return [Problem(message, variable=name, value=str(value), hint=hint)]
    if _is_date(column):
        if _reads_as_date(value):
            return []
        message, hint = "a date is compared with something else", 'write the date as "2014-05-31"'
        return [Problem(message, variable=name, value=str(value), hint=hint)]
    return _unknown_codes(name, [value.code], column, _as_codes(column))


def _reads_as_date(value: Literal) -> bool:
    if not isinstance(value.value, str) or len(value.value) != 10:
        return False
    try:
        np.datetime64(value.value, "D")
    except ValueError:
        return False
    return True


def _unknown(variable: str, participants: pd.DataFrame) -> Problem:
    return Problem(
        "a population is defined by a variable that is not in the data",
        variable=variable,
        hint=did_you_mean(variable, map(str, participants.columns)) or "name a variable of data/processed/codebook.csv",
    )


def _unknown_codes(variable: str, codes: Sequence[str], column: pd.Series, values: pd.Series) -> list[Problem]:
    known = _known_codes(column, values)
    return [
        Problem(
            "a population is defined by a code that the variable does not have",
            variable=variable,
            value=code,
            allowed=_shown(known),
            hint=did_you_mean(code, known),
        )
        for code in codes
        if code not in known
    ]


def _is_number(column: pd.Series) -> bool:
    return bool(pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column))


def _is_date(column: pd.Series) -> bool:
    return bool(pd.api.types.is_datetime64_any_dtype(column))


def _as_codes(values: pd.Series) -> pd.Series:
    if pd.api.types.is_bool_dtype(values):
        return values.map({True: "true", False: "false"})
    if pd.api.types.is_numeric_dtype(values):
        return values.map(lambda number: f"{number:.15g}", na_action="ignore")
    return values.astype(object).map(str, na_action="ignore")


def _known_codes(values: pd.Series, as_codes: pd.Series) -> list[str]:
    if isinstance(values.dtype, pd.CategoricalDtype):
        return [str(code) for code in values.cat.categories]
    if pd.api.types.is_bool_dtype(values):
        return ["true", "false"]
    return sorted(as_codes.dropna().unique())


def _shown(known: list[str], limit: int = 12) -> str:
    return ", ".join(known[:limit]) + (", ..." if len(known) > limit else "")
