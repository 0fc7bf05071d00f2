"""Many responses on the design of one generalised linear mixed model.

Newton steps with Hessians by differences of exact gradients; all differences of all responses are one batch of array
operations. Responses are taken in portions, each on its own, so that the result does not depend on how many there are.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cpis_analysis.errors import ModelError, Problem
from cpis_analysis.lmm.generalised.fit import GeneralisedMixedFit
from cpis_analysis.lmm.generalised.nested_modes import NestedIntercepts
from cpis_analysis.lmm.generalised.random_effects import PathEffects

__all__ = ["GeneralisedRefits", "refit_generalised"]

Array = NDArray[np.float64]
Places = NDArray[np.intp]
Climb = Callable[[Places, Array, list[Array] | None], tuple[Array, Array, list[Array]]]
"""Which responses, their parameters, modes to begin with -> values, gradients, modes."""

_PORTION = 48
_ROUNDS = 60
_HALVINGS = 25
_GAIN = 1e-9
_SHARE = 1e-3
_FARTHEST = 25.0
"""Linear predictors of the fixed part beyond this are on the way to separation."""


@dataclass(frozen=True)
class GeneralisedRefits:
    """One row a response; NaN where no maximum was reached.

    Attributes
    ----------
    coefficients, std_errors : DataFrame
        By term.
    variances : DataFrame
        By grouping factor, the outermost first.
    log_likelihood : (B,)
    converged : (B,) bool
    """

    coefficients: pd.DataFrame
    std_errors: pd.DataFrame
    variances: pd.DataFrame
    log_likelihood: Array
    converged: NDArray[np.bool_]


def refit_generalised(fit: GeneralisedMixedFit, responses: Array) -> GeneralisedRefits:
    """Fit the model of `fit` to other responses, by the Laplace approximation.

    Parameters
    ----------
    fit : GeneralisedMixedFit
        Binomial or Poisson, nested random intercepts.
    responses : (n, B)
        In the order of the rows of the fit: 0 and 1, events among the same trials, or counts.

    Raises
    ------
    ModelError
        For other families or random parts, or responses that the family can't have.
    """
    model = fit.model
    effects = model.effects
    problems = []
    if model.family.name not in ("binomial", "poisson"):
        problems.append(Problem("family", value=model.family.name, allowed="binomial, poisson"))
    if not isinstance(effects, PathEffects) or any(part.columns is not None for part in effects.parts):
        problems.append(Problem("random part", value=fit.formula, allowed="nested random intercepts"))
    Y = np.asarray(responses, dtype=float)
    if Y.ndim != 2 or Y.shape[0] != fit.n_obs:
        problems.append(Problem("shape of the responses", value=str(Y.shape), allowed=f"({fit.n_obs}, any number)"))
    else:
        most = model.data.trials[:, None] if model.family.name == "binomial" else np.inf
        wrong = int(((Y < 0) | (Y > most) | ~np.isfinite(Y)).sum())
        if wrong:
            problems.append(Problem("values that the family can't have", count=wrong))
    if problems:
        raise ModelError("The responses can't be refitted.", problems)
    design = NestedIntercepts(model)
    parts = [
        _portion(design, fit, Y[design.order, start : start + _PORTION]) for start in range(0, Y.shape[1], _PORTION)
    ]
    p = len(fit.terms)
    size = len(fit.maximum.x)
    x = np.concatenate([part[0] for part in parts], axis=1) if parts else np.zeros((size, 0))
    errors = np.concatenate([part[1] for part in parts], axis=1) if parts else np.zeros((p, 0))
    values = np.concatenate([part[2] for part in parts]) if parts else np.zeros(0)
    reached = np.isfinite(values)
    x[:, ~reached] = errors[:, ~reached] = np.nan
    groups = [part.group for part in effects.parts]
    constants = np.array([_constant(fit, column) for column in Y.T])
    return GeneralisedRefits(
        pd.DataFrame(x[:p].T, columns=list(fit.terms)),
        pd.DataFrame(errors.T, columns=list(fit.terms)),
        pd.DataFrame(x[p:].T, columns=groups),
        values + constants,
        reached,
    )


def _constant(fit: GeneralisedMixedFit, y: Array) -> float:
    return fit.model.family.constant(replace(fit.model.data, y=y))


def _portion(design: NestedIntercepts, fit: GeneralisedMixedFit, Y: Array) -> tuple[Array, Array, Array]:
    """Parameters (m, B), standard errors (p, B) and values (B,) of one portion; NaN values where it did not end."""
    p, size = design.X.shape[1], len(fit.maximum.x)
    root = np.linalg.qr(design.X * np.sqrt(fit.n_obs) / fit.n_obs, mode="r")
    turn = np.linalg.inv(root)
    many = Y.shape[1]
    z = np.repeat(np.concatenate([root @ fit.maximum.x[:p], np.maximum(fit.maximum.x[p:], 0.1)])[:, None], many, axis=1)

    def climb(places: Places, z: Array, start: list[Array] | None) -> tuple[Array, Array, list[Array]]:
        modes = design.modes(Y[:, places], turn @ z[:p], z[p:], start)
        slope = design.gradient(z[p:], modes)
        return modes.value, np.concatenate([turn.T @ slope[:p], slope[p:]]), modes.u

    everybody = np.arange(many)
    value, slope, u = climb(everybody, z, None)
    errors = np.full((p, many), np.nan)
    reached = np.zeros(many, dtype=bool)
    open_ = np.isfinite(value)
    for _ in range(_ROUNDS):
        places = np.flatnonzero(open_)
        if not len(places):
            break
        here = [one[:, places] for one in u]
        free = ~((z[:, places] <= 1e-7) & (slope[:, places] <= 0.0) & (np.arange(size) >= p)[:, None])
        z[:, places] = np.where(free, z[:, places], 0.0)
        hessians = _hessians(climb, places, (z[:, places], slope[:, places], here), p)
        step, gain, _ = _steps(hessians, slope[:, places], free)
        moved, there, new_slope, new_u = _along(climb, places, z[:, places], value[places], step, here, p)
        z[:, places], value[places], slope[:, places] = moved, there, new_slope
        u = [_put(old, places, new) for old, new in zip(u, new_u, strict=True)]
        lost = (np.abs(design.X @ (turn @ z[:p, places])).max(axis=0) > _FARTHEST) | ~np.isfinite(there)
        reached[places[(gain <= _GAIN) & ~lost]] = True
        open_[places[(gain <= _GAIN) | lost]] = False
    places = np.flatnonzero(reached)
    if len(places):
        free = ~((z[:, places] <= 1e-7) & (np.arange(size) >= p)[:, None])
        here = [one[:, places] for one in u]
        hessians = _hessians(climb, places, (z[:, places], None, here), p)
        inverse = _steps(hessians, slope[:, places], free)[2]
        half = np.einsum("ij,bjk,lk->bil", turn, inverse[:, :p, :p], turn)
        errors[:, places] = np.sqrt(np.diagonal(half, axis1=1, axis2=2)).T
    z[:p] = turn @ z[:p]
    return z, errors, np.where(reached, value, np.nan)


def _put(old: Array, places: Places, new: Array) -> Array:
    out = old.copy()
    out[:, places] = new
    return out


def _hessians(climb: Climb, places: Places, at: tuple[Array, Array | None, list[Array]], p: int) -> Array:
    """(B, m, m) second derivatives by differences of gradients, those of all parameters and responses in one batch.

    Parameters
    ----------
    climb : callable
    places : (B,) int
    at : parameters (m, B), their gradient, modes
        With the gradient the differences go ahead only, which is enough to climb; without it to both sides.
    p : int
        Number of coefficients.
    """
    z, known, u = at
    size, many = z.shape
    ahead, behind = np.repeat(z[:, None, :], size, axis=1), np.repeat(z[:, None, :], size, axis=1)
    for j in range(size):
        width = np.full(many, _SHARE)
        if j >= p:
            width = np.where(z[j] > 0, np.minimum(_SHARE * np.maximum(z[j], 0.05), 0.5 * z[j]), _SHARE * 0.05)
        ahead[j, j] += width
        behind[j, j] = np.maximum(z[j] - width, 0.0) if j >= p else z[j] - width

    def slopes(points: Array) -> Array:
        _, slope, _ = climb(np.tile(places, size), points.reshape(size, -1), [np.tile(one, (1, size)) for one in u])
        return slope.reshape(size, size, many)

    if known is None:
        change, widths = slopes(ahead) - slopes(behind), np.stack([ahead[j, j] - behind[j, j] for j in range(size)])
    else:
        change, widths = slopes(ahead) - known[:, None, :], np.stack([ahead[j, j] - z[j] for j in range(size)])
    hessian = change / widths
    return np.moveaxis(0.5 * (hessian + np.swapaxes(hessian, 0, 1)), 2, 0)


def _steps(hessians: Array, slope: Array, free: NDArray[np.bool_]) -> tuple[Array, Array, Array]:
    """Newton steps (m, B), what they should gain (B,), and inverse information (B, m, m); bound parameters stay."""
    size = slope.shape[0]
    mask = (free[:, None, :] & free[None, :, :]).transpose(2, 0, 1)
    information = np.where(mask, -hessians, np.eye(size))
    information = np.where(np.isfinite(information), information, np.eye(size))
    values, vectors = np.linalg.eigh(information)
    bent = values.min(axis=1) > 1e-6 * values.max(axis=1)
    safe = np.maximum(np.abs(values), 1e-3 * np.abs(values).max(axis=1, keepdims=True))
    values = np.where(bent[:, None], values, safe)
    inverse = np.einsum("bij,bj,bkj->bik", vectors, 1.0 / values, vectors)
    inverse = np.where(mask, inverse, 0.0)
    step = np.einsum("bij,jb->ib", inverse, np.where(free, slope, 0.0))
    gain = 0.5 * np.einsum("ib,ib->b", step, slope)
    return step, np.where(bent, gain, np.inf), inverse


def _along(
    climb: Climb, places: Places, z: Array, value: Array, step: Array, u: list[Array], p: int
) -> tuple[Array, Array, Array, list[Array]]:
    """Steps that are halved until they climb."""
    share = np.ones(len(places))
    for _ in range(_HALVINGS):
        tried = z + share * step
        tried[p:] = np.maximum(tried[p:], 0.0)
        there, slope, modes = climb(places, tried, u)
        worse = ~(there >= value - 1e-11 * np.abs(value))
        if not worse.any():
            break
        share = np.where(worse, share / 2.0, share)
    return tried, there, slope, modes
