"""Averages as they may leave: so coarse that two releases that differ by a person don't tell that person's values."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import pandas as pd

from cpis_analysis.publish.format import scale_digits
from cpis_analysis.study.balance import NOTABLE
from cpis_analysis.study.coding import ALL
from cpis_analysis.study.release import release_step, to_step

SMD_DIGITS = 2
SHARE_DIGITS = 3
_AVERAGES = ("mean", "sd", "median", "q1", "q3", "se", "ci_low", "ci_high")


def fit_to_release(
    protected: Mapping[str, pd.DataFrame], private: Mapping[str, pd.DataFrame]
) -> dict[str, pd.DataFrame]:
    """Round averages in summaries; counts stay as they are.

    1. Means, SDs, quartiles, standard errors and limits by group, team and trust: to `release_step`, and to no more
       decimals than tables print, so that what is printed is rounded once.
    2. Standardised differences: to `SMD_DIGITS` decimals, which is about what is left of them; one that is notable
       stays on its side of the limit (0.254 becomes 0.251).
    3. Standard errors, degrees of freedom and limits of differences in answers: to `SHARE_DIGITS` decimals. They are
       equations in the small whole numbers of the clusters, which all their digits would let somebody solve.

    Parameters
    ----------
    protected : mapping
        After disclosure control.
    private : mapping
        The same before, for the standard deviations.
    """
    result = dict(protected)
    for name in ("baseline", "retention"):
        if len(result.get(name, ())):
            known = private[name]
            spread = known[known["group"] == ALL].drop_duplicates("variable").set_index("variable")["sd"]
            result[name] = _rounded(result[name], result[name]["variable"].map(spread))
            result[name]["smd"] = [_released_smd(value) for value in result[name]["smd"].astype(float)]
    if len(result.get("outcomes", ())):
        everybody = private["outcomes"][private["outcomes"]["arm"] == ALL]
        spread = everybody.set_index(["outcome", "wave"])["sd"]
        for name in ("outcomes", "team_means", "observed_means"):
            if len(result.get(name, ())):
                places = pd.MultiIndex.from_frame(result[name][["outcome", "wave"]].astype(str))
                of = spread.rename(index=str).reindex(places).set_axis(result[name].index)
                result[name] = _rounded(result[name], of)
    if len(result.get("differences", ())):
        frame = result["differences"].copy()
        for column in ("se", "df", "ci_low", "ci_high"):
            frame[column] = frame[column].astype(float).round(SHARE_DIGITS)
        result["differences"] = frame
    return result


def _rounded(frame: pd.DataFrame, spread: pd.Series) -> pd.DataFrame:
    frame = frame.copy()
    steps = [
        release_step(sd, n, _printed(sd)) for sd, n in zip(spread.astype(float), frame["n"].astype(float), strict=True)
    ]
    for column in (name for name in _AVERAGES if name in frame):
        values = frame[column].astype(float)
        frame[column] = np.array([to_step(value, step) for value, step in zip(values, steps, strict=True)], dtype=float)
    return frame


def _released_smd(value: float) -> float:
    rounded = round(value, SMD_DIGITS)
    if abs(value) > NOTABLE >= abs(rounded):
        return math.copysign(NOTABLE + 10.0 ** -(SMD_DIGITS + 1), value)
    return rounded


def _printed(sd: float) -> float:
    """The last decimal that tables print of a mean with this standard deviation."""
    return float(f"1e-{scale_digits(None, None, sd).level}") if sd > 0 else 0.0
