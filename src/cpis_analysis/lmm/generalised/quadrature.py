"""Adaptive Gauss-Hermite quadrature over one random effect a group, with its gradient.

Notes
-----
Group j has mode u_j and curvature H_j of its own log integrand f_j. With points x_k and weights w_k of the rule for
exp(-x^2), and c_j = H_j^(-1/2),

L_j = sum_k w_k exp(x_k^2) exp f_j(z_jk) sqrt(2) c_j / sqrt(2 pi),   z_jk = u_j + sqrt(2) c_j x_k.

Let P_jk be each point's share of the sum. Points move with the parameters, so beside the average of the derivatives of
f over the points the gradient has a part through u_j and one through H_j; it is that of `laplace` with the curvature's
weight -1 / (2 H_j) replaced by e_j = -(1 + sum_k P_jk f'_j(z_jk) sqrt(2) c_j x_k) / (2 H_j), and exact for any number
of points.

Pinheiro & Bates (1995), Journal of Computational and Graphical Statistics 4:12; Liu & Pierce (1994), Biometrika 81:624.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp

from cpis_analysis.errors import ModelError, Problem
from cpis_analysis.lmm.generalised.laplace import LOWEST, Mode, Model, Parameters
from cpis_analysis.lmm.generalised.outcome import Observed
from cpis_analysis.lmm.generalised.random_effects import PathEffects

Array = NDArray[np.float64]

_MOST = 101


def check_quadrature(model: Model, points: int) -> None:
    """Refuse quadrature where it has no rule here.

    Raises
    ------
    ModelError
        For more than two random terms, or two that are not nested or have slopes, for several effects of one group, or
        a number of points that makes no sense.
    """
    problems = []
    parts = model.effects.parts
    alone = len(parts) == 1 and parts[0].q == 1
    nested = len(parts) == 2 and isinstance(model.effects, PathEffects) and all(part.columns is None for part in parts)
    if not (alone or nested):
        problems.append(
            Problem(
                "adaptive quadrature is for one random effect a group, or two random intercepts that are nested",
                hint="write quadrature=1, the Laplace approximation",
            )
        )
    if not 1 <= points <= _MOST:
        problems.append(Problem("number of points", value=str(points), allowed=f"1 to {_MOST}"))
    if problems:
        raise ModelError("The model cannot be fitted.", problems)


def quadrature_value(model: Model, at: Parameters, mode: Mode, points: int) -> tuple[float, Array]:
    """Log-likelihood without the data's constant, and its gradient in beta, theta and psi.

    Parameters
    ----------
    model : Model
    at : Parameters
    mode : Mode
        Of the random effects at these parameters.
    points : int
    """
    x, log_weight = rule_of(points)
    part = model.effects.parts[0]
    codes, groups = part.codes, part.n_groups
    zeta, z = mode.loading.zeta[:, 0], model.effects.z[:, 0]

    def by_group(values: Array) -> Array:
        return np.asarray(np.bincount(codes, weights=values, minlength=groups), dtype=float)

    curvature = 1.0 + by_group(-mode.at.second * zeta**2)
    width = np.sqrt(2.0 / curvature)
    u = mode.u[:, None] + width[:, None] * x
    fixed = mode.eta - zeta * mode.u[codes]
    eta = fixed[:, None] + zeta[:, None] * u[codes]
    spread = at_points(model.data, points)
    there = model.family.at(spread, eta.reshape(-1), at.psi)
    log, first = there.log.reshape(eta.shape), there.first.reshape(eta.shape)
    inside = np.column_stack([by_group(log[:, k]) for k in range(points)]) - 0.5 * u**2 + log_weight
    total = logsumexp(inside, axis=1)
    value = float((total + np.log(width)).sum()) - 0.5 * groups * np.log(2.0 * np.pi)

    share = np.exp(inside - total[:, None])
    weight = share[codes]
    slope = np.column_stack([by_group(first[:, k] * zeta) for k in range(points)]) - u
    through_mode = (share * slope).sum(axis=1)
    through_width = (share * slope * x).sum(axis=1) * width
    e = -0.5 * (through_width + 1.0) / curvature
    average = (weight * first).sum(axis=1)
    s = -e[codes] * mode.at.third * zeta**2
    a = (through_mode + by_group(s * zeta)) / curvature
    outer = average + s + mode.at.second * zeta * a[codes]
    beta = model.X.T @ outer

    sigma = np.sqrt(max(float(at.theta[0]), LOWEST))
    # in the standard deviation; what a point is multiplied by differs from point to point
    deviation = float(
        (z * (weight * first * u[codes]).sum(axis=1)).sum()
        + (z * mode.u[codes] * (s + mode.at.second * zeta * a[codes])).sum()
        + (z * a[codes] * mode.at.first).sum()
        - 2.0 * (e[codes] * mode.at.second * zeta * z).sum()
    )
    found = np.concatenate([beta, [deviation / (2.0 * sigma)]])
    if not len(at.psi):
        return value, found
    own = model.family.own(spread, eta.reshape(-1), at.psi)[0]
    here = model.family.own(model.data, mode.eta, at.psi)
    psi = (
        (weight.reshape(-1)[:, None] * own).sum(axis=0)
        - (e[codes] * zeta**2) @ here[2]
        + (zeta * a[codes]) @ here[1]
    )  # fmt: skip
    return value, np.concatenate([found, psi])


@lru_cache(maxsize=8)
def rule_of(points: int) -> tuple[Array, Array]:
    """Points x_k, and log w_k + x_k^2, of the Gauss-Hermite rule."""
    x, weights = np.polynomial.hermite.hermgauss(points)
    return x, np.log(weights) + x**2


def at_points(data: Observed, points: int) -> Observed:
    """Every row, once a point."""
    return Observed(
        np.repeat(data.y, points), np.repeat(data.trials, points), np.repeat(data.weights, points), data.levels
    )
