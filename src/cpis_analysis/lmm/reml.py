"""The search for the maximum of the (restricted) likelihood, by Newton steps with an active set.

1. Evaluate the likelihood on a coarse grid of variance ratios; start from its best local maxima.
2. Newton steps on the exact observed information where it is positive definite on the free parameters,
   else on the average information, with step halving and projection on the bounds. A variance at zero is
   free only if its score points inwards, so zeros are exact.
3. At the end every bound is checked for the sign of its score (Karush-Kuhn-Tucker), and a correlated
   block of less than full rank for a direction in which a variance would pay.
4. The best of all starts is returned; a search that did not reach a stationary point is an error.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from cpis_analysis.errors import ModelError, Problem
from cpis_analysis.lmm.display import ShortRepr
from cpis_analysis.lmm.structures.covariance_parameters import Layout
from cpis_analysis.lmm.sufficient_moments import Likelihood, Moments

__all__ = ["Optimum", "climb_on_average", "maximise", "not_reached", "stretch_of", "value_of"]

_STEPS = 200
_TINY_RATIO = 1e-13


@dataclass(frozen=True, repr=False)
class Optimum(ShortRepr):
    """Maximum of the likelihood.

    Attributes
    ----------
    psi, theta : (R,) float
    likelihood : Likelihood
    iterations : int
    moments : Moments or None
        All moments at `psi`, where the search needed them.
    """

    psi: np.ndarray
    theta: np.ndarray
    likelihood: Likelihood
    iterations: int
    moments: Moments | None


def not_reached() -> ModelError:
    """The error of a search that ended nowhere."""
    return ModelError(
        "The model could not be fitted.",
        [Problem("the search for the variances did not reach a maximum of the likelihood")],
    )


def value_of(log_det: float, A: np.ndarray, n: int, reml: bool, known: float | None = None) -> float:
    """Profile log-likelihood from log|H| and A alone (same constants as `likelihood`)."""
    p = len(A) - 1
    L = np.linalg.cholesky(A[:p, :p])
    half = np.linalg.solve(L, A[:p, p])
    rss = A[p, p] - half @ half
    df = n - p if reml else n
    log_det_x = 2.0 * np.log(np.diag(L)).sum() if reml else 0.0
    if known is not None:
        return float(-0.5 * (df * np.log(known) + rss / known - df + log_det + log_det_x))
    if not rss > 0:
        return -np.inf
    return float(-0.5 * (df * np.log(rss / df) + log_det + log_det_x))


def stretch_of(known: float | None) -> float:
    """What the ratios of a grid are multiplied by where the residual variance is known.

    The outcome has a mean square of one. A residual variance that takes its share of it leaves ratios about one, a
    smaller one leaves larger ratios.
    """
    return 1.0 if known is None else max(1.0, 1.0 / known)


def maximise(
    moments: Callable[[np.ndarray], Moments],
    value: Callable[[np.ndarray], float],
    of: Callable[[Moments], Likelihood],
    layout: Layout,
    *,
    bounded: bool = True,
    stretch: float = 1.0,
    starts: list[np.ndarray] | None = None,
    same_hill: Callable[[np.ndarray, np.ndarray], bool] | None = None,
    coarse: bool = False,
) -> Optimum:
    """Find the maximum.

    Parameters
    ----------
    moments, value : callable
        All moments at psi, and the likelihood alone.
    of : callable
        The likelihood with its derivatives from the moments.
    layout : Layout
    bounded : bool
        Keep variances at or above zero; otherwise only H must stay positive definite.
    stretch : float
        What the ratios of the grid are multiplied by.
    starts : list of (R,) float, optional
        Values of psi; otherwise the grid decides.
    same_hill : callable, optional
        Whether a start (first argument) lies on the hill of a maximum already found (second).
    coarse : bool
        Use fewer grid points, for models whose likelihood is dear.

    Raises
    ------
    ModelError
        When no start led to a stationary point.
    """
    if not layout.sizes:
        m = moments(np.zeros(0))
        return Optimum(np.zeros(0), np.zeros(0), of(m), 0, m)
    best: Optimum | None = None
    for psi in starts if starts is not None else _starts(value, layout, coarse, stretch):
        if best is not None and same_hill is not None and same_hill(psi, best.psi):
            continue
        found = _climb(moments, of, layout, psi, bounded, best)
        if found is not None and bounded:
            found = _climb_out(moments, of, layout, found)
        if found is not None and (best is None or found.likelihood.value > best.likelihood.value + 1e-11):
            best = found
    if best is None:
        raise not_reached()
    return best


def climb_on_average(
    score: Callable[[np.ndarray], Likelihood],
    value: Callable[[np.ndarray], float],
    terms: int,
    stretch: float = 1.0,
) -> Optimum:
    """Find the maximum by average-information steps, for models whose exact information is dear.

    Parameters
    ----------
    score : callable
        Likelihood with gradient and average information at psi.
    value : callable
        The likelihood alone.
    terms : int
        Number of variance ratios.
    stretch : float
        What the ratios of the starts are multiplied by.

    Raises
    ------
    ModelError
        When no stationary point was reached.
    """
    starts = [np.full(terms, stretch * start) for start in (0.01, 0.1, 1.0)]
    psi = max(starts, key=value)
    now = score(psi)
    for iteration in range(100):
        free = ~((psi <= 0.0) & (now.gradient <= 0.0))
        step = np.zeros(terms)
        if free.any():
            scale = 1.0 / np.sqrt(np.maximum(np.diag(now.average)[free], 1e-300))
            scaled = now.average[np.ix_(free, free)] * np.outer(scale, scale) + 1e-12 * np.eye(int(free.sum()))
            step[free] = scale * np.linalg.solve(scaled, scale * now.gradient[free])
        decrement = 0.5 * float(now.gradient @ step)
        if decrement < 1e-13 * max(1.0, abs(now.value) * 1e-3):
            return Optimum(psi, psi, now, iteration, None)
        length = 1.0
        while length > 1e-6:
            trial = np.where(psi + length * step < _TINY_RATIO, 0.0, psi + length * step)
            new = score(trial)
            if new.value > now.value or (decrement < 1e-8 and new.value > now.value - 1e-13 * abs(now.value)):
                break
            length *= 0.3
        else:
            if decrement < 1e-7:
                return Optimum(psi, psi, now, iteration, None)
            raise not_reached()
        psi, now = trial, new
    raise not_reached()


def _starts(value: Callable[[np.ndarray], float], layout: Layout, coarse: bool, stretch: float) -> list[np.ndarray]:
    """Local maxima of a coarse grid over the terms' ratios, the best first; at most three."""
    terms = len(layout.sizes)
    levels: tuple[float, ...]
    levels = (0.0, 0.03, 0.3, 2.0, 20.0) if terms <= 2 else (0.0, 0.1, 1.0, 8.0) if terms == 3 else (0.05, 1.0)
    if coarse:
        levels = (0.03, 0.5)
    if terms > 6:
        levels = (0.3,)
    grid: dict[tuple[int, ...], tuple[float, np.ndarray]] = {}
    for place in itertools.product(range(len(levels)), repeat=terms):
        psi = np.zeros(len(layout.entries))
        for i, (k, a, b) in enumerate(layout.entries):
            if a == b:
                least = 1e-3 if layout.sizes[k] > 1 else 0.0
                psi[i] = stretch * max(levels[place[k]], least) / (1 if a == 0 else 2)
        grid[place] = (value(psi), psi)
    peaks = []
    for place, (here, psi) in grid.items():
        around = (
            grid[beside][0]
            for k in range(terms)
            for step in (-1, 1)
            if (beside := (*place[:k], place[k] + step, *place[k + 1 :])) in grid
        )
        if np.isfinite(here) and all(here >= other for other in around):
            peaks.append((here, place, psi))
    peaks.sort(key=lambda peak: (-peak[0], peak[1]))
    return [psi for _, _, psi in peaks[: 1 if coarse else 3]] or [np.where(layout.variances, 0.3, 0.0)]


