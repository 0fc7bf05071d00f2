"""Outcomes that are made of answers: whether one counts as the event, and its place among answers in order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from cpis_analysis.errors import DataError, Problem, did_you_mean


def with_events(interviews: pd.DataFrame, events: Mapping[str, tuple[str, Sequence[str]]]) -> pd.DataFrame:
    """Add a variable of 0 and 1 for each binary outcome.

    Parameters
    ----------
    interviews : DataFrame
        One row an interview.
    events : mapping of outcome to (variable, codes)
        The outcome is 1 where the variable has one of the codes, 0 where it has another, missing where it is missing.

    Raises
    ------
    DataError
        For a variable that the interviews do not have, or a name that is taken.
    """
    problems = _name_problems(interviews, {name: variable for name, (variable, _) in events.items()})
    if problems:
        raise DataError("The binary outcomes can't be made.", problems)
    added = {}
    for name, (variable, codes) in events.items():
        answers = interviews[variable]
        happened = answers.astype(object).isin(list(codes)).to_numpy()
        added[name] = np.where(answers.isna().to_numpy(), np.nan, happened.astype(float))
    return interviews.assign(**added) if added else interviews


def with_places(
    interviews: pd.DataFrame, places: Mapping[str, tuple[str, Sequence[str], Sequence[str]]]
) -> pd.DataFrame:
    """Add a variable of 0, 1, 2, ... for each ordered outcome.

    Parameters
    ----------
    interviews : DataFrame
        One row an interview.
    places : mapping of outcome to (variable, categories, codes that count as missing)

    Raises
    ------
    DataError
        For a variable that the interviews do not have, a name that is taken, or answers that are in neither list.
    """
    problems = _name_problems(interviews, {name: variable for name, (variable, _, _) in places.items()})
    added = {}
    for name, (variable, categories, missing) in places.items():
        if variable not in interviews:
            continue
        answers = interviews[variable].astype(object)
        place = {code: float(at) for at, code in enumerate(categories)} | dict.fromkeys(missing, np.nan)
        strange = sorted({str(code) for code in answers.dropna().unique()} - set(place))
        problems += [
            Problem(
                f"the outcome {name} has no place for an answer",
                variable=variable,
                value=code,
                allowed=", ".join(categories),
                hint="add it to categories, or to not_given if it counts as missing",
            )
            for code in strange
        ]
        added[name] = answers.map(place, na_action="ignore").to_numpy(dtype=float)
    if problems:
        raise DataError("The ordered outcomes can't be made.", problems)
    return interviews.assign(**added) if added else interviews


def _name_problems(interviews: pd.DataFrame, variables: Mapping[str, str]) -> list[Problem]:
    """Variables that there are not, and names of outcomes that are taken."""
    problems = [
        Problem(
            "the data have no such variable",
            variable=variable,
            hint=did_you_mean(variable, map(str, interviews.columns))
            or "name a variable of the dictionary that is asked at the waves",
        )
        for variable in variables.values()
        if variable not in interviews
    ]
    return problems + [
        Problem("the data have a variable of this name already", variable=name, hint="give the outcome another name")
        for name in variables
        if name in interviews
    ]


def of_people(interviews: pd.DataFrame, participants: pd.DataFrame, outcomes: Mapping[str, Sequence[Any]]) -> set[str]:
    """Names of the outcomes whose variable is known once of a person and not asked in interviews."""
    return {
        name for name, (variable, *_) in outcomes.items() if variable not in interviews and variable in participants
    }


def with_answers_of_people(
    participants: pd.DataFrame,
    events: Mapping[str, tuple[str, Sequence[str]]],
    places: Mapping[str, tuple[str, Sequence[str], Sequence[str]]],
    wave: str,
) -> pd.DataFrame:
    """Add such outcomes as they stand at the last wave: ``{outcome}_{wave}``.

    Raises
    ------
    DataError
        As `with_events` and `with_places`.
    """
    made = with_places(with_events(participants, events), places)
    return made.rename(columns={name: f"{name}_{wave}" for name in (*events, *places)})
