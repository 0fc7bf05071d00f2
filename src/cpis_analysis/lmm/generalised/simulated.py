"""Responses drawn from a generalised linear mixed model, the random effects drawn anew with each."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from cpis_analysis.lmm.generalised.laplace import Model, Parameters

Array = NDArray[np.float64]


def simulate_generalised(
    model: Model, at: Parameters, many: int, random: np.random.Generator, order: NDArray[np.intp] | None = None
) -> Array:
    """Draw responses at given parameters, (n, many): unconditional, each with random effects of its own.

    Parameters
    ----------
    model : Model
        Prior weights say how well a row is known and are left aside: each row is drawn once.
    at : Parameters
    many : int
    random : Generator
    order : (n,) int, optional
        The order in which rows are drawn, such as that of people's numbers; without it the order of the rows.

    Returns
    -------
    ndarray (n, many)
        In the order of the rows: 0 and 1, events among trials, counts, or places of ordered categories from 0.
    """
    effects = model.effects
    rows = np.arange(len(model.X)) if order is None else order
    loading = effects.loading(effects.layout.factors(at.theta))
    u = random.standard_normal((effects.size, many))
    eta = np.repeat((model.X @ at.beta + model.offset)[rows][:, None], many, axis=1)
    for a in range(loading.zeta.shape[1]):
        eta += loading.zeta[rows, a][:, None] * u[loading.index[rows, a]]
    drawn = np.empty_like(eta)
    draw = _DRAW[model.family.name]
    drawn[rows] = draw(random, eta, model.data.trials[rows][:, None], model.family.natural(at.psi))
    return drawn


def _binomial(random: np.random.Generator, eta: Array, trials: Array, own: Array) -> Array:
    if (trials == 1).all():
        return (random.random(eta.shape) < expit(eta)).astype(float)
    return random.binomial(trials.astype(np.int64), expit(eta)).astype(float)


def _beta_binomial(random: np.random.Generator, eta: Array, trials: Array, own: Array) -> Array:
    p = np.clip(expit(eta), 1e-12, 1.0 - 1e-12)
    return random.binomial(trials.astype(np.int64), random.beta(own[0] * p, own[0] * (1.0 - p))).astype(float)


def _poisson(random: np.random.Generator, eta: Array, trials: Array, own: Array) -> Array:
    return random.poisson(np.minimum(np.exp(eta), _MOST)).astype(float)


def _negative_binomial(random: np.random.Generator, eta: Array, trials: Array, own: Array) -> Array:
    rate = random.gamma(own[0], 1.0 / own[0], eta.shape) * np.exp(eta)
    return random.poisson(np.minimum(rate, _MOST)).astype(float)


def _ordinal(random: np.random.Generator, eta: Array, trials: Array, own: Array) -> Array:
    return np.searchsorted(own, eta + random.logistic(size=eta.shape)).astype(float)


_MOST = 1e15
"""Means beyond this can't be drawn."""

_DRAW: dict[str, Callable[[np.random.Generator, Array, Array, Array], Array]] = {
    "binomial": _binomial,
    "beta_binomial": _beta_binomial,
    "poisson": _poisson,
    "negative_binomial": _negative_binomial,
    "ordinal": _ordinal,
}
