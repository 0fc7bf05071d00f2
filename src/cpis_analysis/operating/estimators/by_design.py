"""Many responses by the test that the allocation asks for."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cpis_analysis.analyses.estimators.by_design import chosen_test
from cpis_analysis.analyses.rows.analysis_rows import AnalysisRows
from cpis_analysis.late import late_function
from cpis_analysis.methods import method_of
from cpis_analysis.operating import estimators
from cpis_analysis.operating.tested_effects.many_tests import ManyTests
from cpis_analysis.plan.specification import AnalysisSpec


def analyse_many(specs: Sequence[AnalysisSpec], rows: AnalysisRows, Y: np.ndarray) -> list[ManyTests]:
    """See `operating.many.analyse_many`; the test is the one that `analyses.estimators.by_design` chooses."""
    chosen = [chosen_test(spec, rows) for spec in specs]
    found: list[ManyTests] = late_function(method_of(chosen[0]).many, estimators.__name__)(chosen, rows, Y)
    return found
