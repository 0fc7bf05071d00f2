"""How much is missing, by variable, wave and arm."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

import pandas as pd

from cpis_analysis.chapters.arm_key import ArmKey
from cpis_analysis.chapters.chapter import Material
from cpis_analysis.chapters.pending_exhibit import FigureOrder, order
from cpis_analysis.publish.format import count, lower_first, percent
from cpis_analysis.publish.pen.inks import GREY, LIGHT, SIZE, SMALL, WIDTH, arm_look
from cpis_analysis.publish.pen.panels import GROUND, Panel
from cpis_analysis.publish.pen.style import Figure, canvas_of, finish, page_of, wrap
from cpis_analysis.publish.pen.written import text_width
from cpis_analysis.words.labels import Labels

_LEVELS = {
    "interview": "Interviews, of the {people} recruited",
    "measurement": "Waves, of the {people} recruited",
    "characteristic": "Characteristics, of the {people} {met}",
    "score": "Outcomes, of the {people} {met}",
    "item": "Answers to items, of those asked for",
}
_LINE, _PAD, _LABEL = 10.5, 2.5, 168.0
_SIDE_BY_SIDE = 2
"""Most waves that have room beside each other."""
_EVERY_WAVE = ""
Cells = Mapping[tuple[str, str], tuple[int, int]]


def draw_missing(missing: pd.DataFrame, labels: Labels) -> Figure:
    """Draw the share that is missing; variables of which nothing is missing are listed below.

    Parameters
    ----------
    missing : DataFrame
        Summary ``missing``: level, variable, wave, arm, n, n_missing. Counts of missing values are shown as counted.
    labels : Labels

    Raises
    ------
    ValueError
        If the frame has no rows.
    """
    if missing.empty:
        raise ValueError("there is nothing to draw")
    arms = labels.arms(missing["arm"])
    waves = [wave for wave in labels.design.wave_names if wave in set(missing["wave"].astype(str))]
    rows: list[tuple[str, Cells | None]] = []
    complete: list[str] = []
    said: list[str] = []
    for level, template in _LEVELS.items():
        heading = template.format(met=labels.met, people=labels.people)
        part = missing[missing["level"] == level]
        shown = []
        for variable, own in part.groupby("variable", sort=False):
            cells = {(str(r.wave), str(r.arm)): (r.n_missing, r.n) for r in own.itertuples()}
            of_waves = level in ("interview", "measurement")
            name = f"Not {labels.met}" if of_waves else labels.variable(str(variable))
            if any(n_missing for n_missing, _ in cells.values()) or of_waves:
                shown.append((name, cells))
            else:
                complete.append(name)
        if shown:
            rows += [(heading, None), *shown]
            said.append(f"{heading}: {'; '.join(_said(name, cells, waves, arms, labels) for name, cells in shown)}.")
    alt = f"Dot plot of the share missing, by arm and wave. {' '.join(said)}"
    if len(waves) > _SIDE_BY_SIDE:
        rows, waves = _below_each_other(rows, waves, labels), [_EVERY_WAVE]
    rest = f"Nothing missing: {', '.join(dict.fromkeys(complete))}." if complete else ""
    return _draw(rows, waves, arms, f"{alt} {rest}".strip(), rest, labels)


def _below_each_other(
    rows: list[tuple[str, Cells | None]], waves: list[str], labels: Labels
) -> list[tuple[str, Cells | None]]:
    """Each wave in a row of its own, where there are more than have room side by side."""
    found: list[tuple[str, Cells | None]] = []
    for name, cells in rows:
        if cells is None:
            found.append((name, None))
            continue
        for wave in waves:
            own = {(_EVERY_WAVE, arm): counts for (at, arm), counts in cells.items() if at == wave}
            if own:
                found.append((f"{name}, {lower_first(labels.wave(wave))}", own))
    return found


def _said(name: str, cells: Cells, waves: list[str], arms: list[str], labels: Labels) -> str:
    parts = []
    for wave in waves:
        known = [(labels.arm(arm), cells[wave, arm]) for arm in arms if (wave, arm) in cells]
        if known:
            shares = ", ".join(
                f"{arm} {count(part)} of {count(whole)} ({percent(part, whole)})" for arm, (part, whole) in known
            )
            parts.append(f"{lower_first(labels.wave(wave))} {shares}")
    return f"{name}: {'; '.join(parts)}"


def _draw(
    rows: list[tuple[str, Cells | None]], waves: list[str], arms: list[str], alt: str, rest: str, labels: Labels
) -> Figure:
    wrapped = [
        wrap(
            name,
            WIDTH - 16 if cells is None else _LABEL - 8,
            SIZE if cells is None else SMALL,
            cells is None,
        )
        for name, cells in rows
    ]
    # the arms stand one above the other in a row, each with its count
    low = _LINE * len(arms)
    heights = [
        max(_LINE * len(lines), low if cells is not None else 0) + 2 * _PAD
        for lines, (_, cells) in zip(wrapped, rows, strict=True)
    ]
    counts = max(text_width(f"{count(a)}/{count(b)}", SMALL) for _, cells in rows if cells for a, b in cells.values())
    width = (WIDTH - _LABEL - 12) / len(waves)
    plot_width = width - counts - 22
    most = max((100 * a / b for _, cells in rows if cells for a, b in cells.values() if b), default=0)
    top_share = max(5.0, 5 * math.ceil(most * 1.05 / 5))
    body = sum(heights)
    wave_lines = [wrap(labels.wave(wave), width - 12, SMALL, True) if wave else [] for wave in waves]
    key = ArmKey(arms, labels, _LABEL)
    head = max(10.5 * max(map(len, wave_lines)), key.height) + 10
    rest_lines = wrap(rest, WIDTH - 16, SMALL) if rest else []
    foot = 36 + 10.5 * len(rest_lines) + 6 * bool(rest_lines)
    height = head + body + foot
    canvas = canvas_of(height, labels.synthetic)
    page = page_of(canvas)
    start = height - head
    key.draw(page, 4, start + 5)
    page.line([4, WIDTH - 4], [start, start], GREY, 0.6)
    for index, wave in enumerate(waves):
        left = _LABEL + 6 + index * width
        axes = Panel(canvas, left, foot, plot_width, body)
        axes.limits(x=(0, top_share))
        step = next(step for step in (1, 2, 5, 10, 20, 25, 50) if top_share / step <= 5)
        axes.x_axis([step * i for i in range(int(top_share / step) + 1)])
        for number, line in enumerate(wave_lines[index]):
            page.text(left, start + 5 + 10.5 * (len(wave_lines[index]) - 1 - number), line, size=SMALL, bold=True)
        page.text(left + plot_width / 2, foot - 27, "Missing, %", anchor="middle", size=SMALL)
        top = start
        for (_, cells), row_height in zip(rows, heights, strict=True):
            middle = top - row_height / 2
            if cells is not None:
                page.line([left, left], [top - row_height, top], LIGHT, 0.8)
            for place, arm in enumerate(arms):
                if cells and (wave, arm) in cells and cells[wave, arm][1]:
                    part, whole = cells[wave, arm]
                    colour, shape, _ = arm_look(place)
                    y = middle + _LINE * ((len(arms) - 1) / 2 - place)
                    share = 100 * part / whole
                    axes.line([0, share], [y - foot] * 2, colour, 1.2, opacity=0.5)
                    axes.mark(share, y - foot, shape, 5, colour)
                    page.text(
                        left + plot_width + counts + 9,
                        y - 3,
                        f"{count(part)}/{count(whole)}",
                        anchor="end",
                        size=SMALL,
                    )
            top -= row_height
    top = start
    for (_, cells), lines, row_height in zip(rows, wrapped, heights, strict=True):
        y = top - row_height / 2 + _LINE * len(lines) / 2 - 8.2
        if cells is None:
            page.box((0, WIDTH), (top - row_height, top), "#F2F2F2", level=GROUND)
        for text in lines:
            page.text(8, y, text, size=SIZE if cells is None else SMALL, bold=cells is None)
            y -= _LINE
        top -= row_height
    page.note(8, foot - 44.0, rest_lines, 10.5)
    return finish(canvas, "missing", "Missing data by variable, wave and arm", alt)


def figures(material: Material) -> Iterator[FigureOrder]:
    """What is missing, where anything is."""
    missing = material.summaries["missing"]
    if len(missing) and missing["n_missing"].sum():
        yield order(draw_missing, missing, labels=material.labels)
