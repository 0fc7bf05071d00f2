"""Least squares with CR2 cluster-robust standard errors and Satterthwaite degrees of freedom."""

from __future__ import annotations

import numpy as np

from cpis_analysis.analyses.diagnostics import fit_diagnostics
from cpis_analysis.analyses.fitted import Around, Fitted, contrast_test
from cpis_analysis.analyses.means import adjusted_means, coefficient_records
from cpis_analysis.analyses.missing_shift import missing_shift
from cpis_analysis.analyses.missing_values.imputed_shift import imputed_shifts
from cpis_analysis.analyses.model_contrasts import Inference, joint_over_arms, reported_contrasts
from cpis_analysis.analyses.moderator_clusters import moderator_warnings
from cpis_analysis.analyses.rows.analysis_rows import AnalysisRows
from cpis_analysis.analyses.rows.cluster_level import COUNTS_OF_FEW, FEW_DF, crowded_clusters, has_single_people
from cpis_analysis.analyses.rows.effect import effect_term, references
from cpis_analysis.analyses.rows.named_estimability import told_records
from cpis_analysis.errors import ModelError, Problem
from cpis_analysis.lmm import cluster_robust, ols
from cpis_analysis.plan.naming import noun_of
from cpis_analysis.plan.specification import AnalysisSpec


def fit_cluster_robust(spec: AnalysisSpec, rows: AnalysisRows, around: Around) -> Fitted:
    """Fit the formula by least squares; clusters enter through the standard error alone.

    The estimate weights people equally. Bias-reduced linearisation (CR2) with Satterthwaite degrees of freedom for
    each coefficient: Bell & McCaffrey (2002), Survey Methodology 28:169; Pustejovsky & Tipton (2018), J Bus Econ
    Stat 36:672.

    Raises
    ------
    ModelError
        If the effect is not a coefficient of the model, or has no variance to be estimated.
    """
    fit = ols(rows.formula, rows.frame, weights=rows.weights, reference=references(spec, rows))
    by = spec.cluster_group
    # weights of people say for how many they stand
    robust = cluster_robust(fit, by, kind="CR2", data=rows.frame, sampling=rows.weights is not None)
    table = robust.summary(level=spec.level)
    term = effect_term(spec, rows.other_arm, fit.design, list(table.index))
    contrast = contrast_test(table.loc[term])
    if not np.isfinite([contrast.se, contrast.df]).all():
        raise ModelError(
            f"The analysis {spec.name} has no result.",
            Problem(
                f"clusters by {spec.cluster} leave no variance to be estimated: beyond the covariates, "
                f"clusters of an arm "
                "do not differ",
                value=spec.formula,
                hint="leave covariates of clusters out, or choose a level with more clusters",
            ),
        )
    warnings = [*crowded_clusters(spec, rows, fit.design), *moderator_warnings(spec, rows, lone_clusters=False)]
    if term in robust.lost:
        warnings.append(
            f"One {noun_of(str(spec.cluster))} alone tells the effect from the "
            "other terms, so its cluster-robust standard error may be far too small. The estimator ols_jackknife is "
            "safe there."
        )
    if spec.outcome_type == "count" and has_single_people(spec, rows.frame):
        warnings.append(f"{COUNTS_OF_FEW} Compare rates by estimating equations or a Poisson mixed model.")
    if contrast.df < FEW_DF:
        warnings.append("The cluster-robust standard error has fewer than four degrees of freedom: inference fragile.")
    inference = Inference(one=lambda row: robust.contrast(row, level=spec.level), joint=robust.joint_test)
    together, no_joint = joint_over_arms(spec, rows, fit, inference)
    means, messages = adjusted_means(spec, fit, lambda row: robust.contrast(row, level=spec.level))
    return Fitted(
        contrast=contrast,
        coefficients=told_records(coefficient_records(table), fit.design, fit.basis),
        adjusted_means=means,
        diagnostics={}
        if around.one_of_many or rows.weights is not None
        else fit_diagnostics(fit, spec.participant, around.random),
        contrasts=(*reported_contrasts(spec, rows, fit, inference), *together),
        warnings=tuple(warnings),
        messages=(*messages, *no_joint),
        missing_shift=missing_shift(spec, rows, fit, term) if spec.tipping_point else None,
        shifted=imputed_shifts(spec, rows, fit, term, contrast.df, around) if spec.tipping_point else {},
    )