def _climb(
    moments: Callable[[np.ndarray], Moments],
    of: Callable[[Moments], Likelihood],
    layout: Layout,
    psi: np.ndarray,
    bounded: bool,
    known: Optimum | None = None,
) -> Optimum | None:
    theta = layout.theta(psi) if bounded else np.array(psi, dtype=float)

    def evaluate(theta: np.ndarray) -> tuple[Moments, Likelihood] | None:
        try:
            m = moments(layout.psi(theta) if bounded else theta)
            found = of(m)
        except np.linalg.LinAlgError:
            return None
        return (m, found) if np.isfinite(found.value) and found.sigma2 > 0 else None

    here = evaluate(theta)
    if here is None:
        return None
    m, now = here
    block = np.array([bounded and layout.sizes[k] > 1 for k, _, _ in layout.entries], dtype=bool)
    damping = 0.0
    for iteration in range(_STEPS):
        gradient, observed, average = now.gradient, now.observed, now.average
        if bounded and max(layout.sizes, default=1) > 1:
            J = layout.jacobian(theta)
            observed = J.T @ observed @ J - layout.curvature(gradient)
            average = J.T @ average @ J
            gradient = J.T @ gradient
        free = np.ones(len(theta), dtype=bool)
        if bounded:
            free = ~(layout.bounded & (theta <= 0.0) & (gradient <= 0.0))
        if not free.any():
            return _reached(layout, theta, bounded, m, now, iteration)
        step = np.zeros_like(theta)
        step[free] = _newton_step(
            gradient[free],
            observed[np.ix_(free, free)],
            average[np.ix_(free, free)],
            damping,
            block[free],
            max(0.5, 0.5 * np.abs(theta[block]).max(initial=0.0)),
        )
        decrement = 0.5 * float(gradient @ step)
        if decrement < 1e-20 * max(1.0, abs(now.value)):
            return _reached(layout, theta, bounded, m, now, iteration)
        length, accepted = 1.0, None
        for _ in range(40):
            trial = theta + length * step
            if bounded:
                trial = np.where(layout.bounded & (trial < _TINY_RATIO), 0.0, trial)
            there = evaluate(trial)
            noise = 4e-15 * max(1.0, abs(now.value)) * 50
            if there is not None and there[1].value > now.value - (noise if decrement < 1e-9 else 0.0):
                accepted = there
                break
            length *= 0.3
        if accepted is None:
            if decrement < 1e-7:
                return _reached(layout, theta, bounded, m, now, iteration)
            if damping > 1e8:
                return None
            damping = max(10 * damping, 1e-2)
            continue
        damping = 0.0 if length == 1.0 else damping / 10
        small = decrement < 1e-13 and length == 1.0
        theta, (m, now) = trial, accepted
        if known is not None and _same_top(now, theta, known):
            return known
        if small:
            # quadratic convergence: this step took the error to rounding
            return _reached(layout, theta, bounded, m, now, iteration + 1)
    return None


