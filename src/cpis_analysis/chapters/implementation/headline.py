"""The answer to "Was it implemented?" for the first screen."""

from __future__ import annotations

from cpis_analysis.chapters.implementation.content import fidelity_by_arm, reach, singled_counts
from cpis_analysis.chapters.implementation.fidelity import fidelity_answer, printed
from cpis_analysis.chapters.implementation.reached import reach_answer
from cpis_analysis.chapters.implementation.section import implementation_answer
from cpis_analysis.chapters.page import Page
from cpis_analysis.publish.blocks import Run, Tile
from cpis_analysis.publish.chart.drawing_marks import Drawing, Mark, Scale, Stroke, Words
from cpis_analysis.publish.chart.pieces import span
from cpis_analysis.publish.format import capital, count, percent
from cpis_analysis.words.wording import capitalised, listed, plural

_QUESTION = "Was it implemented?"


def headline(page: Page) -> Tile | None:
    """The answer with the ranges of fidelity by arm; None where the plan names neither fidelity nor reach."""
    answer = implementation_answer(page, short=True) or _overlap(page)
    if not answer:
        return None
    done, words = page.content.plan.report.implementation, page.words
    ends, texts = fidelity_by_arm(page), []
    if ends and done.fidelity is not None:
        reference, *others = ends
        ranges = listed(f"{_range(ends[arm])} in the {words.arm(arm)}" for arm in (*others, reference))
        texts.append(f"{capitalised(words.variable(done.fidelity.variable))} was {ranges}.")
    counts = singled_counts(page)
    if counts is not None and done.singled_out is not None:
        noun = plural(page.labels.team_word)
        arm = page.labels.arm_within(counts[2])
        did = done.singled_out.did or f"({done.singled_out.label})"
        texts.append(f"{count(counts[0])} of {count(counts[1])} {arm} {noun} {did}.")
    found = reach(page)
    if reach_answer(page) and found is not None:
        yes, n = found.answers.counts["yes"], found.answers.n
        texts.append(
            f"{count(yes)} of {count(n)} {page.labels.people} ({percent(yes, n)}) {done.reached_phrase or 'said yes'}."
        )
    drawing, name = _drawn(page)
    link = Run("Implementation", target="implementation-section")
    return Tile(_QUESTION, capital(answer), ((Run(" ".join(texts)), Run(" "), link),), drawing, name)


def _overlap(page: Page) -> str:
    """Whether the ranges of the groups overlap, of a study without pairs of teams."""
    ends, named = fidelity_by_arm(page), page.content.plan.report.implementation.fidelity
    if not ends or named is None or fidelity_answer(page):
        return ""
    reference, *others = ends
    label, labels = capitalised(page.words.variable(named.variable)), page.labels
    apart = [arm for arm in others if ends[arm][0] > ends[reference][1]]
    if apart:
        return f"{label} was higher in every {labels.arm_within(apart[0])} {labels.team_word}"
    return f"{label} of the groups overlapped"


def _drawn(page: Page) -> tuple[Drawing | None, str]:
    ends, named = fidelity_by_arm(page), page.content.plan.report.implementation.fidelity
    if not ends or named is None:
        return None, ""
    labels = page.labels
    lows, highs = ([float(pair[at]) for pair in ends.values()] for at in (0, 1))
    scale = Scale(min(0.0, *lows), max(100.0, *highs), 0.0)
    marks: list[Mark] = [Stroke(0, 100, 2, 2, "axis")]
    for place, arm in enumerate(ends):
        low, high = ends[arm]
        marks += span(scale, low, high, place, 2.0)
        end, anchor = (scale.at(high), "end") if place == 0 else (scale.at(low), "start")
        marks.append(Words(end, 1.1, labels.arm(arm), "words-soft", "small", anchor))
        marks.append(Words(end, 3.6, _range(ends[arm]), "words-soft", "small", anchor))
    said = "; ".join(f"{labels.arm(arm)} {_range(ends[arm])}" for arm in ends)
    label = capitalised(page.words.variable(named.variable))
    return Drawing(tuple(marks), 4.0), f"{label} by {labels.team_word}: {said}."


def _range(ends: tuple[float, float]) -> str:
    low, high = (printed(end) for end in ends)
    return low if low == high else f"{low} to {high}"
