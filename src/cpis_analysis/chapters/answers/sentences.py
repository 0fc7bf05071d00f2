"""Sentences on answers: the absolute difference, and the ratio beside it."""

from __future__ import annotations

from collections.abc import Sequence

from cpis_analysis.analyses.estimate import AnalysisResult, Estimate
from cpis_analysis.analyses.rows.fit_warnings import SEEN_TO_FAIL, key_of
from cpis_analysis.chapters.answers.content import Answered
from cpis_analysis.chapters.answers.table import RATIO
from cpis_analysis.chapters.result.direction import includes_zero, usable
from cpis_analysis.chapters.result.sentences import difference_sentence, interval_sentence, level
from cpis_analysis.publish.sources.sourced_columns import how_many
from cpis_analysis.words.refusals import refused_sentence
from cpis_analysis.words.scales import interval_cell, shown_number
from cpis_analysis.words.wording import Wording, capitalised, counted, in_words, listed, mid_sentence


def overview_sentences(chosen: Sequence[Answered], words: Wording) -> tuple[str, ...]:
    """How many answers were compared, and of which the interval excludes no difference; nothing without any."""
    good = [one for one in chosen if usable(one.head)]
    if not good:
        return ()
    total = how_many(one.head.spec.level for one in good)
    outside = [one for one in good if not includes_zero(one.head)]
    verb, each = ("was", "by its") if total == 1 else ("were", "each by its")
    noun = "answer" if all(is_answer(one, words) for one in chosen) else "further outcome"
    sentences = [
        f"{capitalised(counted(total, noun, words=True))} {verb} compared between the groups, {each} absolute "
        "difference and, where a model gives one, by a ratio."
    ]
    if not outside:
        sentences.append(
            "Its interval includes no difference." if total == 1 else "Every interval includes no difference."
        )
    else:
        names = listed(mid_sentence(words.outcome(one.outcome).short) for one in outside)
        kept = how_many(one.head.spec.level for one in outside)
        sentences.append(
            f"The interval{'' if kept == 1 else 's'} of {in_words(kept)} of {in_words(total)} "
            f"lie{'s' if kept == 1 else ''} on one side of no difference: {names}. Nothing was adjusted for how many "
            "were compared."
            if total > 1
            else f"Its interval lies on one side of no difference: {names}."
        )
    return tuple(sentences)


def is_answer(one: Answered, words: Wording) -> bool:
    """Whether it is an answer that is compared by the way, and not one of the outcomes that the study is about."""
    return words.labels.content.outcomes[one.outcome].role == "exploratory"


def difference_of(one: Answered, words: Wording) -> str:
    """The difference in an outcome that the study is about, for which no table of the findings has a row."""
    return "" if is_answer(one, words) or not usable(one.head) else difference_sentence(one.head, words)


def seen_to_fail(chosen: Sequence[Answered], words: Wording) -> tuple[str, ...]:
    """Of each headline whose test was seen to reject too often in simulated studies of this allocation, that it was."""
    return tuple(
        f"Too many false findings: {words.outcome(one.outcome).short}. {text}"
        for one in chosen
        for text in one.head.estimate.warnings
        if key_of(text) == SEEN_TO_FAIL
    )


def answer_sentences(one: Answered, words: Wording) -> tuple[str, ...]:
    """What is said of one answer: difference, interval, ratio; the reason where the headline gave no number."""
    if not one.head.estimable:
        return (refused_sentence(one.head, words),)
    if not usable(one.head):
        return ()
    return tuple(
        text
        for text in (
            difference_sentence(one.head, words),
            interval_sentence(one.head, words),
            ratio_sentence(one, words),
            _cuts(one, words),
        )
        if text
    )


def ratio_sentence(one: Answered, words: Wording) -> str | None:
    """The ratio beside the difference, and that of standardised risks; None where the headline has said it."""
    if one.ratio is None or one.ratio is one.head:
        return None
    scale = one.ratio.scale
    lead = f"For {words.people} of the same clusters the" if scale.within_clusters else "The"
    text = f"{lead} {scale.difference} was {_with_interval(one.ratio.estimate, one.ratio)}"
    risk = one.risk_ratio
    if risk is not None:
        text += f"; for everybody analysed the risk ratio was {_with_interval(risk, one.ratio)}"
    return f"{text}."


def _with_interval(estimate: Estimate, of: AnalysisResult) -> str:
    """ "1.18 (95% CI 0.51 to 2.75)"."""
    scale = of.scale_of(estimate)
    ends = interval_cell(estimate.ci_low, estimate.ci_high, scale, RATIO)
    return f"{shown_number(estimate.estimate, scale, RATIO)} ({level(of)} CI {ends})"


def _cuts(one: Answered, words: Wording) -> str | None:
    """The odds ratios at the cuts of ordered answers, which one common ratio stands for."""
    cuts = one.ratio.checks.get("proportional_odds") if one.ratio else None
    if not cuts or one.ratio is None or len(cuts) < 2:
        return None
    part, scale = words.labels.content.outcomes[one.outcome], one.ratio.scale
    answers = [words.labels.choice(str(part.variable), part.categories[int(row["cut"])]) for row in cuts]
    found = [
        f"{shown_number(row['log_odds_ratio'], scale, RATIO)} for more than “{answer}”"
        for row, answer in zip(cuts, answers, strict=True)
    ]
    return f"One ratio stands for those at each cut of the answers: {listed(found)}."
