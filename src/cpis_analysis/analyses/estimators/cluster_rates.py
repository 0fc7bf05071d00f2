"""Two-stage analysis of counts: what covariates would give out first, then a comparison of log cluster rates.

Hayes & Moulton (2017), Cluster Randomised Trials, 2nd ed., sections 10.3.2 (log rates) and 10.4.2 (ratios of observed
and expected counts).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from cpis_analysis.analyses.estimators.cluster_summary import compare_clusters
from cpis_analysis.analyses.fitted import Around, Fitted
from cpis_analysis.analyses.rows.analysis_rows import AnalysisRows
from cpis_analysis.analyses.rows.cluster_cells import Cells
from cpis_analysis.analyses.rows.cluster_slopes import FirstStage, within_clusters
from cpis_analysis.analyses.rows.named_estimability import Columns
from cpis_analysis.errors import ModelError, Problem
from cpis_analysis.lmm.generalised.log_linear import log_linear
from cpis_analysis.plan.specification import AnalysisSpec
from cpis_analysis.study_words import PEOPLE

_HALF = 0.5
"""What every cluster's count gets where one has none, which has no logarithm (Hayes & Moulton 2017, 10.3.2)."""


def compare_cluster_rates(spec: AnalysisSpec, rows: AnalysisRows, around: Around | None = None) -> Fitted:
    """Compare the logarithms of cluster rates between arms; the exponential of the difference is a rate ratio.

    1. A log-linear model of everybody's counts with the arm and the covariates (paired, the trusts too), the logarithm
       of the exposure as offset. Slopes are Poisson's, which need the mean alone to be right.
    2. Of each cluster: log(counted / expected), the expected count being the exposure times what covariates that vary
       within clusters make of it, about their means. Without covariates this is the cluster's log rate.
    3. As `compare_cluster_means`: Student's t on clusters less arms (paired: on pairs less one), less the columns of
       covariates of clusters.

    The ratio weights clusters equally: it is one of geometric means of their rates.

    Raises
    ------
    ModelError
        As `compare_cluster_means`; an arm in which nothing was counted; slopes without a finite estimate.
    """
    zero = []

    def first(columns: Columns, constant: list[int], cells: Cells) -> FirstStage:
        counts = columns.design.y
        _refuse_nothing(spec, counts, cells)
        places, within = within_clusters(columns, constant)
        time = time_of(spec, rows)
        beta, covariance = _slopes(spec, columns, counts, time, places)
        value, empty = log_rates(counts[:, None], (time * np.exp(within @ beta))[:, None], cells.codes)
        if empty.any():
            zero.append(int(empty.sum()))
        # the logarithm of a rate varies by chance as one over the number counted
        error = 1.0 / np.sqrt(counts.mean())
        return FirstStage(value[cells.codes, 0], within, covariance, error)

    fitted = compare_clusters(spec, rows, first)
    warnings = fitted.warnings
    if zero:
        warnings = (
            *warnings,
            f"In some clusters nothing was counted: {_HALF} was added to the count of every cluster.",
        )
    # a rate is no number in points of the outcome, which adjusted means are
    return replace(fitted, adjusted_means=[], warnings=warnings)


def time_of(spec: AnalysisSpec, rows: AnalysisRows) -> np.ndarray:
    """What each person's count is proportional to (n,): the exposure, or one."""
    return rows.frame[spec.exposure].to_numpy(float) if spec.exposure else np.ones(len(rows.frame))


def log_rates(counts: np.ndarray, expected: np.ndarray, codes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Logarithms of counted over expected (clusters, B) of responses (n, B); responses with an empty cluster (B,)."""
    member = np.eye(codes.max() + 1)[:, codes]
    counted = member @ counts
    empty = (counted == 0).any(axis=0)
    return np.log(counted + _HALF * empty) - np.log(member @ expected), empty


def _slopes(
    spec: AnalysisSpec, columns: Columns, counts: np.ndarray, time: np.ndarray, places: list[int]
) -> tuple[np.ndarray, np.ndarray]:
    """Slopes of what varies within clusters, and their covariance."""
    if not places:
        return np.zeros(0), np.zeros((0, 0))
    X = columns.design.X[:, list(columns.basis.kept)]
    beta, covariance = log_linear(X, counts[:, None], np.log(time))
    if not np.isfinite(beta).all():
        problem = Problem(
            f"covariates tell of some {PEOPLE} that nothing was counted, so their slopes have no finite estimate",
            value=spec.formula,
            hint="merge small levels, or leave a covariate out",
        )
        raise ModelError(f"The analysis {spec.name} can't be run.", problem)
    return beta[places, 0], covariance[0][np.ix_(places, places)]


def _refuse_nothing(spec: AnalysisSpec, counts: np.ndarray, cells: Cells) -> None:
    arms = np.array(cells.arms)
    for arm in sorted({arm for arm in cells.arms if not counts[arms == arm].any()}):
        problem = Problem(
            f"nothing was counted in the arm '{arm}', so the ratio has no finite estimate",
            hint="describe the counts without a ratio, or choose a longer time to count in",
        )
        raise ModelError(f"The analysis {spec.name} has no result.", problem)
