"""Disclosure control of what figures draw: means with intervals, and smooth curves."""

from __future__ import annotations

import pandas as pd

from cpis_analysis.disclosure.cell_search import SECONDARY, SHOWN
from cpis_analysis.disclosure.counts import LOG_COLUMNS, Protected

FEWEST = 10
"""A curve of fewer people says nothing about a group and much about each of them."""
_STEPS = 200


def protect_observed_means(frame: pd.DataFrame, team_means: pd.DataFrame, minimum: int) -> Protected:
    """Withhold means of few people, and intervals that would give the mean of a withheld team away.

    Parameters
    ----------
    frame : DataFrame
        Summary ``observed_means``.
    team_means : DataFrame
        Summary ``team_means`` after `disclosure.protect_means`.
    minimum : int

    Returns
    -------
    Protected
        One frame, ``observed_means``, with ``state``. Mean and standard error are two equations in the means of the
        teams, so that two withheld teams could be solved for: there the mean is shown and its interval is not.
    """
    frame = frame.reset_index(drop=True).copy()
    few = (frame["n"] > 0) & (frame["n"] < minimum)
    frame["state"] = few.map({True: SECONDARY, False: SHOWN})
    hidden = team_means[team_means["state"] != SHOWN]
    guarded = set(zip(hidden["outcome"], hidden["wave"].astype(str), hidden["arm"].astype(str), strict=True))
    places = list(zip(frame["outcome"], frame["wave"].astype(str), frame["arm"].astype(str), strict=True))
    bare = pd.Series([place in guarded for place in places], index=frame.index, dtype=bool)
    columns = ["mean", "se", "df", "ci_low", "ci_high"]
    frame[columns] = frame[columns].astype(float)
    frame.loc[few | bare, columns[1:]] = float("nan")
    frame.loc[few, "mean"] = float("nan")
    log = [
        ("observed_means", outcome, None, f"{arm}, {wave}", "too few" if small else SECONDARY)
        for (outcome, wave, arm), small, hide in zip(places, few, bare, strict=True)
        if small or hide
    ]
    return Protected({"observed_means": frame}, pd.DataFrame(log, columns=list(LOG_COLUMNS)))


def protect_spreads(frame: pd.DataFrame, minimum: int) -> Protected:
    """Leave out curves of few people, and keep of the others only what can be seen.

    Parameters
    ----------
    frame : DataFrame
        Summary ``spreads``.
    minimum : int
        Curves of fewer people, or of fewer than `FEWEST`, are left out.

    Returns
    -------
    Protected
        One frame, ``spreads``: ``height`` in two-hundredths of the outcome's highest curve instead of ``density``. With
        all its digits a density can be turned back into the answers it was made of; with so few it can't.
    """
    enough = frame["n"] >= max(minimum, FEWEST)
    log = [("spreads", *place, "too few") for place in _curves(frame[~enough])]
    frame = frame[enough].reset_index(drop=True)
    top = frame.groupby("outcome")["density"].transform("max")
    frame = frame.assign(height=(frame["density"] / top * _STEPS).round() / _STEPS, state=SHOWN)
    return Protected({"spreads": frame.drop(columns="density")}, pd.DataFrame(log, columns=list(LOG_COLUMNS)))


def _curves(frame: pd.DataFrame) -> list[tuple[str, None, str]]:
    return [
        (str(outcome), None, f"{arm}, {wave}")
        for outcome, wave, arm in frame[["outcome", "wave", "arm"]].drop_duplicates().itertuples(index=False)
    ]
