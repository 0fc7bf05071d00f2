"""How the arms' means move from wave to wave, observed and adjusted, with their uncertainty."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import pandas as pd

from cpis_analysis.analyses.estimate import AnalysisResult
from cpis_analysis.chapters.chapter import Material
from cpis_analysis.chapters.pending_exhibit import FigureOrder, order
from cpis_analysis.disclosure.counts import WITHHELD
from cpis_analysis.plan.naming import plural
from cpis_analysis.publish.format import count, is_missing, level_words, lower_first, number, with_interval
from cpis_analysis.publish.pen.inks import SIZE, SMALL, WIDTH, arm_look
from cpis_analysis.publish.pen.panels import MARK, Panel
from cpis_analysis.publish.pen.style import Figure, canvas_of, finish, page_of, wrap
from cpis_analysis.publish.pen.written import text_width
from cpis_analysis.publish.sources.ledger import unmarked
from cpis_analysis.publish.sources.sourced import setting
from cpis_analysis.publish.sources.sourced_columns import rows_of
from cpis_analysis.study.distribution import LEVEL
from cpis_analysis.words.labels import Labels
from cpis_analysis.words.order_of_analyses import in_plan_order

_LEVEL = setting(LEVEL, "src/cpis_analysis/study/distribution.py", "LEVEL")

_AXIS, _PLOT, _HEIGHT, _WORDS = 38.0, 136.0, 150.0, 84.0
_LINE = 10.5


@dataclass(frozen=True)
class _Point:
    mean: float
    low: float | None
    high: float | None
    n: int | None


FEWEST = 10
"""An observed mean of fewer clusters is drawn without an interval."""


@dataclass(frozen=True)
class _Panel:
    title: str
    points: Mapping[tuple[str, str], _Point]  # arm, wave
    level: str


def has_trajectory(outcome: str, observed: pd.DataFrame) -> bool:
    """Whether an outcome has observed means at two waves or more."""
    own = observed[(observed["outcome"] == outcome) & observed["mean"].notna()]
    return own["wave"].nunique() > 1


def draw_trajectories(
    outcome: str, observed: pd.DataFrame, results: Sequence[AnalysisResult], labels: Labels
) -> Figure:
    """Draw observed means by arm and wave and, where a model of all waves was fitted, its adjusted means.

    Parameters
    ----------
    outcome : str
    observed : DataFrame
        Summary ``observed_means`` after `disclosure_curves.protect_observed_means`.
    results : sequence of AnalysisResult
        All analyses.
    labels : Labels

    Raises
    ------
    ValueError
        If the outcome has means at fewer than two waves, or the frame has not been through disclosure control.
    """
    if "state" not in observed:
        raise ValueError("means have to go through disclosure control first")
    if not has_trajectory(outcome, observed):
        raise ValueError(f"{outcome} has means at fewer than two waves")
    own = observed[observed["outcome"] == outcome]
    arms = labels.arms(own["arm"])
    waves = [wave.name for wave in labels.design.waves if wave.name in set(own["wave"].astype(str))]
    panels = [_observed(own)]
    model = longitudinal_result(outcome, results, labels)
    if model is not None:
        panels.append(_adjusted(model, labels))
    spread = own["ci_high"] - own["ci_low"]
    decimals = labels.digits(outcome, float(spread.max()) if spread.notna().any() else None).level
    return _draw(outcome, panels, arms, waves, decimals, labels)


def _observed(own: pd.DataFrame) -> _Panel:
    """Means, with intervals only where enough clusters stand behind them: of five, an interval is noise."""
    points = {}
    for row in rows_of(own):
        few = "n_clusters" in row and not is_missing(row["n_clusters"]) and row["n_clusters"] < FEWEST
        if not is_missing(row["mean"]):
            points[str(row["arm"]), str(row["wave"])] = _Point(
                row["mean"],
                None if few or is_missing(row["ci_low"]) else row["ci_low"],
                None if few or is_missing(row["ci_high"]) else row["ci_high"],
                row["n"],
            )
    return _Panel("Observed means", points, level_words(_LEVEL))


def _adjusted(model: AnalysisResult, labels: Labels) -> _Panel:
    units = model.scale.in_units
    points = {
        (str(row["arm"]), str(row["wave"])): _Point(
            units(row["estimate"]), units(row["ci_low"]), units(row["ci_high"]), None
        )
        for row in model.adjusted_means
        if not is_missing(row["estimate"])
    }
    title = f"Adjusted means ({lower_first(labels.model(model.spec.model))})"
    return _Panel(title, points, level_words(model.spec.level))


def longitudinal_result(outcome: str, results: Sequence[AnalysisResult], labels: Labels) -> AnalysisResult | None:
    """The first model of an outcome that has means at several waves, in the units in which they were observed."""
    own = [result for result in results if result.spec.outcome == outcome and result.scale.natural]
    for result in in_plan_order(own, labels):
        if len({row["wave"] for row in result.adjusted_means if row["wave"] is not None}) > 1:
            return result
    return None


def _draw(
    outcome: str, panels: Sequence[_Panel], arms: Sequence[str], waves: Sequence[str], decimals: int, labels: Labels
) -> Figure:
    title = (
        f"{labels.outcome(outcome)}: means by arm from {lower_first(labels.wave(waves[0]))} to "
        f"{lower_first(labels.wave(waves[-1]))}"
    )
    note = _note(panels, labels)
    notes = wrap(note, WIDTH - 16, SMALL)
    # two waves leave room for two panels side by side; more have the whole width, one panel below the other
    beside = len(waves) == 2
    plot = _PLOT if beside else WIDTH - _AXIS - _WORDS - 16
    width = _AXIS + plot + _WORDS + 8
    heads = [wrap(one.title, width - 24, SIZE, True) for one in panels]
    axis_lines = max(len(wrap(labels.wave(wave), _tick_width(waves, plot), SMALL)) for wave in waves)
    head = 12.0 * max(map(len, heads)) + 8
    axis = 10 + _LINE * axis_lines
    foot = axis + _LINE * len(notes) + 10
    low, high = _limits(panels)
    rows = 1 if beside else len(panels)
    height = (head + _HEIGHT + axis) * rows + foot - axis
    canvas = canvas_of(height, labels.synthetic)
    page = page_of(canvas)
    for place, one in enumerate(panels):
        left = place * (width + 4) if beside else 0.0
        top = height if beside else height - place * (head + _HEIGHT + axis)
        for index, line in enumerate(heads[place]):
            page.text(left + 8, top - 12 - 12 * index, line, size=SIZE, bold=True)
        bottom = top - head - _HEIGHT
        axes = Panel(canvas, left + _AXIS, bottom, plot, _HEIGHT)
        axes.limits(y=(low, high))
        _draw_panel(page, axes, one, arms, waves, decimals, (low, high), (left + _AXIS, bottom, plot), labels)
    page.note(8, 8 + _LINE * (len(notes) - 1), notes, _LINE)
    return finish(
        canvas,
        f"trajectories-{outcome.replace('_', '-')}",
        title,
        _words(outcome, panels, arms, waves, decimals, labels) + f" {note}",
    )


_BESIDE = 0.16
"""Room beside the first and the last wave, as a share of the time between them."""


def _tick_width(waves: Sequence[str], plot: float) -> float:
    """Room for the name of a wave below its tick."""
    return 70.0 if len(waves) == 2 else plot / len(waves) - 6


def _draw_panel(
    page: Panel,
    axes: Panel,
    one: _Panel,
    arms: Sequence[str],
    waves: Sequence[str],
    decimals: int,
    scale: tuple[float, float],
    place: tuple[float, float, float],
    labels: Labels,
) -> None:
    left, foot, plot = place
    months = [next(float(w.months) for w in labels.design.waves if w.name == wave) for wave in waves]
    room = _tick_width(waves, plot)
    names = [wrap(unmarked(labels.wave(wave)), room, SMALL) for wave in waves]
    widest = max(text_width(line, SMALL) for lines in names for line in lines)
    gaps = [after - before for before, after in pairwise(months)]
    if min(gaps) / (months[-1] - months[0]) * plot / (1 + 2 * _BESIDE) < widest + 4:
        # names of waves that lie close together would stand over each other
        months = [float(at) for at in range(len(waves))]
    span = max(months) - min(months)
    axes.limits(x=(min(months) - _BESIDE * span, max(months) + _BESIDE * span))
    axes.x_axis(months, ["\n".join(lines) for lines in names])
    axes.y_axis(most=6, grid=True)
    ends = []
    for index, arm in enumerate(arms):
        colour, shape, dash = arm_look(index)
        shift = 0.035 * span * (index - (len(arms) - 1) / 2)
        known = [
            (month + shift, one.points[arm, wave])
            for month, wave in zip(months, waves, strict=True)
            if (arm, wave) in one.points
        ]
        if not known:
            continue
        axes.line([x for x, _ in known], [point.mean for _, point in known], colour, 1.6, dash)
        for x, point in known:
            if point.low is not None and point.high is not None:
                axes.line([x, x], [point.low, point.high], colour, 1.4)
            axes.mark(x, point.mean, shape, 6.5, colour, rim=("#ffffff", 0.8), level=MARK)
        ends.append((known[-1][1].mean, index, arm))
    bottom, top = map(float, scale)
    blocks = []
    for mean, _, arm in sorted(ends):
        lines = [*wrap(labels.arm(arm), _WORDS - 6, SMALL, True), number(mean, decimals)]
        blocks.append([foot + (float(mean) - bottom) / (top - bottom) * _HEIGHT, lines])
    for y, lines in _apart(blocks, foot + _HEIGHT):
        line = y + _LINE * len(lines) / 2 - 8
        for at, text in enumerate(lines):
            page.text(left + plot + 6, line, text, size=SMALL, bold=at < len(lines) - 1)
            line -= _LINE


def _apart(blocks: list[list[Any]], high: float) -> list[list[Any]]:
    """Words beside the ends of the lines, moved so that none stands over another."""
    for before, after in pairwise(blocks):
        gap = _LINE * (len(before[1]) + len(after[1])) / 2 + 2
        after[0] = max(after[0], before[0] + gap)
    over = blocks[-1][0] + _LINE * len(blocks[-1][1]) / 2 - high if blocks else 0
    if over > 0:
        blocks[-1][0] -= over
        for after, before in pairwise(blocks[::-1]):
            gap = _LINE * (len(before[1]) + len(after[1])) / 2 + 2
            before[0] = min(before[0], after[0] - gap)
    return blocks


def _limits(panels: Sequence[_Panel]) -> tuple[float, float]:
    values = [
        value
        for one in panels
        for point in one.points.values()
        for value in (point.mean, point.low, point.high)
        if value is not None
    ]
    low, high = min(values), max(values)
    span = high - low or max(abs(high), 1.0)
    return low - 0.06 * span, high + 0.06 * span


def _note(panels: Sequence[_Panel], labels: Labels) -> str:
    unit = labels.team_word
    text, hidden = f"Lines: {panels[0].level} confidence intervals", f"where it would tell of few {labels.people}"
    if labels.design.levels:
        text += f"; those of the observed means allow for the {plural(unit)}"
        hidden = f"where a group has few {plural(unit)}, or {hidden}"
    few = f" No interval {hidden}." if any(point.low is None for point in panels[0].points.values()) else ""
    return f"{text}.{few}"


def _words(
    outcome: str, panels: Sequence[_Panel], arms: Sequence[str], waves: Sequence[str], decimals: int, labels: Labels
) -> str:
    text = [f"Line plot of the mean of {labels.outcome(outcome)} by arm and wave."]
    for one in panels:
        parts = []
        for arm in arms:
            values = []
            for wave in waves:
                point = one.points.get((arm, wave))
                when = lower_first(labels.wave(wave))
                if point is None:
                    values.append(f"{when} {WITHHELD}")
                    continue
                shown = (
                    number(point.mean, decimals)
                    if point.low is None
                    else with_interval(point.mean, point.low, point.high, decimals)
                )
                values.append(f"{when} {shown}{f', {count(point.n)} {labels.people}' if point.n is not None else ''}")
            parts.append(f"{labels.arm(arm)}: {'; '.join(values)}")
        text.append(f"{one.title}: {'. '.join(parts)}.")
    return " ".join(text)


def figures(material: Material) -> Iterator[FigureOrder]:
    """Outcomes with means at several waves."""
    labels = material.labels
    for outcome, own in material.of_outcomes("observed_means").items():
        if has_trajectory(outcome, own):
            model = longitudinal_result(outcome, material.results, labels)
            shown = [model] if model else []
            yield order(draw_trajectories, outcome, own, shown, labels=labels, outcomes=[outcome])
