"""Sentences on one estimated difference: direction, size, what the interval excludes and includes.

Rules, each of which has a test:

- a p-value above the level is never put as the absence of an effect or a difference: the interval is said
  to include zero and to be compatible with everything from one limit to the other;
- groups that were not formed at random "differed"; no word says that one thing made another happen;
- "in favour of" follows the direction in which the outcome is better, not the sign;
- a limit that touches zero includes it.
"""

from __future__ import annotations

import math
import re

from cpis_analysis.analyses.estimate import AnalysisResult
from cpis_analysis.chapters.result.direction import result_words, usable
from cpis_analysis.chapters.result.sentences_precision import precision_sentence, width_sentence
from cpis_analysis.chapters.result.sentences_ratios import (
    is_change,
    ratio_amount,
    ratio_difference,
    ratio_interval,
    ratio_quantity,
)
from cpis_analysis.errors import ModelError
from cpis_analysis.formula.parse import parse_formula
from cpis_analysis.publish.format import (
    interval,
    is_missing,
    is_nothing,
    level_words,
    number,
    p_relation,
    p_value,
)
from cpis_analysis.words.methods import test_words
from cpis_analysis.words.refusals import refused_sentence
from cpis_analysis.words.scales import interval_cell, shown_number
from cpis_analysis.words.wording import OutcomeWords, Wording, capitalised, listed


def difference_sentence(result: AnalysisResult, words: Wording, *, brief: bool = False) -> str:
    """The adjusted difference with its direction and interval; unless brief, with test and method."""
    outcome, direction, decimals = result_words(result, words)
    e = result.estimate
    adjusted = adjustment(result, words)
    if outcome.scale.is_ratio:
        what = ratio_quantity(result, outcome, words)
        return ratio_difference(
            result,
            f"After adjustment for {listed(adjusted)}, {what}" if adjusted else capitalised(what),
            (direction.arm, direction.reference),
            bool(adjusted),
            f"{level(result)} {'confidence interval' if brief else 'CI'}",
            "" if brief else f"; {test_words(e)}, p {p_text(e.p_value)}",
            outcome.was,
        )
    size = shown_number(abs(e.estimate), outcome.scale, decimals)
    details = (
        f"{'adjusted ' if adjusted else ''}difference {shown_number(e.estimate, outcome.scale, decimals)}, "
        f"{level(result)} {'confidence interval' if brief else 'CI'} "
        f"{interval_cell(e.ci_low, e.ci_high, outcome.scale, decimals)}"
    )
    if not brief:
        details += f"; {test_words(e)}, p {p_text(e.p_value)}"
    what = _quantity(result, outcome, words)
    lead = f"After adjustment for {listed(adjusted)}, {what}" if adjusted else capitalised(what)
    if is_nothing(size):
        return (
            f"{lead} was {outcome.amount(size)} apart in the {direction.arm} and the {direction.reference}, to the "
            f"precision shown ({details})."
        )
    side = "higher" if e.estimate > 0 else "lower"
    return (
        f"{lead} was {outcome.amount(size)} {side} in the {direction.arm} than in the {direction.reference} "
        f"({details})."
    )


def interval_sentence(result: AnalysisResult, words: Wording) -> str:
    """What the interval excludes and includes, in words that favour neither reading."""
    outcome, direction, decimals = result_words(result, words)
    if outcome.scale.is_ratio:
        return ratio_interval(result, None if direction.includes_zero else direction.favoured(direction.estimate))
    if direction.includes_zero:
        low, high = _limits(result, words)
        return f"The interval includes zero: these data are compatible with anything from {low} to {high}."
    ends = sorted((abs(direction.low), abs(direction.high)))
    near, far = (shown_number(end, outcome.scale, decimals) for end in ends)
    return (
        f"The interval excludes zero: these data are compatible with differences of "
        f"{near} to {outcome.amount(far)} in favour of the {direction.favoured(direction.estimate)}."
    )


def importance_sentence(result: AnalysisResult, words: Wording) -> str | None:
    """The interval against the minimal important difference of the plan; None without one."""
    outcome, direction, decimals = result_words(result, words)
    margin = outcome.important
    if margin is None:
        return None
    source = f"; {outcome.important_source}" if outcome.important_source else ""
    shown = shown_number(margin, outcome.scale, _places(outcome.scale.in_units(margin), decimals))
    smallest = f"The minimal important difference ({outcome.amount(shown)}{source})"
    if outcome.scale.is_ratio:
        smallest = f"The minimal important ratio ({ratio_amount(margin, result)}{source})"
    favoured = direction.favoured(direction.estimate)
    if direction.low >= margin or direction.high <= -margin:
        return f"{smallest} is reached or passed by the whole interval, in favour of the {favoured}."
    if -margin < direction.low and direction.high < margin:
        return f"{smallest} lies outside the interval in both directions: a difference of that size is excluded."
    if direction.low <= -margin and direction.high >= margin:
        return (
            f"{smallest} lies inside the interval in both directions: an important difference in favour of either "
            "group is neither shown nor excluded."
        )
    upward = direction.high >= margin
    toward, away = (direction.arm, direction.reference) if upward else (direction.reference, direction.arm)
    shown = "is neither shown nor excluded" if direction.includes_zero else "is possible, and so is a smaller one"
    return (
        f"{smallest} lies inside the interval on one side: an important difference in favour of the {toward} "
        f"{shown}; one in favour of the {away} is excluded."
    )


