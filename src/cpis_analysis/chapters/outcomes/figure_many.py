"""Means, or risks, of many clusters: how they are spread in each arm, with the lowest and the highest named."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pandas as pd

from cpis_analysis.disclosure.protect import require_protected
from cpis_analysis.plan.naming import MANY, plural
from cpis_analysis.plan.outcome_scale import PER_CENT
from cpis_analysis.publish.format import count, is_missing, lower_first, number
from cpis_analysis.publish.pen.inks import GREY, SMALL, WIDTH, arm_look
from cpis_analysis.publish.pen.panels import Panel
from cpis_analysis.publish.pen.style import Figure, canvas_of, finish, page_of, wrap
from cpis_analysis.publish.sources.sourced_columns import how_many, rows_of
from cpis_analysis.words.labels import Labels

_PANEL, _HEAD, _FOOT, _BINS = 92.0, 30.0, 40.0, 24


def many_clusters(team_means: pd.DataFrame) -> bool:
    """Whether an outcome has more clusters at one wave than can stand in rows of their own, with a head each outer one.

    More would make a figure that is set so small on a page that nobody can read it.
    """
    if team_means.empty:
        return False
    wave = team_means["wave"].astype(str)
    heads = team_means.groupby(wave)["trust"].nunique() if team_means["team"].notna().any() else 0
    return bool((team_means.groupby(wave).size() + heads).max() > MANY)


def some_shown(frame: pd.DataFrame, outcome: str, labels: Labels) -> bool:
    """Whether anything of many clusters may be drawn: where each has one or two people, all is withheld."""
    return not _shown(_at_followup(frame, outcome, labels)).empty


def draw_many(team_means: pd.DataFrame, outcome: str, labels: Labels) -> Figure:
    """Draw how the means at the follow-up are spread.

    Parameters
    ----------
    team_means : DataFrame
        Summary ``team_means`` of the outcome after `disclosure.protect_means`; withheld means are not drawn.
    outcome : str
    labels : Labels

    Raises
    ------
    ValueError
        If no mean may be shown.
    """
    frame = _shown(_at_followup(team_means, outcome, labels))
    shown = [row for row in rows_of(frame) if not is_missing(row["mean"])]
    if not shown:
        raise ValueError(f"there are no means of {outcome}")
    decimals = labels.digits(outcome, None).level
    return _draw(
        shown,
        outcome,
        _Kind(labels.of_clusters("means"), "means", "", 0),
        lambda value: number(value, decimals),
        labels,
    )


def draw_many_risks(team_risks: pd.DataFrame, outcome: str, labels: Labels) -> Figure:
    """Draw how the percentages with the event of a binary outcome are spread.

    Parameters
    ----------
    team_risks : DataFrame
        Summary ``team_risks`` after `disclosure_risks.protect_team_risks`; what is withheld is counted, not drawn.
    outcome : str
    labels : Labels

    Raises
    ------
    ValueError
        If no risk may be shown.
    """
    frame = _at_followup(team_risks, outcome, labels)
    shown = [row | {"mean": PER_CENT * row["count"] / row["n"]} for row in rows_of(_shown(frame))]
    if not shown:
        raise ValueError(f"there are no risks of {outcome}")
    hidden = how_many(row["n"] for row in rows_of(frame[(frame["state"] != "shown") & (frame["n"] > 0)]))
    kind = _Kind(labels.of_clusters("risks"), "percentages", "%", hidden)
    return _draw(shown, outcome, kind, lambda value: f"{number(value, 0)}%", labels)


@dataclass(frozen=True)
class _Kind:
    """What is drawn: beginning of the figure's id, what the numbers are, their unit, and how many are withheld."""

    id: str
    called: str
    unit: str
    hidden: int


def _at_followup(frame: pd.DataFrame, outcome: str, labels: Labels) -> pd.DataFrame:
    frame = require_protected(frame)
    return frame[(frame["outcome"] == outcome) & (frame["wave"].astype(str) == labels.followup_wave)]


def _shown(frame: pd.DataFrame) -> pd.DataFrame:
    """What may be drawn of clusters that have anybody."""
    return frame[(frame["state"] == "shown") & (frame["n"] > 0)]


