"""p-values of several outcomes together: the largest of their statistics under the same resamples, step by step.

Romano & Wolf (2005), J Am Stat Assoc 100:94; by permutation Westfall & Young (1993), Resampling-Based Multiple Testing,
algorithm 2.8. Outcomes are compared with the largest statistic of those that are not larger than their own, so that
outcomes that go together cost less than by Holm's method, and the chance of any false finding is held all the same.
"""

from __future__ import annotations

import numpy as np

from cpis_analysis.lmm.resampling.inversion import TIE
from cpis_analysis.lmm.resampling.two_stage import TwoStages, permuted


def permuted_squares(stages: TwoStages, allocations: np.ndarray) -> tuple[float, np.ndarray]:
    """Squared statistic of no difference: as observed, and of each allocation (n,).

    Allocations without a statistic have an infinite one: those whose arms covariates explain, and, as allocations may
    be those of more clusters than have the outcome, those in which an arm, or one of a pair, has none of them.
    """
    strata = np.zeros(len(stages.treated), dtype=int) if stages.strata is None else stages.strata
    pairs = [strata == one for one in np.unique(strata) if len(set(stages.treated[strata == one])) == 2]
    told = np.all([allocations[:, own].any(axis=1) & ~allocations[:, own].all(axis=1) for own in pairs], axis=0)
    found = permuted(stages, allocations[told])
    below = found.below[:, 0]
    defined = ~found.extreme & (below > 0)
    squares = np.full(len(allocations), np.inf)
    squares[told] = np.where(defined, found.above[:, 0] ** 2 / np.where(defined, below, 1.0), np.inf)
    return (found.estimate / found.se) ** 2, squares


def step_down(observed: np.ndarray, resampled: np.ndarray) -> np.ndarray:
    """Adjusted p-values (m,).

    1. Outcomes are taken in the order of their statistics, the largest first.
    2. p of an outcome is the share of resamples in which the largest statistic of it and of all that come after it is
       no smaller than its own.
    3. No p-value is smaller than that of the outcome before.

    Parameters
    ----------
    observed : (m,) float
        Statistics, large where they speak against the hypothesis.
    resampled : (n, m) float
        The same of resamples, among them the observed data; each row is one resample of all outcomes.
    """
    order = np.argsort(-observed, kind="stable")
    largest = np.maximum.accumulate(resampled[:, order[::-1]], axis=1)[:, ::-1]
    shares = (largest >= observed[order] * (1.0 - TIE)).mean(axis=0)
    adjusted = np.empty(len(observed))
    adjusted[order] = np.maximum.accumulate(shares)
    return adjusted
