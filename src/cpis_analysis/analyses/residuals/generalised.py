"""Does a generalised linear mixed model fit: simulated residuals and predicted cluster effects, without any row."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from cpis_analysis.analyses.diagnostics import (
    ENVELOPE,
    bins_along,
    cluster_effects,
    probabilities_for,
    scaled_term,
)
from cpis_analysis.analyses.residuals.ranks import distances, scaled_residuals, share_as_far, spreads, two_sided
from cpis_analysis.lmm.fits.mixed_equations import mixed_equations
from cpis_analysis.lmm.generalised.laplace import Mode, Model, Parameters, find_mode
from cpis_analysis.lmm.generalised.simulated import simulate_generalised
from cpis_analysis.study.quantiles import quantiles

N_SIMULATED, FEWEST_SIMULATED = 249, 99
_CELLS = 1_000_000
"""Rows times data sets that are held at once."""


def generalised_diagnostics(
    model: Model,
    at: Parameters,
    participant: str,
    people: NDArray[Any],
    random: np.random.Generator,
    minimum: int = 0,
) -> dict[str, Any]:
    """Simulated residuals with their envelope and tests, residuals along the fitted values, predicted cluster effects.

    1. Data sets are simulated at the estimates, with random effects of their own (`simulate_generalised`).
    2. Every data set, the observed one among them, is ranked among all (`ranks.scaled_residuals`). Quantiles of the
       observed ranks, with the middle 95% of those of the simulated data sets, point by point.
    3. Kolmogorov and Smirnov's distance from uniform; for counts and sums the variance about the expected values over
       its simulated mean; for counts zeros over their simulated mean. p-values are ranks among the simulated data
       sets, which share effects of clusters as the observed one does; tables for independent residuals do not hold.
    4. Conditional modes of clusters, with prediction errors at the working weights of the fit.

    Parameters
    ----------
    model : Model
        As `glmer` reads it.
    at : Parameters
        The estimates.
    participant : str
        Variable that identifies people.
    people : (n,)
        What rows are put in order by before anything is drawn, such as people's numbers.
    random : Generator
    minimum : int
        Zeros are left out where fewer people than this, but not none, have zero or anything else.

    Returns
    -------
    dict
        As in `AnalysisResult.diagnostics`; ``residual_by_fitted`` has ranks of the fitted values (0 to 1) as
        ``fitted_mid``.

    Notes
    -----
    The estimates are taken as known, so that residuals are a little nearer to uniform than p-values say. The variance
    of a yes or no, and of answers in order with thresholds of their own, is given by their mean: there is no
    dispersion to be seen.
    """
    n, observed = len(model.X), model.data.y
    order = np.argsort(people, kind="stable")
    many = int(np.clip(_CELLS // n, FEWEST_SIMULATED, N_SIMULATED))
    simulated = simulate_generalised(model, at, many, random, order)
    responses = np.column_stack([observed, simulated])
    uniform = np.empty_like(responses)
    uniform[order] = random.random(responses.shape)
    residuals = scaled_residuals(responses, uniform)
    probability = probabilities_for(n)
    each = quantiles(residuals, probability)
    low, high = quantiles(each[:, 1:].T, [(1 - ENVELOPE) / 2, (1 + ENVELOPE) / 2])
    # rows of one fitted value are taken in the order of the people
    fitted = (model.X @ at.beta + model.offset)[order]
    rank = np.empty(n)
    rank[order[np.argsort(np.round(fitted, 9), kind="stable")]] = (np.arange(n) + 0.5) / n
    found: dict[str, Any] = {
        "residual_quantiles": {
            "probability": probability.tolist(),
            "theoretical": probability.tolist(),
            "observed": each[:, 0].tolist(),
            "low": low.tolist(),
            "high": high.tolist(),
        },
        "residual_by_fitted": bins_along(rank, residuals[:, 0]),
        "simulated": _tests(model, responses, residuals, minimum),
    }
    mode = find_mode(model, at)
    if mode is not None:
        found |= _clusters(model, at, mode, participant)
    return found


def _tests(model: Model, responses: np.ndarray, residuals: np.ndarray, minimum: int) -> dict[str, Any]:
    """Statistics of the observed data set with their p-values among the simulated ones."""
    distance = distances(residuals)
    found = {
        "n_simulated": responses.shape[1] - 1,
        "distance": float(distance[0]),
        "distance_p": share_as_far(distance),
    }
    data = model.data
    counts = data.levels == 0 and model.family.link == "log"
    if counts or data.trials.max() > 1:
        spread = spreads(responses, responses.mean(axis=1))
        found |= {"dispersion": float(spread[0] / spread[1:].mean()), "dispersion_p": two_sided(spread)}
    zeros = (responses == 0).sum(axis=0)
    few = any(0 < int(people) < minimum for people in (zeros[0], len(responses) - zeros[0]))
    if counts and not few and zeros[1:].any():
        found |= {"zeros": float(zeros[0] / zeros[1:].mean()), "zeros_p": two_sided(zeros)}
    return found


def _clusters(model: Model, at: Parameters, mode: Mode, participant: str) -> dict[str, Any]:
    """Modes of the clusters, with errors from the mixed-model equations of the working response."""
    effects = model.effects
    roots = effects.layout.factors(at.theta)
    weight = np.maximum(-mode.at.second, 0.0)
    scale = np.sqrt(weight)[:, None]
    # thresholds are an intercept to the working response
    X = np.column_stack([np.ones(len(model.X)), model.X]) if model.data.levels else model.X
    terms = [scaled_term(part, root, scale) for part, root in zip(effects.parts, roots, strict=True)]
    modes, start = [], 0
    for part, root in zip(effects.parts, roots, strict=True):
        u = mode.u[start : start + part.n_groups * part.q].reshape(part.n_groups, part.q)
        start += u.size
        modes.append(u @ root.T)
    known = weight[weight > 0]
    return {
        "random_effects": cluster_effects(
            effects.parts, modes, participant, roots, mixed_equations(X * scale, terms), 1.0
        ),
        "working_sd": float(1.0 / np.sqrt(np.median(known))) if len(known) else 0.0,
    }
