"""Parametric bootstrap of a contrast, with the interval of the values that it does not reject.

The null distribution of a contrast's t depends on the variance ratios alone, and these are estimated with the contrast
held at the tested value. All values are tested with the same random numbers, so that what is rejected changes with the
value and not by chance.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from cpis_analysis.lmm.designs.contrasts import contrast_row
from cpis_analysis.lmm.designs.display import ShortRepr
from cpis_analysis.lmm.fits.fit import LinearMixedFit
from cpis_analysis.lmm.refits.bootstrap import null_ratios, null_t, share_as_large

_FARTHEST = 1e4
"""Standard errors from the estimate beyond which an end is called infinite."""

_PRECISION = 1e-5
"""Of an end, in standard errors."""


@dataclass(frozen=True, repr=False)
class BootstrapInterval(ShortRepr):
    """Inference on one contrast by parametric bootstrap.

    Attributes
    ----------
    estimate, std_error : float
        The standard error is the model's.
    p_value, mc_error : float
        (1 + how many simulated |t| are as large) / (1 + simulated), and its Monte Carlo standard error.
    ci_low, ci_high : float
        Zero lies outside if and only if `p_value` is at most 1 - level.
    n : int
        Simulated responses that could be fitted, for the p-value.
    """

    estimate: float
    std_error: float
    p_value: float
    mc_error: float
    ci_low: float
    ci_high: float
    n: int


def bootstrap_interval(
    fit: LinearMixedFit,
    weights: Mapping[str, float] | np.ndarray,
    *,
    level: float = 0.95,
    n: int = 1999,
    seed: int,
) -> BootstrapInterval:
    """p-value of no difference and interval of a contrast.

    Parameters
    ----------
    fit : LinearMixedFit
    weights : mapping or (p,) array
    level : float
    n : int
        Simulated responses for each tested value.
    seed : int
        Of all of them.

    Notes
    -----
    A value d is rejected if |estimate - d| / SE exceeds the k-th largest simulated |t|, k the largest whole number up
    to (1 - level) (1 + n). The ends are where it just is, found by halving and secants between values that are not
    rejected and values that are; zero is the first value looked at, so p-value and interval can't contradict.
    """
    row = contrast_row(weights, fit.design, fit.basis)
    found = fit.contrast(row, "z").iloc[0]
    estimate, se = float(found["estimate"]), float(found["std_error"])

    def simulated(value: float) -> np.ndarray:
        return np.abs(null_t(fit, row, null_ratios(fit, row, value), n=n, seed=seed))

    def excess(value: float) -> float:
        t = simulated(value)
        return abs(estimate - value) / se - _critical(t, level)

    at_zero = simulated(0.0)
    observed = abs(estimate) / se
    over = observed - _critical(at_zero, level)
    ends = []
    for side in (-1.0, 1.0):
        here = (0.0, over) if side * (0.0 - estimate) > 0 else None
        ends.append(_end(excess, estimate, se, side, here))
    return BootstrapInterval(estimate, se, *share_as_large(at_zero, observed), ends[0], ends[1], len(at_zero))


def _critical(t: np.ndarray, level: float) -> float:
    """The smallest simulated |t| that an observed one must exceed; infinite where there are too few."""
    k = math.floor((1.0 - level) * (1.0 + len(t)) * (1.0 + 1e-12))
    return float(np.sort(t)[-k]) if k else math.inf


def _end(
    excess: Callable[[float], float], estimate: float, se: float, side: float, zero: tuple[float, float] | None
) -> float:
    """Where on one side of the estimate values begin to be rejected."""
    inside: tuple[float, float] = (estimate, -math.inf)
    outside: tuple[float, float] | None = None
    if zero is not None and zero[1] <= 0:
        inside = zero
    elif zero is not None:
        outside = zero
    step = 2.0 * se
    while outside is None:
        value = estimate + side * max(step, 1.5 * abs(inside[0] - estimate))
        if abs(value - estimate) > _FARTHEST * se:
            return side * math.inf
        over = excess(value)
        if over <= 0:
            inside = (value, over)
        else:
            outside = (value, over)
        step *= 2.0
    for number in range(60):
        if abs(outside[0] - inside[0]) <= _PRECISION * se:
            break
        value = 0.5 * (inside[0] + outside[0])
        if math.isfinite(inside[1]) and number % 3 != 2:
            share = -inside[1] / (outside[1] - inside[1])
            value = inside[0] + min(max(share, 0.02), 0.98) * (outside[0] - inside[0])
        over = excess(value)
        if over <= 0:
            inside = (value, over)
        else:
            outside = (value, over)
    return inside[0]
