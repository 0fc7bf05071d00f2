"""Sections on people: baseline, retention, missing data."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from cpis_analysis.chapters.flow.section import followup_text
from cpis_analysis.chapters.imputation.sentences import short_sentence
from cpis_analysis.chapters.imputation.table import imputed_results
from cpis_analysis.chapters.page import Page
from cpis_analysis.chapters.people.sentences import balance_sentences, missing_analysis_sentences, missing_sentences
from cpis_analysis.chapters.people.sentences_confounding import (
    confounding_sentences,
    lost_sentences,
    prorated_sentences,
)
from cpis_analysis.chapters.tipping.section import tipping_short
from cpis_analysis.publish.blocks import Block, Paragraph, Run, said


def baseline(page: Page) -> Iterator[Block]:
    """Baseline characteristics by arm; nothing where there are none."""
    frame = page.summary("baseline")
    yield from said(balance_sentences(frame, page.words) if len(frame) else ())
    if len(page.primary) < 2:
        # else it is said under robustness
        yield from said(confounding_sentences(frame, page.primary, page.words)[:1])
    yield from page.figures("baseline", "balance")
    # one row a characteristic needs no filter
    tables = [replace(table, fixed=True) for table in page.tables("baseline", "teams")]
    yield from tables
    if tables and "characteristics" in page.content.tables:
        yield Paragraph((Run("Every answer: "), Run("in full", target="characteristics-section"), Run(".")), "note")


def characteristics(page: Page) -> Iterator[Block]:
    """All characteristics of people and clusters with every answer; nothing where there are none."""
    yield from page.tables("characteristics")


def retention(page: Page) -> Iterator[Block]:
    """People followed up beside people lost, and what is missing; nothing without a table or figure of it."""
    exhibits: list[Block] = [
        *page.figures("retention"),
        *page.tables("retention", "lost"),
        *page.figures("missing", "missingness"),
    ]
    if exhibits:
        yield from said(followup_text(page))
        yield from exhibits


def missing(page: Page) -> Iterator[Block]:
    """Who was lost, and what is missing by arm and wave; nothing where nothing is tabulated."""
    name = page.primary[0].spec.outcome if page.primary else None
    recruited = page.content.flow.get("overall", {}).get("recruited")
    sentences = missing_sentences(page.summary("missing"), name, page.words) if name else ()
    used = [text for head in page.primary[:1] for text in missing_analysis_sentences(head, page.words, recruited)]
    exhibits: list[Block] = [*page.tables("missing", "missingness")]
    shifts = list(tipping_short(page))
    imputed = [short_sentence(one, page.words) for one in imputed_results(page.content.results, page.labels)]
    if sentences or exhibits or shifts or imputed:
        yield from said(lost_sentences(page.summary("retention"), page.words))
        yield from said(sentences)
        yield from said(prorated_sentences(page.content.scoring, page.primary, page.words)[:1])
        yield from said(used)
        yield from exhibits
        yield from said(imputed)
        yield from shifts
