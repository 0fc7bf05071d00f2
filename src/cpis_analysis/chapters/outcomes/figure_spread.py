"""How the answers of each arm are spread at each wave: a smooth curve over a box, and nobody's own answer.

No points of people: jittered answers can be read off, so the rain of a raincloud plot is left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pandas as pd

from cpis_analysis.chapters.chapter import Material
from cpis_analysis.chapters.pending_exhibit import FigureOrder, order
from cpis_analysis.disclosure.counts import WITHHELD
from cpis_analysis.disclosure.curves import FEWEST
from cpis_analysis.publish.format import count, is_missing, number
from cpis_analysis.publish.pen.inks import GREY, INK, SIZE, SMALL, WIDTH, arm_look
from cpis_analysis.publish.pen.panels import ABOVE, MARK, Panel
from cpis_analysis.publish.pen.style import Figure, canvas_of, finish, page_of, wrap
from cpis_analysis.publish.sources.sourced import setting
from cpis_analysis.words.labels import Labels

_FEWEST = setting(FEWEST, "src/cpis_analysis/disclosure/curves.py", "FEWEST")

_CLOUD, _BOX, _TEXT, _GAP = 44.0, 9.0, 12.0, 12.0
_LINE = 10.5


def draw_spread(outcome: str, spreads: pd.DataFrame, observed: pd.DataFrame, labels: Labels) -> Figure:
    """Draw the spread of an outcome: a panel a wave, a curve and a box an arm.

    Parameters
    ----------
    outcome : str
    spreads : DataFrame
        Summary ``spreads`` after `disclosure_curves.protect_spreads`.
    observed : DataFrame
        Summary ``outcomes`` after `disclosure.protect_means`: mean and quartiles.
    labels : Labels

    Raises
    ------
    ValueError
        If there is no curve, or a frame has not been through disclosure control.
    """
    if "state" not in spreads or "state" not in observed:
        raise ValueError("spreads have to go through disclosure control first")
    curves = spreads[spreads["outcome"] == outcome]
    if curves.empty:
        raise ValueError(f"there is no curve of {outcome}")
    boxes = observed[observed["outcome"] == outcome]
    arms = labels.arms(code for code in boxes["arm"] if code != "(all)")
    waves = labels.waves_side_by_side(boxes["wave"])
    spread = boxes["sd"].dropna()
    decimals = labels.digits(outcome, float(spread.median()) if len(spread) else None).level
    cells = {(wave, arm): _Cell(curves, boxes, wave, arm, decimals) for wave in waves for arm in arms}
    return _draw(outcome, cells, waves, arms, float(curves["x"].min()), float(curves["x"].max()), labels)


class _Cell:
    """Curve, quartiles and words of one arm at one wave."""

    def __init__(self, curves: pd.DataFrame, boxes: pd.DataFrame, wave: str, arm: str, decimals: int) -> None:
        own = curves[(curves["wave"].astype(str) == wave) & (curves["arm"].astype(str) == arm)]
        self.x, self.height = own["x"].tolist(), own["height"].tolist()
        box = boxes[(boxes["wave"].astype(str) == wave) & (boxes["arm"].astype(str) == arm)]
        row = box.iloc[0] if len(box) else None
        self.n = 0 if row is None else row["n"]
        self.shown = row is not None and row["state"] == "shown" and not is_missing(row["median"])
        if row is None or not self.shown:
            self.text = f"{WITHHELD} ({count(self.n)})" if self.n else "no answers"
            return
        self.mean, self.median = row["mean"], row["median"]
        self.q1, self.q3 = row["q1"], row["q3"]
        self.text = (
            f"median {number(self.median, decimals)} ({number(self.q1, decimals)} to "
            f"{number(self.q3, decimals)}), mean {number(self.mean, decimals)}, n = {count(self.n)}"
        )


def _draw(
    outcome: str,
    cells: dict[tuple[str, str], _Cell],
    waves: Sequence[str],
    arms: Sequence[str],
    low: float,
    high: float,
    labels: Labels,
) -> Figure:
    title = f"{labels.outcome(outcome)}: spread by arm and wave"
    note = (
        f"Curve: smoothed share of {labels.people}; box: quartiles, with the median as a line and the mean as a mark. "
        f"Curves are too smooth to show single {labels.people} and are left out for fewer than "
        f"{count(max(_FEWEST, labels.minimum))}."
    )
    notes = wrap(note, WIDTH - 16, SMALL)
    width = (WIDTH - 8) / len(waves)
    names = {arm: wrap(labels.arm(arm), width - 30, SMALL, True) for arm in arms}
    heads = [wrap(labels.wave(wave), width - 20, SIZE, True) for wave in waves]
    head = 12.0 * max(map(len, heads)) + 6
    rows = [_LINE * len(names[arm]) + _CLOUD + _BOX + _TEXT + _GAP for arm in arms]
    axis_lines = wrap(labels.outcome(outcome), width - 30, SMALL)
    foot = 20 + _LINE * len(axis_lines) + 6 + _LINE * len(notes) + 6
    body = sum(rows)
    height = head + body + foot
    canvas = canvas_of(height, labels.synthetic)
    page = page_of(canvas)
    for place, wave in enumerate(waves):
        left = 10 + place * width
        for index, line in enumerate(heads[place]):
            page.text(left, height - 12 - 12 * index, line, size=SIZE, bold=True)
        axes = Panel(canvas, left, foot, width - 24, body)
        ends = low - 0.02 * (high - low), high + 0.02 * (high - low)
        axes.limits(x=ends)
        axes.x_axis(most=6)
        top = body
        for index, arm in enumerate(arms):
            lines = names[arm]
            for at, line in enumerate(lines):
                page.text(left, foot + top - 8.5 - _LINE * at, line, size=SMALL, bold=True)
            _draw_cell(axes, cells[wave, arm], index, top - _LINE * len(lines), ends)
            top -= rows[index]
        for at, line in enumerate(axis_lines):
            page.text(left + (width - 24) / 2, foot - 26 - _LINE * at, line, anchor="middle", size=SMALL)
    page.note(8, 8 + _LINE * (len(notes) - 1), notes, _LINE)
    return finish(
        canvas,
        f"spread-{outcome.replace('_', '-')}",
        title,
        f"{_words(outcome, cells, waves, arms, labels)} {note}",
    )


def _draw_cell(axes: Panel, cell: _Cell, place: int, top: float, ends: tuple[float, float]) -> None:
    colour, shape, dash = arm_look(place)
    floor = top - _CLOUD
    if cell.x:
        curve = [floor + (_CLOUD - 3) * float(height) for height in cell.height]
        axes.between(cell.x, [floor] * len(curve), curve, colour, opacity=0.25)
        axes.line(cell.x, curve, colour, 1.3, dash)
    axes.line([cell.x[0], cell.x[-1]] if cell.x else ends, [floor, floor], GREY, 0.6)
    middle = floor - 3 - _BOX / 2
    edges = middle - _BOX / 2, middle + _BOX / 2
    if cell.shown:
        axes.box((cell.q1, cell.q3), edges, "#ffffff", rim=(colour, 1.3), level=MARK)
        axes.line([cell.median] * 2, edges, INK, 1.8, level=MARK)
        axes.mark(cell.mean, middle, shape, 5, colour, rim=("#ffffff", 0.6), level=ABOVE)
    axes.text(ends[0], edges[0] - 10, cell.text, size=SMALL, colour=GREY)


def _words(
    outcome: str, cells: dict[tuple[str, str], _Cell], waves: Sequence[str], arms: Sequence[str], labels: Labels
) -> str:
    parts = [
        f"{labels.wave(wave)}: {'; '.join(f'{labels.arm_within(arm)} {cells[wave, arm].text}' for arm in arms)}"
        for wave in waves
    ]
    return f"Smooth curves and boxes of {labels.outcome(outcome)} by arm and wave. {'. '.join(parts)}."


def figures(material: Material) -> Iterator[FigureOrder]:
    """The spread of each outcome that has one."""
    observed = material.of_outcomes("outcomes")
    for outcome, spreads in material.of_outcomes("spreads").items():
        yield order(draw_spread, outcome, spreads, observed[outcome], labels=material.labels, outcomes=[outcome])
