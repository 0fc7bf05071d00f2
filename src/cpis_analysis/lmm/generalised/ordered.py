"""Ordered categories, cumulative logit."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from cpis_analysis.lmm.generalised.outcome import Derivatives, Observed

Array = NDArray[np.float64]


class Ordinal:
    """Ordered categories: P(Y <= j) = expit(threshold_j - eta) (cumulative logit, proportional odds).

    psi holds the first threshold and the logarithms of the steps between thresholds, so that these stay in order.
    """

    name, link = "ordinal", "logit"
    limit = ""

    def at_limit(self, data: Observed, psi: Array) -> bool:
        return False

    def parameters(self, data: Observed) -> list[str]:
        return [f"{j}|{j + 1}" for j in range(data.levels - 1)]

    def start(self, data: Observed) -> Array:
        counts = np.bincount(data.y.astype(int), weights=data.weights, minlength=data.levels) + 0.5
        below = np.cumsum(counts)[:-1] / counts.sum()
        thresholds = np.log(below / (1.0 - below))
        return np.concatenate([thresholds[:1], np.log(np.diff(thresholds))])

    def natural(self, psi: Array) -> Array:
        return np.cumsum(np.concatenate([psi[:1], np.exp(psi[1:])]))

    def jacobian(self, psi: Array) -> Array:
        steps = np.concatenate([[1.0], np.exp(psi[1:])])
        return np.tril(np.broadcast_to(steps, (len(psi), len(psi))))

    def possible(self, data: Observed, y: Array) -> NDArray[np.bool_]:
        # with a category that nobody is in, the thresholds about it are one
        used = np.array([len(np.unique(one)) == data.levels for one in np.atleast_2d(y)]).reshape(*y.shape[:-1], 1)
        return np.asarray(used & (y >= 0) & (y < data.levels) & (y == np.round(y)))

    def side(self, data: Observed) -> Array:
        return np.where(data.y >= data.levels - 1, 1.0, np.where(data.y <= 0, -1.0, 0.0))

    def constant(self, data: Observed) -> float:
        return 0.0

    def at(self, data: Observed, eta: Array, psi: Array) -> Derivatives:
        above, below = self.limits(data, eta, psi)
        up, low, w = expit(above), expit(below), data.weights
        with np.errstate(over="ignore", invalid="ignore"):
            log = -np.logaddexp(0.0, -above) - np.logaddexp(0.0, below) + np.log(-np.expm1(below - above))
        thick, thin = up * (1.0 - up), low * (1.0 - low)
        third = thick * (1.0 - 2.0 * up) + thin * (1.0 - 2.0 * low)
        return Derivatives(w * log, w * (up + low - 1.0), -w * (thick + thin), w * third)

    def own(self, data: Observed, eta: Array, psi: Array) -> tuple[Array, Array, Array]:
        step = self.jacobian(psi)
        log, first, second = self.in_thresholds(data, eta, psi)
        return log @ step, first @ step, second @ step

    def in_thresholds(self, data: Observed, eta: Array, psi: Array) -> tuple[Array, Array, Array]:
        """(n, m) derivatives of l, l' and l'' in the thresholds themselves."""
        above, below = self.limits(data, eta, psi)
        up, low, w = expit(above), expit(below), data.weights
        thick, thin = up * (1.0 - up), low * (1.0 - low)
        # density over probability of the category, without a difference of two numbers that are nearly the same
        gap = -np.expm1(below - above)
        high_share, low_share = (1.0 - up) / ((1.0 - low) * gap), low / (up * gap)
        n, m = len(eta), data.levels - 1
        log, first, second = np.zeros((n, m)), np.zeros((n, m)), np.zeros((n, m))
        place, rows = data.y.astype(int), np.arange(n)
        top, bottom = place < m, place > 0
        log[rows[top], place[top]] = (w * high_share)[top]
        first[rows[top], place[top]] = (w * thick)[top]
        second[rows[top], place[top]] = (-w * thick * (1.0 - 2.0 * up))[top]
        log[rows[bottom], place[bottom] - 1] -= (w * low_share)[bottom]
        first[rows[bottom], place[bottom] - 1] += (w * thin)[bottom]
        second[rows[bottom], place[bottom] - 1] += (-w * thin * (1.0 - 2.0 * low))[bottom]
        return log, first, second

    def mean(self, eta: Array) -> Array:
        return eta

    def limits(self, data: Observed, eta: Array, psi: Array) -> tuple[Array, Array]:
        """Thresholds above and below the category of each row, less its linear predictor."""
        edges = np.concatenate([[-np.inf], self.natural(psi), [np.inf]])
        place = data.y.astype(int)
        return edges[place + 1] - eta, edges[place] - eta
