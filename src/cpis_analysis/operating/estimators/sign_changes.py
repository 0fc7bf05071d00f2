"""Many responses by sign changes: each cluster's estimate is a fixed linear map of the response."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cpis_analysis.analyses.estimators.sign_changes import own_estimates
from cpis_analysis.analyses.rows.analysis_rows import AnalysisRows
from cpis_analysis.lmm.resampling.allocations import cluster_signs
from cpis_analysis.lmm.resampling.signs import changed_signs_many
from cpis_analysis.operating.tested_effects.many_tests import ManyTests, WithoutWidths
from cpis_analysis.plan.specification import AnalysisSpec
from cpis_analysis.seeds import generator


@dataclass(frozen=True)
class _Changed(WithoutWidths):
    """p-values from the changes of signs; no half width, as the intervals are not symmetric."""

    estimates: np.ndarray
    signs: np.ndarray

    def p_values(self, effect: float = 0.0) -> np.ndarray:
        return changed_signs_many(self.estimates + effect, self.signs)


def analyse_many(specs: Sequence[AnalysisSpec], rows: AnalysisRows, Y: np.ndarray) -> list[ManyTests]:
    """See `operating.many.analyse_many`; the estimates are those of `analyses.estimators.sign_changes`."""
    return [_tests(spec, rows, Y) for spec in specs]


def _tests(spec: AnalysisSpec, rows: AnalysisRows, Y: np.ndarray) -> ManyTests:
    estimates = own_estimates(spec, rows).maps @ Y
    count, n = estimates.shape
    # with one cluster nothing can be told of any response
    se = estimates.std(axis=0, ddof=1) / np.sqrt(count) if count > 1 else np.full(n, np.nan)
    signs = cluster_signs(count, generator(0, "resampling", spec.name))
    none = np.zeros(n, dtype=bool)
    return _Changed(estimates.mean(axis=0), se, np.full(n, np.inf), none, estimates, signs)
