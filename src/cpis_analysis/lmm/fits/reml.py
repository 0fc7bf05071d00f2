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
from collections.abc import Callable, Sequence

import numpy as np

from cpis_analysis.errors import ModelError, Problem
from cpis_analysis.lmm.fits.hill import Hill, Optimum
from cpis_analysis.lmm.structures.bent_steps import TINY_RATIO
from cpis_analysis.lmm.structures.covariance_parameters import Layout
from cpis_analysis.lmm.structures.sufficient_moments import Likelihood

_LARGEST_RISE = 2.0


def not_reached() -> ModelError:
    """The error of a search that ended nowhere."""
    return ModelError(
        "The model could not be fitted.",
        Problem(
            "the search for the variances did not reach a maximum of the likelihood",
            hint="leave a random term or a covariate out",
        ),
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
    hill: Hill,
    starts: Callable[[], Sequence[np.ndarray]],
    same_hill: Callable[[np.ndarray, np.ndarray], bool] | None = None,
) -> Optimum:
    """Find the maximum.

    Parameters
    ----------
    hill : Hill
    starts : callable
        Values of psi, each (R,), from which the hill is climbed, such as `grid_starts`.
    same_hill : callable, optional
        Whether a start (first argument) lies on the hill of a maximum already found (second).

    Raises
    ------
    ModelError
        When no start led to a stationary point.
    """
    if not len(hill.layout.bounded):
        value_there, m = hill.at_psi(np.zeros(0))
        return Optimum(np.zeros(0), np.zeros(0), value_there.complete(), 0, m)
    best: Optimum | None = None
    for psi in starts():
        if best is not None and same_hill is not None and same_hill(psi, best.psi):
            continue
        found = hill.climb(psi, best)
        if found is not None and hill.bounded:
            found = hill.climb_out(found)
        if found is not None and (best is None or found.likelihood.value > best.likelihood.value + 1e-11):
            best = found
    if best is None:
        raise not_reached()
    return best


def climb_on_average(score: Callable[[np.ndarray], Likelihood], terms: int, stretch: float = 1.0) -> Optimum:
    """Find the maximum by average-information steps, for models whose exact information is dear.

    Parameters
    ----------
    score : callable
        Likelihood with gradient and average information at psi.
    terms : int
        Number of variance ratios.
    stretch : float
        What the ratios of the start are multiplied by.

    Raises
    ------
    ModelError
        When no stationary point was reached.
    """
    psi = np.full(terms, stretch * 0.1)
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
            trial = _moved(psi, length * step)
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


def _moved(psi: np.ndarray, step: np.ndarray) -> np.ndarray:
    """Ratios after a step: those that rise do so by a factor, those that would fall below zero are zero.

    The likelihood is nearer to a parabola in the logarithm of a ratio, so a small one is at its place in fewer steps.
    """
    ratio = np.divide(step, psi, out=np.zeros_like(psi), where=psi > 0.0)
    rises = (ratio > 0.0) & (ratio < _LARGEST_RISE)
    trial = np.where(rises, psi * np.exp(np.where(rises, ratio, 0.0)), psi + step)
    return np.where(trial < TINY_RATIO, 0.0, trial)


def grid_starts(value: Callable[[np.ndarray], float], layout: Layout, coarse: bool, stretch: float) -> list[np.ndarray]:
    """Local maxima of a coarse grid over the terms' ratios, the best first; at most three.

    Parameters
    ----------
    value : callable
        The likelihood alone, at psi.
    layout : Layout
    coarse : bool
        Use fewer grid points, for models whose likelihood is dear.
    stretch : float
        What the ratios of the grid are multiplied by.
    """
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
