"""The nearly optimal test of a planned analysis: p-value, interval and equivalence, beside the estimate of REML."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd

from cpis_analysis.analyses.fitted import ContrastTest, contrast_test
from cpis_analysis.errors import ModelError, Problem
from cpis_analysis.lmm import LinearMixedFit, Region, nearly_optimal
from cpis_analysis.lmm.optimal_test.tested_contrast import NearlyOptimal, testable_design
from cpis_analysis.plan.specification import AnalysisSpec, OptimalSpec

__all__ = ["OptimalInference", "contrast_test"]


class OptimalInference:
    """The test of an analysis, one contrast at a time.

    Parameters
    ----------
    spec : AnalysisSpec
        With `optimal`.
    fit : LinearMixedFit

    Attributes
    ----------
    outside : list of str
        Grouping factors whose estimated ratio lies beyond the region, once a contrast was tested.
    """

    def __init__(self, spec: AnalysisSpec, fit: LinearMixedFit) -> None:
        if spec.optimal is None:
            raise ValueError("the analysis has no settings of the nearly optimal test")
        self.spec, self.fit, self.settings = spec, fit, spec.optimal
        self.region = Region(largest=self.settings.largest_ratio, typical=self.settings.typical_ratio)
        self.outside: list[str] = []

    def check(self, row: np.ndarray | str) -> None:
        """Refuse what the test is not made for, without training it.

        Raises
        ------
        ModelError
            For more random terms, random slopes or more clusters than it is made for.
        """
        testable_design(self.fit, row)

    def row(self, weights: np.ndarray) -> pd.DataFrame:
        """One contrast with the columns of a summary; df and statistic are NaN, and `optimal` holds the rest."""
        return self._row(weights, True)

    def between(self, weights: np.ndarray) -> pd.DataFrame:
        """The same of a difference of differences, without equivalence."""
        return self._row(weights, False)

    def effect(self, term: str, difference: bool) -> ContrastTest:
        """The effect itself; what is no `difference` for everybody has no equivalence."""
        return contrast_test(self._row(term, difference).iloc[0])

    def _row(self, weights: np.ndarray | str, difference: bool) -> pd.DataFrame:
        spec = self.spec
        plain = self.fit.contrast({weights: 1.0} if isinstance(weights, str) else weights, "z", level=spec.level)
        found = self._test(weights, spec.level)
        self.outside += [group for group in found.outside if group not in self.outside]
        more = {
            "power": found.power,
            "bound": found.bound,
            "largest_size": found.largest_size,
            "effect_in_sd": found.effect,
        }
        if difference and None not in (self.settings.low, self.settings.high):
            more |= _equivalence(self._both(weights), self.settings)
        nan = math.nan
        return plain.assign(
            df=nan, statistic=nan, p_value=found.p_value, ci_low=found.ci_low, ci_high=found.ci_high, optimal=[more]
        )

    def _both(self, weights: np.ndarray | str) -> tuple[NearlyOptimal, dict[str, float]]:
        """The test of level 1 - 2 alpha, and its two-sided p-value at each margin."""
        level = 1.0 - 2.0 * (1.0 - self.spec.level)
        at = {"low": self.settings.low, "high": self.settings.high}
        return self._test(weights, level), {
            side: self._test(weights, level, null).p_value for side, null in at.items() if null is not None
        }

    def _test(self, weights: np.ndarray | str, level: float, null: float = 0.0) -> NearlyOptimal:
        found = nearly_optimal(self.fit, weights, level=level, null=null, region=self.region)
        if not (math.isfinite(found.ci_low) and math.isfinite(found.ci_high)):
            raise ModelError(
                f"The analysis {self.spec.name} can't be reported.",
                Problem(
                    "the nearly optimal test rejects no value of the contrast on one side, however far "
                    "away: the clusters "
                    "tell too little of it",
                    hint="use df: kenward-roger",
                ),
            )
        return found

    def warnings(self, units: Sequence[str]) -> tuple[str, ...]:
        """That a ratio was estimated beyond the region, where the size is not guaranteed; `units` in the plural."""
        if not self.outside:
            return ()
        several, between = len(self.outside) > 1, " and ".join(units)
        return (
            f"The ratio{'s' if several else ''} of the variance between {between} to the residual variance "
            f"{'were' if several else 'was'} estimated beyond {self.settings.largest_ratio:g}, up to which the nearly "
            "optimal test holds its size: its p-value and interval may be too optimistic.",
        )


def _equivalence(tested: tuple[NearlyOptimal, dict[str, float]], settings: OptimalSpec) -> dict[str, float]:
    """Two one-sided tests through a test whose two-sided p-values at the margins are known.

    Returns
    -------
    dict
        tost_ci_low, tost_ci_high, tost_p, smallest_margin.

    Notes
    -----
    The one-sided p-value at a margin is half the two-sided one where the estimate lies within the margin, else one
    less that; the larger of the two counts. It is at most alpha if and only if the interval of level 1 - 2 alpha lies
    between the margins.
    """
    found, p_values = tested
    if settings.low is None or settings.high is None:
        return {}
    within = {"low": found.estimate > settings.low, "high": found.estimate < settings.high}
    p_value = max(0.5 * p if within[side] else 1.0 - 0.5 * p for side, p in p_values.items())
    return {
        "tost_ci_low": found.ci_low,
        "tost_ci_high": found.ci_high,
        "tost_p": p_value,
        "smallest_margin": max(abs(found.ci_low), abs(found.ci_high)),
    }
