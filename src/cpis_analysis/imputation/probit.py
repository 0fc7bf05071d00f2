"""Binary and ordinal values by probit data augmentation: draws of the latent normal and of its cut points."""

from __future__ import annotations

import numpy as np
from scipy.special import log_ndtr, ndtri_exp

_STEPS = 3
"""Proposals of the cut points in each sweep."""
_SPREAD = 2.0
"""SD of the normal prior of the logarithms of the distances between cut points."""


def truncated(eta: np.ndarray, low: np.ndarray, high: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Normal draws with mean `eta` and SD 1 between `low` and `high`; all arrays of one shape.

    By the inverse of the distribution function on the side of the nearer tail, in logarithms, so that draws far out
    are as exact as those near the mean.
    """
    a, b = low - eta, high - eta
    # mirrored where the interval lies right of the mean
    right = a > 0.0
    lower, upper = np.where(right, -b, a), np.where(right, -a, b)
    log_low, log_high = log_ndtr(lower), log_ndtr(upper)
    u = random.random(eta.shape)
    # log(u Phi(upper) + (1 - u) Phi(lower))
    with np.errstate(divide="ignore"):
        mixed = np.logaddexp(np.log(u) + log_high, np.log1p(-u) + log_low)
    z = np.clip(ndtri_exp(mixed), lower, upper)
    return eta + np.where(right, -z, z)


def between_cuts(values: np.ndarray, cuts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Ends of the latent interval of each value.

    Parameters
    ----------
    values : (M, n) int
        Levels from 0.
    cuts : (M, L - 1) float
        Increasing; the first is zero.

    Returns
    -------
    low, high : (M, n) float
    """
    end = np.full((len(cuts), 1), np.inf)
    ends = np.concatenate([-end, cuts, end], axis=1)
    return np.take_along_axis(ends, values, axis=1), np.take_along_axis(ends, values + 1, axis=1)


def drawn_cuts(values: np.ndarray, eta: np.ndarray, cuts: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """New cut points given means, the latent draws integrated out (Albert & Chib 2001, Sociol Methods Res 29:342).

    Metropolis steps in the logarithms of the distances between cut points, whose prior is normal with SD 2.

    Parameters
    ----------
    values : (M, n) int
    eta : (M, n) float
    cuts : (M, L - 1) float
    random : Generator

    Returns
    -------
    (M, L - 1) float
    """
    gaps = np.log(np.diff(cuts, axis=1))
    if not gaps.shape[1]:
        return cuts
    step = 2.0 / np.sqrt(values.shape[1])
    now = _log_density(values, eta, cuts, gaps)
    for _ in range(_STEPS):
        proposed = gaps + step * random.standard_normal(gaps.shape)
        moved = np.concatenate([cuts[:, :1], cuts[:, :1] + np.cumsum(np.exp(proposed), axis=1)], axis=1)
        then = _log_density(values, eta, moved, proposed)
        taken = np.log(random.random(len(cuts))) < then - now
        gaps, cuts = np.where(taken[:, None], proposed, gaps), np.where(taken[:, None], moved, cuts)
        now = np.where(taken, then, now)
    return cuts


def _log_density(values: np.ndarray, eta: np.ndarray, cuts: np.ndarray, gaps: np.ndarray) -> np.ndarray:
    low, high = between_cuts(values, cuts)
    a, b = low - eta, high - eta
    right = a > 0.0
    lower, upper = log_ndtr(np.where(right, -b, a)), log_ndtr(np.where(right, -a, b))
    with np.errstate(divide="ignore"):
        inside = upper + np.log(-np.expm1(np.minimum(lower - upper, -1e-300)))
    return inside.sum(axis=1) - 0.5 * ((gaps / _SPREAD) ** 2).sum(axis=1)