def _same_top(now: Likelihood, theta: np.ndarray, known: Optimum) -> bool:
    """Whether a search has come so close to a known maximum that it can only end there."""
    near = np.abs(theta - known.theta) <= 0.02 * np.maximum(np.abs(known.theta), 1e-3)
    return bool(near.all()) and abs(now.value - known.likelihood.value) < 1e-3


def _reached(layout: Layout, theta: np.ndarray, bounded: bool, m: Moments, now: Likelihood, iteration: int) -> Optimum:
    return Optimum(layout.psi(theta) if bounded else theta, theta, now, iteration, m)


def _newton_step(
    gradient: np.ndarray, observed: np.ndarray, average: np.ndarray, damping: float, block: np.ndarray, reach: float
) -> np.ndarray:
    """Ascent step: Newton where the observed information is positive definite.

    Elsewhere single variances use the average information. The entries of Cholesky factors (`block`), whose average
    information is singular where the block is, use the absolute eigenvalues of the observed one (saddle-free
    Newton), in one unit for all, and move no further than `reach`.
    """
    scale = np.sqrt(np.maximum(np.diag(average), 1e-300))
    if block.any():
        scale[block] = np.sqrt(max(np.abs(np.diag(observed)[block]).max(), 1e-300))
    g = gradient / scale
    values, vectors = np.linalg.eigh(observed / np.outer(scale, scale))
    if values[0] <= 1e-10 * max(values[-1], 1e-300):
        if block.any():
            values = np.maximum(np.abs(values), 1e-4 * np.abs(values).max())
        else:
            values, vectors = np.linalg.eigh(average / np.outer(scale, scale))
            values = np.maximum(values, 1e-6)
    step = vectors @ ((vectors.T @ g) / (values + damping)) / scale
    longest = np.abs(step[block]).max(initial=0.0)
    return step * (reach / longest) if longest > reach else step


def _climb_out(
    moments: Callable[[np.ndarray], Moments], of: Callable[[Moments], Likelihood], layout: Layout, found: Optimum
) -> Optimum:
    """Leave stationary points at which a block has lost rank but would gain by regaining it."""
    for _ in range(10):
        better = None
        for start in _escapes(found, layout):
            again = _climb(moments, of, layout, start, True)
            if again is not None and again.likelihood.value > found.likelihood.value + 1e-9:
                better = again
                break
        if better is None:
            return found
        found = better
    return found


def _escapes(found: Optimum, layout: Layout) -> list[np.ndarray]:
    """Starts in the directions in which a lost rank of a block would pay.

    With N the null space of a block's covariance S, the likelihood rises along S + e vv' for v in N exactly if
    N' (d value / dS) N has a positive eigenvalue: the condition that the optimum of a semi-definite matrix obeys.
    """
    out = []
    for k, q in enumerate(layout.sizes):
        if q == 1:
            continue
        S = layout.matrix(found.psi, k)
        values, vectors = np.linalg.eigh(S)
        null = vectors[:, values <= 1e-7 * max(values[-1], 1e-4)]
        if not null.shape[1]:
            continue
        G = null.T @ layout.gradient_matrix(found.likelihood.gradient, k) @ null
        gains, directions = np.linalg.eigh(G)
        size = np.abs(found.likelihood.trace[layout.slices[k]]).max()
        if gains[-1] > 1e-7 * max(size, 1e-3):
            v = null @ directions[:, -1]
            along = np.array([v[a] * v[b] for _, a, b in layout.entries[layout.slices[k]]])
            for length in (1e-3, 0.1, 1.0):
                psi = found.psi.copy()
                psi[layout.slices[k]] += length * along
                out.append(psi)
    return out
