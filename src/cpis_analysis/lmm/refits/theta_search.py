"""The Newton search of `reml` for many responses of a nested model at once.

1. The likelihood on a coarse grid of ratios gives each response up to three starts: the local maxima.
2. Newton steps on the exact observed information, on the average information where it is not positive
   definite; a variance at zero moves only if its score points inwards; steps are halved until they gain.
3. The best end of each response is kept, and its score is checked at every bound.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from functools import cache

import numpy as np

from cpis_analysis.lmm.refits.moments import BatchPoint, evaluate, values
from cpis_analysis.lmm.structures.nested import NestedStructure, NestedSums
from cpis_analysis.lmm.structures.small_matrices import solve_positive

__all__ = ["BatchOptimum", "grid", "search"]

_STEPS = 150
_TINY_RATIO = 1e-13
_LEVELS = {
    1: (0.0, 0.01, 0.1, 0.5, 2.0, 10.0, 100.0),
    2: (0.0, 0.05, 0.4, 3.0, 30.0),
    3: (0.0, 0.15, 2.0),
    4: (0.02, 0.8),
    5: (0.05, 1.0),
}


@dataclass(frozen=True)
class BatchOptimum:
    """Maxima of many responses.

    Attributes
    ----------
    gamma : (M, B)
        Variance ratios by level, innermost first.
    point : BatchPoint
    converged : (B,) bool
    iterations : int
    """

    gamma: np.ndarray
    point: BatchPoint
    converged: np.ndarray
    iterations: int


def grid(structure: NestedStructure) -> tuple[np.ndarray, np.ndarray]:
    """Coarse grid of ratios (M, K) and for each point its neighbours (K, 2 M), -1 outside."""
    return _grid(structure.n_levels, len(structure.class_count) > 5000)


@cache
def _grid(M: int, many: bool) -> tuple[np.ndarray, np.ndarray]:
    levels = _LEVELS.get(M, (0.3,))
    if many:
        # many groups leave one maximum, and each point costs a pass over them
        levels = (0.05, 1.0) if M > 1 else (0.02, 0.5, 10.0)
    shape = (len(levels),) * M
    places = np.array(list(itertools.product(range(len(levels)), repeat=M)))
    neighbours = np.full((len(places), 2 * M), -1)
    for k in range(M):
        for side, step in enumerate((-1, 1)):
            moved = places.copy()
            moved[:, k] += step
            inside = (moved[:, k] >= 0) & (moved[:, k] < len(levels))
            neighbours[inside, 2 * k + side] = np.ravel_multi_index(tuple(moved[inside].T), shape)
    return np.array(levels)[places].T, neighbours


def starts_from_grid(points: np.ndarray, neighbours: np.ndarray, found: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Starts (M, S) and the response of each (S,), from values (K, B) on the grid."""
    padded = np.concatenate([found, np.full((1, found.shape[1]), -np.inf)])
    peak = np.isfinite(found)
    for column in neighbours.T:
        peak &= found >= padded[column]
    score = np.where(peak, found, -np.inf)
    order = np.argsort(-score, axis=0, kind="stable")[:3]
    chosen = np.isfinite(np.take_along_axis(score, order, axis=0))
    rank, owner = np.nonzero(chosen)
    return points[:, order[rank, owner]], owner


def starts_of_one(structure: NestedStructure, sums: NestedSums, reml: bool) -> list[np.ndarray]:
    """Starts of a single response, as ratios by term."""
    points, neighbours = grid(structure)
    found = values_on_grid(structure, points, sums, reml)
    starts, _ = starts_from_grid(points, neighbours, found)
    return list(starts[np.argsort(structure.order)].T)


def same_hill(structure: NestedStructure, sums: NestedSums, reml: bool, start: np.ndarray, top: np.ndarray) -> bool:
    """Whether the likelihood rises all the way from a start to a maximum (ratios by term).

    On a ridge between its points a coarse grid shows several peaks of one hill; those need no second search.
    """
    along = np.linspace(0.0, 1.0, 13)[:-1]
    path = np.sqrt(structure.gamma(start))[:, None] * (1.0 - along) + np.sqrt(structure.gamma(top))[:, None] * along
    return bool((np.diff(values(structure, path**2, sums, reml)) >= 0).all())


