"""The first screen: an answer to each question that a reader has."""

from __future__ import annotations

from collections.abc import Iterator

from cpis_analysis.chapters.experience.headline import headline as said_headline
from cpis_analysis.chapters.experience.headline import headline_barriers
from cpis_analysis.chapters.experience.sentences import experience_sentences, theme_sentences
from cpis_analysis.chapters.findings.sentences import key_findings
from cpis_analysis.chapters.flow.section import flow_text, followup_text
from cpis_analysis.chapters.implementation.headline import headline as implementation_headline
from cpis_analysis.chapters.page import Page
from cpis_analysis.chapters.process.sentences_lock import planned_sentences
from cpis_analysis.publish.blocks import Block, Bullets, Paragraph, Run, Tiles

__all__ = ["findings_list", "key_findings_section", "unverified_mark"]


def key_findings_section(page: Page) -> Iterator[Block]:
    """The findings, the tiles of the other questions, and what the mark at a measure means."""
    yield findings_list(page)
    found = (implementation_headline(page), said_headline(page), headline_barriers(page))
    tiles = tuple(tile for tile in found if tile is not None)
    if tiles:
        yield Tiles(tiles)
    if mark := unverified_mark(page):
        words = f"{mark} The scoring rule has not been verified in full; see "
        measures = Run("Measures", target="measures-section")
        yield Paragraph((Run(words), measures, Run(".")), "note")


def findings_list(page: Page) -> Bullets:
    """One finding a line, its lead set apart."""
    found = key_findings(
        page.words,
        page.content.design_audit,
        flow=flow_text(page),
        followup=followup_text(page),
        primary=page.primary,
        secondary=page.secondary,
        adjusted=page.adjusted,
        planned=planned_sentences(page.content.lock, page.primary[0].spec.outcome if page.primary else ""),
        experience=experience_sentences(page.summary("experience"), page.words),
        themes=theme_sentences(page.summary("themes"), page.words),
        mark=_mark(page),
    )
    return Bullets(tuple((Run(f"{one.lead}.", "strong"), Run(f" {one.text}")) for one in found), "findings")


def unverified_mark(page: Page) -> str:
    """The mark of the primary outcome, if its scoring rule has not been verified."""
    return _mark(page).strip()


def _mark(page: Page) -> str:
    return page.mark(page.primary[0].spec.outcome) if page.primary else ""
