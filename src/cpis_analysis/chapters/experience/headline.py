"""The answers to "What did people say?" and "What stood in the way?" for the first screen."""

from __future__ import annotations

from cpis_analysis.chapters.experience.sentences import experience_sentences, theme_sentences
from cpis_analysis.chapters.page import Page
from cpis_analysis.publish.blocks import Run, Tile

__all__ = ["headline", "headline_barriers"]


def headline(page: Page) -> Tile | None:
    """What people said; None where they were not asked."""
    sentences = experience_sentences(page.summary("experience"), page.words, 2)
    if not sentences:
        return None
    text = (Run(" ".join(sentences)), Run(" "), Run("Experience", target="experience-section"))
    return Tile("What did people say?", "What people answered about their support", (text,))


def headline_barriers(page: Page) -> Tile | None:
    """What stood in the way; None where nobody was asked."""
    sentences = theme_sentences(page.summary("themes"), page.words)
    if not sentences:
        return None
    text = (Run(sentences[0]), Run(" "), Run("Practitioners", target="focus-groups-section"))
    return Tile("What stood in the way?", "What practitioners spoke of", (text,))
