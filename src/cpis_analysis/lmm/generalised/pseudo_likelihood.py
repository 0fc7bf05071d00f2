"""Restricted pseudo-likelihood: a generalised linear mixed model as a sequence of linear ones.

Algorithm
---------
1. At the linear predictor eta of each row, random effects included, make the working response
   z = eta - offset + (y - mu) / mu' and its weight m mu'^2 / v(mu), the inverse of its variance.
2. Fit z by a linear mixed model with these weights and the residual variance one, which is known.
3. Take the new eta; go on until coefficients and variances stay.

The result is the last linear fit, with all that a linear fit can be asked: Kenward-Roger and Satterthwaite degrees of
freedom, contrasts, joint tests. Estimates on the scale of the link are somewhat drawn towards zero beside the Laplace
approximation, most with few rows a group.

Source: Wolfinger & O'Connell (1993), Journal of Statistical Computation and Simulation 48:233, eqs 5-8 (RSPL of SAS
PROC GLIMMIX); Breslow & Clayton (1993), Journal of the American Statistical Association 88:9.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit

from cpis_analysis.errors import ModelError, Problem
from cpis_analysis.formula.parse import Formula
from cpis_analysis.lmm.fits.fit import LinearMixedFit
from cpis_analysis.lmm.fits.model import fit_design
from cpis_analysis.lmm.generalised.endless import separation_problem
from cpis_analysis.lmm.generalised.model import read_model
from cpis_analysis.lmm.generalised.outcome import Family, Observed

Array = NDArray[np.float64]

_ROUNDS = 200
_STILL = 1e-9
"""The search has ended when no linear predictor moves by more than this."""
_FARTHEST = 30.0
"""Linear predictors beyond this on the logit scale are no longer told from certainty."""


def pseudo_likelihood(
    formula: str | Formula,
    data: pd.DataFrame | Mapping[str, Any],
    *,
    family: str,
    trials: str | None = None,
    offset: str | None = None,
    weights: str | None = None,
    reference: Mapping[str, object] | None = None,
) -> LinearMixedFit:
    """Fit a binomial or Poisson mixed model by restricted pseudo-likelihood.

    Parameters
    ----------
    formula, data, trials, offset, weights, reference
        As for `glmer`.
    family : str
        ``binomial`` or ``poisson``: families without parameters of their own.

    Returns
    -------
    LinearMixedFit
        Of the working response, on the scale of the link; its log-likelihood compares nothing.

    Raises
    ------
    ModelError
        As `glmer`; when the rounds do not end.
    """
    read = read_model(formula, data, family=family, trials=trials, offset=offset, weights=weights, reference=reference)
    kind, observed = read.model.family, read.model.data
    if kind.name not in ("binomial", "poisson"):
        problem = Problem("restricted pseudo-likelihood", value=kind.name, allowed="binomial, poisson")
        raise ModelError("The model cannot be fitted.", problem)
    cause = separation_problem(read.design, read.model, read.terms)
    if cause is not None:
        raise ModelError(
            "The model cannot be fitted.", [replace(cause, hint="merge small levels, or leave a term out")]
        )
    eta = _first(kind, observed)
    shift = read.model.offset
    for _ in range(_ROUNDS):
        response, weight = _working(kind, observed, eta)
        design = replace(read.design, y=response - shift, weights=weight)
        try:
            fit = fit_design(design, reml=True, bounded=True, residual_variance=1.0)
        except ModelError as error:
            hint = Problem("a round of the working response could not be fitted", hint="look for separation")
            raise ModelError("The pseudo-likelihood did not settle.", [*error.problems, hint]) from error
        moved = fit.fitted("conditional").to_numpy() + shift
        if not np.isfinite(moved).all() or np.abs(moved).max() > _FARTHEST:
            break
        if np.abs(moved - eta).max() <= _STILL * (1.0 + np.abs(eta).max()):
            return fit
        eta = moved
    raise ModelError(
        "The pseudo-likelihood did not settle.",
        Problem("the linear predictors still move, or grow without end", hint="look for separation"),
    )


def _first(family: Family, data: Observed) -> Array:
    if family.name == "poisson":
        return np.asarray(np.log(data.y + 0.5))
    share = (data.y + 0.5) / (data.trials + 1.0)
    return np.asarray(np.log(share / (1.0 - share)))


def _working(family: Family, data: Observed, eta: Array) -> tuple[Array, Array]:
    """Working response and the inverse of its variance."""
    if family.name == "poisson":
        mean = np.exp(eta)
        slope = variance = mean
    else:
        mean = expit(eta)
        slope = variance = mean * (1.0 - mean)
    # the mean of the trials of a row has the variance of one trial over their number
    size = data.weights * data.trials
    return eta + (data.y / data.trials - mean) / slope, size * slope**2 / variance
