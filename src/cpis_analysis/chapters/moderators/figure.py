"""Forest plot of moderators: the interaction, and the difference between the arms at each level."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cpis_analysis.analyses.estimate import AnalysisResult, Estimate
from cpis_analysis.chapters.chapter import Material
from cpis_analysis.chapters.moderators.content import at_level, charted, condition, is_moderated, moderation
from cpis_analysis.chapters.pending_exhibit import FigureOrder, order
from cpis_analysis.chapters.result.details import levels_compared
from cpis_analysis.publish.format import DASH, capital, degrees, is_missing, lower_first, p_value
from cpis_analysis.publish.pen.forest import ForestPlot, ForestRow
from cpis_analysis.publish.pen.style import Figure
from cpis_analysis.words.contrast_words import words_of_contrast
from cpis_analysis.words.labels import Labels
from cpis_analysis.words.methods import has_degrees
from cpis_analysis.words.order_of_analyses import in_plan_order
from cpis_analysis.words.scales import ci_heading, interval_words, left_out_note, outcome_digits, shown_cell


def has_levels(result: AnalysisResult) -> bool:
    """Whether an analysis has differences at levels to be drawn."""
    return is_moderated(result) and any(not is_missing(one.estimate) for one in moderation(result).levels)


def draw_moderators(results: Sequence[AnalysisResult], labels: Labels) -> Figure:
    """Draw the moderators of one outcome; the interaction stands above its levels and alone has a p-value.

    Parameters
    ----------
    results : sequence of AnalysisResult
        Of one outcome; those without levels are left out, and those on another scale than the outcome's own are named:
        each scale would need an axis of its own, and table and text have them.
    labels : Labels

    Raises
    ------
    ValueError
        If none has levels.
    """
    every = in_plan_order([result for result in results if has_levels(result)], labels)
    chosen = [result for result in every if result.scale.natural]
    left_out = left_out_note([result for result in every if not result.scale.natural], labels)
    if not chosen:
        raise ValueError("there is no moderator with levels")
    outcome = chosen[0].spec.outcome
    rows, said = [], []
    several = len({one.contrast.arms for result in chosen for one in moderation(result).levels}) > 1
    for result in chosen:
        found = moderation(result)
        for one in (*found.interactions, *found.levels):
            row = _row(one, result, labels, several)
            rows.append(row)
            test = "" if row.texts[1] == DASH else f", p {row.texts[1]}"
            note = f" ({row.note})" if row.note else ""
            said.append(f"{row.label}{note} {row.texts[0]}{test}")
    arm, reference = chosen[0].estimate.contrast.arms
    contrast = f"{'each arm' if several else labels.arm(arm)} − {labels.arm(reference)}"
    label = labels.outcome(outcome)
    alt = (
        f"Forest plot of the adjusted difference in {label} ({contrast}) at each level of a moderator, with "
        f"{interval_words(chosen)}s; the difference of the differences stands first. {'; '.join(said)}. {left_out}"
    ).rstrip()
    low, high = (labels.arm_within(code) for code in (reference, arm))
    return ForestPlot(
        rows,
        (ci_heading("Difference", chosen), "p"),
        id=f"moderators-{outcome.replace('_', '-')}",
        title=f"{label}: moderators of the difference between the arms",
        alt=alt,
        axis_label=f"Difference in {labels.points(outcome)} ({contrast})",
        sides=(f"lower than in {low}", f"higher than in {low}")
        if several
        else (f"higher in {low}", f"higher in {high}"),
        synthetic=labels.synthetic,
        note="Diamonds: by how much the difference differs between levels. Levels describe; only the interaction is "
        f"tested. {left_out}".rstrip(),
    ).draw()


def _row(one: Estimate, result: AnalysisResult, labels: Labels, several: bool = False) -> ForestRow:
    """A row of one contrast; where there are several arms it names its own."""
    decimals = outcome_digits(result.spec.outcome, labels, None, result).difference
    compared, scale = levels_compared(one), result.scale
    tested = one.measure == "interaction"
    if compared and compared.first is not None:
        against = labels.choice(compared.variable, compared.first)
        label = f"Interaction: {at_level(compared.variable, compared.last, labels)}, against {against}"
    else:
        label = capital(words_of_contrast(one.contrast, labels)) if tested else f"Where {condition(one, labels)}"
    if several:
        label = f"{labels.arm(one.contrast.arm)}: {lower_first(label)}"
    df = f"df {degrees(one.df)}" if has_degrees(one) else ""
    has = not is_missing(one.estimate)
    estimate, low, high = (scale.in_units(value) if has else None for value in (one.estimate, one.ci_low, one.ci_high))
    return ForestRow(
        label,
        "; ".join(filter(None, [labels.model(result.spec.model) if tested else "", df])),
        estimate,
        low,
        high,
        (
            shown_cell(one, scale, decimals) if has else DASH,
            p_value(one.p_value) if tested else DASH,
        ),
        strong=tested,
    )


def figures(material: Material) -> Iterator[FigureOrder]:
    """The moderators of each outcome that have no chart in the findings."""
    for outcome in material.labels.outcomes():
        own = [result for result in material.results if result.spec.outcome == outcome and has_levels(result)]
        moderated = [result for result in own if not charted(moderation(result))]
        if any(result.scale.natural for result in moderated):
            yield order(draw_moderators, moderated, labels=material.labels, outcomes=[outcome])
