"""Sentences on ratios of geometric means: what differences of logarithms are in words.

The rules are those of `sentences`: one stands where zero stands there, nothing is called the absence of an
effect, and no number of points, margin of points or standard deviation comes near a ratio.
"""

from __future__ import annotations

from cpis_analysis.analyses.estimate import AnalysisResult
from cpis_analysis.formula.effects import effect_variables
from cpis_analysis.formula.parse import parse_formula
from cpis_analysis.publish.format import is_nothing, number
from cpis_analysis.words.scales import interval_cell, shown_number
from cpis_analysis.words.wording import OutcomeWords, Wording

DECIMALS = 2


def ratio_quantity(result: AnalysisResult, outcome: OutcomeWords, words: Wording) -> str:
    """What is compared: a geometric mean at follow-up, or relative to baseline."""
    if result.scale.name == "hazard":
        # the time until it happens runs through all waves
        return outcome.mean
    when = words.wave(result.spec.followup_wave)
    return f"{outcome.mean} at {when}" + (f", relative to {words.baseline}," if is_change(result) else "")


def is_change(result: AnalysisResult) -> bool:
    """Whether a difference is one of changes since baseline."""
    spec = result.spec
    return len(effect_variables(spec.effect)) > 1 or spec.is_change(parse_formula(spec.formula).response.variable)


def ratio_difference(
    result: AnalysisResult, lead: str, arms: tuple[str, str], adjusted: bool, level: str, test: str, was: str = "was"
) -> str:
    """The ratio with its interval.

    Parameters
    ----------
    result : AnalysisResult
    lead : str
        Subject of the sentence.
    arms : (str, str)
        The group that is compared and the reference.
    adjusted : bool
    level : str
        Such as "95% CI".
    test : str
        What stands behind the interval, with its semicolon; empty for none.
    was : str
        The verb of the subject.
    """
    e, scale = result.estimate, result.scale
    size = shown_number(e.estimate, scale, DECIMALS)
    details = (
        f"{'adjusted ' if adjusted else ''}{scale.difference} {size}, {level} "
        f"{interval_cell(e.ci_low, e.ci_high, scale, DECIMALS)}{test}"
    )
    if is_nothing(size.replace("1", "", 1)):
        return f"{lead} {was} as high in the {arms[0]} as in the {arms[1]}, to the precision shown ({details})."
    return f"{lead} {was} {size} times as high in the {arms[0]} as in the {arms[1]} ({details})."


def ratio_interval(result: AnalysisResult, favoured: str | None) -> str:
    """What the interval holds; `favoured` is the group that an interval without 1 favours."""
    e = result.estimate
    between = f"ratios from {interval_cell(e.ci_low, e.ci_high, result.scale, DECIMALS)}"
    if favoured is None:
        return f"The interval includes one, which stands for no difference: these data are compatible with {between}."
    return f"The interval excludes one: these data are compatible with {between}, in favour of the {favoured}."


def ratio_amount(value: float, result: AnalysisResult, decimals: int = DECIMALS) -> str:
    """A size that counts in either direction, as a ratio above 1."""
    return f"{shown_number(abs(value), result.scale, decimals)} or its inverse"


def ratio_precision(result: AnalysisResult, size: float, freedom: str) -> str:
    """How large a ratio the design would have been likely to detect."""
    return (
        f"With a standard error of {number(result.estimate.se, 3)} {result.scale.phrase}{freedom}, a true ratio would "
        f"have to be about {ratio_amount(size, result)} to be detected with a probability of 80%."
    )
