"""How sure is this? The primary outcome by every analysis, and the explorer of all analyses."""

from __future__ import annotations

from collections.abc import Iterator

from cpis_analysis.chapters.equivalence.sentences import equivalence_agreement
from cpis_analysis.chapters.error_rates.rates import simulated_cells
from cpis_analysis.chapters.error_rates.sentences import false_positives_sentence
from cpis_analysis.chapters.page import Page
from cpis_analysis.chapters.process.sentences_lock import headline_sentence
from cpis_analysis.chapters.robustness.sentences import robustness_sentences
from cpis_analysis.publish.blocks import Block, Paragraph, Run, said
from cpis_analysis.publish.exhibit_id import slug

__all__ = ["robustness"]


def robustness(page: Page) -> Iterator[Block]:
    """Sentences and one figure on the primary outcome; nothing where it has one analysis only."""
    if len(page.primary) < 2:
        return
    name = page.primary[0].spec.outcome
    chosen = headline_sentence(page.content.lock, name)
    yield from said(["The same question was asked with other assumptions.", *([chosen] if chosen else [])])
    yield from said(
        [
            *robustness_sentences(page.primary, page.words),
            *filter(None, [equivalence_agreement(page.primary, page.words)]),
        ]
    )
    yield from page.figures(f"robustness-{slug(name)}")
    rate = false_positives_sentence(simulated_cells(page.content.error_rates)[:1], page.words)
    yield from said([rate] if rate else [])
    yield Paragraph(
        (
            Run("Every analysis of every outcome stands in the annex, with an explorer: "),
            Run("Every analysis", target="every-analysis-section"),
            Run("."),
        ),
        "note",
    )
