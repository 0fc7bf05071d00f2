"""Mean outcome, or risk, of every team at both waves, by trust: a dumbbell plot with the numbers at the side."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd

from cpis_analysis.chapters.arm_key import ArmKey
from cpis_analysis.chapters.chapter import Material
from cpis_analysis.chapters.outcomes.figure_many import draw_many, draw_many_risks, many_clusters, some_shown
from cpis_analysis.chapters.pending_exhibit import FigureOrder, order
from cpis_analysis.disclosure.counts import WITHHELD
from cpis_analysis.disclosure.protect import require_protected
from cpis_analysis.plan.naming import natural_order
from cpis_analysis.plan.outcome_scale import PER_CENT
from cpis_analysis.publish.format import DASH, count, is_missing, lower_first, number, percent
from cpis_analysis.publish.pen.inks import GREY, SIZE, SMALL, WIDTH, arm_look
from cpis_analysis.publish.pen.panels import MARK, Panel
from cpis_analysis.publish.pen.style import Figure, canvas_of, finish, page_of, wrap
from cpis_analysis.publish.pen.written import text_width
from cpis_analysis.words.labels import Labels
from cpis_analysis.words.wording import listed

_LINE, _PAD = 11.5, 3.5
_LABEL = 170.0


@dataclass(frozen=True)
class _Quantity:
    """What is drawn of each team.

    Attributes
    ----------
    id : str
        Beginning of the figure's id.
    head : str
        Head of the numbers at the side.
    dot, brackets : str
        What a dot is, and what stands in brackets.
    few : str
        Why a number may be withheld.
    decimals : int
        Of means.
    """

    id: str
    head: str
    dot: str
    brackets: str
    few: str
    decimals: int = 0


@dataclass(frozen=True)
class _Row:
    """One team: label lines, arm, mean and number of people at each wave."""

    label: tuple[str, ...]
    name: str
    arm: int | None  # None: the heading of a trust
    points: tuple[tuple[float | None, int, str], ...] = ()

    @property
    def height(self) -> float:
        return _LINE * len(self.label) + 2 * _PAD


def draw_teams(team_means: pd.DataFrame, outcome: str, labels: Labels) -> Figure:
    """Draw the means of one outcome.

    Parameters
    ----------
    team_means : DataFrame
        Summary ``team_means`` after `disclosure.protect_means`: means of few people are withheld.
    outcome : str
    labels : Labels

    Raises
    ------
    ValueError
        If there are no means of this outcome.
    """
    frame = require_protected(team_means)
    frame = frame[frame["outcome"] == outcome]
    if frame.empty:
        raise ValueError(f"there are no means of {outcome}")
    spread = frame["sd"].dropna()
    decimals = labels.digits(outcome, float(spread.median()) if len(spread) else None).level
    quantity = _Quantity(
        labels.of_clusters("means"),
        "mean (n)",
        "the mean of",
        f"the number of {labels.people}",
        f"it rests on fewer than {count(labels.minimum)} {labels.people} or would give such a mean away",
        decimals,
    )
    return _figure(frame, outcome, quantity, "means", labels)


def enough_risks(team_risks: pd.DataFrame) -> bool:
    """Whether so many teams of each arm may be shown that a figure says more than that they are hidden.

    Parameters
    ----------
    team_risks : DataFrame
        Summary ``team_risks`` of one outcome after `disclosure_risks.protect_team_risks`.
    """
    frame = require_protected(team_risks)
    frame = frame[frame["n"] > 0]
    if frame.empty:
        return False
    shown = (frame["state"] == "shown").groupby(frame["arm"]).agg(["sum", "mean"])
    return bool((shown["sum"] >= 2).all() and (shown["mean"] >= 0.5).all())


def draw_risks(team_risks: pd.DataFrame, outcome: str, labels: Labels) -> Figure:
    """Draw the percentage of each team with the event of a binary outcome.

    Parameters
    ----------
    team_risks : DataFrame
        Summary ``team_risks`` after `disclosure_risks.protect_team_risks`.
    outcome : str
    labels : Labels

    Raises
    ------
    ValueError
        If there are no risks of this outcome.
    """
    frame = require_protected(team_risks)
    frame = frame[frame["outcome"] == outcome]
    if frame.empty:
        raise ValueError(f"there are no risks of {outcome}")
    quantity = _Quantity(
        labels.of_clusters("risks"),
        "% (events/n)",
        f"the percentage of {labels.people} with",
        f"the number of them / the number of {labels.people}",
        f"fewer than {count(labels.minimum)} {labels.people} with or without the event, or such a number could be "
        "worked out from it",
    )
    return _figure(frame, outcome, quantity, "percentages", labels)


def _figure(frame: pd.DataFrame, outcome: str, quantity: _Quantity, name: str, labels: Labels) -> Figure:
    ends = filter(None, (labels.baseline_wave, labels.followup_wave))
    waves = [wave for wave in ends if wave in set(frame["wave"].astype(str))]
    arms = labels.arms(frame["arm"])
    rows = _rows(frame, waves, arms, quantity, labels)
    alt = _words(rows, waves, outcome, quantity, labels)
    unit = labels.team_word
    when = listed(f"at {lower_first(labels.wave(wave))}" for wave in waves)
    when = "at both waves" if len(waves) == len(labels.design.waves) == 2 else when
    title = f"{labels.outcome(outcome)}: {name} by {unit} {when}"
    return _draw(rows, waves, arms, outcome, quantity, alt, title, labels)


def _rows(frame: pd.DataFrame, waves: list[str], arms: list[str], quantity: _Quantity, labels: Labels) -> list[_Row]:
    seen = sorted(frame["trust"].astype(str).unique(), key=natural_order)
    known = labels.codes(labels.design.trust)
    trusts = [code for code in known if code in seen] + [code for code in seen if code not in known]
    rows = []
    for trust in trusts:
        head = labels.trust_heading(trust)
        rows.append(_Row(tuple(wrap(head, _LABEL, SIZE, True)), head, None))
        part = frame[frame["trust"].astype(str) == trust]
        for place, arm in enumerate(arms):
            own = part[part["arm"].astype(str) == arm]
            teams = list(dict.fromkeys("" if is_missing(team) else str(team) for team in own["team"]))
            for team in teams:
                cells = own[own["team"].map(lambda value: "" if is_missing(value) else str(value)) == team]
                words = labels.arm(arm)
                if team and labels.design.team:
                    words = f"{labels.inner(team)}, {labels.arm_within(arm)}"
                points = tuple(_point(cells[cells["wave"].astype(str) == wave], quantity) for wave in waves)
                rows.append(_Row(tuple(wrap(words, _LABEL - 22, SMALL)), f"{head}, {words}", place, points))
    return rows


def _point(cell: pd.DataFrame, quantity: _Quantity) -> tuple[float | None, int, str]:
    if cell.empty or cell["n"].iloc[0] == 0:
        return None, 0, DASH
    found = cell.iloc[0]
    n = found["n"]
    if found["state"] != "shown":
        return None, n, f"{WITHHELD} ({count(n)})"
    if "count" in cell:
        share = percent(found["count"], n)
        return PER_CENT * found["count"] / n, n, f"{share} ({count(found['count'])}/{count(n)})"
    return found["mean"], n, f"{number(found['mean'], quantity.decimals)} ({count(n)})"


def _words(rows: list[_Row], waves: list[str], outcome: str, quantity: _Quantity, labels: Labels) -> str:
    when = " and at ".join(lower_first(labels.wave(wave)) for wave in waves)
    parts = [f"{row.name}: {' to '.join(text for _, _, text in row.points)}" for row in rows if row.arm is not None]
    return (
        f"Dot plot of {quantity.dot} {labels.outcome(outcome)} at {when}, with {quantity.brackets} in brackets. "
        f"{'; '.join(parts)}."
    )


def _draw(
    rows: list[_Row],
    waves: list[str],
    arms: list[str],
    outcome: str,
    quantity: _Quantity,
    alt: str,
    title: str,
    labels: Labels,
) -> Figure:
    heads = [wrap(labels.wave(wave), 74, SMALL, True) for wave in waves]
    widths = [
        max(
            [
                *(text_width(line, SMALL, True) for line in head),
                text_width(quantity.head, SMALL),
                *(text_width(row.points[i][2], SMALL) for row in rows if row.points),
            ]
        )
        + 14
        for i, head in enumerate(heads)
    ]
    right = [WIDTH - 8 - sum(widths[i + 1 :]) for i in range(len(widths))]
    left = _LABEL + 14
    plot_width = WIDTH - left - sum(widths) - 12
    body = sum(row.height for row in rows)
    key = ArmKey(arms, labels, left + plot_width)
    head_height = max(10.5 * (max(map(len, heads)) + 1), key.height) + 8
    withheld = any(WITHHELD in text for row in rows for _, _, text in row.points)
    foot_lines = wrap(_key_words(waves, labels), WIDTH - 16, SMALL) if len(waves) > 1 else []
    if withheld:
        foot_lines += wrap(f"{WITHHELD}: not shown; {quantity.few}.", WIDTH - 16, SMALL)
    centre = left + plot_width / 2
    axis_lines = wrap(labels.outcome(outcome), 2 * min(centre, WIDTH - centre) - 16, SMALL)
    foot = 22 + 10.5 * len(axis_lines) + 4 + 10.5 * len(foot_lines) + 8
    height = head_height + body + foot
    canvas = canvas_of(height, labels.synthetic)
    page = page_of(canvas)
    axes = Panel(canvas, left, foot, plot_width, body)
    axes.limits(x=_limits(rows))
    axes.x_axis(grid=True)
    top = height - head_height
    for place, lines in zip(right, heads, strict=True):
        for index, line in enumerate(lines):
            page.text(place, top + 4 + 10.5 * (len(lines) - index), line, anchor="end", size=SMALL, bold=True)
        page.text(place, top + 4, quantity.head, anchor="end", size=SMALL, colour=GREY)
    page.line([4, WIDTH - 4], [top, top], GREY, 0.6)
    key.draw(page, 15, top + 4)
    for row in rows:
        _draw_row(page, axes, row, top, foot, right)
        top -= row.height
    low = foot - 22 - 8.5
    for line in axis_lines:
        page.text(centre, low, line, anchor="middle", size=SMALL)
        low -= 10.5
    page.note(8, low - 4, foot_lines, 10.5)
    return finish(canvas, f"{quantity.id}-{outcome.replace('_', '-')}", title, alt)


def _key_words(waves: list[str], labels: Labels) -> str:
    first, last = (lower_first(labels.wave(wave)) for wave in waves)
    return f"Open: {first}; filled: {last}."


def _limits(rows: list[_Row]) -> tuple[float, float]:
    values = [mean for row in rows for mean, _, _ in row.points if mean is not None]
    if not values:
        return 0.0, 1.0
    low, high = min(values), max(values)
    margin = 0.08 * (high - low) if high > low else max(abs(high) * 0.1, 0.5)
    return low - margin, high + margin


def _draw_row(page: Panel, axes: Panel, row: _Row, top: float, foot: float, right: list[float]) -> None:
    middle = top - row.height / 2
    line = middle + _LINE * len(row.label) / 2 - 8.6
    head = row.arm is None
    for text in row.label:
        page.text(8 if head else 30, line, text, size=SIZE if head else SMALL, bold=head)
        line -= _LINE
    if head:
        return
    colour, shape, _ = arm_look(row.arm or 0)
    page.mark(19, middle, shape, 5.5, colour)
    for place, (_, _, text) in zip(right, row.points, strict=True):
        page.text(place, middle - 3, text, anchor="end", size=SMALL)
    y = middle - foot
    known = [mean for mean, _, _ in row.points if mean is not None]
    if len(known) == 2:
        axes.line(known, [y, y], colour, 1.8, opacity=0.55)
    for index, (mean, _, _) in enumerate(row.points):
        if mean is not None:
            open_mark = index == 0 and len(row.points) > 1
            face = "#ffffff" if open_mark else colour
            axes.mark(mean, y, shape, 6.5, face, rim=(colour, 1.4), level=MARK + index)


def figures(material: Material) -> Iterator[FigureOrder]:
    """The means, or the risks, of the teams, an outcome each."""
    labels = material.labels
    for outcome, means in material.of_outcomes("team_means").items():
        many = many_clusters(means)
        if not many or some_shown(means, outcome, labels):
            yield order(draw_many if many else draw_teams, means, outcome, labels=labels, outcomes=[outcome])
    for outcome, risks in material.of_outcomes("team_risks").items():
        many = many_clusters(risks)
        if enough_risks(risks) and (not many or some_shown(risks, outcome, labels)):
            yield order(draw_many_risks if many else draw_risks, risks, outcome, labels=labels, outcomes=[outcome])
