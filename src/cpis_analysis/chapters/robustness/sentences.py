"""How far the analyses of one outcome reach. They use the same people, so that they agree is no further evidence, and
none is counted for or against anything."""

from __future__ import annotations

from collections.abc import Sequence

from cpis_analysis.analyses.estimate import AnalysisResult
from cpis_analysis.chapters.result.direction import includes_zero, result_words, usable
from cpis_analysis.publish.sources.ledger import unmarked
from cpis_analysis.words.refusals import estimable_sentences
from cpis_analysis.words.scales import nothing, one_scale, shown_number
from cpis_analysis.words.wording import Wording


def range_sentences(results: Sequence[AnalysisResult], words: Wording) -> tuple[str, ...]:
    """The range of the estimates, whether the answer to "is zero in the interval?" changes, and what agreement means.

    Parameters
    ----------
    results : sequence of AnalysisResult
        All of one outcome, the headline first; those on another scale than it are left to the table.
    words : Wording
    """
    good, _ = one_scale([result for result in results if usable(result)], words.labels)
    refused = estimable_sentences(results, words)
    if len(good) < 2:
        return tuple(refused)
    agree = (
        f"The analyses use the same {words.people}, so that they agree adds nothing; they show how much depends on a "
        "choice."
    )
    return (f"{_range(good, words)}, and {_zero(good, words)}.", agree, *refused)


def takeaway(results: Sequence[AnalysisResult], words: Wording) -> str:
    """The same in a title."""
    good, _ = one_scale([result for result in results if usable(result)], words.labels)
    return f"{_range(good, words)}, and {_zero(good, words)}"


def _range(good: Sequence[AnalysisResult], words: Wording) -> str:
    outcome, _, decimals = result_words(good[0], words)
    ends = [pick(one.estimate.estimate for one in good) for pick in (min, max)]
    # a decimal less than the table, where that does not make all of them the same
    small = not outcome.scale.is_ratio and max(abs(float(outcome.scale.in_units(end))) for end in ends) < 1
    fewer = decimals if small else max(decimals - 1, 1)
    low, high = (shown_number(end, outcome.scale, fewer) for end in ends)
    numbers = "Ratios" if outcome.scale.is_ratio else "Estimates"
    if unmarked(low) == unmarked(high):
        return f"All {numbers.lower()} are {outcome.amount(high)}, to the precision shown"
    return f"{numbers} run from {low} to {outcome.amount(high)}"


def _zero(good: Sequence[AnalysisResult], words: Wording) -> str:
    none = nothing(good[0].scale)
    apart = [one for one in good if not includes_zero(one)]
    if not apart:
        return f"every interval includes {none}"
    if len(apart) == len(good):
        return f"every interval excludes {none}"
    few, verb = (
        (apart, "excludes") if len(apart) <= len(good) / 2 else ([o for o in good if o not in apart], "includes")
    )
    if len(few) > 1:
        return f"some intervals {verb.removesuffix('s')} {none}"
    return f"only that of “{words.labels.model(few[0].spec.model)}” {verb} {none}"
