"""Sentences on the secondary outcomes together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cpis_analysis.analyses.estimate import AnalysisResult
from cpis_analysis.chapters.result.direction import result_words, usable
from cpis_analysis.chapters.result.sentences import level, p_text, unusable_sentence
from cpis_analysis.publish.format import interval, is_missing, number
from cpis_analysis.publish.sources.sourced_columns import how_many
from cpis_analysis.words.methods import ADJUSTMENTS
from cpis_analysis.words.scales import nothing
from cpis_analysis.words.wording import Wording, capitalised, counted, in_words, listed, mid_sentence


def secondary_sentences(
    results: Sequence[AnalysisResult], words: Wording, adjusted: Mapping[str, tuple[float, str]] | None = None
) -> tuple[str, ...]:
    """The secondary outcomes together.

    Parameters
    ----------
    results : sequence of AnalysisResult
        Headline analysis of each secondary outcome, in the plan's order.
    words : Wording
    adjusted : mapping, optional
        Adjusted p-value and name of the method by outcome.
    """
    good = [result for result in results if usable(result)]
    sentences: list[str] = []
    if good:
        sentences = [*_tests(good, words), *_adjusted(good, words, adjusted or {}), *_sizes(good, words)]
    return (*sentences, *(unusable_sentence(result, words) for result in results if not usable(result)))


def _tests(good: list[AnalysisResult], words: Wording) -> list[str]:
    total = _number_of(good)
    scales = dict.fromkeys(nothing(result.scale) for result in good)
    none = " or, of a ratio, ".join(sorted(scales, reverse=True))
    excluding = [result for result in good if not result_words(result, words)[1].includes_zero]
    if total == 1:
        which = f"its interval {'excludes' if excluding else 'includes'} {none}"
    elif len(excluding) in (0, total):
        every = "both" if total == 2 else f"all {in_words(total)}"
        which = f"{every} intervals {'exclude' if excluding else 'include'} {none}"
    else:
        rest = [result for result in good if result not in excluding]
        others = _names(rest, words) if len(rest) == 1 else "the others"
        which = f"the interval excludes {none} for {_names(excluding, words)} and includes it for {others}"
    verb = "was" if total == 1 else "were"
    return [f"{capitalised(counted(total, 'secondary outcome', words=True))} {verb} analysed: {which}."]


def _adjusted(good: list[AnalysisResult], words: Wording, adjusted: Mapping[str, tuple[float, str]]) -> list[str]:
    family = [r for r in good if r.estimate.outcome in adjusted and not is_missing(adjusted[r.estimate.outcome][0])]
    if len(family) < 2:
        return []
    sentences = []
    for method in dict.fromkeys(adjusted[r.estimate.outcome][1] for r in family):
        members = [r for r in family if adjusted[r.estimate.outcome][1] == method]
        alpha = 1 - members[0].spec.level
        p_values = [adjusted[r.estimate.outcome][0] for r in members]
        below = [r for r, p in zip(members, p_values, strict=True) if p < alpha]
        verdict = (
            f"p is below {number(alpha, 2)} for {_names(below, words)}"
            if below
            else (f"no p is below {number(alpha, 2)}")
        )
        sentences.append(
            f"After adjustment for {in_words(_number_of(members))} comparisons"
            f"{' (those of the family in the plan)' if len(members) < len(good) else ''} "
            f"by {ADJUSTMENTS.get(method, method)}, "
            f"{verdict} (smallest adjusted p {p_text(min(p_values))})."
        )
    return sentences


def _sizes(good: list[AnalysisResult], words: Wording) -> list[str]:
    sized = [result for result in good if not is_missing(result.standardised.get("estimate"))]
    if not sized:
        return []
    largest = max(sized, key=lambda result: abs(result.standardised["estimate"]))
    s, (_, direction, _) = largest.standardised, result_words(largest, words)
    lead = (
        f"The standardised difference{f' in {_names([largest], words)}' if len(good) > 1 else ''} is"
        if len(sized) == 1
        else (f"The largest standardised difference is that of {_names([largest], words)}:")
    )
    favour = f", in favour of the {direction.favoured(direction.estimate)}" if direction.estimate else ""
    return [
        f"{lead} {number(s['estimate'], 2)} standard deviations ({level(largest)} CI "
        f"{interval(s['ci_low'], s['ci_high'], 2)}){favour}."
    ]


def _number_of(results: Sequence[AnalysisResult]) -> int:
    return how_many(result.spec.level for result in results)


def _names(results: list[AnalysisResult], words: Wording) -> str:
    return listed(mid_sentence(words.outcome(result.estimate.outcome).short) for result in results)
