"""The sentences of an answer: what was found, how sure that is, what it is not, and what follows.

Every one of them stands beside its rule in docs/report.md. Harm is said in the words and the size of benefit.
"""

from __future__ import annotations

from cpis_analysis.chapters.result.sentences import level, unusable_sentence
from cpis_analysis.chapters.result.sentences_precision import detectable
from cpis_analysis.chapters.verdict.sizes import Sizes, short_outcome
from cpis_analysis.chapters.verdict.state import Answer, Judgement
from cpis_analysis.publish.format import is_missing, p_relation, p_short
from cpis_analysis.words.scales import interval_cell, nothing
from cpis_analysis.words.wording import PERCENTAGE_POINT, Wording, capitalised

_SO_WHAT = {
    Answer.UNUSABLE: "The planned analysis gives no answer",
    Answer.UNSETTLED: "The answer depends on the method, so it is not settled",
    Answer.IMPORTANT: "A difference that matters is shown",
    Answer.OPEN: "A difference is shown; whether it matters is open",
    Answer.SMALL: "A difference is shown, and it is too small to matter",
    Answer.CLEAR: "A difference is shown; whether it matters has not been agreed",
    Answer.ALIKE: "A difference that matters is ruled out",
    Answer.EITHER_WAY: "This neither shows nor rules out a difference that matters",
    Answer.ONE_WAY: "A difference that matters is ruled out one way, and not the other",
    Answer.WITHIN: "No difference that matters fits the data",
    Answer.UNCLEAR: "This neither shows nor rules out a difference that matters",
}


def answer_sentence(judged: Judgement) -> str:
    """The answer in one line, without a full stop."""
    outcome = short_outcome(judged.outcome.within)
    if judged.outcome.unit == PERCENTAGE_POINT:
        outcome = judged.outcome.mean
    side = _side(judged)
    was = f"{capitalised(outcome)} was"
    where = f"{side} in the {judged.direction.arm}"
    found = {
        Answer.UNUSABLE: f"No answer on {outcome}: the planned analysis gave no estimate",
        Answer.UNSETTLED: f"Whether {outcome} differed is not settled: the two main methods disagree",
        Answer.IMPORTANT: f"{was} clearly {where}, by enough to matter",
        Answer.OPEN: f"{was} {where}; whether by enough to matter is open",
        Answer.SMALL: f"{was} clearly {where}, but by too little to matter",
        Answer.CLEAR: f"{was} clearly {where}; what size matters has not been agreed",
        Answer.ALIKE: f"The groups were alike in {outcome}: any difference was too small to matter",
        Answer.EITHER_WAY: f"No clear difference in {outcome}: the study could not tell",
        Answer.ONE_WAY: f"No clear difference in {outcome}; one that matters for the {_excluded(judged)} does not fit",
        Answer.WITHIN: f"No clear difference in {outcome}; the data do not fit one that matters, either way",
        Answer.UNCLEAR: f"No clear difference was found in {outcome}",
    }
    return found[judged.answer]


def sure_sentences(judged: Judgement, words: Wording) -> tuple[str, str]:
    """How sure: a lead of a few words, and what the data fit."""
    if judged.answer is Answer.UNUSABLE:
        return "How sure?", unusable_sentence(judged.result, words)
    sizes = Sizes(judged, words)
    lead = {
        Answer.UNSETTLED: "Not settled.",
        Answer.IMPORTANT: "The direction is clear, and so is that it matters.",
        Answer.OPEN: "The direction is clear; whether it matters is open.",
        Answer.SMALL: "The direction is clear, and so is that it is small.",
        Answer.CLEAR: "The direction is clear; whether it matters has not been agreed.",
        Answer.ALIKE: "Sure that the groups are alike within the margins of the plan.",
    }.get(judged.answer, "Not sure enough to say.")
    return f"How sure? {lead}", " ".join(filter(None, _details(judged, sizes)))


def caution_sentence(words: Wording) -> str:
    """What kind of difference it is."""
    if words.randomised:
        return "The groups were formed at random, so other things should differ between them by chance only."
    return "The groups were not formed at random, so this is a difference between groups, not an effect."


def so_what_sentence(judged: Judgement) -> str:
    """What follows, in one line without a full stop; of harm it says that it is one."""
    if judged.answer is Answer.IMPORTANT and not judged.better:
        return f"The {judged.direction.arm} fared worse, by enough to matter"
    return _SO_WHAT[judged.answer]


def _side(judged: Judgement) -> str:
    if judged.outcome.unit == PERCENTAGE_POINT:
        return "higher" if judged.result.estimate.estimate > 0 else "lower"
    return "better" if judged.better else "worse"


def _excluded(judged: Judgement) -> str:
    """The side on which no important difference fits: of the compared group."""
    important = judged.outcome.important
    return "worse" if important is not None and judged.direction.low > -important else "better"


def _details(judged: Judgement, sizes: Sizes) -> list[str]:
    e, answer = judged.result.estimate, judged.answer
    low, high = sizes.short(e.ci_low), sizes.short(e.ci_high)
    between = interval_cell(e.ci_low, e.ci_high, judged.outcome.scale, sizes.decimals)
    numbers = f"{level(judged.result)} confidence interval {between}; p\u00a0{p_relation(p_short(e.p_value))}"
    agreed = ""
    if judged.outcome.important is not None:
        agreed = f"; {sizes.amount(judged.outcome.important)} or more agreed to matter"
    if answer is Answer.UNSETTLED and judged.other is not None:
        other = judged.other.estimate
        second = interval_cell(other.ci_low, other.ci_high, judged.outcome.scale, sizes.decimals)
        one, two = ("includes", "excludes") if e.ci_low <= 0 <= e.ci_high else ("excludes", "includes")
        return [
            f"The interval of the headline analysis {one} {nothing(judged.outcome.scale)} ({numbers}); that of the "
            f"second main method {two} it ({second}; p\u00a0{p_relation(p_short(other.p_value))})."
        ]
    if answer is Answer.ALIKE and judged.tested is not None:
        return [
            f"The data fit {low} to {high} ({numbers}); a difference beyond the margins of the plan is ruled out "
            f"(two one-sided tests, p\u00a0{p_relation(p_short(judged.tested.p_value))})."
        ]
    if answer.excludes_zero:
        ends = sorted((e.ci_low, e.ci_high), key=abs)
        return [f"The data fit {sizes.short(ends[0])} to {sizes.short(ends[1])} ({numbers}{agreed})."]
    if answer is Answer.EITHER_WAY:
        return [f"The data fit {low} and {high}, and either would matter ({numbers}{agreed})."]
    fits = f"The data fit no difference at all, {low} and {high} ({numbers}{agreed})."
    return [fits, _resolution(judged, sizes)]


def _resolution(judged: Judgement, sizes: Sizes) -> str:
    """What a study of this precision would miss."""
    if is_missing(judged.result.estimate.df) or judged.outcome.scale.is_ratio:
        return ""
    size = sizes.outcome.amount(sizes.plain(detectable(judged.result)))
    if sizes.phrase:
        size = sizes.plain(detectable(judged.result))
    return f"A study this precise would often miss a difference of less than about {size}."
