"""Diagnostics of what the estimators of generalised mixed models fit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from cpis_analysis.analyses.fitted import Around
from cpis_analysis.analyses.residuals.generalised import generalised_diagnostics
from cpis_analysis.analyses.rows.analysis_rows import AnalysisRows
from cpis_analysis.lmm import LinearMixedFit
from cpis_analysis.lmm.designs.design import Design
from cpis_analysis.lmm.generalised.fit import GeneralisedMixedFit
from cpis_analysis.lmm.generalised.laplace import Model, Parameters
from cpis_analysis.lmm.generalised.model import read_model
from cpis_analysis.plan.specification import AnalysisSpec


def diagnostics_of_likelihood(
    spec: AnalysisSpec, rows: AnalysisRows, around: Around, fit: GeneralisedMixedFit
) -> dict[str, Any]:
    """Diagnostics at the maximum of the likelihood; none of one fit of many."""
    return _diagnostics(spec, rows, around, fit.design, fit.model, fit.model.split(fit.maximum.x))


def diagnostics_of_pseudo_likelihood(
    spec: AnalysisSpec,
    rows: AnalysisRows,
    around: Around,
    fit: LinearMixedFit,
    frame: pd.DataFrame,
    settings: Mapping[str, Any],
) -> dict[str, Any]:
    """Diagnostics at the estimates of the last linear model; the outcome is simulated, not its working response.

    Parameters
    ----------
    spec, rows, around
    fit : LinearMixedFit
    frame, settings
        As `pseudo_likelihood` was given them.
    """
    if around.one_of_many:
        return {}
    told = {"trials": None, "offset": None, **settings}
    read = read_model(rows.formula, frame, weights=None, **told)
    roots = {
        (part.group, part.names): _triangular(covariance.to_numpy())
        for part, (_, covariance) in zip(fit.design.random, fit.random_covariances, strict=True)
    }
    effects = read.model.effects
    factors = [roots[part.group, part.names] for part in effects.parts]
    theta = np.array([
        factors[k][a, b] ** (2 if effects.parts[k].q == 1 else 1) for k, a, b in effects.layout.entries
    ])  # fmt: skip
    at = Parameters(fit.coefficients[list(read.terms)].to_numpy(), theta, np.zeros(0))
    return _diagnostics(spec, rows, around, read.design, read.model, at)


def _diagnostics(
    spec: AnalysisSpec, rows: AnalysisRows, around: Around, design: Design, model: Model, at: Parameters
) -> dict[str, Any]:
    if around.one_of_many:
        return {}
    people = rows.frame[spec.participant].astype(str).to_numpy(dtype=object)
    used = people if design.rows is None else people[design.rows]
    return generalised_diagnostics(model, at, spec.participant, used, around.random, around.minimum_cell)


def _triangular(covariance: np.ndarray) -> np.ndarray:
    """Lower triangular L with L L' a covariance matrix that may be singular."""
    values, vectors = np.linalg.eigh(covariance)
    R = np.linalg.qr((vectors * np.sqrt(np.clip(values, 0.0, None))).T).R
    return np.asarray((R * np.where(np.diag(R) < 0, -1.0, 1.0)[:, None]).T)
