"""Training: a test of one contrast that holds its size for every variance ratio of a region and (nearly) is the best.

The theory is that of tests with a nuisance parameter under the null hypothesis (Elliott, Mueller & Watson 2015,
Econometrica 83:771), applied to the variance ratios of a mixed model.
"""

from __future__ import annotations

import numpy as np

from cpis_analysis.lmm.optimal_test.draws import Sample, draw, tails
from cpis_analysis.lmm.optimal_test.mixtures import Mixture
from cpis_analysis.lmm.optimal_test.problem import ReducedDesign
from cpis_analysis.lmm.optimal_test.region import Region
from cpis_analysis.lmm.optimal_test.trained import OptimalTest, alternative_of
from cpis_analysis.lmm.optimal_test.weights import least_favourable

DRAWS = 40_000
"""Responses by which it is found which points have weights; four times as many tell the weights, five times as many
the critical value. With more clusters there are up to four times as many."""
_USUAL = 9
_LAST = 5
_MARGIN = 0.01
_COMPONENTS = 24
_LEVELS = 1200
_LIKELY = 0.4
"""Rejections more probable than this are no matter for the size of a test."""


def train(
    design: ReducedDesign, alpha: float = 0.05, region: Region | None = None, draws: int | None = None
) -> OptimalTest:
    """Find the test.

    1. The size of the effect is set so that a t test with the degrees of freedom of the clusters, were the ratios
       known, would have a weighted average power of one half.
    2. Responses are drawn from a mixture of the null hypothesis at all points and of the alternative, for
       importance sampling: half of them from the alternative, as most of what is rejected comes from there.
    3. The least favourable weights Lambda of the null points minimise E[(f1 - sum Lambda f0)^+] + alpha sum Lambda,
       which is convex; its minimum is the bound on the power of any test. Few points have weights.
    4. Of a grid twice as fine those points are found at which a rejection is nearly as probable as anywhere.
    5. New draws, from a mixture of these points, tell by how much: the critical value is the smallest at which none of
       them is rejected more often than 0.99 alpha. They are new, because a search makes the draws that it has seen
       look better than others.

    Parameters
    ----------
    design : ReducedDesign
    alpha : float
    region : Region, optional
    draws : int, optional
        Default: `DRAWS`.
    """
    region = region or Region()
    K, m = len(design.R), design.m
    draws = int((draws or DRAWS) * np.clip(design.r / _USUAL, 1.0, 4.0))
    grid = region.grid(K)
    alternative = alternative_of(design, region, _effect(design, region, alpha))
    rng = np.random.default_rng(design.seed())
    first = draw(design, grid, alternative, draws // 2, rng, kept=len(grid))
    support = grid[least_favourable(first, alpha) > 0.0]
    middle = draw(design, np.vstack([support, grid[::4]]), alternative, 2 * draws, rng, kept=len(support))
    weights = least_favourable(middle, alpha)
    kept = np.flatnonzero(weights)
    null = Mixture(support[kept], design.at(support[kept]), np.log(weights[kept]), m)
    fine = region.finer(K)
    points = fine[_binding(design, fine, middle, middle.log_far - null.log_density(middle.z, middle.rest))]

    spread = points[np.unique(np.linspace(0, len(points) - 1, _COMPONENTS).astype(int))]
    second = draw(design, spread, alternative, _LAST * draws // 2, rng)
    log_null = null.log_density(second.z, second.rest)
    statistic = second.log_far - log_null
    order = np.argsort(-statistic, kind="stable")
    n = len(order)
    ranks = np.unique(np.append(np.geomspace(20, n, _LEVELS).astype(int), n))
    tail = np.zeros(len(ranks))
    for _, found in tails(design, points, second, order, ranks):
        np.maximum(tail, found.max(axis=0), out=tail)
    # something is added to every p-value for the error of the draws, so that p-values and intervals agree
    tail = np.minimum(tail / (1.0 - _MARGIN), 1.0)
    levels = statistic[order[ranks - 1]]
    critical = float(np.interp(np.log(alpha), np.log(tail), levels))
    u = np.exp(second.log_far - second.log_mixture)
    far = np.exp(log_null - second.log_mixture)
    return OptimalTest(
        design,
        region,
        alpha,
        alternative_effect(alternative),
        critical,
        float(u[statistic >= critical].sum() / n),
        float(np.maximum(u - far, 0.0).mean() + alpha * weights[kept].sum()),
        alpha * (1.0 - _MARGIN),
        null,
        alternative,
        levels,
        tail,
    )


def alternative_effect(alternative: Mixture) -> float:
    """Effect of an alternative in total SDs."""
    if alternative.shifts is None:
        raise ValueError("the alternative has no effects")
    return float(alternative.shifts[0] / np.sqrt(1.0 + alternative.points[0].sum()))


def _effect(design: ReducedDesign, region: Region, alpha: float) -> float:
    from scipy import optimize, special

    far = region.alternatives(len(design.R))
    F, reach = region.weights(far), np.sqrt((1.0 + far.sum(axis=1)) * design.at(far).k)
    clusters = max(len(R) for R in design.R)
    critical = float(special.stdtrit(max(clusters - 2, 1), 1 - alpha / 2))

    def missing(effect: float) -> float:
        return float(F @ special.ndtr(effect * reach - critical)) - 0.5

    return float(optimize.brentq(missing, 0.0, 2.0 * critical / reach.min() + 1.0))


def _binding(design: ReducedDesign, fine: np.ndarray, sample: Sample, statistic: np.ndarray) -> np.ndarray:
    """Whether (J,) a rejection is nearly as probable at a point as anywhere, at some level."""
    sample = sample.first(2)
    order = np.argsort(-statistic[::2], kind="stable")
    ranks = np.unique(np.geomspace(20, len(order), 60).astype(int))
    # a few points tell from where on a rejection is more probable than is looked at
    few = fine[:: max(len(fine) // 16, 1)]
    most = np.max([found.max(axis=0) for _, found in tails(design, few, sample, order, ranks)], axis=0)
    ranks = ranks[most < _LIKELY]
    found = np.empty((len(fine), len(ranks)))
    for some, probabilities in tails(design, fine, sample, order, ranks):
        found[some] = probabilities
    most = found.max(axis=0)
    looked_at = (most > 2e-4) & (most < _LIKELY)
    return (found[:, looked_at] >= 0.92 * most[looked_at]).any(axis=1)
