"""Each outcome with its headline result."""

from __future__ import annotations

from collections.abc import Iterator

from cpis_analysis.analyses.estimate import AnalysisResult
from cpis_analysis.chapters.equivalence.sentences import equivalence_sentences
from cpis_analysis.chapters.how_made import estimand_phrases, folded_making
from cpis_analysis.chapters.models.sentences import icc_sentences, zero_variance_sentence
from cpis_analysis.chapters.page import MARK, Page
from cpis_analysis.chapters.result.sentences import (
    difference_sentence,
    importance_sentence,
    interval_sentence,
    primary_paragraphs,
    unusable_sentence,
    usable,
)
from cpis_analysis.chapters.robustness.sentences import secondary_sentences
from cpis_analysis.chapters.two_methods.content import all_anchors
from cpis_analysis.chapters.two_methods.sentences import anchor_sentences
from cpis_analysis.publish.blocks import Block, Folded, Heading, Paragraph, Run, said
from cpis_analysis.publish.exhibit_id import slug

__all__ = ["outcomes"]

KINDS = ("trajectories", "team-means", "team-risks", "spread")
"""Figures of one outcome, in the order in which they stand."""


def outcomes(page: Page) -> Iterator[Block]:
    """The primary outcome in full, all outcomes in one table, the secondary ones in short; nothing without results."""
    if not page.results:
        return
    for head in page.primary[:1]:
        yield from _primary(head, page)
    yield from page.tables("outcomes")
    anchors = anchor_sentences(all_anchors(page.results), page.words)
    tables = page.tables("anchors")
    if anchors:
        yield Heading(2, "Two anchors")
        yield from said(anchors)
        yield from tables
    yield from page.figures(
        "forest", "risk-differences", "outcomes", *(name for head in page.primary[:1] for name in _figures_of(head))
    )
    if page.secondary:
        yield Heading(2, "Secondary outcomes")
        yield from said(secondary_sentences(page.secondary, page.words, page.adjusted))
        for head in page.secondary:
            yield from _secondary(head, page)
    if any(page.mark(name) for name in page.results):
        words = f"{MARK} The scoring rule has not been verified in full; see "
        yield Paragraph(
            (Run(words), Run("Measures and scoring", target="measures-section"), Run(".")),
            "note",
        )


def _primary(head: AnalysisResult, page: Page) -> Iterator[Block]:
    label = page.labels.outcome(head.spec.outcome) + page.mark(head.spec.outcome)
    yield Heading(2, f"Primary outcome: {label}")
    for paragraph in primary_paragraphs(head, page.words):
        yield from said(paragraph)
    yield from said(equivalence_sentences(head, page.words))
    yield from said(
        (*icc_sentences(head, page.words), *filter(None, [zero_variance_sentence([head], page.words)])),
    )
    estimand = " ".join(f"{name}: {text}." for name, text in estimand_phrases(page, head))
    yield Paragraph((Run("Estimand.", "strong"), Run(f" {estimand}")), "note")
    yield folded_making(page, head, label)


def _secondary(head: AnalysisResult, page: Page) -> Iterator[Block]:
    label = page.labels.outcome(head.spec.outcome) + page.mark(head.spec.outcome)
    yield Heading(3, label)
    yield from said(_short(head, page))
    yield folded_making(page, head, label)
    figures = page.figures(*_figures_of(head), folded=True)
    if figures:
        yield Folded("Figure" if len(figures) == 1 else "Figures", tuple(figures), of=f" for {label}", kind="screen")


def _figures_of(head: AnalysisResult) -> list[str]:
    return [f"{kind}-{slug(head.spec.outcome)}" for kind in KINDS]


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
