"""Whether a result can be spoken of, and whom it favours."""

from __future__ import annotations

import math
from dataclasses import dataclass

from cpis_analysis.analyses.estimate import AnalysisResult
from cpis_analysis.publish.format import (
    is_missing,
)
from cpis_analysis.words.scales import result_digits
from cpis_analysis.words.wording import OutcomeWords, Wording


@dataclass(frozen=True)
class Direction:
    """A result on the scale on which positive numbers favour the group that is compared with the reference.

    Attributes
    ----------
    arm, reference : str
        The groups inside a sentence, such as "control group".
    estimate, low, high : float
        Turned round where higher values are worse.
    """

    arm: str
    reference: str
    estimate: float
    low: float
    high: float

    @property
    def includes_zero(self) -> bool:
        return self.low <= 0 <= self.high

    def favoured(self, value: float) -> str:
        """The group that a difference of this sign favours."""
        return self.arm if value > 0 else self.reference


def usable(result: AnalysisResult) -> bool:
    """Whether a result has an estimate and an interval to speak of."""
    estimate = result.estimate
    values = (estimate.estimate, estimate.se, estimate.ci_low, estimate.ci_high, estimate.p_value)
    return bool(estimate.converged) and all(not is_missing(value) and math.isfinite(value) for value in values)


def includes_zero(result: AnalysisResult) -> bool:
    """Whether zero lies in the interval or at one of its ends."""
    return result.estimate.ci_low <= 0 <= result.estimate.ci_high


def result_words(result: AnalysisResult, words: Wording) -> tuple[OutcomeWords, Direction, int]:
    """The outcome's words, the result's direction, and the decimals of a difference on its scale."""
    outcome = words.outcome_of(result)
    arm, reference = result.estimate.contrast.arms
    e = result.estimate
    low, high = sorted((outcome.sign * e.ci_low, outcome.sign * e.ci_high))
    direction = Direction(words.arm(arm), words.arm(reference), outcome.sign * e.estimate, low, high)
    return outcome, direction, result_digits(result, words.labels, result.standardised.get("sd")).difference
