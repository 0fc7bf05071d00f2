"""What people said: levels first, differences beside them, and every answer behind."""

from __future__ import annotations

from collections.abc import Iterator

from cpis_analysis.chapters.experience.figure import drawn_differences
from cpis_analysis.chapters.experience.levels import best_code, changes_chart, changes_lede, changes_told
from cpis_analysis.chapters.experience.sentences import experience_interval_sentences, experience_sentences
from cpis_analysis.chapters.page import Page
from cpis_analysis.publish.blocks import Block, Folded, points, said
from cpis_analysis.publish.format import lower_first, percent
from cpis_analysis.words.beginnings import without_shared_beginning
from cpis_analysis.words.wording import listed


def experience(page: Page) -> Iterator[Block]:
    """Answers at follow-up; nothing where the plan asks for none."""
    differences = page.summary("differences")
    found = drawn_differences(differences) if len(differences) else {}
    chart = changes_chart(page)
    if chart is not None:
        yield from said([f"{changes_lede(page)}."] if changes_lede(page) else [], "lede")
        yield from said(_levels(page))
        yield chart
    else:
        yield from points(experience_sentences(page.summary("experience"), page.words))
    yield from said(experience_interval_sentences(found, page.words))
    behind: list[Block] = [
        *page.figures("experience", folded=True),
        *page.tables("experience", folded=True),
    ]
    if behind:
        yield Folded("Every answer by group", tuple(behind))


def _levels(page: Page) -> list[str]:
    """The lowest and the highest share with the best answer, and what it is a share of."""
    told = changes_told(page)
    shares = [
        (one.counts[best_code(arms)], one.n)
        for arms in told.values()
        for one in arms.values()
        if one.counts[best_code(arms)] is not None
    ]
    if not shares:
        return []
    low, high = min(shares, key=lambda pair: pair[0] / pair[1]), max(shares, key=lambda pair: pair[0] / pair[1])
    label = page.labels.choice_within(next(iter(told)), best_code(next(iter(told.values()))))
    names = without_shared_beginning([page.labels.variable(name) for name in told])
    about = listed(lower_first(name) for name in names)
    return [
        f"Between {percent(*low)} and {percent(*high)} of those who answered in either group said that things were "
        f"{label}: {about}. Answers are described and not tested."
    ]
