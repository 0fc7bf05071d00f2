"""Least squares with jackknife standard errors over clusters."""

from __future__ import annotations

import numpy as np

from cpis_analysis.analyses.diagnostics import fit_diagnostics
from cpis_analysis.analyses.fitted import Around, Fitted, contrast_test
from cpis_analysis.analyses.means import adjusted_means, coefficient_records
from cpis_analysis.analyses.rows.analysis_rows import AnalysisRows
from cpis_analysis.analyses.rows.cluster_level import FEW_DF, crowded_clusters
from cpis_analysis.analyses.rows.effect import effect_term, references
from cpis_analysis.analyses.rows.named_estimability import told_records
from cpis_analysis.analyses.several_arms import without_joint
from cpis_analysis.errors import ModelError, Problem
from cpis_analysis.lmm import cluster_jackknife, ols
from cpis_analysis.lmm.fits.robust import VANISHING
from cpis_analysis.methods.ols_jackknife import kind_of
from cpis_analysis.plan.specification import AnalysisSpec


def fit_cluster_jackknife(spec: AnalysisSpec, rows: AnalysisRows, around: Around) -> Fitted:
    """Fit the formula by least squares; clusters enter through fits without each of them.

    The estimate weights people equally. Sources: Hansen, Review of Economic Studies, in press,
    doi:10.1093/restud/rdag050; MacKinnon, Nielsen & Webb (2023), Journal of Applied Econometrics 38:671.

    Raises
    ------
    ModelError
        If the effect is not a coefficient of the model, or does not move when clusters are left out.
    """
    fit = ols(rows.formula, rows.frame, reference=references(spec, rows))
    by = spec.cluster_group
    jackknife = cluster_jackknife(fit, by, kind_of(spec.df_method), data=rows.frame)
    table = jackknife.summary(level=spec.level)
    term = effect_term(spec, rows.other_arm, fit.design, list(table.index))
    contrast = contrast_test(table.loc[term])
    independent = float(np.sqrt(fit.vcov().loc[term, term]))
    if not contrast.se > VANISHING * independent:
        problem = Problem(
            f"clusters by {spec.cluster} leave no variance to be estimated: the effect stays whichever is left out",
            value=spec.formula,
            hint="leave covariates of clusters out, or choose a level with more clusters",
        )
        raise ModelError(f"The analysis {spec.name} has no result.", problem)
    warnings = list(crowded_clusters(spec, rows, fit.design))
    if contrast.df < FEW_DF:
        warnings.append("The jackknife standard error has fewer than four degrees of freedom: inference fragile.")
    means, messages = adjusted_means(spec, fit, lambda row: jackknife.contrast(row, level=spec.level))
    return Fitted(
        contrast=contrast,
        coefficients=told_records(coefficient_records(table), fit.design, fit.basis),
        adjusted_means=means,
        diagnostics={} if around.one_of_many else fit_diagnostics(fit, spec.participant, around.random),
        warnings=tuple(warnings),
        messages=(*messages, *without_joint(rows, "the jackknife tests one comparison at a time")),
    )
