"""Was there a difference? The primary outcome in words, then every outcome in one table and one picture."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from cpis_analysis.chapters.answers.content import answered
from cpis_analysis.chapters.answers.sentences import difference_of, is_answer, overview_sentences, seen_to_fail
from cpis_analysis.chapters.equivalence.sentences import equivalence_sentences
from cpis_analysis.chapters.error_rates.rates import simulated_answers
from cpis_analysis.chapters.error_rates.sentences import answers_sentence, too_often_sentences
from cpis_analysis.chapters.outcomes.forest_chart import forest_charts
from cpis_analysis.chapters.page import MARK, Page
from cpis_analysis.chapters.two_methods.content import anchors_of
from cpis_analysis.chapters.verdict.arms import arm_lead, joint_sentence, judged_arms
from cpis_analysis.chapters.verdict.sentences import answer_sentence
from cpis_analysis.chapters.verdict.sizes import Sizes
from cpis_analysis.chapters.verdict.state import Answer, Judgement, judgement
from cpis_analysis.publish.blocks import Block, Heading, Paragraph, Run, said
from cpis_analysis.words.wording import listed, mid_sentence


def _answers(page: Page) -> Iterator[Block]:
    """Answers and counts: how many were compared; their table stands in the annex."""
    chosen = answered(page.content.results, page.labels)
    if chosen:
        single = all(is_answer(one, page.words) for one in chosen)
        yield Heading(2, "Answers" if single else "Further outcomes")
        found = simulated_answers(page.content.error_rates, page.labels)
        yield from said((*overview_sentences(chosen, page.words), *filter(None, [answers_sentence(found)])))
        yield from said(filter(None, (difference_of(one, page.words) for one in chosen)))
        yield from said((*seen_to_fail(chosen, page.words), *too_often_sentences(found, page.words)), "alert")


def outcomes(page: Page) -> Iterator[Block]:
    """The section; nothing without results. How each result was made stands in the annex."""
    if not page.results:
        return
    for head in page.primary[:1]:
        judged = judgement(head, page.words, anchors_of(page.primary))
        if judged.answer is not Answer.UNUSABLE:
            yield from said([Sizes(judged, page.words).lede()], "lede")
        # how sure that is, the first screen says, and the table that follows has the interval
        yield from said(equivalence_sentences(head, page.words))
        for other in judged_arms(page.primary, page.words)[1:]:
            yield from said([f"{arm_lead(other)}: {answer_sentence(other)}."])
        yield from said(filter(None, [joint_sentence(head)]))
    yield from _secondary(page)
    # whose notes tell of unverified scores
    tables = page.tables("outcomes", "arms")
    yield from (replace(table, fixed=True) for table in tables)
    yield from forest_charts(page)
    page.set_aside("forest")
    yield from _answers(page)
    yield Paragraph(
        (
            Run("Each outcome by itself, with its figures and how it was made: "),
            Run("Every outcome", target="every-outcome-section"),
            Run(" in the annex."),
        ),
        "note",
    )
    if not tables and any(page.mark(name) for name in page.results):
        words = f"{MARK} The scoring rule has not been verified in full; see "
        yield Paragraph((Run(words), Run("Measures", target="measures-section"), Run(".")), "note")


def _secondary(page: Page) -> Iterator[Block]:
    """The answers of secondary outcomes; of several arms those of each comparison by themselves."""
    found = [judged_arms(page.results[head.spec.outcome], page.words) for head in page.secondary]
    several = max(map(len, found), default=0) > 1
    leads = dict.fromkeys(arm_lead(one) for judged in found for one in judged)
    for lead in leads:
        own = [one for judged in found for one in judged if arm_lead(one) == lead]
        yield from said([f"{lead}: " * several + " ".join(_shared(own, page))])


def _shared(found: Sequence[Judgement], page: Page) -> Iterator[str]:
    """One sentence for each answer: outcomes with the same answer share it."""
    unclear = [one for one in found if one.answer is Answer.UNCLEAR]
    for one in found:
        if one.answer is not Answer.UNCLEAR or len(unclear) < 2:
            yield f"{answer_sentence(one)}."
    if len(unclear) > 1:
        named = listed(mid_sentence(one.outcome.short) for one in unclear)
        yield f"No clear difference was found in {named}."
