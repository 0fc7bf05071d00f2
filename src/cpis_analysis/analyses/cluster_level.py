"""Covariates that belong to clusters: each takes one of the few degrees of freedom between them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from cpis_analysis.analyses.rows import AnalysisRows
from cpis_analysis.lmm.design import Design
from cpis_analysis.plan.effects import effect_variables
from cpis_analysis.plan.specification import AnalysisSpec

__all__ = ["FEW_LEFT", "constant_within", "crowded_clusters"]

FEW_LEFT = 3
"""Degrees of freedom between clusters below which a model is called crowded."""


def constant_within(X: np.ndarray, clusters: Sequence[pd.Series]) -> list[int]:
    """Columns, other than constants, that do not vary within any cluster.

    Parameters
    ----------
    X : (n, p) float
    clusters : sequence of Series
        Variables whose combinations are the clusters.
    """
    values = pd.DataFrame(X, index=clusters[0].index).groupby(list(clusters), observed=True)
    spread = (values.max() - values.min()).max(axis=0).to_numpy()
    overall = X.max(axis=0) - X.min(axis=0)
    return [j for j in range(X.shape[1]) if overall[j] > 0 and spread[j] <= 1e-12 * overall[j]]


def crowded_clusters(spec: AnalysisSpec, rows: AnalysisRows, design: Design) -> tuple[str, ...]:
    """Warning where the arm and cluster-level covariates leave hardly anything to compare clusters by."""
    level = rows.allocation.level
    # a difference in change is a comparison within clusters: what is constant there takes nothing from it
    if level == "individual" or "wave" in effect_variables(spec.effect):
        return ()
    keys = [spec.trust] if level == "trust" else [spec.trust, str(spec.team)]
    labels = [rows.frame[key].astype(str) for key in keys]
    constant = constant_within(design.X, labels)
    by_cluster = pd.DataFrame(design.X[:, constant]).groupby(labels).first().to_numpy()
    scaled = by_cluster / np.maximum(np.abs(by_cluster).max(axis=0, initial=0.0), 1e-300)
    left = len(by_cluster) - int(np.linalg.matrix_rank(np.hstack([np.ones((len(by_cluster), 1)), scaled]), tol=1e-9))
    if left >= FEW_LEFT:
        return ()
    return (f"Covariates that are constant within {keys[-1]}s leave {left} degrees of freedom between {keys[-1]}s: "
            "inference fragile.",)
