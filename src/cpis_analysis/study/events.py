"""Binary outcomes: whether an answer counts as the event."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from cpis_analysis.errors import DataError, Problem, did_you_mean

__all__ = ["with_events"]


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
    problems = [
        Problem(
            "the interviews have no such variable",
            variable=variable,
            hint=did_you_mean(variable, map(str, interviews.columns)),
        )
        for variable, _ in events.values()
        if variable not in interviews
    ]
    problems += [
        Problem("the interviews have a variable of this name already", variable=name)
        for name in events
        if name in interviews
    ]
    if problems:
        raise DataError("The binary outcomes can't be made.", problems)
    added = {}
    for name, (variable, codes) in events.items():
        answers = interviews[variable]
        happened = answers.astype(object).isin(list(codes)).to_numpy()
        added[name] = np.where(answers.isna().to_numpy(), np.nan, happened.astype(float))
    return interviews.assign(**added) if added else interviews
