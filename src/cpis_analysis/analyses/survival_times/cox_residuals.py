"""Cox's proportional hazards: what a fit of statsmodels lacks for clusters and for its own assumption.

Both follow Efron's handling of ties, as the estimate does; statsmodels has its robust covariance for Breslow's only.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

__all__ = ["clustered_covariance", "proportionality", "score_residuals"]


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
