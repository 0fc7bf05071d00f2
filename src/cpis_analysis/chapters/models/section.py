"""Sections on the models: formula, coefficients and variances of each, and what their residuals show."""

from __future__ import annotations

from collections.abc import Iterator

from cpis_analysis.analyses.estimate import AnalysisResult
from cpis_analysis.chapters.how_made import making_facts
from cpis_analysis.chapters.models.sentences import icc_sentences, zero_variance_sentence
from cpis_analysis.chapters.models.sentences_diagnostics import diagnostic_sentences, simulated_sentence
from cpis_analysis.chapters.page import Page
from cpis_analysis.publish.blocks import Block, Bullets, Folded, Heading, Run, said
from cpis_analysis.publish.exhibit_id import slug
from cpis_analysis.publish.sources.sourced_columns import how_many
from cpis_analysis.words.wording import counted

_ON_PAPER = (
    "The details of all analyses can be unfolded in the page itself; the Word and PDF versions have those of the "
    "headline analyses in their appendix."
)


def models(page: Page) -> Iterator[Block]:
    """Formula, coefficients and variances of every model; nothing without results."""
    if not page.every:
        return
    tables = [
        *(page.tables(_table_of(page.primary[0])) if page.primary else []),
        *page.tables("models", "variances"),
    ]
    yield from _intraclass(page)
    yield from tables
    yield Heading(2, "How each result was made")
    yield from said([_ON_PAPER], "paper")
    for name, rows in page.every.items():
        made: list[Block] = []
        for row in rows:
            made += [making_facts(page, row), *page.tables(_table_of(row), folded=True)]
        number = counted(how_many(row.spec.level for row in rows), "analysis")
        label = page.labels.outcome(name) + page.mark(name)
        yield Folded(f"{label} ({number})", tuple(made), kind="screen")


def diagnostics(page: Page) -> Iterator[Block]:
    """Warnings and residuals of the fits; nothing where there is nothing to show."""
    yield from said(diagnostic_sentences(page.primary[0], page.words) if page.primary else ())
    yield from page.figures(*(f"diagnostics-{slug(row.spec.name)}" for row in page.primary))
    yield from page.tables("diagnostics")
    folded = page.figures("diagnostics", folded=True)
    if folded:
        yield Folded("Diagnostics of the other headline analyses", tuple(folded), kind="screen")
    ranked = [
        (Run(f"{_name(page, row)}.", "strong"), Run(f" {simulated_sentence(row.diagnostics['simulated'])}"))
        for rows in page.every.values()
        for row in rows
        if row.simulates_residuals and row.spec.name not in [one.spec.name for one in page.primary[:1]]
    ]
    if ranked:
        yield Heading(2, "Simulated residuals of generalised mixed models")
        yield Bullets(tuple(ranked))
    lines = []
    for row in (rows[0] for rows in page.results.values()):
        messages = list(dict.fromkeys([*row.estimate.warnings, *row.messages]))
        if messages:
            lines.append((Run(f"{_name(page, row)}.", "strong"), Run(f" {' '.join(messages)}")))
    if lines:
        yield Heading(2, "What the fits report")
        yield Bullets(tuple(lines))


def _intraclass(page: Page) -> Iterator[Block]:
    found = {head.spec.outcome: icc_sentences(head, page.words) for head in page.headlines}
    lines = [
        (Run(f"{page.labels.outcome(name)}.", "strong"), Run(f" {' '.join(sentences)}"))
        for name, sentences in found.items()
        if sentences
    ]
    zero = zero_variance_sentence(page.headlines, page.words)
    if lines:
        first = "Intraclass correlations are those of the headline models, after adjustment."
        yield from said([first, *([zero] if zero else [])])
        yield Bullets(tuple(lines))


def _name(page: Page, row: AnalysisResult) -> str:
    return f"{page.labels.outcome_short(row.spec.outcome)}: {page.labels.model(row.spec.model)}"


def _table_of(result: AnalysisResult) -> str:
    """Id of the table with the details of an analysis."""
    return f"model-{slug(result.spec.name)}"
