"""Kaplan-Meier curves by arm with the numbers at risk, at times so far apart that no step tells of a person."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cpis_analysis.analyses.estimate import AnalysisResult
from cpis_analysis.chapters.chapter import Material
from cpis_analysis.chapters.pending_exhibit import FigureOrder, order
from cpis_analysis.plan.outcome_scale import PER_CENT
from cpis_analysis.publish.format import count, lower_first, number
from cpis_analysis.publish.pen.inks import SIZE, SMALL, WIDTH, arm_look
from cpis_analysis.publish.pen.panels import MARK, Panel
from cpis_analysis.publish.pen.style import Figure, canvas_of, finish, page_of, wrap
from cpis_analysis.publish.sources.ledger import unmarked
from cpis_analysis.words.labels import Labels
from cpis_analysis.words.order_of_analyses import headline_results

_LEFT, _RIGHT, _HEIGHT, _LINE = 132.0, 24.0, 190.0, 11.5


def draw_survival(result: AnalysisResult, labels: Labels) -> Figure:
    """Draw the share of people without the event over time, and how many were still watched.

    Parameters
    ----------
    result : AnalysisResult
        With ``survival`` among its checks (`analyses.survival_times.survival_curves.survival_curves`).
    labels : Labels
    """
    curves: dict[str, Any] = result.checks["survival"]
    outcome, times = result.spec.outcome, list(curves["times"])
    of_arm = {str(one["arm"]): one for one in curves["arms"]}
    arms = labels.arms(of_arm)
    clock = labels.variable(str(labels.content.outcomes[outcome].time))
    note = (
        "Kaplan-Meier estimates at the times shown, joined by straight lines: the steps between would tell when single "
        f"{labels.people} had the event. Between two times every arm has no event, or at least {count(labels.minimum)}."
        if labels.minimum > 1
        else "Kaplan-Meier estimates at the times shown, joined by straight lines."
    )
    notes = wrap(note, WIDTH - 16, SMALL)
    foot = 24 + _LINE * (len(arms) + 2) + _LINE * len(notes)
    width = WIDTH - _LEFT - _RIGHT
    height = _HEIGHT + foot + 16 + _LINE * len(arms)
    canvas = canvas_of(height, labels.synthetic)
    page = page_of(canvas)
    axes = Panel(canvas, _LEFT, foot, width, _HEIGHT)
    axes.limits((-0.02 * times[-1], times[-1] * 1.02), (0, 1.02))
    axes.y_axis([0, 0.25, 0.5, 0.75, 1], ["0%", "25%", "50%", "75%", "100%"], grid=True)
    axes.x_axis(times, [unmarked(number(at, 0)) for at in times])
    for index, arm in enumerate(arms):
        colour, shape, dash = arm_look(index)
        shares = [float(share) for share in of_arm[arm]["survival"]]
        axes.line(times, shares, colour, 1.6, dash)
        for at, share in zip(times, shares, strict=True):
            axes.mark(at, share, shape, 5.5, colour, rim=("#ffffff", 0.7), level=MARK)
    _legend(page, arms, height, labels)
    y = foot - 27
    page.text(8, y, f"At risk, by {lower_first(clock)}", size=SMALL, bold=True)
    for arm in arms:
        y -= _LINE
        page.text(8, y, wrap(labels.arm(arm), _LEFT - 20, SMALL)[0], size=SMALL)
        for at, n in zip(times, of_arm[arm]["at_risk"], strict=True):
            place = _LEFT + width * (float(at) + 0.02 * times[-1]) / (1.04 * times[-1])
            page.text(place, y, count(n), size=SMALL, anchor="middle")
    page.note(8, y - _LINE - 4, notes, _LINE)
    title = f"{labels.outcome(outcome)}: share without the event over time"
    words = _words(times, of_arm, arms, outcome, clock, labels)
    return finish(canvas, f"survival-{outcome.replace('_', '-')}", title, f"{words} {note}")


def _legend(page: Panel, arms: list[str], height: float, labels: Labels) -> None:
    """Line, mark and name of each arm, above the curves."""
    for index, arm in enumerate(arms):
        colour, shape, dash = arm_look(index)
        y = height - 12 - _LINE * index
        page.line([_LEFT, _LEFT + 26], [y + 2.5] * 2, colour, 1.6, dash)
        page.mark(_LEFT + 13, y + 2.5, shape, 5.5, colour)
        page.text(_LEFT + 32, y, labels.arm(arm), size=SIZE)


def _words(times: list[Any], of_arm: dict[str, Any], arms: list[str], outcome: str, clock: str, labels: Labels) -> str:
    text = [
        f"Line plot of the share of {labels.people} without {labels.outcome(outcome)}, by {lower_first(clock)} and arm."
    ]
    for arm in arms:
        own = of_arm[arm]
        parts = [
            f"{number(at, 0)}: {number(PER_CENT * share, 0)}% ({count(n)} at risk)"
            for at, share, n in zip(times, own["survival"], own["at_risk"], strict=True)
        ]
        text.append(f"{labels.arm(arm)}: {'; '.join(parts)}.")
    return " ".join(text)


def figures(material: Material) -> Iterator[FigureOrder]:
    """Outcomes whose headline analysis has curves."""
    for result in headline_results(material.results, material.labels):
        if "survival" in result.checks:
            outcome = result.spec.outcome
            yield order(draw_survival, result, labels=material.labels, outcomes=[outcome])
