"""Specification curve: every analysis of an outcome by the size of its estimate, over the choices that it made."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from cpis_analysis.analyses.estimate import NOT_ESTIMABLE, AnalysisResult
from cpis_analysis.chapters.chapter import Material
from cpis_analysis.chapters.pending_figure import FigureOrder, order
from cpis_analysis.chapters.robustness.choices import choice_table
from cpis_analysis.publish.format import capital, count, level_words, lower_first, number
from cpis_analysis.publish.sourced_columns import column, how_many, made
from cpis_analysis.publish.style import GREY, LIGHT, NAVY, PLUM, SMALL, TEAL, WIDTH, Figure, canvas, finish, panel, wrap
from cpis_analysis.words.labels import Labels
from cpis_analysis.words.order_of_analyses import arm_differences, in_plan_order, primary_differences
from cpis_analysis.words.scales import (
    judged,
    left_out_note,
    nothing,
    one_scale,
    outcome_digits,
    shown_cell,
    shown_number,
)

__all__ = ["draw_specifications", "figures"]

_LEFT, _RIGHT, _CURVE, _ROW, _HEAD, _LINE = 176.0, 10.0, 150.0, 12.5, 15.0, 9.5


def draw_specifications(results: Sequence[AnalysisResult], labels: Labels) -> Figure:
    """Draw the estimates of all analyses of one outcome in order of size, with their choices below.

    Parameters
    ----------
    results : sequence of AnalysisResult
        All of one outcome.
    labels : Labels

    Raises
    ------
    ValueError
        If fewer than two have an estimate of the difference.
    """
    found, others = one_scale(arm_differences(in_plan_order(results, labels), estimated=True), labels)
    if len(found) < 2:
        raise ValueError("a specification curve needs two analyses or more")
    ordered = sorted(found, key=lambda result: result.estimate.estimate)
    outcome = ordered[0].spec.outcome
    headline = labels.headline(outcome)
    place = next((at for at, result in enumerate(ordered) if result.spec.model == headline), None)
    # answers stand in the plan's order, whatever the order of the estimates
    questions = {name: list(dict.fromkeys(answers)) for name, answers in choice_table(found, labels).items()}
    chosen = choice_table(ordered, labels)
    alt = _words(ordered, place, chosen, labels)
    scale = ordered[0].scale
    margin = scale.in_units(judged(ordered[0], labels).important)
    matrix = _height(questions)
    absent = [labels.model(result.spec.model) for result in in_plan_order(results, labels) if not result.estimable]
    missing = f"{capital(NOT_ESTIMABLE)}, so not shown: {'; '.join(absent)}." if absent else ""
    missing = " ".join(text for text in (missing, left_out_note(others, labels)) if text)
    alt = f"{alt} {missing}".rstrip()
    foot_lines = wrap(f"{_note(ordered, margin, labels)} {missing}".rstrip(), WIDTH - 16, SMALL)
    foot = 12 + 10.5 * len(foot_lines)
    with canvas(_CURVE + 26 + matrix + foot, labels.synthetic) as (drawing, height):
        page = panel(drawing, 0, 0, WIDTH, height, bare=True)
        width = WIDTH - _LEFT - _RIGHT
        axes = panel(drawing, _LEFT, height - _CURVE - 8, width, _CURVE)
        _draw_curve(axes, [_drawn(result) for result in ordered], place, margin)
        contrast = labels.contrast(found[0].estimate.contrast)
        measured = f"in {labels.points(outcome)}" if scale.natural else scale.phrase
        lines = wrap(f"Difference {measured} ({contrast})", _LEFT - 60, SMALL)
        middle = height - 8 - _CURVE / 2 + 5.2 * len(lines)
        for line in lines:
            middle -= 10.5
            page.text(8, middle, line, size=SMALL)
        _draw_matrix(page, questions, chosen, place, len(ordered), height - _CURVE - 22, width)
        low = foot - 16.0
        for line in foot_lines:
            page.text(8, low, line, size=SMALL, color=GREY)
            low -= 10.5
        return finish(
            drawing,
            f"specifications-{outcome.replace('_', '-')}",
            f"{labels.outcome(outcome)}: specification curve of all analyses",
            alt,
        )


class _Drawn(NamedTuple):
    """An estimate with its interval, in the units of the axis."""

    estimate: float
    low: float
    high: float


def _drawn(result: AnalysisResult) -> _Drawn:
    e = result.estimate
    return _Drawn(*map(result.scale.in_units, (e.estimate, e.ci_low, e.ci_high)))


def _draw_curve(axes: Any, drawn: Sequence[_Drawn], place: int | None, margin: float | None) -> None:
    low, high = _limits(drawn, margin)
    axes.set_xlim(-0.5, len(drawn) - 0.5)
    axes.set_ylim(low, high)
    axes.set_xticks([])
    axes.spines["bottom"].set_visible(False)
    axes.tick_params(axis="y", length=3, pad=2)
    axes.locator_params(axis="y", nbins=6)
    axes.axhline(0, color=GREY, linewidth=0.8)
    for value in (-margin, margin) if margin else ():
        axes.axhline(value, color=PLUM, linewidth=0.9, linestyle=(0, (2, 2)))
    for at, one in enumerate(drawn):
        colour = NAVY if at == place else TEAL
        ends = [max(one.low, low), min(one.high, high)]
        axes.plot([at, at], ends, color=colour, linewidth=1.8)
        for end, wanted, marker in ((ends[0], one.low, "v"), (ends[1], one.high, "^")):
            if end != wanted:
                axes.plot([at], [end], marker=marker, color=colour, markersize=5, clip_on=False)
        axes.plot(
            [at],
            [one.estimate],
            marker="D" if at == place else "o",
            color=colour,
            linestyle="none",
            markersize=7 if at == place else 5.5,
            markeredgecolor="white",
            markeredgewidth=0.8,
            zorder=4,
        )


def _draw_matrix(
    page: Any,
    questions: dict[str, list[str]],
    chosen: dict[str, list[str]],
    place: int | None,
    n: int,
    top: float,
    width: float,
) -> None:
    step = width / n
    centres = [_LEFT + step * (at + 0.5) for at in range(n)]
    if place is not None:
        page.fill_between(
            [centres[place] - step / 2, centres[place] + step / 2],
            top - _height(questions),
            top,
            color=LIGHT,
            alpha=0.45,
            linewidth=0,
        )
    for question, answers in questions.items():
        page.plot([4, WIDTH - 4], [top, top], color=LIGHT, linewidth=0.8)
        page.text(8, top - 11, question, size=SMALL, weight="bold")
        top -= _HEAD
        for answer in answers:
            lines = wrap(answer, _LEFT - 26, SMALL)
            middle = top - _row(answer) / 2
            for at, text in enumerate(lines):
                page.text(16, middle - 3 + _LINE * ((len(lines) - 1) / 2 - at), text, size=SMALL)
            page.plot(centres, [middle] * n, marker=".", color=LIGHT, linestyle="none", markersize=3)
            held = [at for at, own in enumerate(chosen[question]) if own == answer]
            page.plot(
                [centres[at] for at in held if at != place],
                [middle] * sum(at != place for at in held),
                marker="s",
                color=GREY,
                linestyle="none",
                markersize=5,
            )
            if place in held:
                page.plot([centres[place]], [middle], marker="D", color=NAVY, linestyle="none", markersize=6)
            top -= _row(answer)


def _row(answer: str) -> float:
    return _ROW + _LINE * (len(wrap(answer, _LEFT - 26, SMALL)) - 1)


def _height(questions: dict[str, list[str]]) -> float:
    return sum(_HEAD + sum(map(_row, answers)) for answers in questions.values())


def _limits(drawn: Sequence[_Drawn], margin: float | None) -> tuple[float, float]:
    """Ends of the axis: all intervals, unless one is more than four times as long as three in four."""
    points = [one.estimate for one in drawn]
    reach = sorted(
        max(one.high - one.estimate, one.estimate - one.low)
        for one in drawn
        if math.isfinite(one.low) and math.isfinite(one.high)
    )
    widest = 4 * reach[3 * (len(reach) - 1) // 4] if reach else 1.0
    lows = [max(one.low, one.estimate - widest) for one in drawn]
    highs = [min(one.high, one.estimate + widest) for one in drawn]
    low, high = min(*lows, *points, 0.0, -(margin or 0)), max(*highs, *points, 0.0, margin or 0)
    span = high - low or 1.0
    return low - 0.05 * span, high + 0.05 * span


def _note(ordered: Sequence[AnalysisResult], margin: float | None, labels: Labels) -> str:
    level = level_words(ordered[0].spec.level)
    text = (
        f"Diamond: headline analysis. Lines: {level} confidence intervals. "
        "Below: the choices in which the analyses differ. The curve shows sensitivity to them; it selects nothing."
    )
    scale, shown = ordered[0].scale, judged(ordered[0], labels).shown_important
    if margin and shown is not None:
        size = number(shown, 0 if shown == int(shown) else 2)
        unit = f" {labels.points(ordered[0].spec.outcome)}" if scale.natural else ""
        text += f" Dotted: minimal important {'ratio' if scale.is_ratio else 'difference'} ({size}{unit})."
    return text


def _words(ordered: Sequence[AnalysisResult], place: int | None, chosen: dict[str, list[str]], labels: Labels) -> str:
    outcome = ordered[0].spec.outcome
    decimals = outcome_digits(outcome, labels, None, ordered[0]).difference
    first, last, scale = ordered[0].estimate, ordered[-1].estimate, ordered[0].scale
    total = how_many(result.spec.level for result in ordered)
    ends = (column(getattr(result.estimate, name) for result in ordered) for name in ("ci_low", "ci_high"))
    beyond = made("excluding", 0, *ends)
    text = (
        f"Specification curve of {count(total)} analyses of {labels.outcome(outcome)} "
        f"({labels.contrast(ordered[place or 0].estimate.contrast)}), from the smallest estimate to the largest. "
        f"{'Ratios' if scale.is_ratio else 'Estimates'} range from "
        f"{shown_number(first.estimate, scale, decimals)} to {shown_number(last.estimate, scale, decimals)}; "
        f"{count(beyond)} of {count(total)} intervals exclude {nothing(scale)}."
    )
    if place is not None:
        estimates = column(result.estimate.estimate for result in ordered)
        rank = 1 + made("below", ordered[place].estimate.estimate, estimates)
        text += f" The headline analysis is number {count(rank)}."
    parts = []
    for at, result in enumerate(ordered):
        e = result.estimate
        answers = ", ".join(f"{lower_first(question)}: {answers[at]}" for question, answers in chosen.items())
        parts.append(
            f"{count(at + 1)}. {labels.model(result.spec.model)} "
            f"{shown_cell(e, scale, decimals)}{f' [{answers}]' if answers else ''}"
        )
    return f"{text} {'; '.join(parts)}."


def figures(material: Material) -> Iterator[FigureOrder]:
    """The specification curve of the primary outcome, of three analyses or more."""
    labels = material.labels
    for outcome, own in primary_differences(material.results, labels).items():
        if len(arm_differences(one_scale(own, labels)[0], estimated=True)) > 2:
            yield order(draw_specifications, own, labels=labels, outcomes=[outcome])
