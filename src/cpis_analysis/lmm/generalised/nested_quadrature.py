"""Adaptive Gauss-Hermite quadrature over two nested random intercepts, by recursion.

Notes
-----
The integral over the effects v of the outer groups holds, for each value of v, one over the effect u of every inner
group:

L_j = int phi(v) prod_m [ int phi(u) prod_i exp l_i(x_i'beta + sigma_1 v + sigma_2 u) du ] dv.

Points of v lie about its mode with the width of its curvature after u has been integrated out; points of u about the
mode that goes with each v (it moves by the regression of u on v) with the curvature of u alone. A rule of Q points
costs Q^2 values a row.

Points are held while the likelihood is climbed, which makes value and gradient those of one smooth function; then they
are laid anew about the modes found, until the maximum stays. Where the rule is exact to rounding this is the maximum of
the integral itself.

Pinheiro & Bates (1995), Journal of Computational and Graphical Statistics 4:12; Rabe-Hesketh, Skrondal & Pickles
(2005), Journal of Econometrics 128:301, for the recursion.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp

from cpis_analysis.errors import ModelError, Problem
from cpis_analysis.lmm.generalised.laplace import LOWEST, Model, find_mode
from cpis_analysis.lmm.generalised.quadrature import at_points, rule_of
from cpis_analysis.lmm.generalised.random_effects import PathFactor
from cpis_analysis.lmm.generalised.search import Maximum, maximise

Array = NDArray[np.float64]

_ROUNDS = 12
_STILL = 1e-8
"""The maximum stays when laying the points anew moves the log-likelihood by less than this."""


@dataclass(frozen=True)
class Nodes:
    """Points and logarithms of their weights, at unit scale.

    Attributes
    ----------
    v, log_v : (G, Q)
        Of the outer groups.
    u : (M, Q, Q)
        Of the inner groups, for each point of the group around.
    log_u : (M, 1, Q)
    """

    v: Array
    log_v: Array
    u: Array
    log_u: Array


def lay_nodes(model: Model, x: Array, points: int) -> Nodes:
    """Points about the modes at parameters x."""
    mode = find_mode(model, model.split(x))
    if mode is None or not isinstance(mode.factor, PathFactor):
        raise ModelError("The maximum of the likelihood was not reached.", [])
    outer = model.effects.parts[0]
    around = mode.factor.effects.parents[1]
    nodes, log_weights = rule_of(points)
    first, second = mode.u[: outer.n_groups], mode.u[outer.n_groups :]
    width_v = np.sqrt(2.0 * mode.factor.pivots[0][:, 0, 0])
    width_u = np.sqrt(2.0 * mode.factor.pivots[1][:, 0, 0])
    # of phi and the change of variable; one normal density has log(2 pi) / 2
    constant = 0.5 * np.log(2.0 * np.pi)
    v = first[:, None] + width_v[:, None] * nodes
    log_v = log_weights + np.log(width_v)[:, None] - 0.5 * v**2 - constant
    moved = second[:, None] - mode.factor.links[1][:, 0, 0][:, None] * (v - first[:, None])[around]
    u = moved[:, :, None] + width_u[:, None, None] * nodes
    return Nodes(v, log_v, u, log_weights + np.log(width_u)[:, None, None] - constant)


def nested_value(model: Model, x: Array, nodes: Nodes) -> tuple[float, Array]:
    """Log-likelihood without the data's constant, and its gradient in beta, theta and psi, at points that stay."""
    at = model.split(x)
    outer, inner = model.effects.parts
    around = np.empty(inner.n_groups, dtype=np.intp)
    around[inner.codes] = outer.codes
    sigma = np.sqrt(np.maximum(at.theta, LOWEST))
    points = nodes.v.shape[1]
    v = nodes.v[outer.codes][:, :, None]
    u = nodes.u[inner.codes]
    eta = (model.X @ at.beta + model.offset)[:, None, None] + sigma[0] * v + sigma[1] * u
    spread = at_points(model.data, points * points)
    here = model.family.at(spread, eta.reshape(-1), at.psi)
    log = _sums(inner.codes, here.log.reshape(len(eta), -1), inner.n_groups).reshape(-1, points, points)
    inside = log + nodes.log_u - 0.5 * nodes.u**2
    of_team = logsumexp(inside, axis=2)
    above = _sums(around, of_team, outer.n_groups) + nodes.log_v
    total = logsumexp(above, axis=1)

    share = np.exp(above - total[:, None])[outer.codes][:, :, None]
    weight = share * np.exp(inside - of_team[:, :, None])[inner.codes]
    slope = weight * here.first.reshape(eta.shape)
    gradient = [model.X.T @ slope.sum(axis=(1, 2)), [(slope * v).sum() / (2.0 * sigma[0])],
                [(slope * u).sum() / (2.0 * sigma[1])]]  # fmt: skip
    if len(at.psi):
        own = model.family.own(spread, eta.reshape(-1), at.psi)[0]
        gradient.append(weight.reshape(-1) @ own)
    return float(total.sum()), np.concatenate(gradient)


def nested_maximum(model: Model, points: int, near: Array) -> Maximum:
    """Maximum of the likelihood, from parameters near it.

    Raises
    ------
    ModelError
        When it was not reached.
    """
    x, value = near, -np.inf
    for _ in range(_ROUNDS):
        nodes = lay_nodes(model, x, points)
        found = maximise(model, lambda z, nodes=nodes: nested_value(model, z, nodes), start=x)  # type: ignore[misc]
        if abs(found.value - value) < _STILL:
            return found
        x, value = found.x, found.value
    raise ModelError(
        "The maximum of the likelihood was not reached.",
        Problem("points of quadrature still move", hint="take more points, or quadrature=1"),
    )


def _sums(codes: NDArray[np.intp], values: Array, groups: int) -> Array:
    return np.column_stack([np.bincount(codes, weights=one, minlength=groups) for one in values.T])
