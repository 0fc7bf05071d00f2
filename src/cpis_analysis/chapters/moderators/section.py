"""Section on subgroups and moderators: does the difference between the arms depend on something?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from cpis_analysis.analyses.estimate import AnalysisResult
from cpis_analysis.chapters.how_made import folded_making
from cpis_analysis.chapters.moderators.chart import moderator_answer, moderator_chart
from cpis_analysis.chapters.moderators.content import is_moderated
from cpis_analysis.chapters.moderators.many_chart import many_answer, many_chart, together
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
    every = [one for results in page.every.values() for one in results if is_moderated(one)]
    groups = [together([one for one in every if one.spec.model == model]) for model in _models(every)]
    # the first of several outcomes that one chart shows stands for all of them
    shown_by = {one.spec.name: group for group in groups for one in group}
    for result in every:
        group = shown_by.get(result.spec.name, [])
        if group and result is not group[0]:
            continue
        answer = many_answer(group, page) if group else moderator_answer(result, page)
        chart = many_chart(group, page) if group else moderator_chart(result, page)
        model = page.labels.model(result.spec.model)
        yield from said([f"{answer}." if answer else f"{model}: see the annex."])
        if chart:
            yield chart
        drawn = True
    if drawn:
        line = (Run("Tests and models of moderators: "), Run("Moderators", target="moderators-section"), Run("."))
        yield Paragraph(line, "note")


def _models(results: Iterable[AnalysisResult]) -> list[str]:
    return list(dict.fromkeys(result.spec.model for result in results))


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
