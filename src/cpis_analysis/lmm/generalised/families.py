"""Distributions of an outcome given its linear predictor, with the derivatives that a Laplace approximation needs.

A family knows one row at a time: the log density l(y | eta, psi), its first three derivatives in the linear predictor
eta, and the derivatives of l, l' and l'' in the parameters psi of its own (thresholds, the logarithm of a dispersion).
All arrays have one entry a row and, where a family has parameters of its own, one column a parameter.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol, TypeGuard

import numpy as np
from numpy.typing import NDArray
from scipy.special import digamma, expit, gammaln, polygamma

__all__ = ["FAMILIES", "Derivatives", "Family", "FamilyOfOne", "Observed", "Ordinal", "has_no_parameters"]

Array = NDArray[np.float64]

LARGEST = 1e6
"""Size of a negative binomial, or precision of a beta-binomial, from which on it is a Poisson or a binomial."""


@dataclass(frozen=True)
class Observed:
    """What was observed in each row.

    Attributes
    ----------
    y : (n,) float
        The outcome: 0 and 1, a count, or the place of an ordered category from 0.
    trials : (n,) float
        Number of trials of a binomial outcome; ones for other families.
    weights : (n,) float
        Prior weights: how often the row counts.
    levels : int
        Number of ordered categories; 0 for other families.
    """

    y: Array
    trials: Array
    weights: Array
    levels: int = 0

    @cached_property
    def weighted(self) -> Array:
        """Outcomes times weights."""
        return self.weights * self.y

    @cached_property
    def totals(self) -> Array:
        """Trials times weights."""
        return self.weights * self.trials


@dataclass(frozen=True)
class Derivatives:
    """Log density and its derivatives in the linear predictor, one a row, weighted.

    Attributes
    ----------
    log : (n,)
        The log density without the part that depends on the data alone.
    first, second, third : (n,)
        Derivatives in eta.
    """

    log: Array
    first: Array
    second: Array
    third: Array


class Family(Protocol):
    """One distribution with its link."""

    name: str
    link: str

    def parameters(self, data: Observed) -> list[str]:
        """Names of the parameters psi of its own, as they are reported."""

    def start(self, data: Observed) -> Array:
        """Where the search for psi begins."""

    def natural(self, psi: Array) -> Array:
        """The reported parameters: thresholds, dispersion."""

    def jacobian(self, psi: Array) -> Array:
        """d natural / d psi."""

    def possible(self, data: Observed, y: Array) -> NDArray[np.bool_]:
        """Which outcomes the family can have."""

    def side(self, data: Observed) -> Array:
        """Where a row wants its linear predictor to go: 1 up without end, -1 down, 0 neither."""

    def constant(self, data: Observed) -> float:
        """The part of the log-likelihood that depends on the data alone."""

    def at(self, data: Observed, eta: Array, psi: Array) -> Derivatives:
        """Log density and derivatives in eta."""

    def own(self, data: Observed, eta: Array, psi: Array) -> tuple[Array, Array, Array]:
        """(n, m) derivatives of l, l' and l'' in psi."""

    def mean(self, eta: Array) -> Array:
        """Expected value (of one trial) at eta; of ordered categories, eta itself."""


class FamilyOfOne(Family, Protocol):
    """A family without parameters of its own whose information is positive everywhere."""

    def fourth(self, data: Observed, here: Derivatives) -> Array:
        """Fourth derivative of the log density in eta, from the others."""

    def linked(self, data: Observed) -> Array:
        """The outcome on the scale of the link, pulled from the bounds by half an event."""


def has_no_parameters(family: Family) -> TypeGuard[FamilyOfOne]:
    """Whether a family is one without parameters of its own."""
    return hasattr(family, "fourth")


class _WithoutParameters:
    """What families without parameters of their own share."""

    def parameters(self, data: Observed) -> list[str]:
        return []

    def start(self, data: Observed) -> Array:
        return np.zeros(0)

    def natural(self, psi: Array) -> Array:
        return psi

    def jacobian(self, psi: Array) -> Array:
        return np.eye(len(psi))

    def own(self, data: Observed, eta: Array, psi: Array) -> tuple[Array, Array, Array]:
        nothing = np.zeros((len(eta), 0))
        return nothing, nothing, nothing


