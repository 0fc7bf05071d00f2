"""The answer to "What did people say?" for the first screen."""

from __future__ import annotations

from cpis_analysis.chapters.answer_counts import answers_by_arm
from cpis_analysis.chapters.experience.levels import best_code, changes_lede, changes_told
from cpis_analysis.chapters.experience.sentences import experience_sentences
from cpis_analysis.chapters.page import Page
from cpis_analysis.publish.blocks import Line, Run, Tile
from cpis_analysis.publish.chart.drawing_marks import Drawing, Mark, Words
from cpis_analysis.publish.chart.pieces import bar
from cpis_analysis.publish.format import capital, lower_first, percent
from cpis_analysis.words.beginnings import without_shared_beginning
from cpis_analysis.words.wording import listed

_LINK = Run("Experience", target="experience-section")


def headline(page: Page) -> Tile | None:
    """What people said had become better; else what they answered first. None where they were not asked."""
    question = f"What did {page.labels.people} say?"
    told, lede = changes_told(page), changes_lede(page)
    if not lede:
        sentences = experience_sentences(page.summary("experience"), page.words, 2)
        if not sentences:
            return None
        return Tile(question, f"What {page.labels.people} answered", ((Run(" ".join(sentences)), Run(" "), _LINK),))
    labels = page.labels
    name, arms = next(iter(told.items()))
    best = best_code(arms)
    names = without_shared_beginning([labels.variable(each) for each in told])
    shown = [percent(one.counts[best], one.n) for one in arms.values()]
    by_arm = listed(f"{text} ({labels.arm_within(arm)})" for arm, text in zip(arms, shown, strict=True))
    said_best = f"{names[0]}, “{labels.choice_within(name, best)}”"
    texts = [f"{said_best}: {by_arm}."]
    if len(names) > 1:
        shares = [(one.counts[best_code(own)], one.n) for own in told.values() for one in own.values()]
        low, high = min(shares, key=lambda pair: pair[0] / pair[1]), max(shares, key=lambda pair: pair[0] / pair[1])
        others = listed(lower_first(each) for each in names[1:])
        texts = [f"{said_best}: {by_arm}; with {others}, {percent(*low)} to {percent(*high)}."]
    texts += _support(page)
    marks: list[Mark] = []
    for place, (arm, one) in enumerate(list(arms.items())[:2]):
        y = 0.4 + 2.0 * place
        marks += bar(float(one.counts[best]) / float(one.n), y + 1.25, 0.6, "better")
        marks.append(Words(0.0, y + 0.6, f"{labels.arm(arm)} {shown[place]}", "words-soft", "small", "start"))
    line: Line = (Run(" ".join(texts)), Run(" "), _LINK)
    said = "; ".join(f"{labels.arm(arm)} {text}" for arm, text in zip(arms, shown, strict=True))
    sentence = f"{capital(labels.variable(name))}, {labels.choice_within(name, best)}: {said}."
    return Tile(question, lede, (line,), Drawing(tuple(marks), 4.4), sentence)


def _support(page: Page) -> list[str]:
    """Who got the support, by arm."""
    done = page.content.plan.report.implementation
    if done.supported is None:
        return []
    arms = answers_by_arm(page, done.supported)
    shares = [
        f"{percent(one.counts['yes'], one.n)} of the {page.words.arm(arm)}"
        for arm, one in arms.items()
        if one.counts.get("yes") is not None
    ]
    if not shares:
        return []
    what = done.supported_phrase or f"said yes to “{page.labels.variable(done.supported)}”"
    return [f"{capital(listed(shares))} {what}."]