def standardised_sentence(result: AnalysisResult, words: Wording) -> str | None:
    """The difference in standard deviations; None where it was not standardised."""
    s = result.standardised
    if is_missing(s.get("estimate")):
        return None
    last = words.wave(result.spec.followup_wave)
    source = {"baseline": f"at {words.baseline}", "follow-up": f"at {last}"}.get(str(s.get("sd_source")))
    return (
        f"In standard deviations{f' {source}' if source else ''} the difference was {number(s['estimate'], 2)} "
        f"({level(result)} CI {interval(s['ci_low'], s['ci_high'], 2)})."
    )


def association_sentence(words: Wording) -> str | None:
    """How to read a difference between groups that were not formed at random; None for a randomised study."""
    if words.randomised:
        return None
    return (
        "The groups were not formed at random: the differences are associations, and anything else in which the "
        "groups differed is part of them."
    )


def primary_paragraphs(result: AnalysisResult, words: Wording) -> tuple[tuple[str, ...], ...]:
    """All that is said of one outcome's headline analysis: the result, its size, how to read it."""
    if not usable(result):
        return ((unusable_sentence(result, words),),)
    paragraphs = (
        (difference_sentence(result, words), interval_sentence(result, words), width_sentence(result, words)),
        (standardised_sentence(result, words), importance_sentence(result, words), precision_sentence(result, words)),
        (association_sentence(words),),
    )
    kept = (tuple(part for part in paragraph if part) for paragraph in paragraphs)
    return tuple(paragraph for paragraph in kept if paragraph)


def unusable_sentence(result: AnalysisResult, words: Wording) -> str:
    """What is said of an analysis that gave no number."""
    if not result.estimable:
        return refused_sentence(result, words)
    return (
        f"The planned analysis of {words.outcome(result.estimate.outcome).within} gave no usable estimate; its "
        "warnings stand with the model details."
    )


def adjustment(result: AnalysisResult, words: Wording, own: str = "its value") -> list[str]:
    """What the model adjusts for, in words; the compared term and the waves are not adjustment.

    `own` is what the outcome before the intervention is called, where the sentence has not named the outcome.
    """
    try:
        parsed = parse_formula(result.spec.formula)
    except ModelError:
        return []
    spec, names = result.spec, []
    for term in parsed.fixed_terms:
        variables = [operand.variable for operand in term]
        if not variables or spec.arm in variables or set(spec.times) & set(variables):
            continue
        names.append(_term(variables, result, words, own))
    return names


def level(result: AnalysisResult) -> str:
    """Confidence level of a result, such as 95%."""
    return level_words(result.spec.level)


def p_text(value: float) -> str:
    """ "= 0.042" or "<0.001", to stand after the letter p."""
    return p_relation(p_value(value))


def _term(variables: list[str], result: AnalysisResult, words: Wording, own: str) -> str:
    spec = result.spec
    if variables == [spec.baseline]:
        return (
            "baseline score"
            if words.baseline == "baseline" and words.outcome(spec.outcome).unit == "point"
            else f"{own} at {words.baseline}"
        )
    clusters = {level: words.labels.design.noun_of(level) for level in spec.levels}
    return " by ".join(
        clusters.get(variable) or re.sub(r"\s*\([^()]*\)$", "", words.variable(variable)) for variable in variables
    )


def _quantity(result: AnalysisResult, outcome: OutcomeWords, words: Wording) -> str:
    """What is compared, and when: a score at follow-up, or its change."""
    if is_change(result):
        return f"the mean change in {outcome.within} from {words.baseline} to {_last(result, words)}"
    return f"{outcome.mean} at {_last(result, words)}"


def _last(result: AnalysisResult, words: Wording) -> str:
    """The wave that is reported; the waves of a model without an interaction with them share one difference."""
    spec = result.spec
    if spec.rows == "long" and not spec.has_baseline_rows and not result.estimate.contrast.last:
        return listed(words.wave(wave) for wave in spec.waves_of_rows)
    return words.wave(spec.followup_wave)


def _limits(result: AnalysisResult, words: Wording) -> tuple[str, str]:
    """Both limits of an interval that includes zero, in words, the one toward the reference group first."""
    outcome, direction, decimals = result_words(result, words)
    low, high = (shown_number(abs(value), outcome.scale, decimals) for value in (direction.low, direction.high))
    nothing = [is_nothing(text) for text in (low, high)]
    return (
        "zero" if nothing[0] else f"a difference of {outcome.amount(low)} in favour of the {direction.reference}",
        "zero"
        if nothing[1]
        else (f"{'a difference' if nothing[0] else 'one'} of {outcome.amount(high)} in favour of the {direction.arm}"),
    )


def _places(value: float, decimals: int) -> int:
    """Decimals that a number of the plan needs, at most as many as the scale has."""
    return next((places for places in range(decimals) if math.isclose(round(value, places), value)), decimals)
