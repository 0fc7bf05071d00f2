"""Where the conclusion changes, over the shifts of the missing outcomes of either arm."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

from cpis_analysis.analyses.tipping import Shifted, Tipping
from cpis_analysis.chapters.chapter import Material
from cpis_analysis.chapters.pending_exhibit import FigureOrder, order
from cpis_analysis.chapters.tipping.content import decimals_needed, tipping_points
from cpis_analysis.chapters.tipping.half_planes import Line, Point, ends_in, half_of
from cpis_analysis.publish.format import Digits, count, level_words, lower_first, number, with_interval
from cpis_analysis.publish.pen.inks import GREY, INK, NAVY, ORANGE, PLUM, SMALL, WIDTH, Dash
from cpis_analysis.publish.pen.panels import ABOVE, GROUND, Panel
from cpis_analysis.publish.pen.style import Figure, canvas_of, finish, page_of, wrap
from cpis_analysis.publish.pen.written import text_width
from cpis_analysis.publish.sources.ledger import unmarked
from cpis_analysis.words.labels import Labels
from cpis_analysis.words.methods import contrast_words
from cpis_analysis.words.scales import outcome_digits

_LEFT, _RIGHT, _PLOT, _LINE = 62.0, 94.0, 290.0, 10.5
_ABOVE, _BELOW = "#CFE0EE", "#FDDFCF"
"""Tints of navy and orange; in grey they are alike, and the lines, the bold numbers and the signs tell them apart."""
_ENDS: dict[str, tuple[str, Dash]] = {"ci_low": ("Lower limit", ()), "ci_high": ("Upper limit", (5.0, 2.0))}


def draw_tipping(found: Tipping, labels: Labels) -> Figure:
    """Draw the difference over a grid of shifts, and the lines on which an end of its interval is zero.

    Parameters
    ----------
    found : Tipping
    labels : Labels
    """
    result = found.result
    outcome = result.spec.outcome
    digits = outcome_digits(outcome, labels, None, result)
    reference = labels.arm(result.spec.reference)
    other = labels.arm(result.estimate.contrast.arm)
    low, high = _window(found.deltas)
    edges, outside = _edges(found, low, high)
    top = 12 + _LINE * 2 * bool(edges["top"])
    foot_lines = wrap(_note(found, outside, labels), WIDTH - 16, SMALL)
    beside = wrap(f"Shift of missing outcomes: {other}", _PLOT, SMALL)
    left = _LEFT + _LINE * (len(beside) - 1)
    width = WIDTH - left - _RIGHT
    below = wrap(f"Shift of missing outcomes: {reference}", width, SMALL)
    foot = 52 + _LINE * (len(foot_lines) + len(below))
    height = top + _PLOT + foot
    canvas = canvas_of(height, labels.synthetic)
    page = page_of(canvas)
    axes = Panel(canvas, left, foot, width, _PLOT)
    _axes(axes, low, high, found.deltas)
    box = [(low, low), (high, low), (high, high), (low, high)]
    for bound, colour, sign in (("ci_low", _ABOVE, 1.0), ("ci_high", _BELOW, -1.0)):
        corners = half_of(box, found.line(bound), sign)
        if found.imputed:
            _shade(axes, found, bound, colour, sign)
        elif len(corners) > 2:
            axes.area([x for x, _ in corners], [y for _, y in corners], colour, level=GROUND)
    for bound, threshold in _drawn(found):
        ends = ends_in(box, found.line(bound, threshold))
        if ends:
            colour, wide = (PLUM, 0.9) if threshold else (INK, 1.8)
            axes.line([x for x, _ in ends], [y for _, y in ends], colour, wide, _ENDS[bound][1])
    _numbers(axes, found, digits, width)
    _edge_labels(page, edges, (low, high), (left, foot, width, _PLOT))
    for at, text in enumerate(beside):
        page.upwards(12 + _LINE * at, foot + _PLOT / 2, text)
    line = foot - 28.0
    for text in below:
        page.text(left + width / 2, line, text, anchor="middle", size=SMALL)
        line -= _LINE
    _key(page, found, line - 8.5)
    page.note(8, line - 25.5, foot_lines, _LINE)
    return finish(
        canvas,
        f"tipping-{outcome.replace('_', '-')}",
        f"{labels.outcome(outcome)}: the difference if missing outcomes were not missing at random",
        _words(found, digits, labels),
    )


def _grid(found: Tipping) -> list[Shifted]:
    """Results at each pair of shifts, by imputation where there is one."""
    return [found.imputed_at("grid", one.delta_reference, one.delta_other) or one for one in found.grid]


def _shade(axes: Panel, found: Tipping, bound: str, colour: str, sign: float) -> None:
    """Tint where an end of the interval by imputation lies beyond zero; linear between the shifts and outwards."""
    from contourpy import contour_generator

    low, high = _window(found.deltas)
    at = {(one.delta_reference, one.delta_other): sign * getattr(one, bound) for one in _grid(found)}
    rows = [_outwards(found.deltas, [at[a, b] for a in found.deltas], low, high) for b in found.deltas]
    columns = [_outwards(found.deltas, list(column), low, high) for column in zip(*rows, strict=True)]
    heights = [list(row) for row in zip(*columns, strict=True)]
    top = max(value for row in heights for value in row)
    if top > 0:
        ticks = [low, *found.deltas, high]
        shaded: Any = contour_generator(ticks, ticks, heights, fill_type="OuterOffset").filled(0.0, top * 2)
        for corners, starts in zip(*shaded, strict=True):
            xs, ys = corners.T.tolist()
            rings = [(xs[first:last], ys[first:last]) for first, last in pairwise(starts)]
            axes.areas(rings, colour, level=GROUND)


def _outwards(at: Sequence[float], values: list[float], low: float, high: float) -> list[float]:
    """Values with one more on either side, on the line through the outermost two."""
    before = values[0] + (values[1] - values[0]) * (low - at[0]) / (at[1] - at[0])
    after = values[-1] + (values[-1] - values[-2]) * (high - at[-1]) / (at[-1] - at[-2])
    return [before, *values, after]


def _window(deltas: Sequence[float]) -> Point:
    """Ends of both axes: half a step beyond the outermost shifts."""
    margin = max(deltas[1] - deltas[0], deltas[-1] - deltas[-2]) / 2
    return deltas[0] - margin, deltas[-1] + margin


def _drawn(found: Tipping) -> list[tuple[str, float]]:
    """(end of the interval, threshold) of every line."""
    return list(dict.fromkeys((one.bound, one.threshold or 0.0) for one in found.points))


def _edges(found: Tipping, low: float, high: float) -> tuple[dict[str, list[tuple[float, str, str]]], list[str]]:
    """Labels of the lines at the edge at which they leave, and the names of those that lie outside."""
    box = [(low, low), (high, low), (high, high), (low, high)]
    edges: dict[str, list[tuple[float, str, str]]] = {"top": [], "right": []}
    outside = []
    for bound, threshold in _drawn(found):
        name = f"{_ENDS[bound][0]} = {number(threshold, decimals_needed([threshold]))}"
        ends = ends_in(box, found.line(bound, threshold))
        if not ends:
            outside += [] if threshold else [lower_first(_ENDS[bound][0])]
            continue
        x, y = max(ends, key=lambda end: end[0] + end[1])
        colour = PLUM if threshold else INK
        if high - x < high - y:
            edges["right"].append((y, name, colour))
        else:
            edges["top"].append((x, name, colour))
    return edges, outside


def _axes(axes: Panel, low: float, high: float, deltas: Sequence[float]) -> None:
    axes.limits((low, high), (low, high))
    # what stands on an axis is no result
    names = [unmarked(number(delta, decimals_needed(deltas), sign=True)) for delta in deltas]
    axes.x_axis(deltas, names)
    axes.y_axis(deltas, names)
    axes.frame()


def _numbers(axes: Panel, found: Tipping, digits: Digits, width: float) -> None:
    """The difference at each pair of shifts, bold where its interval excludes zero; fewer where they would touch."""
    low, high = _window(found.deltas)
    lines_drawn = [found.line(bound, threshold) for bound, threshold in _drawn(found)]
    texts = {(one.delta_reference, one.delta_other): one for one in _grid(found)}
    widest = max(text_width(number(one.estimate, digits.difference), SMALL, True) for one in texts.values()) + 5
    reach = (widest / 2 * (high - low) / width, 7.0 * (high - low) / _PLOT)
    shown = _apart(found.deltas, widest * (high - low) / width)
    lines = _apart(found.deltas, 13.0 * (high - low) / _PLOT)
    for reference in shown:
        for other in lines:
            one = texts[reference, other]
            centre = reference == other == 0
            axes.value(
                reference,
                other,
                number(one.estimate, digits.difference),
                bold=_excludes(one),
                lift=11 if centre else 0,
                halo=_tint(one) if any(_touches(one, line, reach) for line in lines_drawn) else "",
            )
    axes.mark(0, 0, "diamond", 7, NAVY, rim=("#ffffff", 0.8), level=ABOVE)


def _apart(deltas: Sequence[float], least: float) -> list[float]:
    """Shifts that are at least so far from each other, zero among them, worked outwards."""
    kept = [0.0]
    for side in (sorted(d for d in deltas if d > 0), sorted((d for d in deltas if d < 0), reverse=True)):
        last = 0.0
        for delta in side:
            if abs(delta - last) >= least:
                kept.append(delta)
                last = delta
    return kept


def _touches(one: Shifted, line: Line, reach: Point) -> bool:
    """Whether a line passes through the box of a number."""
    a, b, c = line
    away = abs(a * one.delta_reference + b * one.delta_other - c)
    return away < abs(a) * reach[0] + abs(b) * reach[1]


def _excludes(one: Shifted) -> bool:
    return one.ci_low > 0 or one.ci_high < 0


def _tint(one: Shifted) -> str:
    return _ABOVE if one.ci_low > 0 else _BELOW if one.ci_high < 0 else "#ffffff"


def _edge_labels(
    page: Panel, edges: dict[str, list[tuple[float, str, str]]], window: Point, place: tuple[float, float, float, float]
) -> None:
    left, bottom, width, height = place
    low, high = window
    last = -1e9
    for y, name, colour in sorted(edges["right"]):
        at = max(bottom + height * (y - low) / (high - low) - 3, last + _LINE)
        page.text(left + width + 4, at, name, size=SMALL, colour=colour)
        last = at
    ends: list[float] = [-1e9, -1e9]
    for x, name, colour in sorted(edges["top"]):
        wide = text_width(name, SMALL)
        centre = min(max(left + width * (x - low) / (high - low), left + wide / 2), left + width - wide / 2)
        row = 0 if centre - wide / 2 > ends[0] + 6 else 1
        page.text(centre, bottom + height + 4 + _LINE * row, name, size=SMALL, colour=colour, anchor="middle")
        ends[row] = centre + wide / 2


def _key(page: Panel, found: Tipping, line: float) -> None:
    """What tints and marks mean, in one row."""
    level = level_words(found.result.spec.level)
    x = 8.0
    for colour, text in (
        (_ABOVE, f"{level} interval above 0"),
        ("#ffffff", f"{level} interval includes 0"),
        (_BELOW, f"{level} interval below 0"),
    ):
        edge = {_ABOVE: NAVY, _BELOW: ORANGE}.get(colour, GREY)
        page.box((x, x + 16), (line - 1.5, line + 8.5), colour, rim=(edge, 0.8))
        page.text(x + 20, line, text, size=SMALL)
        x += 20 + text_width(text, SMALL) + 16
    page.mark(x + 5, line + 3, "diamond", 7, NAVY, rim=("#ffffff", 1.0))
    page.text(x + 14, line, "Missing at random", size=SMALL)


def _note(found: Tipping, outside: Sequence[str], labels: Labels) -> str:
    shift, model = found.shift, found.result.spec.model
    text = (
        f"Numbers: difference ({contrast_words(found.result, labels)}) in points of the outcome, bold where its "
        f"interval excludes 0. Shifted are the outcomes of {count(shift.n_completed_reference)} and "
        f"{count(shift.n_completed_other)} {labels.people}, from what is expected of them ({labels.model(model)})."
    )
    if found.imputed:
        text += (
            f" Numbers, bold and shading by imputation ({count(found.imputations)} draws); lines where the limits are "
            "zero if the standard error is taken as given."
        )
    if outside:
        text += f" The {' and the '.join(outside)} of the interval {'reach' if len(outside) > 1 else 'reaches'} 0 "
        text += "outside the shifts shown."
    if found.important:
        text += " Thin lines: minimal important difference."
    return text


def _words(found: Tipping, digits: Digits, labels: Labels) -> str:
    result = found.result
    e, spec = result.estimate, result.spec
    reference = labels.arm(spec.reference)
    other = labels.arm(e.contrast.arm)
    corner = {(one.delta_reference, one.delta_other): one for one in _grid(found)}
    least, most = found.deltas[0], found.deltas[-1]
    places = decimals_needed(found.deltas)
    said = []
    for bound, (name, _) in _ENDS.items():
        parts = []
        for scenario, text in (
            ("other", f"{other} alone"),
            ("reference", f"{reference} alone"),
            ("opposite", f"{other}, with the opposite in {reference}"),
        ):
            point = found.reached(scenario, bound)
            if point is not None:
                parts.append(f"{number(point.delta, digits.level, sign=True)} in {text}")
        if parts:
            said.append(f"the {name.lower()} is 0 at a shift of {', of '.join(parts)}")
    shown = "; ".join(
        f"{number(a, places, sign=True)} in {reference} and {number(b, places, sign=True)} in {other}: "
        f"{with_interval(corner[a, b].estimate, corner[a, b].ci_low, corner[a, b].ci_high, digits.difference)}"
        for a, b in ((least, least), (least, most), (most, least), (most, most))
    )
    where = "; ".join(said) or "nowhere within reach"
    return (
        f"Grid of the difference in {labels.outcome(spec.outcome)} ({contrast_words(result, labels)}) over shifts of "
        f"the missing outcomes of either arm, by {labels.model(spec.model)}. Missing at random: "
        f"{with_interval(e.estimate, e.ci_low, e.ci_high, digits.difference)}. Where the "
        f"{level_words(spec.level)} interval changes: {where}. At the corners: {shown}."
    )


def figures(material: Material) -> Iterator[FigureOrder]:
    """The first tipping-point analysis of each outcome that has one."""
    for outcome, found in tipping_points(material.results, material.labels).items():
        yield order(draw_tipping, found[0], labels=material.labels, outcomes=[outcome])
