"""Cox's proportional hazards: what a fit of statsmodels lacks for clusters and for its own assumption.

Both follow Efron's handling of ties, as the estimate does; statsmodels has its robust covariance for Breslow's only.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

_LEAST = 1e-10
"""Share of a direction's information that the other clusters must have, for a cluster's residuals to tell of it."""


@dataclass(frozen=True)
class _Step:
    """One of the as many steps as people have the event at a time: Efron's average over the order of ties."""

    died: np.ndarray  # people with the event at this time
    at_risk: np.ndarray
    gone: float  # share of the tied people that has left by this step
    hazard: float  # increment of the baseline hazard
    mean: np.ndarray  # covariates, averaged over the risk set
    variance: np.ndarray


def _steps(time: np.ndarray, event: np.ndarray, X: np.ndarray, beta: np.ndarray) -> Iterator[_Step]:
    """In the order of time."""
    risk = np.exp(X @ beta - (X @ beta).mean())
    for at in np.unique(time[event]):
        died, at_risk = event & (time == at), time >= at
        n = int(died.sum())
        for step in range(n):
            gone = step / n
            weight = risk * at_risk * np.where(died, 1.0 - gone, 1.0)
            total = weight.sum()
            mean = weight @ X / total
            variance = (X * weight[:, None]).T @ X / total - np.outer(mean, mean)
            yield _Step(died, at_risk, gone, 1.0 / total, mean, variance)


def score_residuals(time: np.ndarray, event: np.ndarray, X: np.ndarray, beta: np.ndarray) -> np.ndarray:
    """Each person's part of the score, (n, p).

    Notes
    -----
    Therneau & Grambsch (2000), Modeling Survival Data, section 4.3 and, for tied times, section 3.3.
    """
    risk = np.exp(X @ beta - (X @ beta).mean())
    found = np.zeros_like(X, dtype=float)
    for step in _steps(time, event, X, beta):
        own = X - step.mean
        share = risk * step.hazard * step.at_risk * np.where(step.died, 1.0 - step.gone, 1.0)
        found += (step.died / step.died.sum() - share)[:, None] * own
    return found


def clustered_covariance(residuals: np.ndarray, clusters: np.ndarray, covariance: np.ndarray) -> np.ndarray:
    """Sandwich of Lin and Wei (1989), J Am Stat Assoc 84:1074, with the score residuals summed over each cluster.

    Parameters
    ----------
    residuals : (n, p) float
    clusters : (n,) int
    covariance : (p, p) float
        Inverse of the information.
    """
    sums = np.zeros((int(clusters.max()) + 1, residuals.shape[1]))
    np.add.at(sums, clusters, residuals)
    bread = sums @ covariance
    return bread.T @ bread


@dataclass(frozen=True)
class BiasReduced:
    """Covariance with a correction for few clusters.

    Attributes
    ----------
    covariance : (p, p) float
    """

    covariance: np.ndarray
    _weights: np.ndarray  # A_j'V, (clusters, p, p)
    _information: np.ndarray
    _inverse: np.ndarray

    def degrees_of_freedom(self, row: np.ndarray) -> float:
        """Satterthwaite's degrees of freedom of a combination (p,) of the coefficients."""
        g = self._weights @ row
        crossed = np.einsum("jab,jb->ja", self._information, g)
        own, within = (g * crossed).sum(axis=1), np.einsum("ja,ab,jb->j", crossed, self._inverse, crossed)
        between = self._inverse @ (crossed.T @ crossed)
        squares = (own**2).sum() - 2.0 * own @ within + np.trace(between @ between)
        return float((own - within).sum() ** 2 / squares)


def bias_reduced(
    time: np.ndarray, event: np.ndarray, X: np.ndarray, beta: np.ndarray, clusters: np.ndarray, inverse: np.ndarray
) -> BiasReduced:
    """Covariance of Lin and Wei with each cluster's score scaled up by what its own information takes from it.

    Parameters
    ----------
    clusters : (n,) int
    inverse : (p, p) float
        Inverse of the information, V.

    Notes
    -----
    Cluster j's part of the information is W_j, the sum over its people of the integral of (x - mean)(x - mean)' by the
    cumulative hazard; the W_j add up to V^-1. Were people independent, its score U_j at the estimate would have the
    variance W_j - W_j V W_j = (I - W_j V) W_j, so U_j becomes A_j U_j, A_j = (I - W_j V)^(-1/2), symmetric through a
    root of V: Kauermann & Carroll (2001), JASA 96:1387, as Wang, Turner & Li (2023), Biometrical Journal 65:2200113,
    have it for the Cox model, here with the information in place of the derivative of U_j. Degrees of freedom as of
    Bell & McCaffrey (2002), with g_j = A_j'V l and the working covariances of the U_j.
    """
    count, p = int(clusters.max()) + 1, X.shape[1]
    risk = np.exp(X @ beta - (X @ beta).mean())
    information = np.zeros((count, p * p))
    for step in _steps(time, event, X, beta):
        own = X - step.mean
        share = risk * step.hazard * step.at_risk * np.where(step.died, 1.0 - step.gone, 1.0)
        squares = (own[:, :, None] * (share[:, None] * own)[:, None, :]).reshape(len(X), p * p)
        for place in range(p * p):
            information[:, place] += np.bincount(clusters, weights=squares[:, place], minlength=count)
    W = information.reshape(count, p, p)
    scores = np.zeros((count, p))
    np.add.at(scores, clusters, score_residuals(time, event, X, beta))
    root = np.linalg.cholesky(inverse)
    values, vectors = np.linalg.eigh(np.eye(p) - root.T @ W @ root)
    scale = np.where(values > _LEAST, 1.0 / np.sqrt(np.maximum(values, _LEAST)), 0.0)
    half = (vectors * scale[:, None, :]) @ np.swapaxes(vectors, 1, 2)
    # A_j'V = root half_j root^-1 root root'
    weights = root @ half @ root.T
    bread = np.einsum("jab,ja->jb", weights, scores)
    return BiasReduced(bread.T @ bread, weights, W, inverse)


def proportionality(
    time: np.ndarray, event: np.ndarray, X: np.ndarray, beta: np.ndarray, columns: list[int]
) -> tuple[float, int, float]:
    """Score test that the effects of some columns do not change over time: chi-squared, df, p.

    Notes
    -----
    Grambsch & Therneau (1994), Biometrika 81:515, in its exact form: the score test of the columns' products with 1
    less the Kaplan-Meier curve just before each event (``cox.zph`` of R's survival, version 3). It takes people as
    independent.
    """
    from scipy.special import chdtrc

    steps = list(_steps(time, event, X, beta))
    survival, before = 1.0, []
    for at in np.unique(time[event]):
        died, held = int((event & (time == at)).sum()), int((time >= at).sum())
        before += [1.0 - survival] * died
        survival *= 1.0 - died / held
    g = np.array(before) - np.mean(before)
    people = [np.flatnonzero(step.died) for step in steps]
    observed = np.array([X[rows].mean(axis=0) for rows in people])  # the tied together, each step a share of them
    U = (g[:, None] * (observed - np.array([step.mean for step in steps]))).sum(axis=0)
    V = np.array([step.variance for step in steps])
    information, crossed, squared = V.sum(axis=0), np.einsum("k,kij->ij", g, V), np.einsum("k,kij->ij", g**2, V)
    left = squared - crossed @ np.linalg.solve(information, crossed)
    some = np.ix_(columns, columns)
    statistic = float(U[columns] @ np.linalg.solve(left[some], U[columns]))
    return statistic, len(columns), float(chdtrc(len(columns), statistic))