def values_on_grid(structure: NestedStructure, points: np.ndarray, sums: NestedSums, reml: bool) -> np.ndarray:
    """Profile log-likelihood of every response at every grid point, (K, B)."""
    K, B = points.shape[1], sums.count
    if B >= 8 and len(structure.class_count) <= 200:
        return structure.remember(("grid", reml), lambda: GridForms.of(structure, points, reml)).values(sums)
    out = np.empty((K, B))
    if B == 1 and K * sums.means.size < 200_000:
        out[:, 0] = values(structure, points, sums, reml)
        return out
    for i in range(K):
        out[i] = values(structure, points[:, i : i + 1], sums, reml)
    return out


@dataclass(frozen=True)
class GridForms:
    """The likelihood on a grid as quadratic forms in the sums of a response.

    At fixed ratios all responses share H; y'Py is then a quadratic form in the class means, the spreads and
    the inner cross-products, and thousands of responses are one matrix product a grid point.

    Attributes
    ----------
    K : (points, C, C) float
        Form of the class means in y'H^-1y.
    to_xy : (points, p, C) float
        X'H^-1 in terms of the class means.
    half : (points, p, p) float
        Inverse Cholesky factor of X'H^-1X.
    size_weights : (points, U) float
    log_det : (points,) float
        log|H|, with log|X'H^-1X| under REML.
    df : int
    """

    K: np.ndarray
    to_xy: np.ndarray
    half: np.ndarray
    size_weights: np.ndarray
    log_det: np.ndarray
    df: int

    @classmethod
    def of(cls, structure: NestedStructure, points: np.ndarray, reml: bool) -> GridForms:
        """Forms for a structure and ratios (M, points)."""
        C, p, count = len(structure.class_count), structure.p, points.shape[1]
        X = structure.class_means_x
        K, log_det, weights = np.empty((count, C, C)), np.empty(count), []
        for i in range(count):
            up = structure.outwards(points[:, i : i + 1], np.eye(C)[:, :, None])
            K[i] = sum(
                (dev[:, :, 0] * w[:, 0]) @ dev[:, :, 0].T for dev, w in zip(up.deviations, up.weights, strict=True)
            )
            log_det[i] = up.log_det[0]
            weights.append(up.size_weights[:, 0])
        size_weights = np.array(weights)
        to_xy = X.T @ K
        xx = structure.within_xx + np.tensordot(size_weights, structure.spread_xx, 1) + to_xy @ X
        L = np.linalg.cholesky(xx)
        if reml:
            log_det = log_det + 2.0 * np.log(np.diagonal(L, axis1=1, axis2=2)).sum(axis=1)
        return cls(K, to_xy, np.linalg.inv(L), size_weights, log_det, structure.n - p if reml else structure.n)

    def values(self, sums: NestedSums) -> np.ndarray:
        """Profile log-likelihood of every response, (points, B)."""
        p = self.half.shape[1]
        y, within, spread = sums.means[p], sums.within, sums.spread
        out = np.empty((len(self.K), sums.count))
        for i, (K, to_xy, half) in enumerate(zip(self.K, self.to_xy, self.half, strict=True)):
            w = self.size_weights[i]
            xy = to_xy @ y + within[:p, p] + np.tensordot(w, spread[:, :p, p], 1)
            rss = ((K @ y) * y).sum(axis=0) + within[p, p] + w @ spread[:, p, p] - ((half @ xy) ** 2).sum(axis=0)
            with np.errstate(invalid="ignore", divide="ignore"):
                out[i] = -0.5 * (self.df * np.log(rss / self.df) + self.log_det[i])
        return np.where(np.isfinite(out), out, -np.inf)


