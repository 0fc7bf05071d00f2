"""What other inferences would have said: of the same fits, and of people as if they were independent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from cpis_analysis.analyses.rows.analysis_rows import AnalysisRows
from cpis_analysis.analyses.rows.effect import effect_term, references
from cpis_analysis.lmm.designs.basis import orthogonalise
from cpis_analysis.lmm.designs.design import build_design
from cpis_analysis.methods.degrees import KENWARD_ROGER, NORMAL, SATTERTHWAITE
from cpis_analysis.methods.nearly_optimal import NEARLY_OPTIMAL
from cpis_analysis.operating.simulated_names import LEAST_SQUARES
from cpis_analysis.operating.tested_effects.many_tests import ManyTests
from cpis_analysis.plan.specification import AnalysisSpec, OptimalSpec

if TYPE_CHECKING:
    import pandas as pd


def _by(method: str, boundary: str = "keep") -> Callable[[AnalysisSpec], AnalysisSpec]:
    return lambda spec: replace(spec, df_method=method, boundary=boundary, optimal=None)


def _optimal(spec: AnalysisSpec) -> AnalysisSpec:
    return replace(spec, df_method=NEARLY_OPTIMAL.name, optimal=spec.optimal or OptimalSpec(0.6, 0.33))


BY_OPTIMAL, BY_NORMAL = f"by the {NEARLY_OPTIMAL.words}", f"by the {NORMAL.words}"
COMPARATORS: dict[str, Callable[[AnalysisSpec], AnalysisSpec]] = {
    f"by {KENWARD_ROGER.words}": _by(KENWARD_ROGER.name),
    f"by {KENWARD_ROGER.words} without variances at zero": _by(KENWARD_ROGER.name, "drop"),
    BY_OPTIMAL: _optimal,
    f"by {SATTERTHWAITE.words}": _by(SATTERTHWAITE.name),
    BY_NORMAL: _by(NORMAL.name),
}
"""Of a mixed model, by what stands after "the same model": another inference of the same fit."""

_MOST_TRAINED = 40
"""Clusters up to which a run trains the nearly optimal test to stand beside the headline.

Beyond, that takes longer than all the rest of the run."""


def in_report(spec: AnalysisSpec, people: pd.DataFrame) -> tuple[str, ...]:
    """Comparators that a report shows: the best there is, where few clusters make it matter, and two that are wrong.

    Parameters
    ----------
    spec : AnalysisSpec
        The headline.
    people : DataFrame
        One row a person.
    """
    keys = spec.keys_of(spec.levels[-1]) if spec.levels else ()
    few = not keys or people.groupby(list(keys), observed=True).ngroups <= _MOST_TRAINED
    return (*([BY_OPTIMAL] if few else []), BY_NORMAL, LEAST_SQUARES)


def least_squares(spec: AnalysisSpec, rows: AnalysisRows, Y: np.ndarray) -> ManyTests:
    """The fixed part by least squares, with n - p degrees of freedom: people as if there were no clusters."""
    formula = replace(rows.formula, random_terms=())
    design = build_design(formula, rows.frame, reference=references(spec, rows))
    term = effect_term(spec, rows.other_arm, design)
    basis = orthogonalise(design.X)
    _, beta, scale = basis.reduce(Y)
    row = np.eye(design.X.shape[1])[design.term_names.index(term)][list(basis.kept)]
    n, B = Y.shape
    df = n - basis.p
    se = scale * np.sqrt(n / df) * np.linalg.norm(row @ basis.back)
    return ManyTests(row @ beta, se, np.full(B, float(df)), np.zeros(B, dtype=bool))
