"""The SD that turns a difference in points into a standardised difference."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd

from cpis_analysis.errors import ModelError, Problem
from cpis_analysis.plan.outcome_scale import scale_of
from cpis_analysis.plan.specification import AnalysisSpec


def pooled_sd(values: pd.Series, arm: pd.Series) -> float:
    """Within-arm SD, pooled over arms with n - 1 as weights; NaN where no arm has two values.

    Notes
    -----
    s^2 = sum_a (n_a - 1) s_a^2 / sum_a (n_a - 1). Squares are summed in one pass (Welford 1962, Technometrics 4:419),
    as pandas does it for groups, which takes four times as long for a few hundred values.
    """
    values_of_arm = arm.array
    if isinstance(values_of_arm, pd.Categorical):
        codes, arms = values_of_arm.codes, values_of_arm.categories
    else:
        codes, arms = pd.factorize(arm)
    numbers = values.to_numpy(dtype=float)
    known = (codes >= 0) & ~np.isnan(numbers)
    sums = [(0, 0.0, 0.0)] * len(arms)
    for code, value in zip(codes[known].tolist(), numbers[known].tolist(), strict=True):
        n, mean, squares = sums[code]
        moved = mean + (value - mean) / (n + 1)
        sums[code] = n + 1, moved, squares + (value - moved) * (value - mean)
    parts = sorted((str(arms[code]), n, squares / (n - 1)) for code, (n, _, squares) in enumerate(sums) if n > 1)
    freedom = sum(n - 1 for _, n, _ in parts)
    if not freedom:
        return math.nan
    return math.sqrt(sum(variance * (n - 1) for _, n, variance in parts) / freedom)


def standardised_difference(
    spec: AnalysisSpec, participants: pd.DataFrame, estimate: float, ci_low: float, ci_high: float
) -> dict[str, Any]:
    """Divide a difference and its interval by an SD that does not depend on the analysis.

    The SD is that of everyone interviewed at baseline, whatever the model and population, so that analyses of one
    outcome stay comparable; the follow-up SD where the outcome is not measured at baseline. The SD is taken as
    known: the interval is the difference's, rescaled.

    Returns
    -------
    dict
        estimate, ci_low, ci_high, sd, sd_source (``baseline`` or ``follow-up``); all None for binary and ordered
        outcomes, whose differences of risk and of mean score have a meaning of their own, and where the model
        transforms the outcome or its mean: the SD is one of points.

    Raises
    ------
    ModelError
        If no arm has two values, or the outcome does not vary.
    """
    if spec.outcome_type in ("binary", "ordinal") or not scale_of(spec).natural:
        return dict.fromkeys(("estimate", "ci_low", "ci_high", "sd", "sd_source"))
    for column, source in ((spec.baseline, "baseline"), (spec.followup, "follow-up")):
        if column is not None and column in participants:
            sd = pooled_sd(participants[column], participants[spec.arm])
            # what rounding leaves of an outcome without variation is no standard deviation
            if sd > 0.0 and sd > 1e-13 * float(np.nanmax(np.abs(participants[column].to_numpy(dtype=float)))):
                return {
                    "estimate": estimate / sd,
                    "ci_low": ci_low / sd,
                    "ci_high": ci_high / sd,
                    "sd": sd,
                    "sd_source": source,
                }
    raise ModelError(
        "The difference can't be standardised.",
        Problem(
            "the outcome has no variation within arms",
            variable=spec.outcome,
            hint="look at its values with cpis explain; an outcome that is the same for everybody compares nothing",
        ),
    )
