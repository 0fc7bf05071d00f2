"""What analyses report of a resampling test, whatever was resampled."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np

from cpis_analysis.analyses.fitted import Around, ContrastTest, Fitted
from cpis_analysis.errors import ModelError, Problem
from cpis_analysis.lmm.resampling.inversion import ResamplingTest
from cpis_analysis.plan.specification import AnalysisSpec
from cpis_analysis.seeds import generator


class Invertible(Protocol):
    """What a resampling test gives at any level: a `Resampled`, or what has thresholds of its own."""

    def test(self, level: float = 0.95, null: float = 0.0) -> ResamplingTest:
        """Test one value."""


def random_of(spec: AnalysisSpec, around: Around) -> np.random.Generator:
    """Random numbers of an analysis's resamples."""
    return generator(around.seed, "resampling", spec.name)


def resampled_fit(
    spec: AnalysisSpec,
    found: Invertible,
    *,
    drawn: bool,
    kind: str,
    share: bool = True,
    warnings: tuple[str, ...] = (),
    messages: tuple[str, ...] = (),
    adjusted: Sequence[dict[str, Any]] = (),
) -> Fitted:
    """Estimate, p-value and interval, and how small the p-value could have been.

    Parameters
    ----------
    spec : AnalysisSpec
    found : Invertible
    drawn : bool
        Whether the resamples are a random part of all that there are.
    kind : str
        What a resample is, in the plural.
    share : bool
        Whether the p-value is a share of the resamples, and has their Monte Carlo error where they are drawn.
    warnings, messages : tuple of str
    adjusted : sequence of dict
        Adjusted means.

    Notes
    -----
    Where no value can be rejected at the level of the analysis the interval is unbounded, and the widest level at which
    it is bounded is reported beside it (`AnalysisResult.resampling`): 1 less the smallest p-value.
    """
    test = found.test(spec.level)
    about: dict[str, Any] = {"n": test.n, "drawn": drawn, "kind": kind, "smallest_p": test.smallest_p}
    if drawn and share:
        about["mc_error_p"] = math.sqrt(test.p_value * (1.0 - test.p_value) / test.n)
    if test.smallest_p > 1.0 - spec.level:
        least = f"{test.smallest_p:.3g}"
        text = f"With {test.n} {kind} no p-value can be below {least}: the interval of this level has no ends."
        if test.smallest_p < 0.5:
            narrower = found.test(1.0 - test.smallest_p)
            ends = {"attainable_low": narrower.ci_low, "attainable_high": narrower.ci_high}
            if all(map(math.isfinite, ends.values())):
                about |= {"attainable_level": 1.0 - test.smallest_p, **ends}
        warnings = (text, *warnings)
    nan = math.nan
    contrast = ContrastTest(test.estimate, test.se, nan, nan, test.p_value, test.ci_low, test.ci_high)
    return Fitted(contrast, [], list(adjusted), warnings=warnings, messages=messages, resampling=about)


def refused(spec: AnalysisSpec, message: str, value: str | None = None, hint: str | None = None) -> ModelError:
    """That an analysis can't be run on this design."""
    return ModelError(f"The analysis {spec.name} can't be run.", Problem(message, value=value, hint=hint))
