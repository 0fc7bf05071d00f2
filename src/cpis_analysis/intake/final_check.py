"""The last gate: clean frames against a schema that is built from the dictionary.

Cleaning leaves nothing that the dictionary forbids, so whatever is found here is a
fault of the cleaning. The check is by another library and from another direction.
"""

from __future__ import annotations

from types import ModuleType
from typing import Any

import pandas as pd

from cpis_analysis.errors import DataError, Problem
from cpis_analysis.intake.dictionary.dictionary import Dictionary, Variable


def check_clean(frames: dict[str, pd.DataFrame], keys: dict[str, list[str]], dictionary: Dictionary) -> None:
    """Check types, codes, ranges and keys of all clean frames.

    Parameters
    ----------
    frames : dict of DataFrame
    keys : dict of list of str
        Columns that may not repeat together and may not be missing, by frame; empty: none.

    Raises
    ------
    DataError
        With every finding of every frame.
    """
    import pandera.pandas as pandera
    from pandera.errors import SchemaErrors

    problems: list[Problem] = []
    for name, frame in frames.items():
        columns = {
            column: _column(pandera, dictionary[column], column in keys[name] and column == keys[name][0])
            for column in frame.columns
            if column in dictionary
        }
        schema = pandera.DataFrameSchema(columns, unique=keys[name] or None)
        try:
            schema.validate(frame, lazy=True)
        except SchemaErrors as error:
            problems += _problems(error.failure_cases, frame, keys[name], dictionary)
    if problems:
        raise DataError("The cleaned data break their own dictionary; this is a fault of the program.", problems)


def _column(pandera: ModuleType, variable: Variable, is_key: bool) -> Any:
    if is_key:
        return pandera.Column("str", nullable=False)
    checks = []
    if variable.low is not None:
        low = pd.Timestamp(variable.low) if variable.type == "date" else variable.low
        checks.append(pandera.Check.ge(low))
    if variable.high is not None:
        high = pd.Timestamp(variable.high) if variable.type == "date" else variable.high
        checks.append(pandera.Check.le(high))
    if variable.type == "integer":
        checks.append(pandera.Check(lambda values: values == values.round(), name="whole number"))
    kind: Any
    if variable.is_categorical:
        kind = pd.CategoricalDtype(list(variable.choices))
    else:
        kind = {"integer": "float64", "number": "float64", "date": "datetime64[us]", "text": "str"}[variable.type]
    return pandera.Column(kind, checks=checks, nullable=True)


def _problems(cases: pd.DataFrame, frame: pd.DataFrame, key: list[str], dictionary: Dictionary) -> list[Problem]:
    problems = []
    for (column, check), group in cases.groupby(["column", "check"], sort=True, dropna=False):
        first = group.iloc[0]
        at = int(first["index"]) if pd.notna(first["index"]) else None
        row = frame.iloc[at] if at is not None else None
        known = isinstance(column, str) and column in dictionary
        problems.append(
            Problem(
                f"clean data fail the check '{check}'",
                file=None if row is None else str(row["source"]),
                line=None if row is None else int(row["line"]),
                participant=str(row[key[0]]) if row is not None and key else None,
                variable=column if isinstance(column, str) else None,
                value=str(first["failure_case"]),
                allowed=dictionary[column].allowed if known else None,
                count=len(group),
            )
        )
    return problems
