"""Observed outcomes by arm and wave, and by team, unrounded."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Sequence
from typing import Any

import numpy as np
import pandas as pd

from cpis_analysis.plan.naming import code_of, is_alone, place_of
from cpis_analysis.study.coding import ALL, columns_of
from cpis_analysis.study.quantiles import quantiles


def outcome_summary(
    participants: pd.DataFrame, outcomes: Sequence[str], arm: str, waves: Sequence[str], binary: Collection[str] = ()
) -> pd.DataFrame:
    """Observed outcomes by arm and wave, and the change of those seen at both; of binary outcomes the events.

    Returns
    -------
    DataFrame
        outcome, wave (a wave, or ``change``), arm (a code, or ``(all)``), n, mean, sd, median, q1, q3, and count: of
        a binary outcome the people with the event, by arm, in place of the other numbers; missing for scores.
    """
    rows, by_arm = [], participants.groupby(arm, observed=True, sort=True)
    for outcome, wave, column in columns_of(participants, outcomes, (*waves, "change")):
        if outcome in binary and wave == "change":
            continue
        groups = [(code_of(code), values) for code, values in by_arm[column]]
        if outcome in binary:
            found = [(code, _events(values)) for code, values in groups]
        else:
            found = [(code, moments(values)) for code, values in [*groups, (ALL, participants[column])]]
        rows += [{"outcome": outcome, "wave": wave, "arm": code, **numbers} for code, numbers in found]
    columns = ["outcome", "wave", "arm", "n", "mean", "sd", "median", "q1", "q3", "count"]
    frame = pd.DataFrame(rows, columns=columns)
    return frame.astype({"count": float})


def team_risks(
    participants: pd.DataFrame, outcomes: Collection[str], arm: str, levels: Sequence[str], waves: Sequence[str]
) -> pd.DataFrame:
    """Events of binary outcomes in each team and arm by wave; in each trust and arm where there are no teams.

    Returns
    -------
    DataFrame
        outcome, trust, team (missing without teams), arm, wave, n, count.
    """
    return _by_team(participants, outcomes, arm, levels, waves, ("n", "count"), _events)


def team_means(
    participants: pd.DataFrame, outcomes: Sequence[str], arm: str, levels: Sequence[str], waves: Sequence[str]
) -> pd.DataFrame:
    """Observed outcomes of each team and arm by wave; of each trust and arm where there are no teams.

    Returns
    -------
    DataFrame
        outcome, trust, team (missing without teams), arm, wave, n, mean, sd.
    """
    return _by_team(participants, outcomes, arm, levels, waves, ("n", "mean", "sd"), _mean_and_sd)


def _by_team(
    participants: pd.DataFrame,
    outcomes: Collection[str],
    arm: str,
    levels: Sequence[str],
    waves: Sequence[str],
    names: Sequence[str],
    describe: Callable[[pd.Series], dict[str, Any]],
) -> pd.DataFrame:
    rows, by_place = [], participants.groupby([*levels, arm], observed=True, sort=True)
    for outcome, wave, column in columns_of(participants, outcomes, waves):
        for place, values in by_place[column]:
            if levels and is_alone(place[-2]):
                continue
            found = describe(values)
            rows.append((outcome, *place_of(place[:-1]), code_of(place[-1]), wave, *(found[name] for name in names)))
    return pd.DataFrame(rows, columns=["outcome", "trust", "team", "arm", "wave", *names])


def _mean_and_sd(values: pd.Series) -> dict[str, Any]:
    return _of_known(_known(values))


def moments(values: pd.Series) -> dict[str, Any]:
    """How many values are known, with their mean, SD and quartiles."""
    known = _known(values)
    low, middle, high = quantiles(known, [0.25, 0.5, 0.75]).tolist() if len(known) else [math.nan] * 3
    return _of_known(known) | {"median": middle, "q1": low, "q3": high}


def _known(values: pd.Series) -> np.ndarray:
    numbers = values if values.dtype == np.float64 else pd.to_numeric(values).astype(float)
    found = numbers.to_numpy()
    return found[~np.isnan(found)]


def _of_known(known: np.ndarray) -> dict[str, Any]:
    """Number, mean and SD as pandas tells them, which takes ten times as long for a few dozen values."""
    n = len(known)
    mean = float(known.sum() / n) if n else math.nan
    return {"n": n, "mean": mean, "sd": math.sqrt(((mean - known) ** 2).sum() / (n - 1)) if n > 1 else math.nan}


def _events(values: pd.Series) -> dict[str, int]:
    known = pd.to_numeric(values).dropna()
    return {"n": len(known), "count": int((known == 1).sum())}
