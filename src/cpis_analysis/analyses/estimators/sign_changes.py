"""The arms compared within each cluster, tested by sign changes of the clusters' estimates."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cpis_analysis.analyses.fitted import Around, Fitted
from cpis_analysis.analyses.resampled import random_of, refused, resampled_fit
from cpis_analysis.analyses.rows.analysis_rows import AnalysisRows
from cpis_analysis.analyses.rows.cluster_level import cluster_numbers
from cpis_analysis.analyses.rows.named_estimability import told_columns
from cpis_analysis.analyses.several_arms import without_joint
from cpis_analysis.lmm.designs.basis import independent_columns
from cpis_analysis.lmm.designs.clusters import rows_by_cluster
from cpis_analysis.lmm.resampling.allocations import cluster_signs, draws_weights
from cpis_analysis.lmm.resampling.signs import changed_signs
from cpis_analysis.plan.naming import noun_of, plural
from cpis_analysis.plan.specification import AnalysisSpec
from cpis_analysis.study_words import PEOPLE

_TOLD = 1e-7
"""Share of the arm's length outside the covariates from which a cluster tells its effect."""


def change_signs(spec: AnalysisSpec, rows: AnalysisRows, around: Around) -> Fitted:
    """Least squares in each cluster, the mean of the estimates, and sign changes.

    1. In each cluster the outcome is regressed on the arm and the covariates, by least squares. Clusters that do not
       tell the arm's coefficient, or have no person more than coefficients, are left out and counted.
    2. The estimate is the mean of the coefficients; p-value and interval come from their sign changes.

    Raises
    ------
    ModelError
        Where the arm does not vary within the clusters, or fewer than two of them tell its effect.
    """
    unit = noun_of(str(spec.cluster))
    level = rows.allocation.level
    if level == "trust" or (level == "team" and spec.cluster == spec.team):
        raise refused(
            spec,
            f"the arm does not vary within a {unit}, so no {unit} compares the arms",
            hint=f"set cluster: {spec.trust}" if level == "team" else "use permutation",
        )
    own = own_estimates(spec, rows)
    estimates = own.maps @ own.response
    if len(estimates) < 2:
        raise refused(
            spec,
            f"fewer than two {plural(unit)} have both arms and more {PEOPLE} than coefficients",
            spec.formula,
            hint="choose estimator: ols_cr2, or leave covariates out",
        )
    if not np.ptp(estimates) > 1e-10 * np.abs(estimates).max():
        raise refused(
            spec, f"the estimates of the {plural(unit)} do not differ", spec.formula, hint="choose estimator: ols_cr2"
        )
    lost = own.clusters - len(estimates)
    count = len(estimates)
    return resampled_fit(
        spec,
        changed_signs(estimates, cluster_signs(count, random_of(spec, around))),
        drawn=draws_weights(count, "rademacher"),
        kind="changes of signs",
        warnings=(f"{lost} of {own.clusters} {plural(unit)} can't tell the difference between the arms: left out.",)
        if lost
        else (),
        messages=without_joint(rows, "signs are changed one comparison at a time"),
    )


@dataclass(frozen=True, eq=False)
class OwnEstimates:
    """Least squares in each cluster by itself.

    Attributes
    ----------
    maps : (q, n) float
        A row a cluster that tells the arm's coefficient: its product with a response is the estimate.
    response : (n,) float
    clusters : int
        Those that do not tell it among them.
    """

    maps: np.ndarray
    response: np.ndarray
    clusters: int


def own_estimates(spec: AnalysisSpec, rows: AnalysisRows) -> OwnEstimates:
    """How each cluster estimates the arm's coefficient from its own people."""
    columns = told_columns(spec, rows)
    design = columns.design
    place = list(design.term_names).index(columns.term)
    of_cluster = rows_by_cluster(cluster_numbers(spec, rows.frame))
    maps = []
    for here in of_cluster:
        own = _map(design.X[here], place)
        if own is not None:
            maps.append(np.zeros(len(design.y)))
            maps[-1][here] = own
    return OwnEstimates(np.array(maps).reshape(-1, len(design.y)), design.y, len(of_cluster))


def _map(X: np.ndarray, place: int) -> np.ndarray | None:
    """What a response is multiplied by to give the coefficient of one column of X; None where X can't tell it."""
    others = np.delete(X, place, axis=1)
    kept = independent_columns(others)
    if len(X) <= len(kept) + 1:
        return None
    others = others[:, kept]
    Q = np.linalg.qr(others / np.sqrt((others**2).sum(axis=0)))[0]
    left = X[:, place] - Q @ (Q.T @ X[:, place])
    if not np.linalg.norm(left) > _TOLD * np.linalg.norm(X[:, place]):
        return None
    return np.asarray(left / (left @ left))
