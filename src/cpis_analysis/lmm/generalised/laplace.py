"""Laplace approximation of the likelihood of a generalised linear mixed model, with its gradient.

Notes
-----
With u standard normal and eta = X beta + offset + Z L u, let

f(u) = sum_i l_i(eta_i) - u'u / 2,   H = -f''(u) = I + L'Z'WZL,   W = -l''.

At the mode of f, log L = f - log|H| / 2. Write g = l', t_i = H^-1 L'z_i and h_i = z_i'L t_i. As the mode moves with
the parameters, the derivative of the approximation in a parameter x is, with s = l''' h / 2, a = H^-1 L'Z's and
r = Z L a,

(g + s - W r)' d eta/dx  +  sum (dl/dx + h dl''/dx / 2 + r dl'/dx)  -  sum W_i (dz_i L) t_i  +  g'(Z dL a),

where d eta/dx and the derivatives of l are those at a fixed u: X for beta, Z dL u for the covariance parameters, and
only the second sum for the family's own parameters. Everything is exact, and costs one factorisation of H.

Pinheiro & Chao (2006), Journal of Computational and Graphical Statistics 15:58; Kristensen et al. (2016), Journal of
Statistical Software 70(5), sect. 2, for the derivative through the mode.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cpis_analysis.lmm.generalised.outcome import Derivatives, Family, Observed
from cpis_analysis.lmm.generalised.random_effects import Effects, Factor, Loading

Array = NDArray[np.float64]

_STEPS = 60
_HALVINGS = 30
_TIGHT = 1e-11
"""Newton steps end when the next would gain less than this, as a share of the log-likelihood."""
LOWEST = 1e-8
"""Where the gradient in a variance is taken when the variance is zero: there it is the limit to rounding."""


@dataclass(frozen=True)
class Model:
    """Data and model as arrays.

    Attributes
    ----------
    family : Family
    data : Observed
    X : (n, p)
        Fixed part, its columns of full rank.
    offset : (n,)
    effects : Effects
    """

    family: Family
    data: Observed
    X: Array
    offset: Array
    effects: Effects

    def split(self, x: Array) -> Parameters:
        """Parameters from the vector that a search moves: beta, theta, psi."""
        p, k = self.X.shape[1], len(self.effects.layout.entries)
        return Parameters(x[:p], x[p : p + k], x[p + k :])


@dataclass(frozen=True)
class Parameters:
    """beta, covariance parameters theta (variances; Cholesky factors of blocks), and the family's own psi."""

    beta: Array
    theta: Array
    psi: Array


@dataclass(frozen=True)
class Mode:
    """Where the random effects are most likely, and what is known there."""

    u: Array
    eta: Array
    loading: Loading
    factor: Factor
    at: Derivatives
    penalised: float


def find_mode(model: Model, at: Parameters, start: Array | None = None) -> Mode | None:
    """Modes of the random effects by Newton steps that are halved until they climb; None when there is none.

    Parameters
    ----------
    model : Model
    at : Parameters
    start : (Q,), optional
        Modes at neighbouring parameters.
    """
    family, data, effects = model.family, model.data, model.effects
    loading = effects.loading(effects.layout.factors(_away_from_zero(effects, at.theta)))
    fixed = model.X @ at.beta + model.offset
    u = np.zeros(effects.size) if start is None else start
    eta = fixed + loading.spread(u)
    here = family.at(data, eta, at.psi)
    value = float(here.log.sum()) - 0.5 * float(u @ u)
    if not np.isfinite(value) and start is not None:
        return find_mode(model, at)
    for _ in range(_STEPS):
        if not np.isfinite(value):
            return None
        weights = np.maximum(-here.second, 0.0)
        factor = effects.factorise(loading, weights)
        slope = loading.collect(here.first) - u
        step = factor.solve(slope)
        gain = float(slope @ step)
        change = loading.spread(step)
        if gain <= _TIGHT * (1.0 + abs(value)):
            # the gradient takes the mode as exact: one more step makes it so to rounding
            u, eta = u + step, eta + change
            here = family.at(data, eta, at.psi)
            value = float(here.log.sum()) - 0.5 * float(u @ u)
            return _finished(model, u, eta, loading, here, value)
        share = 1.0
        for _ in range(_HALVINGS):
            tried = u + share * step
            there = family.at(data, eta + share * change, at.psi)
            climbed = float(there.log.sum()) - 0.5 * float(tried @ tried)
            if climbed >= value - _TIGHT * abs(value):
                break
            share /= 2.0
        else:
            return _finished(model, u, eta, loading, here, value)
        u, eta, here, value = tried, eta + share * change, there, climbed
    return None


def _finished(model: Model, u: Array, eta: Array, loading: Loading, here: Derivatives, value: float) -> Mode | None:
    """The mode with the observed information; None where that is not positive definite."""
    try:
        factor = model.effects.factorise(loading, -here.second)
    except np.linalg.LinAlgError:
        return None
    return Mode(u, eta, loading, factor, here, value)


def laplace(mode: Mode) -> float:
    """The approximate log-likelihood without the part that depends on the data alone."""
    return mode.penalised - 0.5 * mode.factor.log_determinant


def gradient(model: Model, at: Parameters, mode: Mode) -> Array:
    """Derivative of the approximation in beta, theta and psi; see Notes.

    Parameters
    ----------
    model : Model
    at : Parameters
    mode : Mode
        At these parameters.
    """
    zeta, here = mode.loading.zeta, mode.at
    rows = mode.factor.rows()
    leverage = np.einsum("na,na->n", rows, zeta)
    s = 0.5 * here.third * leverage
    a = mode.factor.solve(mode.loading.collect(s))
    r = mode.loading.spread(a)
    outer = here.first + s + here.second * r
    beta = model.X.T @ outer
    theta = covariance_gradient(model.effects, at.theta, (outer, here.first, here.second), (mode.u, a), rows)
    if not len(at.psi):
        return np.concatenate([beta, theta])
    log, first, second = model.family.own(model.data, mode.eta, at.psi)
    psi = log.sum(axis=0) + 0.5 * leverage @ second + r @ first
    return np.concatenate([beta, theta, psi])


def covariance_gradient(
    effects: Effects, theta: Array, rowwise: tuple[Array, Array, Array], modes: tuple[Array, Array], rows: Array
) -> Array:
    """The part of the gradient that belongs to the covariance parameters.

    Parameters
    ----------
    effects : Effects
    theta : (R,)
    rowwise : (outer, g, -W), each (n,)
        What multiplies d eta, the first and the second derivative of the log density.
    modes : (u, a), each (Q,)
    rows : (n, A)
        H^-1 L'z_i.
    """
    outer, slope, curve = rowwise
    u, a = modes
    safe = _away_from_zero(effects, theta)
    out = np.empty(len(theta))
    for place, (term, row, column) in enumerate(effects.layout.entries):
        start = int(effects.columns[term])
        z, spot = effects.z[:, start + row], start + column
        index = effects.index[:, spot]
        found = float(z @ (outer * u[index] + slope * a[index] + curve * rows[:, spot]))
        single = effects.parts[term].q == 1
        out[place] = found / (2.0 * np.sqrt(safe[place])) if single else found
    return out


def _away_from_zero(effects: Effects, theta: Array) -> Array:
    """Variances that are zero, a little above: the likelihood is the same to rounding, its slope is defined."""
    return np.where(effects.layout.bounded, np.maximum(theta, LOWEST), theta)
