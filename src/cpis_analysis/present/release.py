"""Averages as they may leave: so coarse that two releases that differ by a person don't tell that person's values."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from cpis_analysis.study.coding import ALL

__all__ = ["RESIDUAL_DIGITS", "SHARE_DIGITS", "SMD_DIGITS", "diagnostics_fit_to_release", "fit_to_release",
           "release_step", "to_step"]

SMD_DIGITS = 2
SHARE_DIGITS = 3
RESIDUAL_DIGITS = 2
_AVERAGES = ("mean", "sd", "median", "q1", "q3", "se", "ci_low", "ci_high")


def release_step(sd: float, n: float) -> float:
    """The step to which averages of a group are rounded.

    Parameters
    ----------
    sd : float
        Standard deviation of the variable, in everybody.
    n : float
        People in the group.

    Returns
    -------
    float
        The smallest of 1, 2 and 5 times a power of ten that is at least sd / (2 n); zero where there is no sd.

    Notes
    -----
    Somebody who has the mean of n people and that of n - 1 of them can compute the last one's value as
    n m - (n - 1) m'. With both means rounded to a step u this is known to within u (2 n - 1) / 2 on either side only,
    which is about half a standard deviation: no better than what is known of anybody in the study.
    """
    if not sd > 0 or not n > 0 or not math.isfinite(sd):
        return 0.0
    least = sd / (2 * n)
    power = math.floor(math.log10(least))
    return next(round(part * 10.0**exponent, 12 - min(exponent, 0)) for exponent in (power, power + 1)
                for part in (1, 2, 5) if part * 10.0**exponent >= least * (1 - 1e-9))


def to_step(value: float, step: float) -> float:
    """The nearest multiple of a step, without the digits that floating point would add."""
    if step <= 0 or not math.isfinite(value):
        return value
    return round(round(value / step) * step, max(0, 2 - math.floor(math.log10(step))))


def fit_to_release(
    protected: Mapping[str, pd.DataFrame], private: Mapping[str, pd.DataFrame]
) -> dict[str, pd.DataFrame]:
    """Round averages in summaries; counts stay as they are.

    1. Means, SDs, quartiles, standard errors and limits by group, team and trust: to `release_step`.
    2. Standardised differences: to `SMD_DIGITS` decimals, which is about what is left of them.
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
            result[name]["smd"] = result[name]["smd"].astype(float).round(SMD_DIGITS)
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


def diagnostics_fit_to_release(
    diagnostics: Mapping[str, Any], sigma: float | None, n: int | None
) -> dict[str, Any]:
    """Round what figures draw of a fit: quantiles of residuals, and what the model predicts of clusters.

    Parameters
    ----------
    diagnostics : mapping
        Of `AnalysisResult`.
    sigma : float or None
        Residual standard deviation.
    n : int or None
        Rows.

    Returns
    -------
    dict
        Quantiles of standardised residuals with `RESIDUAL_DIGITS` decimals; fitted values, predicted effects of
        clusters and their errors to the `release_step` of as many rows as they rest on.
    """
    result = dict(diagnostics)
    spread = sigma or 0.0
    if "residual_quantiles" in result:
        result["residual_quantiles"] = {
            name: values if name in ("probability", "theoretical") else [round(x, RESIDUAL_DIGITS) for x in values]
            for name, values in result["residual_quantiles"].items()}
    if "residual_by_fitted" in result:
        result["residual_by_fitted"] = [
            row | {name: round(row[name], RESIDUAL_DIGITS) for name in ("q10", "q50", "q90")}
            | {"fitted_mid": to_step(row["fitted_mid"], release_step(spread, row["n"]))}
            for row in result["residual_by_fitted"]]
    if result.get("random_effects"):
        clusters = Counter(row["group"] for row in result["random_effects"])
        result["random_effects"] = [
            row | {name: to_step(row[name], release_step(spread, (n or 0) / clusters[row["group"]]))
                   for name in ("mode", "se")} for row in result["random_effects"]]
    return result


def _rounded(frame: pd.DataFrame, spread: pd.Series) -> pd.DataFrame:
    frame = frame.copy()
    steps = [release_step(sd, n) for sd, n in zip(spread.astype(float), frame["n"].astype(float), strict=True)]
    for column in (name for name in _AVERAGES if name in frame):
        values = frame[column].astype(float)
        frame[column] = np.array([to_step(value, step) for value, step in zip(values, steps, strict=True)], dtype=float)
    return frame