def search(
    structure: NestedStructure,
    sums: NestedSums,
    reml: bool,
    *,
    bounded: bool = True,
    starts: tuple[np.ndarray, np.ndarray] | None = None,
) -> BatchOptimum:
    """Maximise the likelihood of every response.

    Parameters
    ----------
    structure : NestedStructure
    sums : NestedSums
    reml, bounded : bool
    starts : (M, S) and (S,), optional
        Starting ratios and the response of each; otherwise from the grid.

    Returns
    -------
    BatchOptimum
        A response that no start brings to a stationary point is marked, not dropped.
    """
    B = sums.count
    if starts is None:
        points, neighbours = grid(structure)
        starts = starts_from_grid(points, neighbours, values_on_grid(structure, points, sums, reml))
    gamma, owner = starts
    end, value, good, iterations = _climb(structure, sums, gamma, owner, reml, bounded)
    # the best end of each response; a stationary one before one that is not
    order = np.lexsort((-value, ~good, owner))
    best = np.full(B, -1)
    first = np.append(True, np.diff(owner[order]) != 0)
    best[owner[order][first]] = order[first]
    missing = best < 0
    final = np.where(missing, 0.0, end[:, best])
    point = evaluate(structure, final, sums, reml)
    inwards = np.where(final <= 0.0, point.gradient, 0.0) if bounded else np.zeros_like(final)
    size = np.maximum(np.abs(point.trace), 1e-300)
    kkt = (inwards <= 1e-6 * size).all(axis=0)
    return BatchOptimum(final, point, good[best] & ~missing & kkt & np.isfinite(point.value), iterations)


def _climb(structure, sums, gamma, owner, reml, bounded):
    S = gamma.shape[1]
    end, best_value = gamma.copy(), np.full(S, -np.inf)
    good = np.zeros(S, dtype=bool)
    active = np.arange(S)
    everything = np.array_equal(owner, np.arange(sums.count))
    data = sums if everything else sums.take(owner)
    current, value = gamma.copy(), np.full(S, -np.inf)
    step, length = np.zeros_like(gamma), np.zeros(S)
    decrement, exact = np.full(S, np.inf), np.zeros(S, dtype=bool)
    iteration = 0
    for iteration in range(1, _STEPS + 1):
        trial = current + length * step
        if bounded:
            trial = np.where(trial < _TINY_RATIO, 0.0, trial)
        point = evaluate(structure, trial, data, reml)
        noise = np.where(decrement < 1e-9, 2e-13 * np.maximum(1.0, np.abs(value)), 0.0)
        accepted = point.value > value - noise
        accepted |= iteration == 1
        current = np.where(accepted, trial, current)
        value = np.where(accepted, point.value, value)
        new_step, new_exact = _newton(current, point, bounded)
        gain = 0.5 * np.einsum("kn,kn->n", point.gradient, new_step)
        # a step that rounding refuses at the top means that the top is reached
        finished = ~accepted & (decrement < 1e-8)
        step = np.where(accepted, new_step, step)
        exact = np.where(accepted, new_exact, exact)
        decrement = np.where(accepted, gain, decrement)
        length = np.where(accepted, 1.0, 0.3 * length)
        tiny = accepted & (decrement < 1e-20 * np.maximum(1.0, np.abs(value)))
        last = accepted & ~tiny & exact & (decrement < 1e-13)
        done = finished | tiny | last
        failed = ~done & ((length < 1e-14) | ~np.isfinite(value))
        if last.any():
            # quadratic convergence: one more step takes the error to rounding
            moved = current + step
            if bounded:
                moved = np.where(moved < _TINY_RATIO, 0.0, moved)
            current = np.where(last, moved, current)
        leave = done | failed
        if leave.any():
            out = active[leave]
            end[:, out], best_value[out], good[out] = current[:, leave], value[leave], done[leave]
            stay = ~leave
            if not stay.any():
                return end, best_value, good, iteration
            active = active[stay]
            data = data.take(stay)
            current, step = current[:, stay], step[:, stay]
            value, length, decrement, exact = value[stay], length[stay], decrement[stay], exact[stay]
    end[:, active], best_value[active] = current, value
    return end, best_value, good, iteration


def _newton(gamma, point: BatchPoint, bounded: bool):
    """Newton direction on the free ratios."""
    gradient = point.gradient
    M = len(gamma)
    diagonal = np.arange(M)
    scale = 1.0 / np.sqrt(np.maximum(np.abs(point.average[diagonal, diagonal]), 1e-300))
    observed = point.observed * scale[:, None] * scale
    average = point.average * scale[:, None] * scale
    g = gradient * scale
    if bounded:
        free = ~((gamma <= 0.0) & (gradient <= 0.0))
        if not free.all():
            both = free[:, None] & free
            eye = np.eye(M)[:, :, None]
            observed, average = np.where(both, observed, eye), np.where(both, average, eye)
            g = np.where(free, g, 0.0)
    x, good = solve_positive(observed, g, 1e-6, average)
    return x * scale, good
