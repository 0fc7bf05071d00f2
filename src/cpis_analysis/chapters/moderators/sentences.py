"""Sentences on moderators: the interaction first, then each level, then how little can be told.

Rules, each of which has a test: the interaction is said before any level; a level has its interval and never a
p-value, because levels on either side of 0.05 need not differ; what the degrees of freedom can show is said beside.
"""

from __future__ import annotations

from cpis_analysis.analyses.estimate import AnalysisResult, Estimate
from cpis_analysis.chapters.moderators.content import at_level, condition, moderation
from cpis_analysis.chapters.result.details import joint_sentence, labelled, levels_compared
from cpis_analysis.chapters.result.direction import result_words, usable
from cpis_analysis.chapters.result.sentences import level, p_text, unusable_sentence
from cpis_analysis.chapters.result.sentences_precision import detectable
from cpis_analysis.chapters.result.sentences_ratios import DECIMALS as RATIO_DECIMALS
from cpis_analysis.chapters.result.sentences_ratios import ratio_amount
from cpis_analysis.plan.contrast import Between
from cpis_analysis.publish.format import degrees, is_missing, is_nothing, number
from cpis_analysis.words.methods import has_degrees, test_words
from cpis_analysis.words.scales import interval_cell, shown_number
from cpis_analysis.words.wording import OutcomeWords, Wording, listed


def moderator_paragraphs(result: AnalysisResult, words: Wording) -> tuple[tuple[str, ...], ...]:
    """All that is said of one analysis of a moderator, interaction first."""
    if not result.estimable or (result.estimate.measure == "interaction" and not usable(result)):
        return ((unusable_sentence(result, words),),)
    paragraphs = (
        interaction_sentences(result, words),
        level_sentences(result, words),
        rests_on_sentences(result, words),
        tuple(joint_sentence(one, words) for one in moderation(result).joint),
    )
    return tuple(paragraph for paragraph in paragraphs if paragraph)


def interaction_sentences(result: AnalysisResult, words: Wording) -> tuple[str, ...]:
    """By how much the difference between the arms differs, and what the interval includes."""
    found = moderation(result)
    sentences = [joint_sentence(one, words) for one in found.together]
    for one in found.interactions:
        sentences += _interaction(one, result, words)
    return tuple(sentences)


def level_sentences(result: AnalysisResult, words: Wording) -> tuple[str, ...]:
    """The difference at each level, with its interval and without a p-value."""
    levels = moderation(result).levels
    if not levels:
        return ()
    outcome, _, decimals = result_words(result, words)
    scale = outcome.scale
    said = [
        f"{outcome.amount(shown_number(one.estimate, scale, decimals))} ({level(result)} CI "
        f"{interval_cell(one.ci_low, one.ci_high, scale, decimals)}{_freedom(one)}) where "
        f"{condition(one, words.labels)}"
        for one in levels
        if not is_missing(one.estimate)
    ]
    return (
        (
            f"The adjusted {'ratio' if scale.is_ratio else 'difference'} was {listed(said)}.",
            "Whether the levels differ is what the interaction tests; one level by itself does not answer it.",
        )
        if said
        else ()
    )


def rests_on_sentences(result: AnalysisResult, words: Wording) -> tuple[str, ...]:
    """What the interaction rests on and could have shown, and the warnings of the analysis."""
    outcome, _, decimals = result_words(result, words)
    sd, sentences = result.standardised.get("sd"), []
    found = moderation(result).interactions
    if found and found[0] is result.estimate and has_degrees(result.estimate):
        size, error = (shown_number(one, outcome.scale, decimals) for one in (detectable(result), result.estimate.se))
        in_sd = f" ({number(detectable(result) / sd, 2)} standard deviations)" if sd else ""
        sentences.append(
            _rests_on_ratios(result, detectable(result))
            if outcome.scale.is_ratio
            else f"The interaction rests on {degrees(result.estimate.df)} degrees of freedom and has a "
            f"standard error of {outcome.amount(error)}: the differences at the two levels would have to "
            f"be about {outcome.amount(size)}{in_sd} apart to be detected with a probability of 80%."
        )
    sentences += labelled(result.estimate.warnings, words.labels)
    if found:
        sentences.append(
            "The levels were not formed at random: whatever else differs between them is part of the interaction."
        )
    return tuple(sentences)