class _LogParameter:
    """What families with one positive parameter share; psi is its logarithm."""

    def natural(self, psi: Array) -> Array:
        return np.exp(psi)

    def jacobian(self, psi: Array) -> Array:
        return np.diag(np.exp(psi))


class _AmongTrials:
    """What families of events among trials share."""

    def possible(self, data: Observed, y: Array) -> NDArray[np.bool_]:
        return np.asarray((y >= 0) & (y <= data.trials))

    def side(self, data: Observed) -> Array:
        return np.where(data.y >= data.trials, 1.0, np.where(data.y <= 0, -1.0, 0.0))


class _Counts:
    """What families of counts share."""

    def possible(self, data: Observed, y: Array) -> NDArray[np.bool_]:
        return np.asarray((y >= 0) & (y == np.round(y)) & np.isfinite(y))

    def side(self, data: Observed) -> Array:
        return np.where(data.y <= 0, -1.0, 0.0)


def _choose(data: Observed) -> float:
    total = gammaln(data.trials + 1) - gammaln(data.y + 1) - gammaln(data.trials - data.y + 1)
    return float(np.dot(data.weights, total))


class Binomial(_AmongTrials, _WithoutParameters):
    """Events among trials, logit link."""

    name, link = "binomial", "logit"

    def constant(self, data: Observed) -> float:
        return _choose(data)

    def at(self, data: Observed, eta: Array, psi: Array) -> Derivatives:
        p, other = expit(eta), expit(-eta)
        events = data.totals * p
        second = -events * other
        with np.errstate(divide="ignore"):
            log = data.weighted * eta + data.totals * np.log(other)
        return Derivatives(log, data.weighted - events, second, second * (other - p))

    def fourth(self, data: Observed, here: Derivatives) -> Array:
        return here.second * (1.0 + 6.0 * here.second / data.totals)

    def linked(self, data: Observed) -> Array:
        return np.asarray(np.log((data.y + 0.5) / (data.trials - data.y + 0.5)))

    def mean(self, eta: Array) -> Array:
        return expit(eta)


class Poisson(_Counts, _WithoutParameters):
    """Counts, log link."""

    name, link = "poisson", "log"

    def constant(self, data: Observed) -> float:
        return -float(np.dot(data.weights, gammaln(data.y + 1)))

    def at(self, data: Observed, eta: Array, psi: Array) -> Derivatives:
        with np.errstate(over="ignore"):
            mu = data.weights * np.exp(eta)
        return Derivatives(data.weighted * eta - mu, data.weighted - mu, -mu, -mu)

    def fourth(self, data: Observed, here: Derivatives) -> Array:
        return here.second

    def linked(self, data: Observed) -> Array:
        return np.asarray(np.log(data.y + 0.5))

    def mean(self, eta: Array) -> Array:
        return np.exp(eta)


class NegativeBinomial(_Counts, _LogParameter):
    """Counts with variance mu + mu^2 / size, log link."""

    name, link = "negative_binomial", "log"

    def parameters(self, data: Observed) -> list[str]:
        return ["size"]

    def start(self, data: Observed) -> Array:
        mean, variance = float(data.y.mean()), float(data.y.var())
        return np.log(np.clip([mean**2 / max(variance - mean, 0.05 * mean)], 0.1, 100.0))

    def constant(self, data: Observed) -> float:
        return -float(np.dot(data.weights, gammaln(data.y + 1)))

    def at(self, data: Observed, eta: Array, psi: Array) -> Derivatives:
        r = float(np.exp(psi[0]))
        mu = np.exp(eta)
        share = mu / (r + mu)
        total = data.weights * (data.y + r)
        log = data.weights * (gammaln(data.y + r) - gammaln(r) + data.y * (eta - np.log(r + mu)) - r * np.log1p(mu / r))
        information = total * share * (1.0 - share)
        return Derivatives(log, data.weights * data.y - total * share, -information, -information * (1.0 - 2.0 * share))

    def own(self, data: Observed, eta: Array, psi: Array) -> tuple[Array, Array, Array]:
        r = float(np.exp(psi[0]))
        mu = np.exp(eta)
        share, total = mu / (r + mu), data.y + r
        change = share / (r + mu)
        log = digamma(total) - digamma(r) - np.log1p(mu / r) + 1.0 - total / (r + mu)
        first = -share + total * change
        second = -share * (1.0 - share) + total * (1.0 - 2.0 * share) * change
        scale = (r * data.weights)[:, None]
        return log[:, None] * scale, first[:, None] * scale, second[:, None] * scale

    def mean(self, eta: Array) -> Array:
        return np.exp(eta)


