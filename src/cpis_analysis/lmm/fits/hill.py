"""Newton's method on one hill of the likelihood, with an active set: variances at zero move only if it pays."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from cpis_analysis.lmm.designs.display import ShortRepr
from cpis_analysis.lmm.structures.bent_steps import BEND, TINY_RATIO, bend_of, bent_step
from cpis_analysis.lmm.structures.covariance_parameters import Layout
from cpis_analysis.lmm.structures.sufficient_moments import Likelihood, Moments, Slopes

_STEPS = 200


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


@dataclass(frozen=True, repr=False)
class _Place(ShortRepr):
    """A point of a search."""

    theta: np.ndarray
    moments: Moments | None
    likelihood: Slopes

    @cached_property
    def bend(self) -> np.ndarray:
        """Of steps from here."""
        return bend_of(self.likelihood.expected.diagonal(), self.likelihood.trace)


@dataclass(frozen=True, repr=False)
class Hill(ShortRepr):
    """The likelihood of one response as a function that can be climbed.

    Attributes
    ----------
    at_psi : callable
        The likelihood with its derivatives at psi, and all moments where it needs them; LinAlgError where H is not
        positive definite.
    layout : Layout
    bounded : bool
        Keep variances at or above zero; otherwise only H must stay positive definite.
    """

    at_psi: Callable[[np.ndarray], tuple[Slopes, Moments | None]]
    layout: Layout
    bounded: bool

    @cached_property
    def _block(self) -> np.ndarray:
        """Which elements of theta belong to a matrix, and are no single variances."""
        return ~self.layout.bounded & self.bounded

    @cached_property
    def _plain(self) -> bool:
        """Whether all parameters are single variances, which are not to fall below zero."""
        return self.bounded and not self.layout.curved

    def at(self, theta: np.ndarray) -> _Place | None:
        """The likelihood at theta, or None where there is none."""
        try:
            found, m = self.at_psi(self.layout.psi(theta) if self.bounded else theta)
        except np.linalg.LinAlgError:
            return None
        return _Place(theta, m, found) if np.isfinite(found.value) and found.sigma2 > 0 else None

    def climb(self, psi: np.ndarray, known: Optimum | None = None) -> Optimum | None:
        """Climb from psi; None if that leads nowhere, `known` if it leads to that maximum."""
        here = self.at(self.layout.theta(psi) if self.bounded else np.array(psi, dtype=float))
        if here is None:
            return None
        damping = 0.0
        for iteration in range(_STEPS):
            step, gain = self._step(here, damping)
            if gain < 1e-20 * max(1.0, abs(here.likelihood.value)):
                return self._reached(here, iteration)
            there, length = self._ahead(here, step, gain)
            if there is None:
                if gain < 1e-7:
                    return self._reached(here, iteration)
                if damping > 1e8:
                    return None
                damping = max(10 * damping, 1e-2)
                continue
            damping = 0.0 if length == 1.0 else damping / 10
            here = there
            if known is not None and _same_top(here, known):
                return known
            if gain < 1e-13 and length == 1.0:
                # quadratic convergence: this step took the error to rounding
                return self._reached(here, iteration + 1)
        return None

    def climb_out(self, found: Optimum) -> Optimum:
        """Leave stationary points at which a block has lost rank but would gain by regaining it."""
        for _ in range(10):
            better = None
            for start in _escapes(found, self.layout):
                again = self.climb(start)
                if again is not None and again.likelihood.value > found.likelihood.value + 1e-9:
                    better = again
                    break
            if better is None:
                return found
            found = better
        return found

    def _step(self, here: _Place, damping: float) -> tuple[np.ndarray, float]:
        """Newton step on the parameters that are free to move, and what it promises to gain."""
        if self._plain:
            return _plain_step(here, damping)
        layout, theta, now = self.layout, here.theta, here.likelihood
        gradient, observed, average = now.gradient, now.observed, now.average
        curved = self.bounded and layout.curved
        if curved:
            J = layout.jacobian(theta)
            observed = J.T @ observed @ J - layout.curvature(theta, gradient)
            average = J.T @ average @ J
            gradient = J.T @ gradient
        free = np.ones(len(theta), dtype=bool)
        if self.bounded:
            free = ~(layout.bounded & (theta <= 0.0) & (gradient <= 0.0))
        block = self._block if layout.curved else None
        reach = 0.0 if block is None else max(0.5, 0.5 * np.abs(theta[block]).max(initial=0.0))
        if free.all():
            step = _newton_step(gradient, observed, average, damping, block, reach)
        else:
            step = np.zeros_like(theta)
            if free.any():
                both = np.ix_(free, free)
                block = None if block is None else block[free]
                step[free] = _newton_step(gradient[free], observed[both], average[both], damping, block, reach)
        return step, 0.5 * float(gradient @ step)

    def _ahead(self, here: _Place, step: np.ndarray, gain: float) -> tuple[_Place | None, float]:
        """The first point along the step that is higher, and the part of the step that led to it."""
        length = 1.0
        noise = 4e-15 * max(1.0, abs(here.likelihood.value)) * 50 if gain < 1e-9 else 0.0
        for _ in range(40):
            trial = self._moved(here, length * step)
            there = self.at(trial)
            if there is not None and there.likelihood.value > here.likelihood.value - noise:
                return there, length
            length *= 0.3
        return None, length

    def _moved(self, here: _Place, step: np.ndarray) -> np.ndarray:
        """Theta after a step."""
        if self._plain:
            return bent_step(here.theta, step, here.bend)
        theta = here.theta + step
        return np.where(self.layout.bounded & (theta < TINY_RATIO), 0.0, theta) if self.bounded else theta

    def _reached(self, here: _Place, iteration: int) -> Optimum:
        psi = self.layout.psi(here.theta) if self.bounded else here.theta
        return Optimum(psi, here.theta, here.likelihood.complete(), iteration, here.moments)


def _plain_step(here: _Place, damping: float) -> tuple[np.ndarray, float]:
    """The same of single variances, in the power of `bent_steps`."""
    theta, now = here.theta, here.likelihood
    gradient = now.gradient
    places = ((theta > 0.0) | (gradient > 0.0)).nonzero()[0]
    step = np.zeros_like(theta)
    if len(places) == 1:
        # one variance needs no matrices
        k = int(places[0])
        slope, scale = float(gradient[k]), float(now.average[k, k])
        information = float(now.observed[k, k]) - BEND * slope * float(here.bend[k])
        information = information if information > 1e-10 * scale else max(scale, 1e-300)
        step[k] = slope / (information + damping * scale)
    elif len(places):
        observed = now.observed.copy()
        observed.reshape(-1)[:: len(theta) + 1] -= BEND * gradient * here.bend
        both = np.ix_(places, places)
        step[places] = _newton_step(gradient[places], observed[both], now.average[both], damping, None, 0.0)
    return step, 0.5 * float(gradient @ step)


def _same_top(here: _Place, known: Optimum) -> bool:
    """Whether a search has come so close to a known maximum that it can only end there."""
    near = np.abs(here.theta - known.theta) <= 0.02 * np.maximum(np.abs(known.theta), 1e-3)
    return bool(near.all()) and abs(here.likelihood.value - known.likelihood.value) < 1e-3


def _newton_step(
    gradient: np.ndarray,
    observed: np.ndarray,
    average: np.ndarray,
    damping: float,
    block: np.ndarray | None,
    reach: float,
) -> np.ndarray:
    """Ascent step: Newton where the observed information is positive definite.

    Elsewhere single variances use the average information. The entries of Cholesky factors (`block`), whose average
    information is singular where the block is, use the absolute eigenvalues of the observed one (saddle-free
    Newton), in one unit for all, and move no further than `reach`. Without blocks, `block` is None.
    """
    scale = np.sqrt(np.maximum(average.diagonal(), 1e-300))
    blocks = block is not None and bool(block.any())
    if blocks:
        scale[block] = np.sqrt(max(np.abs(observed.diagonal()[block]).max(), 1e-300))
    units = scale[:, None] * scale
    g = gradient / scale
    values, vectors = np.linalg.eigh(observed / units)
    if values[0] <= 1e-10 * max(values[-1], 1e-300):
        if blocks:
            values = np.maximum(np.abs(values), 1e-4 * np.abs(values).max())
        else:
            values, vectors = np.linalg.eigh(average / units)
            values = np.maximum(values, 1e-6)
    step = vectors @ ((vectors.T @ g) / (values + damping)) / scale
    if not blocks:
        return step
    longest = np.abs(step[block]).max(initial=0.0)
    return step * (reach / longest) if longest > reach else step


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