def _interaction(one: Estimate, result: AnalysisResult, words: Wording) -> list[str]:
    outcome, _, decimals = result_words(result, words)
    scale = outcome.scale
    arm, reference = (words.arm(code) for code in result.estimate.contrast.arms)
    compared = levels_compared(one)
    if compared is None or is_missing(one.estimate):
        return []
    there, than = _between(compared, words)
    if scale.is_ratio:
        return _ratio_of_ratios(one, result, (arm, reference), (there, than), outcome)
    size = shown_number(abs(one.estimate), scale, decimals)
    details = (
        f"difference of differences {shown_number(one.estimate, scale, decimals)}, {level(result)} CI "
        f"{interval_cell(one.ci_low, one.ci_high, scale, decimals)}; {test_words(one)}, p {p_text(one.p_value)}"
    )
    what = f"The adjusted difference in {outcome.within} ({arm} minus {reference})"
    if not is_nothing(size):
        side = "higher" if one.estimate > 0 else "lower"
        lead = f"{what} was {outcome.amount(size)} {side} {there} than {than} ({details})."
    else:
        lead = f"{what} was the same {there} and {than}, to the precision shown ({details})."
    low, high = (outcome.amount(shown_number(abs(value), scale, decimals)) for value in (one.ci_low, one.ci_high))
    if one.ci_low <= 0 <= one.ci_high:
        return [
            lead,
            f"The interval includes zero: these data are compatible with a difference that is up to {low} "
            f"lower {there} and with one that is up to {high} higher.",
        ]
    near, far = sorted((abs(one.ci_low), abs(one.ci_high)))
    return [
        lead,
        f"The interval excludes zero: these data are compatible with a difference that is "
        f"{interval_cell(near, far, scale, decimals)} {outcome.unit + 's ' if outcome.unit else ''}"
        f"{'higher' if one.estimate > 0 else 'lower'} {there}.",
    ]


def _ratio_of_ratios(
    one: Estimate, result: AnalysisResult, arms: tuple[str, str], levels: tuple[str, str], outcome: OutcomeWords
) -> list[str]:
    scale = outcome.scale
    size = shown_number(one.estimate, scale, RATIO_DECIMALS)
    between = interval_cell(one.ci_low, one.ci_high, scale, RATIO_DECIMALS)
    verb = "includes" if one.ci_low <= 0 <= one.ci_high else "excludes"
    return [
        f"The adjusted {scale.difference} of {outcome.within} ({arms[0]} to {arms[1]}) was {size} times as high "
        f"{levels[0]} as {levels[1]} (ratio of ratios {size}, {level(result)} CI {between}; {test_words(one)}, "
        f"p {p_text(one.p_value)}).",
        f"The interval {verb} one: these data are compatible with a ratio of ratios from {between}.",
    ]


def _rests_on_ratios(result: AnalysisResult, size: float) -> str:
    return (
        f"The interaction rests on {degrees(result.estimate.df)} degrees of freedom and has a standard error of "
        f"{number(result.estimate.se, 3)} {result.scale.phrase}: the ratio of the ratios at the two levels would have "
        f"to be about {ratio_amount(size, result)} to be detected with a probability of 80%."
    )


def _between(one: Between, words: Wording) -> tuple[str, str]:
    if one.first is None:
        return f"with one unit more of “{words.variable(one.variable)}”", "without"
    return (
        f"where {at_level(one.variable, one.last, words.labels)}",
        f"where {at_level(one.variable, one.first, words.labels)}"
        if words.labels.names_levels(one.variable)
        else f"where it is {words.labels.choice_within(one.variable, one.first)}",
    )


def _freedom(one: Estimate) -> str:
    return f"; {degrees(one.df)} df" if has_degrees(one) else ""
