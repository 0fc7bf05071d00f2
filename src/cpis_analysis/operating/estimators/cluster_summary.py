"""Many responses by the two-stage t-test of cluster means."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from cpis_analysis.analyses.estimators.cluster_summary import arm_of_clusters, with_own_arm
from cpis_analysis.analyses.rows.analysis_rows import AnalysisRows
from cpis_analysis.analyses.rows.cluster_cells import Cells, cells_of
from cpis_analysis.analyses.rows.cluster_level import constant_within, level_columns
from cpis_analysis.analyses.rows.cluster_slopes import within_clusters
from cpis_analysis.analyses.rows.named_estimability import Columns, told_columns
from cpis_analysis.lmm.designs.basis import orthogonalise
from cpis_analysis.lmm.fits.robust import VANISHING
from cpis_analysis.operating.tested_effects.many_tests import ManyTests
from cpis_analysis.plan.specification import AnalysisSpec


def analyse_many(specs: Sequence[AnalysisSpec], rows: AnalysisRows, Y: np.ndarray) -> list[ManyTests]:
    """See `operating.many.analyse_many`; the stages are those of `analyses.estimators.cluster_summary`."""
    spec = specs[0]
    staged = staged_columns(spec, rows)
    columns = staged.columns
    within, X = within_clusters(columns, staged.constant)
    _, beta, scale = columns.basis.reduce(Y)
    values = Y - X @ beta[within]
    one = second_stage(spec, rows, staged, staged.mean @ values)
    # standard errors where clusters do not differ: beside them nothing is left to reckon the uncertainty by
    people = staged.cells.people((spec.reference, rows.other_arm))
    error = scale * np.sqrt(len(Y) / max(len(Y) - columns.basis.p, 1))
    told = (one.se > VANISHING * error * np.sqrt((1 / people).sum())) & ~columns.basis.explained(Y, error)
    return [replace(one, se=np.where(told, one.se, np.nan)) for _ in specs]


@dataclass(frozen=True)
class Staged:
    """What both stages need of the design.

    Attributes
    ----------
    cells : Cells
    columns : Columns
    constant : list of int
        Columns that do not vary within clusters.
    mean : (clusters, n) float
        What makes means of clusters.
    """

    cells: Cells
    columns: Columns
    constant: list[int]
    mean: np.ndarray


def staged_columns(spec: AnalysisSpec, rows: AnalysisRows) -> Staged:
    """The design of a comparison of clusters."""
    found = cells_of(spec, rows.frame)
    own, _ = arm_of_clusters(spec, rows, found)
    cells = replace(found, arms=own)
    columns = told_columns(spec, with_own_arm(spec, rows, own))
    codes = cells.codes
    constant = constant_within(columns.design.X, [codes])
    mean = np.eye(codes.max() + 1)[:, codes]
    mean /= mean.sum(axis=1, keepdims=True)
    return Staged(cells, columns, constant, mean)


def second_stage(spec: AnalysisSpec, rows: AnalysisRows, staged: Staged, values: np.ndarray) -> ManyTests:
    """Compare values of clusters (clusters, B) between the arms."""
    arms = np.array([arm for _, arm in staged.cells.units])
    design = staged.columns.design
    level = staged.mean @ design.X[:, level_columns(spec, design, staged.constant)]
    treated = arms == rows.other_arm
    if spec.pairs:
        trust = spec.cluster_keys.index(spec.trust)
        trusts = np.array([place[trust] for place, _ in staged.cells.units])
        pairs = _pairs(trusts, treated, arms == spec.reference)
        apart = pairs @ level
        # what both arms of a trust share differs by rounding, and is no column
        apart[np.abs(apart) < 1e-9 * np.abs(level).max(axis=0, initial=1.0)] = 0.0
        stage = np.column_stack([np.ones(len(pairs)), apart])
        return _least_squares(stage, pairs @ values, 0)
    more = [arms == arm for arm in rows.other_arms if arm != rows.other_arm]
    return _least_squares(np.column_stack([np.ones(len(treated)), treated, *more, level]), values, 1)


def _pairs(trusts: np.ndarray, treated: np.ndarray, control: np.ndarray) -> np.ndarray:
    """(trusts with both arms, clusters): mean of the one arm's clusters less that of the other's."""
    rows = []
    for trust in sorted(set(trusts)):
        one, other = (trusts == trust) & treated, (trusts == trust) & control
        if one.any() and other.any():
            rows.append(one / one.sum() - other / other.sum())
    return np.array(rows)


def _least_squares(X: np.ndarray, Y: np.ndarray, effect: int) -> ManyTests:
    basis = orthogonalise(X)
    _, beta, scale = basis.reduce(Y)
    df = len(X) - basis.p
    row = np.eye(X.shape[1])[effect][list(basis.kept)]
    se = scale * np.sqrt(len(X) / df) * np.linalg.norm(row @ basis.back)
    B = Y.shape[1]
    return ManyTests(row @ beta, se, np.full(B, float(df)), np.zeros(B, dtype=bool))
