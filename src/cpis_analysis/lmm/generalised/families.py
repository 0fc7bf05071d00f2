"""Distributions of an outcome given its linear predictor, with the derivatives that a Laplace approximation needs.

`outcome` says what a family is asked; ordered categories stand in `ordered`.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.special import digamma, expit, gammaln, polygamma

from cpis_analysis.lmm.generalised.ordered import Ordinal
from cpis_analysis.lmm.generalised.outcome import Derivatives, Family, Observed

Array = NDArray[np.float64]


class _WithoutParameters:
    """What families without parameters of their own share."""

    limit = ""

    def at_limit(self, data: Observed, psi: Array) -> bool:
        return False

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


_NO_MORE_THAN_CHANCE = 1e-5
"""Share of a variance beyond chance that no data can tell from none: the parameter is on its way to infinity."""


class _LogParameter:
    """What families with one positive parameter share; psi is its logarithm."""

    def at_limit(self, data: Observed, psi: Array) -> bool:
        largest = float((data.y if data.levels == 0 and data.trials.max() <= 1 else data.trials).max())
        return bool(largest < _NO_MORE_THAN_CHANCE * np.exp(psi[0]))

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
    limit = ", or take family='poisson': counts that vary no more than by chance have no finite size"

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
    limit = ", or take family='binomial': sums that vary no more than by chance have no finite precision"

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


FAMILIES: dict[str, Callable[[], Family]] = {
    "binomial": Binomial,
    "poisson": Poisson,
    "negative_binomial": NegativeBinomial,
    "beta_binomial": BetaBinomial,
    "ordinal": Ordinal,
}
