"""Equivalence of one result against the margins of the plan, as tables, figures and sentences show it."""

from __future__ import annotations

import math
from dataclasses import dataclass

from cpis_analysis.analyses.equivalence import equivalence_of
from cpis_analysis.analyses.estimate import AnalysisResult
from cpis_analysis.analyses.measure import measured
from cpis_analysis.chapters.result.direction import usable
from cpis_analysis.publish.format import interval, level_words, one_line
from cpis_analysis.words.labels import Labels
from cpis_analysis.words.scales import judged


@dataclass(frozen=True)
class Tested:
    """Two one-sided tests of one result against the margins of the plan.

    Attributes
    ----------
    low, high : float
        The margins, on the scale of the model as all numbers here.
    source : str
        Where they come from; empty if the plan does not say.
    ci_low, ci_high : float
        Interval of level 1 - 2 alpha.
    p_value : float
        The larger of the two.
    smallest : float
        The smallest symmetric margin at which equivalence would be declared.
    """

    low: float
    high: float
    source: str
    ci_low: float
    ci_high: float
    p_value: float
    smallest: float

    @property
    def declared(self) -> bool:
        """Whether the interval lies between the margins."""
        return self.low < self.ci_low and self.ci_high < self.high


def equivalence_test(result: AnalysisResult, labels: Labels) -> Tested | None:
    """The test of a result; None where the plan has no margins or there is no difference between arms to test."""
    margins = judged(result, labels)
    difference = measured(result.estimate.measure).is_difference
    if margins.low is None or margins.high is None or not usable(result) or not difference:
        return None
    e = result.estimate
    found = equivalence_of(result, e, margins.low, margins.high)
    return Tested(
        margins.low,
        margins.high,
        one_line(margins.source or ""),
        found.ci_low,
        found.ci_high,
        found.p_value,
        found.smallest_margin,
    )


def tost_level(result: AnalysisResult) -> str:
    """Level of the interval that stands for both tests, such as 90%."""
    return level_words(round(1 - 2 * (1 - result.spec.level), 12))


def margin_text(low: float, high: float, decimals: int) -> str:
    """Margins with as many decimals as they have, such as "−4 to 4"."""
    shown = next(
        (
            places
            for places in range(decimals)
            if all(math.isclose(round(value, places), value) for value in (low, high))
        ),
        decimals,
    )
    return interval(low, high, shown)
