"""Confounding in the annex: weighted analyses with their balance, E-values, negative controls."""

from __future__ import annotations

from collections.abc import Iterator

from cpis_analysis.chapters.confounding.love_chart import balanced_results, love_chart
from cpis_analysis.chapters.confounding.sentences import balance_sentences_of, control_sentence, e_value_sentences
from cpis_analysis.chapters.confounding.table import e_value_rows
from cpis_analysis.chapters.page import Page
from cpis_analysis.chapters.result.direction import usable
from cpis_analysis.chapters.result.sentences import unusable_sentence
from cpis_analysis.publish.blocks import Block, Heading, said
from cpis_analysis.publish.exhibit_id import slug


def confounding(page: Page) -> Iterator[Block]:
    """The section; nothing in a study that has none of it."""
    for outcome, rows in page.every.items():
        weighted = balanced_results(rows)
        if weighted:
            yield Heading(2, f"Arms made alike by weights: {page.labels.outcome(outcome)}{page.mark(outcome)}")
            yield from said(balance_sentences_of(weighted, page.words))
            chart = love_chart(page, weighted[0])
            yield from [chart] if chart else []
            yield from page.tables(f"balance-{slug(outcome)}")
    tables = page.tables("e-values")
    if tables:
        primary = page.primary[0].spec.outcome if page.primary else ""
        yield Heading(2, "How strong unmeasured confounding would have to be")
        yield from said(e_value_sentences(e_value_rows(page.content.estimates, page.labels), primary, page.words))
        yield from tables
    for outcome in page.controls:
        yield Heading(2, f"Negative control: {page.labels.outcome(outcome)}{page.mark(outcome)}")
        yield from said(control_sentences(page)[outcome])
        yield from page.tables(f"robustness-{slug(outcome)}")
        of_clusters = map(page.labels.of_clusters, ("means", "risks"))
        kinds = ("trajectories", "waves", *of_clusters, "spread")
        yield from page.figures(*(f"{kind}-{slug(outcome)}" for kind in kinds))


def control_sentences(page: Page) -> dict[str, list[str]]:
    """Sentences on each negative control, by outcome."""
    return {
        outcome: [control_sentence(rows[0], page.words) if usable(rows[0]) else unusable_sentence(rows[0], page.words)]
        for outcome, rows in page.controls.items()
    }
