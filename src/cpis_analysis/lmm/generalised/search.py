"""Maximum of an approximate likelihood, and the curvature there.

1. Columns are turned so that their information without random effects is the identity: scale and collinearity of
   covariates no longer matter.
2. A quasi-Newton search with exact gradients, variances bounded at zero.
3. Newton steps with the Hessian (differences of exact gradients) until what a further step would gain is nothing;
   variances at zero with a slope downhill stay there.

The Hessian is that of all parameters together, so standard errors of coefficients hold the uncertainty of the
variances.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from cpis_analysis.errors import ModelError, Problem
from cpis_analysis.lmm.generalised.fixed_part import steps_upwards
from cpis_analysis.lmm.generalised.laplace import Model

Array = NDArray[np.float64]
Value = Callable[[Array], tuple[float, Array]]

_GAIN = 1e-9
"""The search has ended when a Newton step would gain less log-likelihood than this."""
_NEWTON = 12
_SHARE = 1e-3
"""Steps of differences, as a share of a standard error."""
_WORST = 1e10


@dataclass(frozen=True)
class Maximum:
    """Where the likelihood is largest.

    Attributes
    ----------
    x : (m,)
        beta, theta and psi.
    value : float
    covariance : (m, m)
        Inverse of the observed information of the parameters that are not at a bound; rows and columns of those that
        are are zero.
    at_bound : (m,) bool
    evaluations : int
    """

    x: Array
    value: float
    covariance: Array
    at_bound: NDArray[np.bool_]
    evaluations: int


def start_of(model: Model) -> tuple[Array, Array]:
    """Coefficients without random effects (p,), and the triangular root of their information (p, p).

    Raises
    ------
    ModelError
        When the search for them does not end.
    """
    family, data = model.family, model.data
    nothing, psi = np.zeros(model.X.shape[1]), family.start(data)
    for place in steps_upwards(family, data, model.X, model.offset, psi, nothing, 100, orthonormal=False):
        if float(place.slope @ place.step) <= 1e-8 * (1.0 + abs(place.value)):
            return place.beta, place.root
    raise ModelError(
        "The model cannot be fitted.",
        Problem("the coefficients without random effects grow without end", hint="look for separation"),
    )


def maximise(
    model: Model, value_of: Callable[[Array], tuple[float, Array]], variances: float = 0.4, start: Array | None = None
) -> Maximum:
    """Climb to the maximum.

    Parameters
    ----------
    model : Model
    value_of : callable
        Parameters (beta, theta, psi) -> log-likelihood and gradient; minus infinity where there is none.
    variances : float
        Where the search for the variances of random effects begins.
    start : (m,), optional
        Parameters near the maximum, to begin there.

    Raises
    ------
    ModelError
        When no maximum was reached.
    """
    beta, root = start_of(model)
    turn = np.linalg.inv(root)
    layout, p = model.effects.layout, model.X.shape[1]
    psi = model.family.start(model.data)
    bounded = np.concatenate([np.zeros(p, dtype=bool), layout.bounded, np.zeros(len(psi), dtype=bool)])
    evaluations = 0

    def turned(z: Array) -> Array:
        return np.concatenate([turn @ z[:p], z[p:]])

    def climb(z: Array) -> tuple[float, Array]:
        nonlocal evaluations
        evaluations += 1
        value, slope = value_of(turned(z))
        if not np.isfinite(value):
            return -_WORST, np.zeros(len(z))
        return value, np.concatenate([slope[:p] @ turn, slope[p:]])

    def descend(z: Array) -> tuple[float, Array]:
        value, slope = climb(z)
        return -value, -slope

    theta = layout.theta(layout.vector([np.eye(q) * variances for q in layout.sizes]))
    z = np.concatenate([root @ beta, theta, psi])
    if start is not None:
        z = np.concatenate([root @ start[:p], start[p:]])
    bounds = [(0.0, None) if low else (None, None) for low in bounded]
    found = minimize(descend, z, jac=True, method="L-BFGS-B", bounds=bounds,
                     options={"maxiter": 500, "maxfun": 2000, "ftol": 1e-10, "gtol": 1e-4})  # fmt: skip
    z, value, inverse, free = _newton(climb, found.x, bounded, model.family.limit)
    if model.family.at_limit(model.data, z[len(z) - len(psi) :]):
        raise _not_reached(model.family.limit)
    half = np.eye(len(z))
    half[:p, :p] = turn
    covariance = np.zeros((len(z), len(z)))
    covariance[np.ix_(free, free)] = inverse
    return Maximum(turned(z), value, half @ covariance @ half.T, ~free, evaluations)


def _newton(
    climb: Value, z: Array, bounded: NDArray[np.bool_], limit: str
) -> tuple[Array, float, Array, NDArray[np.bool_]]:
    """End the search by Newton steps; what is returned is the point, value, inverse information, free ones."""
    value, slope = climb(z)
    for _ in range(_NEWTON):
        free = ~(bounded & (z <= 1e-7) & (slope <= 0.0))
        z = np.where(free, z, 0.0)
        hessian = _hessian(climb, z, free, bounded)
        try:
            root = np.linalg.cholesky(-hessian)
            inverse = np.linalg.inv(root).T @ np.linalg.inv(root)
        except np.linalg.LinAlgError:
            # not yet where the likelihood bends down in every direction
            inverse = _made_positive(-hessian)
            step = np.zeros(len(z))
            step[free] = inverse @ slope[free]
            z, value, slope, moved = _along(climb, z, value, step, bounded)
            if not moved:
                break
            continue
        gain = 0.5 * float(slope[free] @ inverse @ slope[free])
        step = np.zeros(len(z))
        step[free] = inverse @ slope[free]
        z, value, slope, moved = _along(climb, z, value, step, bounded)
        # the last step was taken: what is left is the square of what it was
        if gain <= _GAIN or (not moved and gain <= 1e3 * _GAIN):
            return z, value, inverse, free
        if not moved:
            break
    raise _not_reached(limit)


def _not_reached(limit: str) -> ModelError:
    return ModelError(
        "The maximum of the likelihood was not reached.",
        Problem("the search ended where the likelihood still rises or is flat",
                 hint=f"look for separation, or for random effects that the data cannot tell apart{limit}"),
    )  # fmt: skip


def _along(
    climb: Value, z: Array, value: float, step: Array, bounded: NDArray[np.bool_]
) -> tuple[Array, float, Array, bool]:
    share = 1.0
    for _ in range(30):
        tried = z + share * step
        tried = np.where(bounded, np.maximum(tried, 0.0), tried)
        there, slope = climb(tried)
        if there > value - 1e-12 * abs(value) and not np.array_equal(tried, z):
            return tried, there, slope, True
        share /= 2.0
    return z, value, climb(z)[1], False


def _hessian(climb: Value, z: Array, free: NDArray[np.bool_], bounded: NDArray[np.bool_]) -> Array:
    places = np.flatnonzero(free)
    out = np.empty((len(places), len(places)))
    for column, j in enumerate(places):
        width = _SHARE
        if bounded[j]:
            width = min(_SHARE * max(z[j], 0.05), 0.5 * z[j]) if z[j] > 0 else _SHARE * 0.05
        ahead, behind = z.copy(), z.copy()
        ahead[j] += width
        behind[j] = max(z[j] - width, 0.0) if bounded[j] else z[j] - width
        out[:, column] = (climb(ahead)[1] - climb(behind)[1])[places] / (ahead[j] - behind[j])
    return 0.5 * (out + out.T)


def _made_positive(matrix: Array) -> Array:
    values, vectors = np.linalg.eigh(matrix)
    values = np.maximum(np.abs(values), 1e-3 * np.abs(values).max())
    return np.asarray((vectors / values) @ vectors.T)
