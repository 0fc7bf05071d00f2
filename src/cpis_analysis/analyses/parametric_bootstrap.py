"""The parametric bootstrap of a planned analysis, beside the estimate of REML."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd

from cpis_analysis.analyses.fitted import ContrastTest, contrast_test
from cpis_analysis.lmm import LinearMixedFit
from cpis_analysis.lmm.refits.bootstrap_interval import BootstrapInterval, bootstrap_interval
from cpis_analysis.plan.specification import AnalysisSpec
from cpis_analysis.seeds import seed_sequence


class BootstrapInference:
    """The bootstrap of an analysis, one contrast at a time.

    Parameters
    ----------
    spec : AnalysisSpec
    fit : LinearMixedFit
    seed : int
        Master seed of the study; the random numbers follow from it and the name of the analysis.
    """

    def __init__(self, spec: AnalysisSpec, fit: LinearMixedFit, seed: int) -> None:
        self.spec, self.fit = spec, fit
        self.seed = int(seed_sequence(seed, "resampling", spec.name).generate_state(1, np.uint64)[0])

    def row(self, weights: np.ndarray) -> pd.DataFrame:
        """One contrast with the columns of a summary; df and statistic are NaN."""
        return self._row(weights, self._tested(weights))

    def effect(self, term: str) -> tuple[ContrastTest, dict[str, Any]]:
        """The effect itself, and how it was resampled (`AnalysisResult.resampling`)."""
        weights = np.eye(len(self.fit.term_names))[list(self.fit.term_names).index(term)]
        found = self._tested(weights)
        about = {
            "n": found.n + 1,
            "drawn": True,
            "kind": "responses",
            "smallest_p": 1.0 / (found.n + 1),
            "mc_error_p": found.mc_error,
        }
        return contrast_test(self._row(weights, found).iloc[0]), about

    def _tested(self, weights: np.ndarray) -> BootstrapInterval:
        return bootstrap_interval(self.fit, weights, level=self.spec.level, seed=self.seed)

    def _row(self, weights: np.ndarray, found: BootstrapInterval) -> pd.DataFrame:
        plain = self.fit.contrast(weights, "z", level=self.spec.level)
        nan = math.nan
        return plain.assign(df=nan, statistic=nan, p_value=found.p_value, ci_low=found.ci_low, ci_high=found.ci_high)
