"""What stood in the way: barriers that people named, and what practitioners spoke of."""

from __future__ import annotations

from collections.abc import Iterator

from cpis_analysis.chapters.experience.barriers import barriers_chart, named_most
from cpis_analysis.chapters.page import Page
from cpis_analysis.chapters.practitioners.charts import sites_chart, themes_chart
from cpis_analysis.chapters.practitioners.content import theme_name, themes
from cpis_analysis.chapters.practitioners.sentences import (
    agreement_sentences,
    group_sentences,
    missing_words,
    pair_sentences,
    quotation_sentences,
)
from cpis_analysis.publish.blocks import Block, Folded, said
from cpis_analysis.publish.format import capital, lower_first
from cpis_analysis.words.wording import listed


def barriers_answer(page: Page) -> str:
    """The barrier that people named most, and what practitioners spoke of most, without a full stop."""
    people = [lower_first(name) for name, _ in named_most(page)[:1]]
    teams = [lower_first(theme_name(page, one.name)) for one in themes(page)[:2]]
    if people and teams:
        return f"{capital(people[0])} for {page.labels.people}, {listed(teams)} for practitioners"
    if people:
        return f"{capital(people[0])} was named most often"
    return f"Practitioners spoke most of {listed(teams)}" if teams else ""


def focus_groups(page: Page) -> Iterator[Block]:
    """Barriers of people, then themes of practitioners; nothing where the study has neither."""
    answer = barriers_answer(page)
    yield from said([f"{answer}."] if answer else [], "lede")
    barriers = barriers_chart(page)
    if barriers is not None:
        yield barriers
    if not themes(page):
        yield from page.tables("themes", "focus-groups")
        return
    yield from said([*group_sentences(page), *pair_sentences(page), *agreement_sentences(page)])
    chart = themes_chart(page)
    if chart is not None:
        yield chart
    yield from said(quotation_sentences(page))
    yield from said(filter(None, [missing_words(page)]), "slot")
    sites = sites_chart(page)
    behind: list[Block] = [] if sites is None else [sites]
    behind += page.tables("themes", "focus-groups", folded=True)
    if behind:
        yield Folded(f"Themes by {page.words.trust}", tuple(behind))
