"""Does the model fit: quantiles of residuals and of cluster effects with envelopes, residuals by fitted value."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from cpis_analysis.analyses.estimate import AnalysisResult
from cpis_analysis.chapters.chapter import Material
from cpis_analysis.chapters.models.effect_quantiles import EffectQuantiles, effect_quantiles
from cpis_analysis.chapters.pending_exhibit import FigureOrder, order
from cpis_analysis.plan.outcome_scale import Scale
from cpis_analysis.publish.format import capital, count, interval, lower_first, number
from cpis_analysis.publish.pen.canvas import Canvas
from cpis_analysis.publish.pen.inks import GREY, LIGHT, NAVY, ORANGE, SIZE, SMALL, TEAL, WIDTH
from cpis_analysis.publish.pen.panels import MARK, Panel
from cpis_analysis.publish.pen.style import Figure, canvas_of, finish, page_of, wrap
from cpis_analysis.publish.sources.sourced_columns import column, how_many, made
from cpis_analysis.words.labels import Labels
from cpis_analysis.words.order_of_analyses import headline_results
from cpis_analysis.words.scales import outcome_digits

_Z = 1.959963984540054  # 97.5th centile of the normal distribution
_SQUARE = 190.0
_BROKEN = (4.0, 2.0)
_ROW = 13.0
_MOST = 60


def draw_diagnostics(result: AnalysisResult, labels: Labels) -> Figure:
    """Draw the diagnostics of one analysis.

    Parameters
    ----------
    result : AnalysisResult
        With ``diagnostics``.
    labels : Labels

    Raises
    ------
    ValueError
        If the analysis has no diagnostics.
    """
    found = result.diagnostics
    if not found:
        raise ValueError(f"{result.spec.name} has no diagnostics")
    groups = _groups(found.get("random_effects") or [], result.scale, labels)
    quantiles, bins = found.get("residual_quantiles"), _bins(found.get("residual_by_fitted"))
    simulated = "simulated" in found
    kind = "Simulated residual" if simulated else "Standardised residual"
    effects_height = max((_ROW * len(rows) for _, rows in groups), default=0.0)
    upper = _SQUARE + 62 if quantiles or bins else 0.0
    lower = effects_height + 62 if groups else 0.0
    normal = [one for one in effect_quantiles(result) if _is_cluster(one.group, labels)][:2]
    last = _SQUARE + 62 if normal else 0.0
    name = f"{labels.outcome(result.spec.outcome)}, {labels.model(result.spec.model)}"
    alt = _words(quantiles, bins, groups, normal, name, result, labels)
    height = upper + lower + last
    canvas = canvas_of(height, labels.synthetic)
    page = page_of(canvas)
    bottom = height - upper + 40
    if quantiles:
        _heading(page, 46, height - 14, "Quantiles of the residuals")
        _draw_quantiles(Panel(canvas, 46, bottom, _SQUARE, _SQUARE), quantiles, kind, simulated)
    if bins:
        _heading(page, 322, height - 14, "Residuals by fitted value")
        _draw_bins(Panel(canvas, 322, bottom, _SQUARE, _SQUARE), bins, kind, simulated)
    width = (WIDTH - 8) / max(len(groups), 1)
    for index, (title, rows) in enumerate(groups):
        x = 8 + index * width
        _heading(page, x, last + lower - 14, title)
        what = "Predicted effect (log scale)" if simulated else "Predicted effect"
        _draw_effects(page, canvas, x, last + lower - 22, width, rows, what)
    for index, one in enumerate(normal):
        x = 46 + 276 * index
        _heading(page, x, last - 14, f"Quantiles of the {lower_first(_group_title(one.group, labels))}")
        _draw_quantiles(Panel(canvas, x, 40, _SQUARE, _SQUARE), vars(one), "Standardised effect")
    return finish(
        canvas,
        f"diagnostics-{re.sub(r'[^A-Za-z0-9]+', '-', result.spec.name).strip('-')}",
        f"Model diagnostics: {name}",
        alt,
    )


def _heading(page: Panel, x: float, y: float, text: str) -> None:
    page.text(x, y, text, size=SIZE, bold=True)


def _bins(given: Any) -> list[Mapping[str, float]]:
    """Bins as a list of mappings, from either layout."""
    if isinstance(given, Mapping):
        return [dict(zip(given, values, strict=True)) for values in zip(*given.values(), strict=True)]
    return list(given or [])


def _groups(
    effects: Sequence[Mapping[str, Any]], scale: Scale, labels: Labels
) -> list[tuple[str, list[tuple[str, float, float]]]]:
    """Cluster effects by grouping factor; effects of people, or of very many groups, are not shown."""
    design = labels.design
    by_group: dict[str, list[tuple[str, float, float]]] = {}
    for row in effects:
        if design.participant not in str(row["group"]).split(":"):
            by_group.setdefault(str(row["group"]), []).append(
                (
                    _level(str(row["group"]), str(row["label"]), labels),
                    scale.in_units(row["mode"]),
                    scale.in_units(row["se"]),
                )
            )
    shown = []
    for group, rows in by_group.items():
        if len(rows) <= _MOST:
            shown.append((_group_title(group, labels), rows))
    return shown[:3]


def _group_title(group: str, labels: Labels) -> str:
    design = labels.design
    parts = tuple(group.split(":"))
    words: dict[str, str] = {level.variable: level.noun for level in design.levels}
    if len(parts) > 1 and parts == design.clusters[: len(parts)]:
        return f"{capital(words[parts[-1]])} effects"
    return f"{capital(' × '.join(words.get(part, part) for part in group.split(':')))} effects"


def _is_cluster(group: str, labels: Labels) -> bool:
    return labels.design.participant not in group.split(":")


def _level(group: str, label: str, labels: Labels) -> str:
    """Words for a cluster that the fit calls by its codes."""
    design, variables = labels.design, group.split(":")
    known = [[wave.name for wave in design.waves] if name == "wave" else labels.codes(name) for name in variables]
    codes, words = _codes(label, known), []
    if not all(codes):
        return label
    for variable, code in zip(variables, codes, strict=True):
        words.append(
            labels.wave(code)
            if variable == "wave"
            else labels.trust(code)
            if variable == design.trust
            else labels.choice(variable, code)
        )
    return " / ".join(words)


def _codes(label: str, known: Sequence[Sequence[str]]) -> list[str]:
    """Codes of a cluster, one a variable: those that the dictionary knows may hold what stands between codes."""
    if len(known) == 1:
        return [label]
    for code in sorted(known[0], key=len, reverse=True):
        if label.startswith(f"{code} / "):
            return [code, *_codes(label[len(code) + 3 :], known[1:])]
    code, _, rest = label.partition(" / ")
    return [code, *_codes(rest, known[1:])]


def _draw_quantiles(axes: Panel, found: Mapping[str, Sequence[float]], label: str, uniform: bool = False) -> None:
    x, low, high, observed = ([float(v) for v in found[name]] for name in ("theoretical", "low", "high", "observed"))
    margin = 0.02 if uniform else 0.2
    across, up = (min(x) - margin, max(x) + margin), _roomy(*x, *low, *high, *observed)
    axes.limits(across, up)
    axes.between(x, low, high, LIGHT)
    ends = [max(across[0], up[0]), min(across[1], up[1])]
    axes.line(ends, ends, GREY, 0.8, _BROKEN)
    for at, value, least, most in zip(x, observed, low, high, strict=True):
        colour, shape = (NAVY, "disc") if least <= value <= most else (ORANGE, "diamond")
        axes.mark(at, value, shape, 4, colour, level=MARK)
    axes.x_axis(label=["Uniform quantile" if uniform else "Normal quantile"])
    axes.y_axis(label=label)


def _draw_bins(axes: Panel, bins: Sequence[Mapping[str, float]], label: str, uniform: bool) -> None:
    """Simulated residuals are between 0 and 1: their median and the ends of the middle 80% have lines."""
    x = [float(row["fitted_mid"]) for row in bins]
    low, middle, high = ([float(row[name]) for row in bins] for name in ("q10", "q50", "q90"))
    axes.limits(_roomy(*x), (0, 1) if uniform else _roomy(0.0, *low, *high))
    axes.across(0.5 if uniform else 0, GREY, 0.8, _BROKEN)
    for share in (0.1, 0.9) if uniform else ():
        axes.across(share, GREY, 0.6, (1, 2))
    for at, *ends in zip(x, low, high, strict=True):
        axes.line([at, at], ends, TEAL, 1.6)
    for at, value in zip(x, middle, strict=True):
        axes.mark(at, value, "disc", 5, NAVY, level=MARK)
    what = "Rank of the fitted value" if uniform else "Fitted value"
    axes.x_axis(label=[f"{what} (points: medians;", "lines: middle 80% of each bin)"])
    axes.y_axis(label=label)


def _draw_effects(
    page: Panel, canvas: Canvas, x: float, top: float, width: float, rows: Sequence[tuple[str, float, float]], what: str
) -> None:
    label_width = min(0.42 * width, 130.0)
    height = _ROW * len(rows)
    axes = Panel(canvas, x + label_width, top - height, width - label_width - 14, height)
    intervals = [(float(mode), _Z * float(se)) for _, mode, se in rows]
    axes.limits(x=_roomy(0.0, *(mode + sign * reach for mode, reach in intervals for sign in (-1, 1))))
    axes.upright(0, GREY, 0.8, _BROKEN)
    for index, ((label, _, _), (mode, reach)) in enumerate(zip(rows, intervals, strict=True)):
        y = height - _ROW * (index + 0.5)
        lines = wrap(label, label_width - 6, SMALL)
        text = lines[0] if len(lines) == 1 else lines[0][:-1] + "…"
        page.text(x + label_width - 6, top - _ROW * (index + 0.5) - 3, text, anchor="end", size=SMALL)
        axes.line([mode - reach, mode + reach], [y, y], TEAL, 1.6)
        axes.mark(mode, y, "disc", 4.5, NAVY)
    axes.x_axis(most=5, label=[f"{what}, 95% interval"])


def _roomy(*values: float) -> tuple[float, float]:
    """Ends of a scale with some room beyond the outermost values."""
    low, high = min(values), max(values)
    if high - low <= 0:
        return low - 1.0, high + 1.0
    return low - 0.05 * (high - low), high + 0.05 * (high - low)


def _words(
    quantiles: Mapping[str, Sequence[float]] | None,
    bins: Sequence[Mapping[str, float]],
    groups: Sequence[tuple[str, list[tuple[str, float, float]]]],
    normal: Sequence[EffectQuantiles],
    name: str,
    result: AnalysisResult,
    labels: Labels,
) -> str:
    text = [f"Model diagnostics of {name}."]
    if quantiles:
        observed, low, high = (column(quantiles[name]) for name in ("observed", "low", "high"))
        held, total = made("within", observed, low, high), made("length", observed)
        text.append(
            f"Quantiles of the residuals: {count(held)} of {count(total)} lie within the 95% envelope of "
            "simulated data."
        )
    if bins:
        medians = [row["q50"] for row in bins]
        text.append(
            f"Median residuals in {count(how_many(medians))} bins of fitted values range from "
            f"{interval(min(medians), max(medians), 2)}"
            f"{', where one half is expected' if 'simulated' in result.diagnostics else ' standard deviations'}."
        )
    decimals = outcome_digits(result.spec.outcome, labels, None, result).difference
    for title, modes in groups:
        shown = "; ".join(f"{label} {number(mode, decimals)}" for label, mode, _ in modes)
        text.append(f"{title}: {shown}.")
    for one in normal:
        text.append(
            f"Quantiles of the {lower_first(_group_title(one.group, labels))}: {count(one.held)} of "
            f"{count(one.number)} lie within the 95% envelope of normal effects."
        )
    return " ".join(text)


def figures(material: Material) -> Iterator[FigureOrder]:
    """The headline model of each outcome that has diagnostics; residuals of a yes or no have a shape if simulated."""
    for result in headline_results(material.results, material.labels):
        binary = material.labels.is_binary(result.spec.outcome)
        if result.diagnostics and (not binary or result.simulates_residuals):
            yield order(draw_diagnostics, result, labels=material.labels, outcomes=[result.spec.outcome])
