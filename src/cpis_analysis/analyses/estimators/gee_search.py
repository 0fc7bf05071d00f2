"""The search for the solution of generalised estimating equations.

The steps are those of statsmodels' GEE and GLM, which take a hundred times longer to load than a study's equations take
to solve; a test holds the two together.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

_TINY = float(np.finfo(float).eps)
_STARTS, _ENOUGH_TO_START = 100, 1e-8
_STEPS, _ENOUGH = 200, 1e-10


@dataclass(frozen=True)
class Link:
    """How a mean depends on its linear predictor, and a variance on its mean.

    Attributes
    ----------
    mean, predictor : callable
        Each other's inverse.
    slope : callable
        Linear predictor -> derivative of the mean by it.
    stretch : callable
        Mean -> derivative of the linear predictor by it.
    variance : callable
        Mean -> variance.
    start : callable
        Outcomes -> means to begin with.
    deviance : callable
        (outcomes, means) -> -2 log-likelihood, up to what does not depend on the means.
    """

    mean: Callable[[np.ndarray], np.ndarray]
    predictor: Callable[[np.ndarray], np.ndarray]
    slope: Callable[[np.ndarray], np.ndarray]
    stretch: Callable[[np.ndarray], np.ndarray]
    variance: Callable[[np.ndarray], np.ndarray]
    start: Callable[[np.ndarray], np.ndarray]
    deviance: Callable[[np.ndarray, np.ndarray], np.ndarray]


def _within(p: np.ndarray) -> np.ndarray:
    return np.clip(p, _TINY, 1.0 - _TINY)


def _above(mu: np.ndarray) -> np.ndarray:
    return np.maximum(mu, _TINY)


def _odds_slope(z: np.ndarray) -> np.ndarray:
    t = np.exp(z)
    return t / (1.0 + t) ** 2


def _times_log(y: np.ndarray, ratio: np.ndarray) -> np.ndarray:
    return np.where(y > 0, y * np.log(np.where(y > 0, ratio, 1.0)), 0.0)


LINKS = {
    "logit": Link(
        mean=lambda z: 1.0 / (1.0 + np.exp(-z)),
        predictor=lambda p: np.log(_within(p) / (1.0 - _within(p))),
        slope=_odds_slope,
        stretch=lambda p: 1.0 / (_within(p) * (1.0 - _within(p))),
        variance=lambda p: _within(p) * (1.0 - _within(p)),
        start=lambda y: (y + 0.5) / 2.0,
        deviance=lambda y, p: _times_log(y, y / _within(p)) + _times_log(1.0 - y, (1.0 - y) / (1.0 - _within(p))),
    ),
    "log": Link(
        mean=np.exp,
        predictor=lambda mu: np.log(_above(mu)),
        slope=np.exp,
        stretch=lambda mu: 1.0 / _above(mu),
        variance=np.abs,
        start=lambda y: (y + y.mean()) / 2.0,
        deviance=lambda y, mu: _times_log(y, y / _above(mu)) - (y - mu),
    ),
    "identity": Link(
        mean=lambda z: z,
        predictor=lambda mu: mu,
        slope=np.ones_like,
        stretch=np.ones_like,
        variance=np.ones_like,
        start=lambda y: (y + y.mean()) / 2.0,
        deviance=lambda y, mu: (y - mu) ** 2 / 2.0,
    ),
}


@dataclass(frozen=True)
class Solution:
    """Where the search ended: coefficients (p,), means (n,) and the working correlation."""

    coefficients: np.ndarray
    mean: np.ndarray
    correlation: float


def solve_equations(
    y: np.ndarray,
    X: np.ndarray,
    clusters: Sequence[np.ndarray],
    link: Link,
    exchangeable: bool,
    shift: np.ndarray | None,
) -> Solution | None:
    """Coefficients at which the estimating equations are zero; None if the search does not end there.

    1. Maximum likelihood as if all people were independent, by iteratively reweighted least squares.
    2. Fisher scoring and the moment estimate of the working correlation in turn (Liang & Zeger 1986), until the
       equations are within 1e-10 of zero and the correlation has been estimated.

    Parameters
    ----------
    y : (n,) float
    X : (n, p) float
        Columns of about unit size.
    clusters : sequence of (people,) int
        Rows of each cluster.
    link : Link
    exchangeable : bool
        Else the working correlation is zero.
    shift : (n,) float or None
        Added to the linear predictor.

    Notes
    -----
    The correlation is the mean product of two people's residuals of a cluster by that of their squares, each with
    the number of coefficients taken off its count, as in statsmodels; geepack takes off from the squares alone.
    """
    offset = np.zeros(len(y)) if shift is None else shift
    beta = _independent(y, X, link, offset)
    correlation, updates = 0.0, 0
    parts = [(y[rows], X[rows], offset[rows]) for rows in clusters]
    for _ in range(_STEPS):
        information, score = np.zeros((X.shape[1], X.shape[1])), np.zeros(X.shape[1])
        for outcome, columns, added in parts:
            z = columns @ beta + added
            mean = link.mean(z)
            spread = np.sqrt(link.variance(mean))
            D = columns * link.slope(z)[:, None]
            information += D.T @ _weighed(D, spread[:, None], correlation)
            score += D.T @ _weighed(outcome - mean, spread, correlation)
        if not (np.isfinite(information).all() and np.isfinite(score).all()):
            return None
        try:
            beta = beta + np.linalg.solve(information, score)
        except np.linalg.LinAlgError:
            beta = beta + np.linalg.pinv(information) @ score
        if np.sqrt((score**2).sum()) < _ENOUGH and (updates or not exchangeable):
            return Solution(beta, link.mean(X @ beta + offset), correlation)
        if exchangeable:
            correlation = _correlation(parts, beta, link)
            if not _has_inverse(correlation, parts):
                return None
            updates += 1
    return None


def _independent(y: np.ndarray, X: np.ndarray, link: Link, offset: np.ndarray) -> np.ndarray:
    mean = link.start(y)
    z = link.predictor(mean)
    deviance = link.deviance(y, mean).sum()
    for _ in range(_STARTS):
        stretch = link.stretch(mean)
        root = np.sqrt(1.0 / (stretch**2 * link.variance(mean)))
        response = z + stretch * (y - mean) - offset
        beta = np.linalg.lstsq(X * root[:, None], response * root, rcond=-1)[0]
        z = X @ beta + offset
        mean = link.mean(z)
        before, deviance = deviance, link.deviance(y, mean).sum()
        if not abs(deviance - before) > _ENOUGH_TO_START:
            break
    left, size, right = np.linalg.svd(X * root[:, None], full_matrices=False)
    inverse = np.divide(1.0, size, out=np.zeros_like(size), where=size > _TINY * size[0])
    return (right.T @ (inverse[:, None] * left.T)) @ (response * root)


def _weighed(values: np.ndarray, spread: np.ndarray, correlation: float) -> np.ndarray:
    """The inverse of a cluster's working covariance times some columns."""
    scaled = values / spread
    share = correlation / (1.0 - correlation) / (1.0 + correlation * (len(values) - 1))
    return (scaled / (1.0 - correlation) - share * sum(scaled)) / spread


def _has_inverse(correlation: float, parts: Sequence[tuple[np.ndarray, ...]]) -> bool:
    """Whether there is a correlation, and it leaves every cluster a working covariance that has an inverse."""
    return math.isfinite(correlation) and correlation != 1.0 and all(
        1.0 + correlation * (len(outcome) - 1) for outcome, *_ in parts
    )  # fmt: skip


def _correlation(parts: Sequence[tuple[np.ndarray, np.ndarray, np.ndarray]], beta: np.ndarray, link: Link) -> float:
    squares = products = n = pairs = 0.0
    for outcome, columns, added in parts:
        mean = link.mean(columns @ beta + added)
        residual = (outcome - mean) / np.sqrt(link.variance(mean))
        own = float((residual**2).sum())
        squares += own
        products += (float(residual.sum()) ** 2 - own) / 2.0
        n += len(residual)
        pairs += 0.5 * len(residual) * (len(residual) - 1)
    if not pairs:
        # nobody shares a cluster
        return 0.0
    squares /= n * (n - len(beta)) / n
    # as many pairs as coefficients tell no correlation
    return (products / squares) / (pairs * (pairs - len(beta)) / pairs) if squares and pairs != len(beta) else math.nan
