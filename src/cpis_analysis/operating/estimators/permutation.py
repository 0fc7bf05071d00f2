"""Many responses by permutation of clusters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from cpis_analysis.analyses.estimators.permutation import allocations_of, staged_design
from cpis_analysis.analyses.rows.analysis_rows import AnalysisRows
from cpis_analysis.analyses.several_arms import in_two_arms, two_arms
from cpis_analysis.lmm.resampling.many_permuted import EXACT_BELOW, ManyPermuted, permuted_many
from cpis_analysis.operating.tested_effects.many_tests import ManyTests, WithoutWidths
from cpis_analysis.plan.specification import AnalysisSpec
from cpis_analysis.seeds import generator


@dataclass(frozen=True)
class _Permuted(WithoutWidths):
    """p-values from the allocations; no half width, as the intervals are not symmetric."""

    permuted: ManyPermuted
    exact_below: ClassVar[float] = EXACT_BELOW

    def p_values(self, effect: float = 0.0) -> np.ndarray:
        return self.permuted.p_values(effect)


def analyse_many(specs: Sequence[AnalysisSpec], rows: AnalysisRows, Y: np.ndarray) -> list[ManyTests]:
    """See `operating.many.analyse_many`; the stages are those of `analyses.estimators.permutation`."""
    return [_tests(spec, rows, Y) for spec in specs]


def _tests(spec: AnalysisSpec, rows: AnalysisRows, Y: np.ndarray) -> ManyTests:
    """Tests of one analysis; another one of the same formula may let other clusters exchange their arms."""
    Y = Y[in_two_arms(spec, rows)]
    design = staged_design(spec, two_arms(spec, rows))
    chosen, _ = allocations_of(design, generator(0, "resampling", spec.name))
    found = permuted_many(design.stages, chosen, Y)
    return _Permuted(found.estimate, found.se, np.full(Y.shape[1], np.inf), np.zeros(Y.shape[1], dtype=bool), found)
