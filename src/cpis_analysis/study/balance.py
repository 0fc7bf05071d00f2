"""How far apart two groups are on a characteristic, in standard deviations."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

NOTABLE = 0.25
"""Standardised difference at baseline beyond which a characteristic is named as unbalanced."""


def smd_continuous(one: Sequence[float], other: Sequence[float]) -> float:
    """Standardised mean difference of a number.

    Parameters
    ----------
    one, other : sequence of float
        Values of the two groups, NaN where missing.

    Returns
    -------
    float
        (mean of one - mean of other) / square root of the mean of the two variances; NaN with fewer than two
        values in a group; infinite when the means differ and nobody does within the groups.

    Notes
    -----
    Austin, P. C. (2009). Communications in Statistics - Simulation and Computation 38, 1228-1234, eq. 1.
    """
    a, b = (np.asarray(values, dtype=float) for values in (one, other))
    a, b = a[~np.isnan(a)], b[~np.isnan(b)]
    if len(a) < 2 or len(b) < 2:
        return math.nan
    difference = float(a.mean() - b.mean())
    spread = math.sqrt((a.var(ddof=1) + b.var(ddof=1)) / 2)
    # equal values leave a variance of the order of the rounding error of their mean
    if spread <= 1e-12 * max(abs(a).max(), abs(b).max(), 1e-300):
        return (
            0.0 if abs(difference) <= 1e-12 * max(abs(a).max(), abs(b).max()) else math.copysign(math.inf, difference)
        )
    return difference / spread


def smd_categorical(one: Sequence[float], other: Sequence[float]) -> float:
    """Standardised difference of a characteristic with two or more categories.

    1. Turn the counts into proportions; leave out categories that occur in neither group, then the first.
    2. Average the two multinomial covariance matrices: S = mean of diag(p) - p p'.
    3. Mahalanobis distance of the two vectors of proportions: sqrt((p - q)' S^-1 (p - q)).

    Parameters
    ----------
    one, other : sequence of float
        Counts by category, in the same order.

    Returns
    -------
    float
        Never negative; for two categories |p - q| / sqrt((p(1 - p) + q(1 - q)) / 2). NaN when a group is empty;
        infinite when the groups have no category in common that would relate them.

    Notes
    -----
    Yang, D. & Dalton, J. E. (2012). A unified approach to measuring the effect size between two groups using SAS.
    SAS Global Forum 2012, paper 335. Which category is left out does not change the result.
    """
    a, b = (np.asarray(counts, dtype=float) for counts in (one, other))
    if a.sum() <= 0 or b.sum() <= 0:
        return math.nan
    occurs = (a + b) > 0
    p, q = a[occurs] / a.sum(), b[occurs] / b.sum()
    if len(p) == 1:
        return 0.0
    p, q = p[1:], q[1:]
    covariance = (np.diag(p) - np.outer(p, p) + np.diag(q) - np.outer(q, q)) / 2
    gap = p - q
    inverse = np.linalg.pinv(covariance, rcond=1e-10, hermitian=True)
    # part of the gap in a direction without any variance: perfectly separated groups
    if np.abs(covariance @ inverse @ gap - gap).max() > 1e-8:
        return math.inf
    return float(math.sqrt(max(gap @ inverse @ gap, 0.0)))
