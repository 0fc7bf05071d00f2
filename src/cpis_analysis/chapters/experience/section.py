"""Experience of support: answers at follow-up, and themes of focus groups."""

from __future__ import annotations

from collections.abc import Iterator

from cpis_analysis.chapters.experience.figure import drawn_differences
from cpis_analysis.chapters.experience.sentences import (
    experience_interval_sentences,
    experience_sentences,
    theme_sentences,
)
from cpis_analysis.chapters.page import Page
from cpis_analysis.publish.blocks import Block, points, said

__all__ = ["experience", "focus_groups"]


def experience(page: Page) -> Iterator[Block]:
    """Experience of support at follow-up, with differences between the arms; nothing where the plan asks for none."""
    differences = page.summary("differences")
    found = drawn_differences(differences) if len(differences) else {}
    sentences = experience_sentences(page.summary("experience"), page.words)
    intervals = experience_interval_sentences(found, page.words)
    exhibits: list[Block] = [*page.figures("experience"), *page.tables("experience")]
    if not (sentences or intervals or exhibits):
        return
    allowed = ["The intervals of the differences allow for the clusters."] if intervals else []
    yield from said(["Answers are described and not tested; shares are of those who answered the question.", *allowed])
    yield from points(sentences)
    yield from said(intervals)
    yield from exhibits


def focus_groups(page: Page) -> Iterator[Block]:
    """Themes of focus groups; nothing where the study has none."""
    yield from points(theme_sentences(page.summary("themes"), page.words))
    yield from page.figures("themes", "focus-groups")
    yield from page.tables("themes", "focus-groups")
