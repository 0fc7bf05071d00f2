"""The answer to "Was it implemented?" for the first screen."""

from __future__ import annotations

from cpis_analysis.chapters.implementation.content import fidelity_by_arm
from cpis_analysis.chapters.page import Page
from cpis_analysis.publish.blocks import Run, Tile
from cpis_analysis.publish.chart.drawing_marks import Drawing, Mark, Scale, Stroke, Words
from cpis_analysis.publish.chart.pieces import span
from cpis_analysis.publish.format import count, number
from cpis_analysis.words.wording import capitalised, listed

__all__ = ["headline"]


def headline(page: Page) -> Tile | None:
    """The ranges of fidelity by arm; None where the plan names no fidelity."""
    named = page.content.plan.report.implementation.fidelity
    ends = fidelity_by_arm(page)
    if named is None or not ends:
        return None
    labels, words = page.labels, page.words
    reference, *others = ends
    label = words.variable(named.variable)
    apart = [arm for arm in others if ends[arm][0] > ends[reference][1]]
    if apart:
        answer = f"{capitalised(label)} was higher in every {labels.arm_within(apart[0])} {words.team or words.trust}"
    else:
        answer = f"{capitalised(label)} of the groups overlapped"
    ranges = listed(f"{_range(ends[arm])} in the {words.arm(arm)}" for arm in (*others, reference))
    text = f"{capitalised(label)} was {ranges}."
    scale = Scale(min(0.0, float(ends[reference][0])), max(100.0, *(float(high) for _, high in ends.values())), 0.0)
    marks: list[Mark] = [Stroke(0, 100, 2, 2, "axis")]
    for place, arm in enumerate(ends):
        low, high = ends[arm]
        marks += span(scale, low, high, place, 2.0)
        end = scale.at(high) if place == 0 else scale.at(low)
        anchor = "end" if place == 0 else "start"
        marks.append(Words(end, 1.1, labels.arm(arm), "words-soft", "small", anchor))
        marks.append(Words(end, 3.6, _range(ends[arm]), "words-soft", "small", anchor))
    said = "; ".join(f"{labels.arm(arm)} {_range(ends[arm])}" for arm in ends)
    return Tile(
        "Was it implemented?",
        answer,
        ((Run(text), Run(" "), Run("Implementation", target="implementation-section")),),
        Drawing(tuple(marks), 4.0),
        f"{capitalised(label)} by {words.team or words.trust}: {said}.",
    )


def _range(ends: tuple[float, float]) -> str:
    decimals = 0 if all(float(end).is_integer() for end in ends) else 1
    low, high = (count(end) if decimals == 0 else number(end, 1) for end in ends)
    return low if low == high else f"{low} to {high}"
