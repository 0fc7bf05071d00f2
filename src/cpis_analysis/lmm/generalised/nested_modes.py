"""Laplace approximation of many responses at once, for nested random intercepts.

The recursion is that of the linear engine: a group of working weight s at level k (0 the outermost) with variance
gamma_k has D = 1 + gamma_k s and enters the level above with weight s / D. With eta_k the sum of the scaled effects on
a group's path down to level k,

log|H| = sum log D,   v_k = v_(k-1) / D^2 + gamma_k / D          (conditional variance of eta_k),
c_k = sigma_k (1 / D - s v_(k-1) / D^2)                           (covariance of the effect of level k with eta_k),

and the covariance of a higher effect with the innermost eta is c_a over the D of the levels below it. Everything that
`laplace.gradient` needs follows from these; arrays are (groups, responses) and (rows, responses), responses last, each
with parameters of its own.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from cpis_analysis.errors import ModelError, Problem
from cpis_analysis.lmm.generalised.families import Derivatives, Observed
from cpis_analysis.lmm.generalised.laplace import LOWEST, Model
from cpis_analysis.lmm.generalised.random_effects import PathEffects

__all__ = ["NestedIntercepts", "NestedModes"]

Array = NDArray[np.float64]

_STEPS = 60
_HALVINGS = 30
_TIGHT = 1e-11


@dataclass(frozen=True)
class NestedModes:
    """Modes of all responses, and what the gradient needs of them; the last axis counts responses."""

    u: list[Array]
    eta: Array
    at: Derivatives
    weights: list[Array]
    pivots: list[Array]
    value: Array


class NestedIntercepts:
    """A design of nested random intercepts with rows in the order of its groups.

    Attributes
    ----------
    model : Model
    X, offset, data
        Of the model, sorted.
    order : (n,) int
        Rows of the model in this order.
    """

    def __init__(self, model: Model) -> None:
        effects = model.effects
        if not isinstance(effects, PathEffects):
            raise ModelError("The responses can't be refitted.", [Problem("the random part is not nested")])
        self.model = model
        codes = [part.codes for part in effects.parts]
        self.order = np.lexsort(codes[::-1])
        self.X = model.X[self.order]
        self.offset = model.offset[self.order][:, None]
        self.data = Observed(
            model.data.y[self.order][:, None], model.data.trials[self.order][:, None],
            model.data.weights[self.order][:, None],
        )  # fmt: skip
        sorted_codes = [part[self.order] for part in codes]
        # groups in the order of their rows; `starts` of a level cut the level below it, of the innermost the rows
        firsts = [np.flatnonzero(np.r_[True, part[1:] != part[:-1]]) for part in sorted_codes]
        self.rows_of = [np.diff(np.r_[first, len(self.order)]) for first in firsts]
        self.starts = [np.searchsorted(inner, outer) for outer, inner in itertools.pairwise(firsts)]
        self.starts.append(firsts[-1])
        self.children = [np.diff(np.r_[start, len(inner)])
                         for start, inner in zip(self.starts, firsts[1:], strict=False)]  # fmt: skip
        self.levels = len(codes)

    def to_rows(self, values: Array) -> Array:
        """Values of innermost groups, repeated for their rows."""
        return np.repeat(values, self.rows_of[-1], axis=0)

    def by_group(self, values: Array) -> Array:
        """Sums of rows by innermost group."""
        return np.add.reduceat(values, self.starts[-1], axis=0)

    def sums(self, values: Array) -> list[Array]:
        """Sums of rows by group of each level."""
        out = [self.by_group(values)]
        for level in range(self.levels - 2, -1, -1):
            out.append(np.add.reduceat(out[-1], self.starts[level], axis=0))
        return out[::-1]

    def _spread(self, sigma: Array, u: list[Array]) -> Array:
        """Sum of the scaled effects on the path of each row."""
        total = sigma[0] * u[0]
        for level in range(1, self.levels):
            total = np.repeat(total, self.children[level - 1], axis=0) + sigma[level] * u[level]
        return self.to_rows(total)

    def _factorise(self, sigma: Array, row_weights: Array) -> tuple[list[Array], list[Array]]:
        """Working weight s and pivot D of the groups of each level."""
        weights, pivots = [], []
        s = self.by_group(row_weights)
        for level in range(self.levels - 1, -1, -1):
            pivot = 1.0 + sigma[level] ** 2 * s
            weights.append(s)
            pivots.append(pivot)
            if level:
                s = np.add.reduceat(s / pivot, self.starts[level - 1], axis=0)
        return weights[::-1], pivots[::-1]

    def solve(self, sigma: Array, weights: list[Array], pivots: list[Array], right: list[Array]) -> list[Array]:
        """H^-1 right, by group of each level."""
        reduced: list[Array] = [np.empty(0)] * self.levels
        passed = np.zeros_like(right[-1])
        for level in range(self.levels - 1, -1, -1):
            reduced[level] = right[level] - sigma[level] * passed
            passed = passed + sigma[level] * weights[level] * reduced[level] / pivots[level]
            if level:
                passed = np.add.reduceat(passed, self.starts[level - 1], axis=0)
        out: list[Array] = []
        above = np.zeros_like(right[0])
        for level in range(self.levels):
            if level:
                above = np.repeat(above + sigma[level - 1] * out[-1], self.children[level - 1], axis=0)
            out.append((reduced[level] - sigma[level] * weights[level] * above) / pivots[level])
        return out

    def modes(self, y: Array, beta: Array, gamma: Array, start: list[Array] | None = None) -> NestedModes:
        """Modes at beta (p, B) and variances gamma (K, B) of responses y (n, B); the value is NaN where none was found.

        Columns that have arrived wait for the others: a Newton step from a mode stays at the mode.
        """
        family, data = self.model.family, replace(self.data, y=y)
        sigma = np.sqrt(np.maximum(gamma, LOWEST))
        fixed = self.X @ beta + self.offset
        nothing = np.zeros(0)
        u = start or [np.zeros((len(rows), y.shape[1])) for rows in self.rows_of]
        eta = fixed + self._spread(sigma, u)
        at = family.at(data, eta, nothing)
        value = _penalised(at, u)
        last = np.zeros(y.shape[1], dtype=bool)
        for _ in range(_STEPS):
            weights, pivots = self._factorise(sigma, -at.second)
            slope = [sigma[k] * total - u[k] for k, total in enumerate(self.sums(at.first))]
            step = self.solve(sigma, weights, pivots, slope)
            gain = sum(np.einsum("gb,gb->b", s, t) for s, t in zip(slope, step, strict=True))
            finished = last | ~np.isfinite(value)
            last = finished | (gain <= _TIGHT * (1.0 + np.abs(value)))
            if finished.all():
                break
            change = self._spread(sigma, step)
            share = np.where(finished, 0.0, 1.0)
            for _ in range(_HALVINGS):
                tried = [a + share * b for a, b in zip(u, step, strict=True)]
                there = family.at(data, eta + share * change, nothing)
                climbed = _penalised(there, tried)
                worse = (share > 0) & ~(climbed >= value - 1e-11 * np.abs(value))
                if not worse.any():
                    break
                share = np.where(worse, share / 2.0, share)
            u, eta, at, value = tried, eta + share * change, there, climbed
        value = np.where(finished, value, np.nan)
        weights, pivots = self._factorise(sigma, -at.second)
        value = value - 0.5 * sum(np.log(pivot).sum(axis=0) for pivot in pivots)
        return NestedModes(u, eta, at, weights, pivots, value)

    def gradient(self, gamma: Array, modes: NestedModes) -> Array:
        """Derivatives in beta and gamma, (p + K, B); see `laplace.gradient`."""
        sigma = np.sqrt(np.maximum(gamma, LOWEST))
        at, pivots, weights = modes.at, modes.pivots, modes.weights
        spread = np.zeros_like(pivots[0])
        covariances: list[Array] = []
        for level in range(self.levels):
            if level:
                spread = np.repeat(spread, self.children[level - 1], axis=0)
                covariances = [np.repeat(one, self.children[level - 1], axis=0) / pivots[level] for one in covariances]
            D = pivots[level]
            covariances.append(sigma[level] * (1.0 / D - weights[level] * spread / D**2))
            spread = spread / D**2 + sigma[level] ** 2 / D
        s = 0.5 * at.third * self.to_rows(spread)
        a = self.solve(sigma, weights, pivots, [sigma[k] * one for k, one in enumerate(self.sums(s))])
        outer = at.first + s + at.second * self._spread(sigma, a)
        outer_sums, first_sums = self.sums(outer), self.sums(at.first)
        second = self.by_group(at.second)
        theta = [
            (outer_sums[k] * modes.u[k] + first_sums[k] * a[k]).sum(axis=0) + (second * covariances[k]).sum(axis=0)
            for k in range(self.levels)
        ]
        return np.concatenate([self.X.T @ outer, np.array(theta) / (2.0 * sigma)])


def _penalised(at: Derivatives, u: list[Array]) -> Array:
    return np.asarray(at.log.sum(axis=0) - 0.5 * sum(np.einsum("gb,gb->b", one, one) for one in u))
