"""Linear mixed models with a covariance of the residuals: what a mixed model reports, of another fit."""

from __future__ import annotations

from typing import Any

from cpis_analysis.analyses.estimators.mixed import reported_fit
from cpis_analysis.analyses.fitted import Around, Fitted
from cpis_analysis.analyses.rows.analysis_rows import AnalysisRows
from cpis_analysis.analyses.rows.effect import references
from cpis_analysis.lmm import lmer
from cpis_analysis.methods.mmrm import INDEPENDENT
from cpis_analysis.plan.specification import AnalysisSpec


def fit_repeated_measures(spec: AnalysisSpec, rows: AnalysisRows, around: Around) -> Fitted:
    """Fit the formula by REML with the plan's covariance of residuals and report the arm's coefficient.

    Raises
    ------
    ModelError
        From the engine (design, convergence, waves at which nobody was seen together), or if the effect is not a
        coefficient of the model.
    """
    options: dict[str, Any] = {} if spec.covariance == INDEPENDENT else {"within": spec.participant, "occasion": "wave"}
    fit = lmer(
        rows.formula,
        rows.frame,
        reference=references(spec, rows),
        residual=spec.covariance,
        residual_by=spec.arm if spec.residual_by else None,
        **options,
    )
    return reported_fit(spec, rows, around, fit)
