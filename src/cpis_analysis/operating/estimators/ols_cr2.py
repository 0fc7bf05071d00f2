"""Many responses by least squares with CR2 errors: for one design both are fixed linear maps of the residuals."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cpis_analysis.analyses.rows.analysis_rows import AnalysisRows
from cpis_analysis.analyses.rows.effect import effect_term, references
from cpis_analysis.lmm import cluster_robust, ols
from cpis_analysis.lmm.fits.robust import VANISHING
from cpis_analysis.operating.tested_effects.many_tests import ManyTests
from cpis_analysis.plan.specification import AnalysisSpec


def analyse_many(specs: Sequence[AnalysisSpec], rows: AnalysisRows, Y: np.ndarray) -> list[ManyTests]:
    """See `operating.many.analyse_many`."""
    spec, response = specs[0], rows.formula.response.variable
    frame = rows.frame.assign(**{response: Y[:, 0]})
    fit = ols(rows.formula, frame, weights=rows.weights, reference=references(spec, rows))
    by = spec.cluster_group
    robust = cluster_robust(fit, by, kind="CR2", data=rows.frame, sampling=rows.weights is not None)
    term = effect_term(spec, rows.other_arm, fit.design, list(fit.term_names))
    row = np.eye(len(fit.term_names))[fit.term_names.index(term)]
    R, beta, scale = fit.basis.reduce(Y)
    alike = scale * np.sqrt(len(Y) / max(len(Y) - fit.basis.p, 1)) * np.linalg.norm(row @ fit.basis.back)
    se = robust.standard_errors(row, R) * scale
    # where clusters do not differ nothing is left to reckon the uncertainty by
    se = np.where(se > VANISHING * alike, se, np.nan)
    df = float(robust.contrast(row)["df"].iloc[0])
    one = ManyTests(row @ beta, se, np.full(len(se), df), np.zeros(len(se), dtype=bool))
    return [one for _ in specs]
