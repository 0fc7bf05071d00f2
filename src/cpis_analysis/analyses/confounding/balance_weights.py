"""Weights of people that make two arms alike in means: overlap weights and entropy balancing.

References
----------
Li F, Morgan KL, Zaslavsky AM (2018). J Am Stat Assoc 113:390-400 (overlap weights; theorem 3: exact balance).
Hainmueller J (2012). Political Analysis 20:25-46 (entropy balancing, and its convex dual).
Zhao Q, Percival D (2017). J Causal Inference 5(1) (it is doubly robust).
Kish L (1965). Survey Sampling, section 11.7 (effective sample size).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

_SWEEPS = 200
_NOTHING = 1e-9
_CERTAIN = 1e-10
_ROUNDING = 1e-13


def effective_size(weights: Array) -> float:
    """How many people with equal weights would give as exact a mean: (sum w)^2 / sum w^2."""
    return float(weights.sum() ** 2 / (weights**2).sum())


def _spanning_columns(X: Array) -> Array:
    """Orthonormal columns (n, r) that span the centred columns of X (n, k); constant and repeated ones add nothing."""
    centred = X - X.mean(axis=0)
    spread = np.sqrt((centred**2).mean(axis=0))
    varying = spread > _NOTHING * np.maximum(np.abs(X).max(axis=0, initial=0.0), 1e-300)
    left, size, _ = np.linalg.svd(centred[:, varying] / spread[varying], full_matrices=False)
    return np.asarray(left[:, size > _NOTHING * max(float(size.max(initial=0.0)), 1e-300)] * np.sqrt(len(X)))


def overlap_weights(X: Array, compared: NDArray[np.bool_]) -> Array:
    """Overlap weights by a logistic model of the arm.

    1. e_i = P(compared | X_i), by maximum likelihood with an intercept and the columns of X.
    2. People of the compared arm get 1 - e_i, the others e_i, each arm's divided by their sum.

    Parameters
    ----------
    X : (n, k) float
        Columns without an intercept.
    compared : (n,) bool
        Whether a person is in the arm that is compared with the reference.

    Returns
    -------
    (n,) float
        Summing to one in each arm; the arms' weighted means of every column of X are equal.

    Raises
    ------
    ArithmeticError
        Where the likelihood has no maximum: the columns tell the arms apart for some people.
    """
    n = len(X)
    Z = np.column_stack([np.ones(n), _spanning_columns(X)])
    y = compared.astype(float)
    b = np.zeros(Z.shape[1])
    b[0] = np.log(y.mean() / (1.0 - y.mean()))
    best = _log_likelihood(Z @ b, y)
    for _ in range(_SWEEPS):
        e = 1.0 / (1.0 + np.exp(-(Z @ b)))
        information = Z.T @ ((e * (1.0 - e))[:, None] * Z)
        if np.linalg.cond(information) > 1e12:
            break
        step = np.linalg.solve(information, Z.T @ (y - e))
        half = 1.0
        while half > 1e-6 and (found := _log_likelihood(Z @ (b + half * step), y)) < best:
            half /= 2
        b, best = b + half * step, max(best, found)
        if np.abs(step).max() < 1e-11:
            break
    e = 1.0 / (1.0 + np.exp(-(Z @ b)))
    # with separation the score vanishes too, at probabilities of zero and one
    if not np.abs(Z.T @ (y - e)).max() < 1e-7 * n or (e * (1.0 - e)).min() < _CERTAIN:
        raise ArithmeticError("the logistic model of the arm has no finite estimate")
    weights = np.where(compared, 1.0 - e, e)
    return np.where(compared, weights / weights[compared].sum(), weights / weights[~compared].sum())


def entropy_weights(X: Array, target: Array) -> Array:
    """Weights nearest to equal ones, by relative entropy, with which the means of the columns are the target.

    They are w_i = exp(z_i'l) / sum_j exp(z_j'l) with z_i = X_i - target and l the minimum of log sum_i exp(z_i'l),
    which is convex: Newton steps, halved until it falls.

    Parameters
    ----------
    X : (n, k) float
    target : (k,) float
        Within the convex hull of the rows of X; see `can_reach`.

    Returns
    -------
    (n,) float
        Positive, summing to one.

    Raises
    ------
    ArithmeticError
        Where no positive weights reach the target.
    """
    n = len(X)
    spread = np.maximum(X.std(axis=0), np.abs(X - target).max(axis=0, initial=0.0) * 1e-3)
    Z = (X - target) / np.where(spread > 0, spread, 1.0)
    left, size, _ = np.linalg.svd(Z, full_matrices=False)
    Z = left[:, size > _NOTHING * max(float(size.max(initial=0.0)), 1e-300)] * np.sqrt(n)
    l = np.zeros(Z.shape[1])
    w = np.full(n, 1.0 / n)
    for _ in range(_SWEEPS):
        gap = Z.T @ w
        if np.abs(gap).max(initial=0.0) < _ROUNDING:
            break
        try:
            step = np.linalg.solve(Z.T @ (w[:, None] * Z) - np.outer(gap, gap), gap)
        except np.linalg.LinAlgError:
            break
        half, before = 1.0, _log_sum(Z @ l)
        while half > 1e-10:
            next_l = l - half * step
            new = _shares(Z @ next_l)
            # near the minimum the sum no longer tells steps apart, and the means do
            falls = _log_sum(Z @ next_l) <= before - 1e-4 * half * (gap @ step)
            if falls or np.abs(Z.T @ new).max() < 0.5 * np.abs(gap).max():
                break
            half /= 2
        else:
            break
        l, w = next_l, new
    if not np.abs(Z.T @ w).max(initial=0.0) < 1e-9:
        raise ArithmeticError("no positive weights give these means")
    return w


def can_reach(X: Array, target: Array) -> bool:
    """Whether positive weights of the rows of X (n, k) can give the means `target` (k,): a linear programme.

    The largest smallest weight is sought among those that do; it is above zero where the target lies within the rows'
    convex hull, not on its edge.
    """
    from scipy.optimize import linprog

    n = len(X)
    spread = np.maximum(np.abs(X - target).max(axis=0, initial=0.0), 1e-300)
    Z = ((X - target) / spread).T
    # w = t + v with v >= 0
    equal = np.vstack([np.column_stack([Z, Z.sum(axis=1)]), np.append(np.ones(n), n)])
    found = linprog(
        np.append(np.zeros(n), -1.0), A_eq=equal, b_eq=np.append(np.zeros(len(Z)), 1.0), bounds=(0, None),
        method="highs",
    )  # fmt: skip
    return bool(found.status == 0 and -found.fun * n > 1e-7)


def _log_likelihood(s: Array, y: Array) -> float:
    return float(np.sum(y * s - np.logaddexp(0.0, s)))


def _shares(s: Array) -> Array:
    w = np.exp(s - s.max())
    return np.asarray(w / w.sum())


def _log_sum(s: Array) -> float:
    top = float(s.max())
    return top + float(np.log(np.exp(s - top).sum()))
