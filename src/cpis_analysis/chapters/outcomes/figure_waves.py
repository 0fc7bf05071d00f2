"""The difference between the arms at each wave, and averaged over them, from a model of all interviews."""

from __future__ import annotations

from collections.abc import Iterator

from cpis_analysis.analyses.estimate import AnalysisResult, Estimate
from cpis_analysis.chapters.chapter import Material
from cpis_analysis.chapters.pending_exhibit import FigureOrder, order
from cpis_analysis.publish.format import capital, degrees, is_missing, level_words, lower_first, p_value
from cpis_analysis.publish.pen.forest import ForestPlot, ForestRow
from cpis_analysis.publish.pen.style import Figure
from cpis_analysis.words.labels import Labels
from cpis_analysis.words.methods import has_degrees
from cpis_analysis.words.order_of_analyses import in_plan_order
from cpis_analysis.words.scales import outcome_digits, shown_cell
from cpis_analysis.words.wording import listed


def by_wave(result: AnalysisResult) -> list[Estimate]:
    """Differences of an analysis at each wave in the order of time, then averaged; one arm after the other."""
    spec = result.spec
    every = [one for one in (result.estimate, *result.contrasts) if not one.contrast.held and not one.contrast.between]
    every = [one for one in every if not is_missing(one.estimate) and not one.contrast.beside]
    found: list[Estimate] = []
    for arm in dict.fromkeys(one.contrast.arm for one in every if one.contrast.last or one.contrast.over):
        own = [one for one in every if one.contrast.arm == arm]
        at = {one.contrast.last: one for one in own if one.contrast.last}
        found += [at[wave] for wave in spec.waves_of_rows if wave in at]
        found += [one for one in own if one.contrast.over]
    return found


def draw_waves(result: AnalysisResult, labels: Labels) -> Figure:
    """Draw the differences of one analysis, one row a wave.

    Parameters
    ----------
    result : AnalysisResult
        One that has them (`by_wave`).
    labels : Labels
    """
    spec, found = result.spec, by_wave(result)
    decimals = outcome_digits(spec.outcome, labels, None, result).difference
    changes = bool(result.estimate.contrast.first)
    several = len({one.contrast.arm for one in found}) > 1
    rows, said = [], []
    for one in found:
        over = [lower_first(labels.wave(wave)) for wave in one.contrast.over]
        name = f"Average of {listed(over)}" if over else capital(labels.wave(one.contrast.last))
        name = f"{labels.arm(one.contrast.arm)}: {lower_first(name)}" if several else name
        text = shown_cell(one, result.scale, decimals)
        df = f"df {degrees(one.df)}" if has_degrees(one) else ""
        estimate, low, high = map(result.scale.in_units, (one.estimate, one.ci_low, one.ci_high))
        primary = one.contrast.last == labels.followup_wave
        rows.append(ForestRow(name, df, estimate, low, high, (text, p_value(one.p_value)), strong=primary))
        said.append(f"{name} {text}, p {p_value(one.p_value)}")
    arm, reference = result.estimate.contrast.arms
    contrast, level = f"{labels.arm(arm)} − {labels.arm(reference)}", level_words(spec.level)
    higher = f"higher in {labels.arm_within(arm)}"
    if several:
        contrast, higher = f"each group − {labels.arm_within(reference)}", f"lower in {labels.arm_within(reference)}"
    label = labels.outcome(spec.outcome)
    since = f" in the change since {lower_first(labels.wave(spec.baseline_wave))}" if changes else ""
    alt = (
        f"Forest plot of the adjusted difference{since} in {label} ({contrast}) at each wave, with {level} confidence "
        f"intervals. {'; '.join(said)}."
    )
    return ForestPlot(
        rows,
        (f"Difference ({level} CI)", "p"),
        id=f"waves-{spec.outcome.replace('_', '-')}",
        title=f"{label}: difference between the arms{since} at each wave",
        alt=alt,
        axis_label=f"Difference in {labels.points(spec.outcome)} ({contrast})",
        sides=(f"higher in {labels.arm_within(reference)}", higher),
        synthetic=labels.synthetic,
        note=f"{labels.model(spec.model)}. The primary wave is {lower_first(labels.wave(labels.followup_wave))}; the "
        "p-values at the waves are not adjusted for their number.",
    ).draw()


def figures(material: Material) -> Iterator[FigureOrder]:
    """Of each outcome the first model of interviews that has differences at several waves."""
    labels = material.labels
    for outcome in labels.outcomes():
        own = [one for one in material.results if one.spec.outcome == outcome and one.scale.natural]
        for result in in_plan_order(own, labels):
            if len(by_wave(result)) > 2:
                yield order(draw_waves, result, labels=labels, outcomes=[outcome])
                break
