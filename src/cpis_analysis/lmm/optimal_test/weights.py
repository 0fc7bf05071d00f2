"""The least favourable weights of the null hypothesis: a convex problem in as many unknowns as there are points."""

from __future__ import annotations

import numpy as np

from cpis_analysis.lmm.optimal_test.draws import Sample

_SMOOTHING = (1.0, 0.3, 0.1)
_STEPS = 30
_SMALL = 1e-7
_DIGITS = 10


def least_favourable(sample: Sample, alpha: float) -> np.ndarray:
    """Weights (J,) of the null points, which minimise E[(u - sum_j w_j W_j)^+] + alpha sum_j w_j.

    1. From every fourth response: which points have weights at all.
    2. From all responses, with these points alone. Points at which the test would then reject too often join them.

    Notes
    -----
    u and W_j are the densities of the alternative and of the points, over that of what was drawn. The corner of (.)^+
    is rounded, less with each of `_SMOOTHING`, so that Newton steps arrive. Each step goes towards the lowest point of
    the quadratic under weights that are not negative, found by `scipy.optimize.nnls` (Lawson & Hanson 1974).
    """
    J = len(sample.each_null)
    part = sample.first(4)
    few = _minimised(part, np.arange(J), alpha, np.full(J, 1.0 / J), _SMOOTHING)
    counts = few > _SMALL * few.sum()
    weights = np.zeros(J)
    for _ in range(3):
        own = np.flatnonzero(counts)
        start = np.where(weights[own] > 0, weights[own], few[own])
        weights = np.zeros(J)
        weights[own] = _minimised(sample, own, alpha, start, _SMOOTHING[-2:])
        rejected = np.exp(sample.log_far - sample.log_mixture) > weights[own] @ sample.each_null[own]
        sizes = sample.each_null[:, rejected].sum(axis=1) / len(sample.rest)
        too_often = (sizes > 1.005 * alpha) & ~counts
        if not too_often.any():
            break
        counts = (weights > _SMALL * weights.sum()) | too_often
    # the last digits depend on the library of linear algebra
    return np.round(weights / weights.sum(), _DIGITS) * float(f"{weights.sum():.{_DIGITS}g}")


def _minimised(
    sample: Sample, own: np.ndarray, alpha: float, start: np.ndarray, smoothing: tuple[float, ...]
) -> np.ndarray:
    """Weights of the points `own`."""
    u = np.exp(sample.log_far - sample.log_mixture)
    W = np.ascontiguousarray(sample.each_null[own])
    weights = start.copy()
    for rounded in smoothing:
        weights = _newton(u, W, alpha, weights, (rounded * u) ** 2)
    return weights


def _newton(u: np.ndarray, W: np.ndarray, alpha: float, weights: np.ndarray, width: np.ndarray) -> np.ndarray:
    from scipy import linalg, optimize

    n = len(u)

    def value(at: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
        gap = u - at @ W
        root = np.sqrt(gap**2 + width)
        return float(0.5 * (gap + root).mean() + alpha * at.sum()), gap, root

    now, gap, root = value(weights)
    for _ in range(_STEPS):
        gradient = alpha - W @ (0.5 * (1.0 + gap / root)) / n
        bent = W * np.sqrt(0.5 * width / (root * root * root))
        H = bent @ bent.T / n
        H[np.diag_indices_from(H)] += 1e-9 * np.trace(H) / len(H) + 1e-300
        # the lowest point of the quadratic that is nowhere negative; from here to there it goes downhill
        lower = np.linalg.cholesky(H)
        target = linalg.solve_triangular(lower, H @ weights - gradient, lower=True)
        step = optimize.nnls(lower.T, target)[0] - weights
        slope = float(gradient @ step)
        length = 1.0
        while length > 1e-6:
            trial = weights + length * step
            then, new_gap, new_root = value(trial)
            if then <= now + 1e-4 * length * slope:
                break
            length *= 0.5
        else:
            break
        gain, weights, now, gap, root = now - then, trial, then, new_gap, new_root
        if gain < 1e-9:
            break
    return np.maximum(weights, 0.0)