class BetaBinomial(_AmongTrials, _LogParameter):
    """Bounded sums, or events among trials that are more alike than chance, logit link.

    The probability of each row has a beta distribution with mean p and precision phi; variance
    m p (1 - p) (1 + (m - 1) / (phi + 1)).
    """

    name, link = "beta_binomial", "logit"

    def parameters(self, data: Observed) -> list[str]:
        return ["precision"]

    def start(self, data: Observed) -> Array:
        return np.log([5.0])

    def constant(self, data: Observed) -> float:
        return _choose(data)

    def at(self, data: Observed, eta: Array, psi: Array) -> Derivatives:
        phi, p, one, two, _ = self._pieces(data, eta, psi)
        slope = p * (1.0 - p)
        bend, twist = slope * (1.0 - 2.0 * p), slope * (1.0 - 6.0 * slope)
        w, (a, b) = data.weights, (phi * p, phi * (1.0 - p))
        y, m = data.y, data.trials
        log = gammaln(y + a) - gammaln(a) + gammaln(m - y + b) - gammaln(b) - gammaln(m + phi) + gammaln(phi)
        three = (polygamma(2, y + a) - polygamma(2, a)) - (polygamma(2, m - y + b) - polygamma(2, b))
        first, level, curve = phi * slope, one[0] - one[1], two[0] + two[1]
        second = phi * bend * level + first**2 * curve
        third = phi * twist * level + 3.0 * first * phi * bend * curve + first**3 * three
        return Derivatives(w * log, w * first * level, w * second, w * third)

    def own(self, data: Observed, eta: Array, psi: Array) -> tuple[Array, Array, Array]:
        phi, p, one, two, (a, b) = self._pieces(data, eta, psi)
        slope = p * (1.0 - p)
        bend = slope * (1.0 - 2.0 * p)
        y, m = data.y, data.trials
        three = polygamma(2, y + a) - polygamma(2, a), polygamma(2, m - y + b) - polygamma(2, b)
        log = a * one[0] + b * one[1] + phi * (digamma(phi) - digamma(m + phi))
        level, tilt = one[0] - one[1], a * two[0] - b * two[1]
        squared = (phi * slope) ** 2
        second = (
            phi * bend * (level + tilt)
            + 2.0 * squared * (two[0] + two[1])
            + squared * (a * three[0] + b * three[1])
        )  # fmt: skip
        w = data.weights[:, None]
        return w * log[:, None], w * (phi * slope * (level + tilt))[:, None], w * second[:, None]

    def mean(self, eta: Array) -> Array:
        return expit(eta)

    def _pieces(
        self, data: Observed, eta: Array, psi: Array
    ) -> tuple[float, Array, tuple[Array, Array], tuple[Array, Array], tuple[Array, Array]]:
        phi, p = float(np.exp(psi[0])), np.clip(expit(eta), 1e-12, 1.0 - 1e-12)
        a, b = phi * p, phi * (1.0 - p)
        y, m = data.y, data.trials
        one = digamma(y + a) - digamma(a), digamma(m - y + b) - digamma(b)
        two = polygamma(1, y + a) - polygamma(1, a), polygamma(1, m - y + b) - polygamma(1, b)
        return phi, p, one, two, (a, b)


class Ordinal:
    """Ordered categories: P(Y <= j) = expit(threshold_j - eta) (cumulative logit, proportional odds).

    psi holds the first threshold and the logarithms of the steps between thresholds, so that these stay in order.
    """

    name, link = "ordinal", "logit"

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


FAMILIES: dict[str, Callable[[], Family]] = {
    "binomial": Binomial,
    "poisson": Poisson,
    "negative_binomial": NegativeBinomial,
    "beta_binomial": BetaBinomial,
    "ordinal": Ordinal,
}
