"""Fit a linear mixed model, or ordinary least squares, from a formula and a data frame."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from cpis_analysis.errors import ModelError, Problem
from cpis_analysis.formula.parse import Formula, parse_formula
from cpis_analysis.lmm.designs.basis import Basis, orthogonalise
from cpis_analysis.lmm.designs.checks import check_groups, check_identified
from cpis_analysis.lmm.designs.design import Design, build_design
from cpis_analysis.lmm.designs.residual import ResidualTerm
from cpis_analysis.lmm.designs.responses import finite_responses, refuse_responses, same_within_groups
from cpis_analysis.lmm.designs.unusable import FLAT, WITHIN, UnusableResponse
from cpis_analysis.lmm.fits.fit import LinearMixedFit
from cpis_analysis.lmm.fits.optimum import find_optimum
from cpis_analysis.lmm.structures.choose import choose_structure
from cpis_analysis.lmm.structures.structure import Structure


def lmer(  # noqa: PLR0913
    formula: str | Formula,
    data: pd.DataFrame | Mapping[str, Any],
    *,
    reml: bool = True,
    weights: str | np.ndarray | None = None,
    residual_variance: float | None = None,
    reference: Mapping[str, object] | None = None,
    contrasts: Mapping[str, str] | None = None,
    bounded: bool = True,
    residual: str = "independent",
    within: str | None = None,
    occasion: str | None = None,
    residual_by: str | None = None,
) -> LinearMixedFit:
    """Fit a linear mixed model.

    Parameters
    ----------
    formula : str
        As for lme4: ``"y ~ arm + y0 + (1 | trust/team)"``; see `formula.parse_formula`.
    data : DataFrame or mapping of columns
        Text, categorical and boolean columns are factors.
    reml : bool
        Restricted (default) or full maximum likelihood.
    weights : str or array, optional
        Prior weights: the error variance of a row is sigma^2 / weight.
    residual_variance : float, optional
        The residual variance sigma^2 of a row of weight one, where it is known and not to be estimated: of working
        responses of a generalised linear model, or of estimates that come with their variances (weights 1 / variance,
        residual variance 1). It is then no parameter of Kenward-Roger and Satterthwaite.
    reference : mapping, optional
        Reference level by factor, for example ``{"arm": "comparison"}``.
    contrasts : mapping, optional
        ``treatment`` or ``sum`` by factor.
    bounded : bool
        False lets variances be negative as long as V stays positive definite (SAS's NOBOUND); the fit says so.
    residual : str
        Covariance of the residuals of one person over the occasions: ``independent``, ``unstructured``,
        ``compound-symmetry``, ``ar1``, ``heterogeneous-ar1`` or ``toeplitz``. Unless independent, the formula needs no
        random part.
    within, occasion : str, optional
        Columns of the person and of the occasion (wave, visit), for residuals that are not independent. Occasions
        have the order of their categories or values, one step apart; missing ones need no row.
    residual_by : str, optional
        Column of groups, such as arms, whose residuals have variances (and covariances) of their own.

    Returns
    -------
    LinearMixedFit

    Raises
    ------
    ModelError
        When the formula, the data or the design do not allow the fit, or the maximum was not reached.
    """
    parsed = parse_formula(formula)
    term = ResidualTerm(residual, within, occasion, residual_by)
    if not parsed.random_terms and term.plain:
        raise ModelError(
            "The model has no random part.", Problem("a term such as (1 | cluster) is missing", hint="or use ols()")
        )
    if not term.plain and (weights is not None or residual_variance is not None):
        problem = Problem(
            "weights and a known residual variance are not offered beside a covariance of the residuals",
            hint="leave one of them out",
        )
        raise ModelError("The model cannot be fitted.", problem)
    design = build_design(parsed, data, weights=weights, reference=reference, contrasts=contrasts, residual=term)
    return fit_design(design, reml=reml, bounded=bounded, residual_variance=residual_variance)


def ols(
    formula: str | Formula,
    data: pd.DataFrame | Mapping[str, Any],
    *,
    reml: bool = True,
    weights: str | np.ndarray | None = None,
    residual_variance: float | None = None,
    reference: Mapping[str, object] | None = None,
    contrasts: Mapping[str, str] | None = None,
) -> LinearMixedFit:
    """Ordinary (or weighted) least squares with the interface of a mixed model.

    Parameters and errors are those of `lmer`; the formula has no random part. All df methods that need
    variance components reduce to n - p exactly.
    """
    parsed = parse_formula(formula)
    if parsed.random_terms:
        raise ModelError(
            "Ordinary least squares has no random part.",
            [Problem("random term", value=str(term), hint="use lmer()") for term in parsed.random_terms],
        )
    design = build_design(parsed, data, weights=weights, reference=reference, contrasts=contrasts)
    return fit_design(design, reml=reml, bounded=True, residual_variance=residual_variance)


def fit_design(
    design: Design, *, reml: bool, bounded: bool, residual_variance: float | None = None, basis: Basis | None = None
) -> LinearMixedFit:
    """Fit the model of a design, of whose columns somebody may have the basis already."""
    check_groups(design)
    if residual_variance is not None and not (np.isfinite(residual_variance) and residual_variance > 0):
        problem = Problem("residual_variance", value=str(residual_variance), allowed="a finite number above zero")
        raise ModelError("The model cannot be fitted.", problem)
    return fit_matrix(design, reml=reml, bounded=bounded, residual_variance=residual_variance, basis=basis)


def fit_matrix(
    design: Design, *, reml: bool, bounded: bool, residual_variance: float | None = None, basis: Basis | None = None
) -> LinearMixedFit:
    """Fit the arrays of a design whose groups have been checked."""
    if basis is None:
        basis = orthogonalise(design.X, design.weights)
    structure = choose_structure(design, basis)
    check_identified(design, structure.outside())
    return _fit(design, basis, structure, reml, bounded, residual_variance)


def fit_response(fit: LinearMixedFit, y: np.ndarray) -> LinearMixedFit:
    """Fit the design of `fit` to another response (n,).

    Raises
    ------
    ModelError
        As `lmer`; missing values too, because a design can't lose rows.
    """
    values, problems = finite_responses(fit.design, y)
    refuse_responses(problems, values)
    design = replace(fit.design, y=values[:, 0])
    return _fit(design, fit.basis, fit.structure, fit.reml, fit.bounded, fit.residual_variance)


def _fit(
    design: Design,
    basis: Basis,
    structure: Structure[Any],
    reml: bool,
    bounded: bool,
    residual_variance: float | None,
) -> LinearMixedFit:
    R, beta, scale = basis.reduce(design.y[:, None])
    if basis.explained(design.y[:, None], scale)[0]:
        raise UnusableResponse.because(FLAT, design.formula.response)
    y = R[:, 0]
    known = None if residual_variance is None else residual_variance / basis.mean_weight / float(scale[0]) ** 2
    try:
        optimum = find_optimum(structure, y, reml, bounded, known)
    except ModelError:
        if known is None and same_within_groups(design, design.y[:, None])[0]:
            raise UnusableResponse.because(WITHIN, design.formula.response) from None
        raise
    largest = optimum.psi.max(initial=0.0)
    endless = largest > 1e10 or (largest > 1e4 and same_within_groups(design, design.y[:, None])[0])
    if known is None and endless:
        raise UnusableResponse.because(WITHIN, design.formula.response)
    return LinearMixedFit(
        design, basis, structure, optimum, reml, bounded, beta[:, 0], y, float(scale[0]), residual_variance
    )