def _draw(
    shown: list[dict[str, Any]], outcome: str, kind: _Kind, printed: Callable[[float], str], labels: Labels
) -> Figure:
    arms = labels.arms(row["arm"] for row in shown)
    values = [float(row["mean"]) for row in shown]
    low, high = min(values), max(values)
    step = (high - low) / _BINS or 1.0
    unit = plural(labels.team_word)
    by_arm = {arm: sorted((r for r in shown if str(r["arm"]) == arm), key=lambda r: float(r["mean"])) for arm in arms}
    heights = {arm: _heights([float(r["mean"]) for r in rows], low, step) for arm, rows in by_arm.items()}
    tallest = max(max(bins) for bins in heights.values())
    said = []
    axis_lines = wrap(labels.outcome(outcome) + (f", {kind.unit}" if kind.unit else ""), WIDTH - 40, SMALL)
    few = (
        f"Not drawn: {count(kind.hidden)} {unit} with fewer than {count(labels.minimum)} {labels.people} with or "
        "without the event, or whose number could be worked out from others."
    )
    note = wrap(few, WIDTH - 32, SMALL) if kind.hidden else []
    foot = _FOOT + 10.5 * (len(axis_lines) + len(note))
    height = (_PANEL + _HEAD) * len(arms) + foot
    canvas = canvas_of(height, labels.synthetic)
    page = page_of(canvas)
    top = height
    for place, arm in enumerate(arms):
        colour, _, _ = arm_look(place)
        rows = by_arm[arm]
        first, last = rows[0], rows[-1]
        words = f"{labels.arm(arm)}: {count(how_many(row['n'] for row in rows))} {unit}"
        ends = [f"{_name(row, labels)}: {printed(row['mean'])}" for row in (first, last)]
        said.append(f"{words}, from {ends[0]} to {ends[1]}")
        page.text(16, top - 12, words, size=SMALL, bold=True)
        page.text(16, top - 23, f"lowest {ends[0]}", size=SMALL, colour=GREY)
        page.text(WIDTH - 16, top - 23, f"highest {ends[1]}", size=SMALL, colour=GREY, anchor="end")
        axes = Panel(canvas, 16, top - _HEAD - _PANEL, WIDTH - 32, _PANEL)
        _draw_bins(axes, heights[arm], (low, high, step), tallest, colour, place == len(arms) - 1)
        top -= _HEAD + _PANEL
    for index, line in enumerate(axis_lines):
        page.text(WIDTH / 2, foot - 34 - 10.5 * index, line, anchor="middle", size=SMALL)
    page.note(16, foot - 38 - 10.5 * len(axis_lines), note, 10.5)
    when = lower_first(labels.wave(labels.followup_wave))
    of = f"{kind.called} {'with' if kind.unit else 'of'} {labels.outcome(outcome)}"
    alt = f"Distribution of the {of} at {when}, by group. {'; '.join(said)}.{f' {few}' if note else ''}"
    title = f"{labels.outcome(outcome)}: how the {kind.called} of the {unit} are spread at {when}"
    return finish(canvas, f"{kind.id}-{outcome.replace('_', '-')}", title, alt)


def _heights(values: list[float], low: float, step: float) -> list[int]:
    bins = [0] * (_BINS + 1)
    for value in values:
        bins[min(int((value - low) / step), _BINS)] += 1
    return bins


def _draw_bins(
    axes: Panel, bins: list[int], scale: tuple[float, float, float], tallest: int, colour: str, numbered: bool
) -> None:
    low, high, step = scale
    axes.limits((low - step, high + 2 * step), (0, tallest * 1.05))
    for at, number_in in enumerate(bins):
        if number_in:
            axes.box((low + step * (at + 0.05), low + step * (at + 0.95)), (0, number_in), colour)
    axes.x_axis(grid=True, named=numbered)


def _name(row: dict[str, Any], labels: Labels) -> str:
    return labels.team(row["trust"], row["team"]) if labels.design.team else labels.trust(row["trust"])
