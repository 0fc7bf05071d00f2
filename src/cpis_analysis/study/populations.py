"""Which participants an analysis is about."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from cpis_analysis.errors import DataError, Problem, did_you_mean

__all__ = ["in_population"]

Where = Sequence[tuple[str, Sequence[str]]]


def in_population(participants: pd.DataFrame, where: Where) -> pd.Series:
    """Tell for each participant whether all conditions hold.

    Parameters
    ----------
    participants : DataFrame
        Wide analysis data.
    where : sequence of (variable, allowed codes)
        Conditions; none means everyone. A missing value fulfils no condition. Truth values are the codes
        ``true`` and ``false``.

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
            problems.append(
                Problem("a population is defined by a variable that is not in the data", variable=variable,
                        hint=did_you_mean(variable, map(str, participants.columns)))
            )
            continue
        values = _as_codes(participants[variable])
        known = _known_codes(participants[variable], values)
        for code in codes:
            if code not in known:
                problems.append(
                    Problem("a population is defined by a code that the variable does not have", variable=variable,
                            value=code, allowed=_shown(known), hint=did_you_mean(code, known))
                )
        chosen &= values.isin(list(codes))
    if problems:
        raise DataError("The population can't be selected.", problems)
    return chosen


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
