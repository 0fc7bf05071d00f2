"""Tipping-point analyses: how far those without an interview would have to be off for a finding to turn."""

from __future__ import annotations

from collections.abc import Iterator

from cpis_analysis.analyses.tipping import Tipping
from cpis_analysis.chapters.page import Page
from cpis_analysis.chapters.tipping.chart import tipping_chart
from cpis_analysis.chapters.tipping.content import tipping_points
from cpis_analysis.chapters.tipping.sentences import nothing_to_shift_sentence, tipping_paragraphs
from cpis_analysis.publish.blocks import Block, Heading, Paragraph, Run, said
from cpis_analysis.words.refusals import refused_sentence


def _points(page: Page) -> dict[str, list[Tipping]]:
    return tipping_points(page.content.results, page.labels)


def tipping_short(page: Page) -> Iterator[Block]:
    """The primary outcome's first analysis in one figure; nothing where the plan asks for no tipping point."""
    name = page.primary[0].spec.outcome if page.primary else ""
    found = page.once(_points).get(name, [])
    chart = tipping_chart(found[0], page) if found else None
    if chart:
        yield chart
        line = (Run("Grid of shifts and other outcomes: "), Run("Tipping points", target="tipping-section"), Run("."))
        yield Paragraph(line, "note")
    elif found:
        yield from (block for sentences in tipping_paragraphs(found, page.words)[1:2] for block in said(sentences))


def tipping(page: Page) -> Iterator[Block]:
    """An outcome after the other: paragraphs, figure, table; then what could not be shifted, and why."""
    for name, analyses in page.once(_points).items():
        yield Heading(2, f"Tipping point: {page.labels.outcome(name)}")
        for sentences in tipping_paragraphs(analyses, page.words):
            yield from said(sentences)
        yield from page.figures(f"tipping-{name.replace('_', '-')}")
        yield from page.tables(f"tipping-{name.replace('_', '-')}")
    results = page.content.results
    nothing = [text for result in results if (text := nothing_to_shift_sentence(result, page.words))]
    refused = [
        refused_sentence(result, page.words, "tipping-point analysis")
        for result in results
        if result.spec.tipping_point and not result.estimable
    ]
    for text in dict.fromkeys([*nothing, *refused]):
        yield from said([text])
