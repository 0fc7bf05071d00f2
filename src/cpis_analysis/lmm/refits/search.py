"""The Newton search of `reml` for many responses of a nested model at once.

1. The likelihood on a coarse grid of ratios gives each response up to three starts: the local maxima.
2. Newton steps on the exact observed information, on the average information where it is not positive
   definite; a variance at zero moves only if its score points inwards; steps are halved until they gain.
3. The best end of each response is kept, and its score is checked at every bound.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cpis_analysis.lmm.designs.display import ShortRepr
from cpis_analysis.lmm.structures.bent_steps import BEND, bend_of, bent_step
from cpis_analysis.lmm.structures.nested import NestedStructure
from cpis_analysis.lmm.structures.nested_grid import grid, starts_from_grid, values_on_grid
from cpis_analysis.lmm.structures.nested_likelihood import BatchPoint, evaluate
from cpis_analysis.lmm.structures.nested_sums import NestedSums
from cpis_analysis.lmm.structures.small_matrices import solve_positive

_STEPS = 150
_LAST_GAIN = 1e-10
"""What the last step promises to gain, at most: it is then some 1e-5 of a ratio, and leaves less than 1e-10."""


@dataclass(frozen=True, repr=False)
class BatchOptimum(ShortRepr):
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


def search(
    structure: NestedStructure,
    sums: NestedSums,
    reml: bool,
    *,
    bounded: bool = True,
    stretch: float = 1.0,
    starts: tuple[np.ndarray, np.ndarray] | None = None,
) -> BatchOptimum:
    """Maximise the likelihood of every response.

    Parameters
    ----------
    structure : NestedStructure
    sums : NestedSums
    reml, bounded : bool
    stretch : float
        What the ratios of the grid are multiplied by.
    starts : (M, S) and (S,), optional
        Starting ratios and the response of each; otherwise from the grid.

    Returns
    -------
    BatchOptimum
        A response that no start brings to a stationary point is marked, not dropped.
    """
    B = sums.count
    if starts is None:
        points, neighbours = grid(structure, stretch)
        starts = starts_from_grid(points, neighbours, values_on_grid(structure, points, sums, reml))
    gamma, owner = starts
    end, value, good, iterations = _climb(structure, sums, gamma, owner, reml, bounded)
    # the best end of each response; a stationary one before one that is not
    order = np.lexsort((-value, ~good, owner))
    best = np.full(B, -1)
    first = np.append(True, np.diff(owner[order]) != 0)
    best[owner[order][first]] = order[first]
    missing = best < 0
    final = np.where(missing, 0.0, end.take(best, axis=1))
    point = evaluate(structure, final, sums, reml)
    inwards = np.where(final <= 0.0, point.gradient, 0.0) if bounded else np.zeros_like(final)
    size = np.maximum(np.abs(point.trace), 1e-300)
    kkt = (inwards <= 1e-6 * size).all(axis=0)
    return BatchOptimum(final, point, good[best] & ~missing & kkt & np.isfinite(point.value), iterations)


def _climb(
    structure: NestedStructure, sums: NestedSums, gamma: np.ndarray, owner: np.ndarray, reml: bool, bounded: bool
) -> tuple[np.ndarray, np.ndarray, np.ndarray, int]:
    """Ends (M, S) of the starts, their values (S,), whether each is stationary, and the iterations."""
    S = gamma.shape[1]
    end, best_value = gamma.copy(), np.full(S, -np.inf)
    good = np.zeros(S, dtype=bool)
    active = np.arange(S)
    everything = np.array_equal(owner, np.arange(sums.count))
    data = sums if everything else sums.take(owner)
    current, value = gamma.copy(), np.full(S, -np.inf)
    step, rate, length = np.zeros_like(gamma), np.ones_like(gamma), np.zeros(S)
    decrement, exact = np.full(S, np.inf), np.zeros(S, dtype=bool)
    iteration, diagonal = 0, np.arange(len(gamma))
    for iteration in range(1, _STEPS + 1):
        trial = bent_step(current, length * step, rate) if bounded else current + length * step
        point = evaluate(structure, trial, data, reml)
        noise = np.where(decrement < 1e-9, 2e-13 * np.maximum(1.0, np.abs(value)), 0.0)
        accepted = point.value > value - noise
        accepted |= iteration == 1
        current = np.where(accepted, trial, current)
        value = np.where(accepted, point.value, value)
        new_rate = bend_of(point.expected[diagonal, diagonal], point.trace) if bounded else rate
        new_step, new_exact = _newton(current, point, new_rate, bounded)
        gain = 0.5 * np.einsum("kn,kn->n", point.gradient, new_step)
        # a step that rounding refuses at the top means that the top is reached
        finished = ~accepted & (decrement < 1e-8)
        step, rate = np.where(accepted, new_step, step), np.where(accepted, new_rate, rate)
        exact = np.where(accepted, new_exact, exact)
        decrement = np.where(accepted, gain, decrement)
        length = np.where(accepted, 1.0, 0.3 * length)
        tiny = accepted & (decrement < 1e-20 * np.maximum(1.0, np.abs(value)))
        last = accepted & ~tiny & exact & (decrement < _LAST_GAIN)
        done = finished | tiny | last
        failed = ~done & ((length < 1e-14) | ~np.isfinite(value))
        if last.any():
            # one more step and the rest of the way is a share of its square
            moved = bent_step(current, step, rate) if bounded else current + step
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
            current, step, rate = (of.compress(stay, axis=1) for of in (current, step, rate))
            value, length, decrement, exact = value[stay], length[stay], decrement[stay], exact[stay]
    end[:, active], best_value[active] = current, value
    return end, best_value, good, iteration


def _newton(gamma: np.ndarray, point: BatchPoint, rate: np.ndarray, bounded: bool) -> tuple[np.ndarray, np.ndarray]:
    """Newton direction on the free ratios, in the parameters of `bent_step`."""
    gradient = point.gradient
    M = len(gamma)
    diagonal = np.arange(M)
    scale = 1.0 / np.sqrt(np.maximum(np.abs(point.average[diagonal, diagonal]), 1e-300))
    observed = point.observed.copy()
    observed[diagonal, diagonal] -= BEND * gradient * rate
    observed *= scale[:, None] * scale
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
