"""Every analysis of every outcome, for the annex: two anchors, panels of tests, and the models of each outcome."""

from __future__ import annotations

from collections.abc import Iterator

from cpis_analysis.analyses.estimate import AnalysisResult
from cpis_analysis.chapters.equivalence.sentences import equivalence_agreement
from cpis_analysis.chapters.page import Page
from cpis_analysis.chapters.robustness.explorer import explorer
from cpis_analysis.chapters.robustness.influence_table import influence_blocks
from cpis_analysis.chapters.robustness.panel_section import panel_blocks
from cpis_analysis.chapters.robustness.sentences import range_sentences
from cpis_analysis.chapters.two_methods.content import all_anchors
from cpis_analysis.chapters.two_methods.sentences import anchor_sentences
from cpis_analysis.publish.blocks import Block, Heading, said
from cpis_analysis.publish.exhibit_id import slug


def every_analysis(page: Page) -> Iterator[Block]:
    """The section; nothing where every outcome has one analysis only."""
    anchors = anchor_sentences(all_anchors(page.results), page.words)
    tables = page.tables("anchors")
    if anchors:
        yield Heading(2, "Two anchors")
        yield from said(anchors)
        yield from tables
    yield from panel_blocks(page)
    yield from influence_blocks(page)
    for name, rows in page.results.items():
        if len(rows) > 1:
            yield from _panel(name, rows, page)
    yield from page.tables("robustness", "sensitivity", "contrasts")
    yield from explorer(page)


def _panel(name: str, rows: list[AnalysisResult], page: Page) -> Iterator[Block]:
    """Sentences and table of one outcome."""
    sentences = [*range_sentences(rows, page.words), *filter(None, [equivalence_agreement(rows, page.words)])]
    tables = page.tables(f"robustness-{slug(name)}")
    if sentences or tables:
        yield Heading(2, page.labels.outcome(name) + page.mark(name))
        yield from said(sentences)
        yield from tables
