"""Every outcome by itself, for the annex: what the headline analysis found, how it was made, and its figures."""

from __future__ import annotations

from collections.abc import Iterator

from cpis_analysis.analyses.estimate import AnalysisResult
from cpis_analysis.chapters.answers.bars_chart import answers_chart
from cpis_analysis.chapters.answers.content import answered
from cpis_analysis.chapters.answers.sentences import answer_sentences, seen_to_fail
from cpis_analysis.chapters.equivalence.sentences import equivalence_sentences
from cpis_analysis.chapters.error_rates.rates import simulated_answers
from cpis_analysis.chapters.error_rates.sentences import too_often_sentences
from cpis_analysis.chapters.how_made import estimand_phrases, folded_making
from cpis_analysis.chapters.models.sentences import icc_sentences, zero_variance_sentence
from cpis_analysis.chapters.page import Page
from cpis_analysis.chapters.result.direction import usable
from cpis_analysis.chapters.result.sentences import (
    difference_sentence,
    importance_sentence,
    interval_sentence,
    primary_paragraphs,
    unusable_sentence,
)
from cpis_analysis.publish.blocks import Block, Heading, Paragraph, Run, said
from cpis_analysis.publish.exhibit_id import slug


def every_outcome(page: Page) -> Iterator[Block]:
    """The primary outcome in full, then each of the others; nothing without results."""
    yield from page.tables("outcome-models", "answers")
    for head in page.primary[:1]:
        yield from _primary(head, page)
    answers = {one.outcome: one for one in answered(page.content.results, page.labels)}
    rates = simulated_answers(page.content.error_rates, page.labels)
    for head in (*page.secondary, *page.exploratory):
        yield Heading(2, page.labels.outcome(head.spec.outcome) + page.mark(head.spec.outcome), _anchor(head))
        one = answers.get(head.spec.outcome)
        yield from said(answer_sentences(one, page.words) if one else _short(head, page))
        if one:
            own = [part for part in rates if part.outcome == one.outcome]
            yield from said((*seen_to_fail([one], page.words), *too_often_sentences(own, page.words)), "alert")
        chart = answers_chart(page, head.spec.outcome)
        yield from [chart] if chart else []
        yield from page.figures(*_figures_of(head, page))
        yield folded_making(page, head, page.labels.outcome(head.spec.outcome))
    yield from page.figures("risk-differences", "ratios", "outcomes")


def _anchor(head: AnalysisResult) -> str:
    return f"outcome-{slug(head.spec.outcome)}"


def _primary(head: AnalysisResult, page: Page) -> Iterator[Block]:
    label = page.labels.outcome(head.spec.outcome) + page.mark(head.spec.outcome)
    yield Heading(2, f"Primary outcome: {label}", _anchor(head))
    for paragraph in primary_paragraphs(head, page.words):
        yield from said(paragraph)
    yield from said(equivalence_sentences(head, page.words))
    yield from said(
        (*icc_sentences(head, page.words), *filter(None, [zero_variance_sentence([head], page.words)])),
    )
    estimand = " ".join(f"{name}: {text}." for name, text in estimand_phrases(page, head))
    yield Paragraph((Run("Estimand.", "strong"), Run(f" {estimand}")), "note")
    yield from page.figures(*_figures_of(head, page))
    yield folded_making(page, head, label)


def _figures_of(head: AnalysisResult, page: Page) -> list[str]:
    """Figures of one outcome, in the order in which they stand."""
    of_clusters = map(page.labels.of_clusters, ("means", "risks"))
    return [
        f"{kind}-{slug(head.spec.outcome)}" for kind in ("trajectories", "waves", "survival", *of_clusters, "spread")
    ]


def _short(head: AnalysisResult, page: Page) -> list[str]:
    if not usable(head):
        return [unusable_sentence(head, page.words)]
    parts = [
        difference_sentence(head, page.words),
        interval_sentence(head, page.words),
        importance_sentence(head, page.words),
        *equivalence_sentences(head, page.words),
    ]
    return [part for part in parts if part]
