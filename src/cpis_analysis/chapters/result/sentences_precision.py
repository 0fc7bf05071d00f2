"""Sentences on how much a design could tell: the width of an interval, and what it would have detected."""

from __future__ import annotations

import math

from cpis_analysis.analyses.estimate import AnalysisResult
from cpis_analysis.chapters.result.direction import result_words
from cpis_analysis.chapters.result.sentences_ratios import (
    ratio_precision,
)
from cpis_analysis.publish.format import (
    degrees,
    is_missing,
    number,
)
from cpis_analysis.publish.sources.sourced_columns import made
from cpis_analysis.words.scales import shown_number
from cpis_analysis.words.wording import Wording

WIDE = 0.5
"""An interval that includes zero is called wide when it spans this many standard deviations or more."""


def detectable(result: AnalysisResult, power: float = 0.8) -> float:
    """Difference that a two-sided test would detect with the given power, on the scale of the model.

    Notes
    -----
    (t(1 - alpha / 2; df) + t(power; df)) x SE, the usual approximation to the non-central t distribution.
    """
    e, shares = result.estimate, (1 - (1 - result.spec.level) / 2, power)
    ends = [made("normal_quantile", share) if math.isinf(e.df) else made("t_quantile", share, e.df) for share in shares]
    return (ends[0] + ends[1]) * e.se


def width_sentence(result: AnalysisResult, words: Wording) -> str | None:
    """That the design could not tell the ends of a wide interval apart; to stand after `interval_sentence`."""
    _, direction, _ = result_words(result, words)
    sd = result.standardised.get("sd")
    if not sd or not direction.includes_zero or (direction.high - direction.low) / sd < WIDE:
        return None
    return (
        f"At {number((direction.high - direction.low) / sd, 1)} standard deviations from end to end the interval is "
        "wide: the design could not tell these two apart."
    )


def precision_sentence(result: AnalysisResult, words: Wording) -> str | None:
    """How large a difference the design would have been likely to detect; None where there are no df."""
    outcome, _, decimals = result_words(result, words)
    e, sd = result.estimate, result.standardised.get("sd")
    if is_missing(e.df):
        return None
    freedom = "" if math.isinf(e.df) else f" and {degrees(e.df)} degrees of freedom"
    size = detectable(result)
    if outcome.scale.is_ratio:
        return ratio_precision(result, size, freedom)
    in_sd = f" ({number(size / sd, 2)} standard deviations)" if sd else ""
    error, needed = (shown_number(value, outcome.scale, decimals) for value in (e.se, size))
    return (
        f"With a standard error of {error}{freedom}, a true difference would have to be about "
        f"{outcome.amount(needed)}{in_sd} to be detected with a probability of 80%."
    )
