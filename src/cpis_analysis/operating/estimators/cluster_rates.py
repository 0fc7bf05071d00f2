"""Many responses by the two-stage t-test of log cluster rates."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cpis_analysis.analyses.estimators.cluster_rates import log_rates, time_of
from cpis_analysis.analyses.rows.analysis_rows import AnalysisRows
from cpis_analysis.analyses.rows.cluster_slopes import within_clusters
from cpis_analysis.lmm.fits.robust import VANISHING
from cpis_analysis.lmm.generalised.log_linear import log_linear
from cpis_analysis.operating.estimators.cluster_summary import second_stage, staged_columns
from cpis_analysis.operating.tested_effects.many_tests import ManyTests
from cpis_analysis.plan.specification import AnalysisSpec


def analyse_many(specs: Sequence[AnalysisSpec], rows: AnalysisRows, Y: np.ndarray) -> list[ManyTests]:
    """See `operating.many.analyse_many`; the stages are those of `analyses.estimators.cluster_rates`."""
    spec = specs[0]
    staged = staged_columns(spec, rows)
    places, within = within_clusters(staged.columns, staged.constant)
    time = time_of(spec, rows)
    expected = np.repeat(time[:, None], Y.shape[1], axis=1)
    if places:
        beta, _ = log_linear(staged.columns.design.X[:, list(staged.columns.basis.kept)], Y, np.log(time))
        expected = expected * np.exp(within @ beta[places])
    values, _ = log_rates(Y, expected, staged.cells.codes)
    one = second_stage(spec, rows, staged, values)
    arms = np.array(staged.cells.arms)
    nothing = np.any([Y[arms == arm].sum(axis=0) == 0 for arm in np.unique(arms)], axis=0)
    people = sum(1.0 / (arms == arm).sum() for arm in (spec.reference, rows.other_arm))
    with np.errstate(divide="ignore"):
        alike = np.sqrt(people / Y.mean(axis=0))
    se = np.where(nothing | ~(one.se > VANISHING * alike), np.nan, one.se)
    return [ManyTests(one.estimate, se, one.df, one.singular) for _ in specs]
