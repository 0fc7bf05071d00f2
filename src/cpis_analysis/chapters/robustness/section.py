"""The models of each outcome beside each other."""

from __future__ import annotations

from collections.abc import Iterator

from cpis_analysis.analyses.estimate import AnalysisResult
from cpis_analysis.chapters.equivalence.sentences import equivalence_agreement
from cpis_analysis.chapters.page import Page
from cpis_analysis.chapters.process.sentences_lock import headline_sentence
from cpis_analysis.chapters.robustness.explorer import explorer
from cpis_analysis.chapters.robustness.sentences import robustness_sentences
from cpis_analysis.publish.blocks import Block, Folded, Heading, said
from cpis_analysis.publish.exhibit_id import slug

__all__ = ["robustness"]


def robustness(page: Page) -> Iterator[Block]:
    """Other models of each outcome, and the explorer of all analyses; nothing where an outcome has one model only."""
    blocks = [block for name, rows in page.results.items() if len(rows) > 1 for block in _panel(name, rows, page)]
    blocks += page.tables("robustness", "sensitivity", "contrasts")
    blocks += page.figures("robustness", "sensitivity")
    blocks += explorer(page)
    if blocks:
        primary = page.primary[0].spec.outcome if page.primary else ""
        chosen = headline_sentence(page.content.lock, primary)
        yield from said(
            [
                "The same question was asked with other assumptions.",
                chosen,
                "The others show how much depends on that choice.",
            ]
        )
        yield from blocks


def _panel(name: str, rows: list[AnalysisResult], page: Page) -> Iterator[Block]:
    """Sentences, table and figures of one outcome; exhibits of secondary outcomes are folded."""
    label, folded = page.labels.outcome(name) + page.mark(name), rows is not page.primary
    sentences = [*robustness_sentences(rows, page.words), *filter(None, [equivalence_agreement(rows, page.words)])]
    exhibits: list[Block] = [
        *page.tables(f"robustness-{slug(name)}", folded=folded),
        *page.figures(f"robustness-{slug(name)}", f"specifications-{slug(name)}", folded=folded),
    ]
    if not (sentences or exhibits):
        return
    yield Heading(2, label)
    yield from said(sentences)
    if exhibits and folded:
        yield Folded("All analyses", tuple(exhibits), of=f" of {label}")
    else:
        yield from exhibits
