"""Many responses on the design of one generalised linear mixed model.

Where rows collapse to cells (`group_cells`), responses are taken in portions, each portion one batch of array
operations (`cell_maxima`); each response goes its own way, so the result does not depend on how many there are. Other
models are fitted one response after the other.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cpis_analysis.errors import ModelError, Problem
from cpis_analysis.lmm.generalised.cell_likelihood import CellLikelihood
from cpis_analysis.lmm.generalised.cell_maxima import climb_cells
from cpis_analysis.lmm.generalised.fit import GeneralisedMixedFit
from cpis_analysis.lmm.generalised.group_cells import Cells, cells_of
from cpis_analysis.lmm.generalised.maximum import maximum_of
from cpis_analysis.lmm.generalised.outcome import FamilyOfOne, has_no_parameters

Array = NDArray[np.float64]

_ELEMENTS = 40_000
"""Rows times responses of a portion: what stays in the processor's cache."""


@dataclass(frozen=True)
class GeneralisedRefits:
    """One row a response; NaN where no maximum was reached.

    Attributes
    ----------
    coefficients, std_errors : DataFrame
        By term.
    variances : DataFrame
        Covariance parameters: variances by grouping factor, the outermost first; elements of the triangular factor of
        effects that are correlated.
    own : DataFrame
        The family's own parameters: thresholds, size or precision.
    log_likelihood : (B,)
    converged : (B,) bool
    """

    coefficients: pd.DataFrame
    std_errors: pd.DataFrame
    variances: pd.DataFrame
    own: pd.DataFrame
    log_likelihood: Array
    converged: NDArray[np.bool_]


def refit_generalised(fit: GeneralisedMixedFit, responses: Array) -> GeneralisedRefits:
    """Fit the model of `fit` to other responses, by the approximation of `fit`.

    Parameters
    ----------
    fit : GeneralisedMixedFit
    responses : (n, B)
        In the order of the rows of the fit: 0 and 1, events or points among the same trials, counts, or places of
        ordered categories from 0.

    Raises
    ------
    ModelError
        Without a response, and for responses that the family can't have.

    Notes
    -----
    Binomial and Poisson models of random intercepts, with the Laplace approximation, are fitted together; others one
    after the other, each as slow as `glmer`.
    """
    model = fit.model
    Y = np.asarray(responses, dtype=float)
    if Y.ndim != 2 or Y.shape[0] != fit.n_obs or not Y.shape[1]:
        problem = Problem("shape of the responses", value=str(Y.shape), allowed=f"({fit.n_obs}, one or more)")
        raise ModelError("The responses can't be refitted.", problem)
    wrong = int((~model.family.possible(model.data, Y.T)).sum())
    if wrong:
        problem = Problem("values that the family can't have", count=wrong, hint="give values of the outcome's range")
        raise ModelError("The responses can't be refitted.", problem)
    family = model.family
    cells = cells_of(model) if fit.quadrature == 1 and has_no_parameters(family) else None
    many, size, p = Y.shape[1], len(fit.maximum.x), len(fit.terms)
    x, errors, values = np.full((many, size), np.nan), np.full((many, p), np.nan), np.full(many, np.nan)
    if cells is not None and has_no_parameters(family):
        width = max(_ELEMENTS // fit.n_obs, 1)
        for start in range(0, many, width):
            part = slice(start, start + width)
            x[part], errors[part], values[part] = _together(family, cells, fit, Y.T[part])
    else:
        for place, y in enumerate(Y.T):
            x[place], errors[place], values[place] = _alone(fit, y)
    layout = model.effects.layout
    groups = [
        part.group if part.q == 1 else f"{part.group}: {part.names[row]}, {part.names[column]}"
        for term, row, column in layout.entries
        for part in [model.effects.parts[term]]
    ]
    last = p + len(groups)
    constants = np.array([family.constant(replace(model.data, y=y)) for y in Y.T])
    own = np.array([family.natural(psi) for psi in x[:, last:]]).reshape(many, -1)
    return GeneralisedRefits(
        pd.DataFrame(x[:, :p], columns=list(fit.terms)),
        pd.DataFrame(errors, columns=list(fit.terms)),
        pd.DataFrame(x[:, p:last], columns=groups),
        pd.DataFrame(own, columns=list(fit.own_parameters.index)),
        values + constants,
        np.isfinite(values),
    )


def _together(family: FamilyOfOne, cells: Cells, fit: GeneralisedMixedFit, Y: Array) -> tuple[Array, Array, Array]:
    """Parameters (B, m), standard errors (B, p) and values (B,) of responses (B, n); NaN where no maximum is."""
    found = climb_cells(CellLikelihood(family, cells, replace(fit.model.data, y=Y)))
    p = len(cells.root)
    turn = np.linalg.inv(cells.root)
    x = found.x.copy()
    x[:, :p] = x[:, :p] @ turn.T
    errors = np.sqrt(np.diagonal(turn @ found.inverse[:, :p, :p] @ turn.T, axis1=1, axis2=2))
    reached = np.isfinite(found.value)[:, None]
    return np.where(reached, x, np.nan), np.where(reached, errors, np.nan), found.value


def _alone(fit: GeneralisedMixedFit, y: Array) -> tuple[Array, Array, float]:
    model = replace(fit.model, data=replace(fit.model.data, y=y))
    p = len(fit.terms)
    try:
        found = maximum_of(model, fit.quadrature)
    except ModelError:
        return np.full(len(fit.maximum.x), np.nan), np.full(p, np.nan), np.nan
    return found.x, np.sqrt(np.diag(found.covariance)[:p]), found.value
