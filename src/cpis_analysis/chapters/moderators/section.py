"""Section on subgroups and moderators: does the difference between the arms depend on something?"""

from __future__ import annotations

from collections.abc import Iterator

from cpis_analysis.chapters.how_made import folded_making
from cpis_analysis.chapters.moderators.chart import moderator_answer, moderator_chart
from cpis_analysis.chapters.moderators.content import is_moderated
from cpis_analysis.chapters.moderators.sentences import moderator_paragraphs
from cpis_analysis.chapters.page import Page
from cpis_analysis.publish.blocks import Block, Heading, Paragraph, Run, said
from cpis_analysis.publish.exhibit_id import slug

_INTRODUCTION = (
    "A subgroup is compared by the interaction: does the difference between the arms depend on the moderator?",
    "The differences at single levels describe; they are no tests of their own.",
)


def subgroups(page: Page) -> Iterator[Block]:
    """The answer on each moderator with its picture; nothing where the plan has none. The rest stands in the annex."""
    drawn = False
    for results in page.every.values():
        for result in (one for one in results if is_moderated(one)):
            answer, chart = moderator_answer(result, page), moderator_chart(result, page)
            model = page.labels.model(result.spec.model)
            yield from said([f"{answer}." if answer else f"{model}: see the annex."])
            if chart:
                yield chart
            drawn = True
    if drawn:
        line = (Run("Tests and models of moderators: "), Run("Moderators", target="moderators-section"), Run("."))
        yield Paragraph(line, "note")


def moderators(page: Page) -> Iterator[Block]:
    """Analyses of moderators by outcome, the interaction before its levels; nothing where the plan has none."""
    outcomes = {name: [one for one in results if is_moderated(one)] for name, results in page.every.items()}
    if any(outcomes.values()):
        yield from said(_INTRODUCTION)
    for name, results in outcomes.items():
        if not results:
            continue
        outcome = page.labels.outcome(name) + page.mark(name)
        yield Heading(2, outcome)
        for result in results:
            model = page.labels.model(result.spec.model)
            yield Heading(3, model)
            for sentences in moderator_paragraphs(result, page.words):
                yield from said(sentences)
            yield folded_making(page, result, f"{outcome}, {model}")
        yield from page.tables(f"moderators-{slug(name)}")
        yield from page.figures(f"moderators-{slug(name)}")
