"""Cox's proportional hazards by statsmodels, with a covariance for clusters and a check of its assumption."""

from __future__ import annotations

import warnings
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from cpis_analysis.analyses.fitted import Around, Fitted, contrast_test
from cpis_analysis.analyses.means import coefficient_records
from cpis_analysis.analyses.rows.analysis_rows import AnalysisRows
from cpis_analysis.analyses.rows.cluster_level import FEW_DF, cluster_numbers, crowded_clusters, number_of_clusters
from cpis_analysis.analyses.rows.named_estimability import told_columns, told_records
from cpis_analysis.analyses.several_arms import rows_of_arms, wald_of_arms
from cpis_analysis.analyses.survival_times.cox_residuals import (
    bias_reduced,
    clustered_covariance,
    proportionality,
    score_residuals,
)
from cpis_analysis.analyses.survival_times.survival_curves import survival_curves
from cpis_analysis.errors import EventsError, ModelError, Problem
from cpis_analysis.lmm.designs.contrasts import inference_frame
from cpis_analysis.methods import degrees_of
from cpis_analysis.methods.degrees import CLUSTERS_LESS_ARMS
from cpis_analysis.plan.naming import noun_of, plural
from cpis_analysis.plan.specification import AnalysisSpec
from cpis_analysis.study_words import PEOPLE

FEW_CLUSTERS = 40
"""Below this number of clusters a sandwich without a correction is warned of."""

_SOLVED = 1e-6
"""Largest derivative of the log partial likelihood, over the number of events, that counts as an optimum."""


def fit_proportional_hazards(spec: AnalysisSpec, rows: AnalysisRows, around: Around) -> Fitted:
    """Compare the hazards of the arms; clusters enter through the standard error.

    1. Partial likelihood with Efron's ties (statsmodels). The response is whether the event happened, `spec.exposure`
       the time until it did or watching ended.
    2. Covariance of Lin and Wei (1989) with the score residuals summed over clusters; Student's t on clusters less the
       number of arms, F for a joint test of several. This covariance has no further correction for few clusters, and is
       warned of below `FEW_CLUSTERS`. With Satterthwaite's degrees of freedom it is the corrected one (`bias_reduced`).
    3. Score test that the hazard ratios of the arms do not change over time (Grambsch & Therneau 1994): of the people,
       as if they were independent.
    4. Kaplan-Meier curves by arm at a few times (`survival_curves`).

    Raises
    ------
    ModelError
        Nobody with the event in an arm, too few clusters, a hazard ratio without a finite estimate.
    """
    columns = told_columns(spec, rows)
    design = columns.design
    names = [name for name in (design.term_names[j] for j in columns.basis.kept) if name != "(Intercept)"]
    X = design.X[:, [design.term_names.index(name) for name in names]]
    time = rows.frame[spec.exposure].astype(float).to_numpy()
    event = design.y > 0.5
    arm = rows.frame[spec.arm].astype(str).to_numpy()
    for code in (spec.reference, *rows.other_arms):
        if not event[arm == code].any():
            why = f"nobody in the arm '{code}' had the event, so hazards can't be compared"
            raise EventsError(
                f"The analysis {spec.name} has no result.",
                Problem(
                    why,
                    value=spec.formula,
                    hint=f"describe the event without a comparison, or choose a longer time to follow {PEOPLE}",
                ),
            )
    clusters = cluster_numbers(spec, rows.frame)
    count, arms = int(clusters.max()) + 1, 1 + len(rows.other_arms)
    if count <= arms:
        raise _refused(spec, f"there are {count} clusters for {arms} arms", hint="use more clusters than arms")
    beta, naive = _fit(spec, time, event, X)
    corrected = degrees_of(spec).estimated
    if corrected:
        reduced = bias_reduced(time, event, X, beta, clusters, naive)
        covariance, df = reduced.covariance, np.array([reduced.degrees_of_freedom(row) for row in np.eye(len(names))])
    else:
        covariance = clustered_covariance(score_residuals(time, event, X, beta), clusters, naive)
        df = np.full(len(names), float(count - arms))
    table = inference_frame(names, beta, np.sqrt(np.diag(covariance)), df, spec.level, "term")
    counted = CLUSTERS_LESS_ARMS.name if arms > 2 and not corrected else ""
    contrast = replace(contrast_test(table.loc[columns.term]), df_method=counted)
    if not (contrast.se > 0 and contrast.df > 0):
        raise _refused(
            spec,
            f"clusters by {spec.cluster} leave no variance to be estimated",
            hint="leave covariates of clusters out, or choose a level with more clusters",
        )
    L = rows_of_arms(spec, rows, design, names)
    own = [int(row.argmax()) for row in L]
    chi, q, p_value = proportionality(time, event, X, beta, own)
    said = list(crowded_clusters(spec, rows, design))
    several = number_of_clusters(spec, rows.frame)
    if several < FEW_CLUSTERS and not corrected:
        said.append(
            f"A cluster-robust standard error of a hazard ratio from {several} {plural(noun_of(str(spec.cluster)))} "
            "tends to be too small: the interval may be too narrow."
        )
    if corrected and contrast.df < FEW_DF:
        said.append("The cluster-robust standard error has fewer than four degrees of freedom: inference fragile.")
    if p_value < 0.05:
        said.append("The hazard ratio seems to change over time: read it as an average over the time observed.")
    checks: dict[str, Any] = {"proportional_hazards": {"statistic": chi, "df": q, "p_value": p_value}}
    if not around.one_of_many:
        curves = survival_curves(time, event, arm, (spec.reference, *rows.other_arms), around.minimum_cell)
        checks |= {"survival": curves} if curves["times"] else {}
    return Fitted(
        contrast=contrast,
        coefficients=told_records(coefficient_records(table), design, columns.basis),
        adjusted_means=[],
        contrasts=wald_of_arms(spec, rows, L @ beta, L @ covariance @ L.T, float(df[own].min()), counted),
        warnings=tuple(said),
        messages=(
            f"Proportional hazards: chi-squared {chi:.2f} on {q} df, p {p_value:.3f} ({PEOPLE} as independent).",
        ),
        checks=checks,
    )


def _fit(spec: AnalysisSpec, time: np.ndarray, event: np.ndarray, X: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Coefficients and the inverse of the information, at an optimum."""
    from statsmodels.duration.hazard_regression import PHReg

    model = PHReg(time, pd.DataFrame(X), status=event.astype(int), ties="efron")
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            fit = model.fit(disp=0)
            score = np.abs(model.score(fit.params)).max() / event.sum()
            beta, naive = np.asarray(fit.params), np.asarray(fit.cov_params())
        except (np.linalg.LinAlgError, ValueError):
            score, beta, naive = np.inf, np.zeros(X.shape[1]), np.full((X.shape[1], X.shape[1]), np.nan)
    spread = np.abs(beta) * np.ptp(X, axis=0)
    if not (np.isfinite(naive).all() and (np.diag(naive) > 0).all() and score < _SOLVED and spread.max() < 15):
        raise _refused(
            spec,
            "the hazard ratio, or one of its covariates', has no finite estimate",
            hint=f"leave a covariate out, or join levels that few {PEOPLE} have",
        )
    return beta, naive


def _refused(spec: AnalysisSpec, message: str, hint: str | None = None) -> ModelError:
    problem = Problem(message, value=spec.formula, hint=hint)
    return ModelError(f"The analysis {spec.name} has no result.", problem)
