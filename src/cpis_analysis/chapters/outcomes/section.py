"""Was there a difference? The primary outcome in words, then every outcome in one table and one picture."""

from __future__ import annotations

from collections.abc import Iterator

from cpis_analysis.chapters.answers.content import answered
from cpis_analysis.chapters.answers.sentences import overview_sentences
from cpis_analysis.chapters.equivalence.sentences import equivalence_sentences
from cpis_analysis.chapters.page import MARK, Page
from cpis_analysis.chapters.result.sentences import primary_paragraphs
from cpis_analysis.chapters.robustness.sentences import secondary_sentences
from cpis_analysis.publish.blocks import Block, Heading, Paragraph, Run, said

__all__ = ["outcomes"]


def _answers(page: Page) -> Iterator[Block]:
    """Answers and counts: how many were compared, and all in one table."""
    chosen = answered(page.content.results, page.labels)
    tables = page.tables("answers")
    if not chosen:
        return
    yield Heading(2, "Answers")
    yield from said(overview_sentences(chosen, page.words))
    yield from tables


def outcomes(page: Page) -> Iterator[Block]:
    """The section; nothing without results. How each result was made stands in the annex."""
    if not page.results:
        return
    for head in page.primary[:1]:
        label = page.labels.outcome(head.spec.outcome) + page.mark(head.spec.outcome)
        yield Heading(2, f"Primary outcome: {label}")
        for paragraph in primary_paragraphs(head, page.words)[:2]:
            yield from said(paragraph)
        yield from said(equivalence_sentences(head, page.words))
    yield from page.tables("outcomes")
    yield from page.figures("forest")
    if page.secondary:
        yield from said(secondary_sentences(page.secondary, page.words, page.adjusted))
    yield from _answers(page)
    yield Paragraph(
        (
            Run("Each outcome by itself, with its figures and how it was made: "),
            Run("Every outcome", target="every-outcome-section"),
            Run(" in the annex."),
        ),
        "note",
    )
    if any(page.mark(name) for name in page.results):
        words = f"{MARK} The scoring rule has not been verified in full; see "
        yield Paragraph((Run(words), Run("Measures", target="measures-section"), Run(".")), "note")
