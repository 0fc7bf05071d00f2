"""Forest plot of ratios: odds and rate ratios of answers and counts, on an axis of ratios."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cpis_analysis.analyses.estimate import AnalysisResult
from cpis_analysis.chapters.answers.content import Answered, answered
from cpis_analysis.chapters.answers.table import RATIO
from cpis_analysis.chapters.chapter import Material
from cpis_analysis.chapters.pending_exhibit import FigureOrder, order
from cpis_analysis.publish.pen.forest import ForestPlot, ForestRow
from cpis_analysis.publish.pen.style import Figure
from cpis_analysis.words.labels import Labels
from cpis_analysis.words.scales import ci_heading, interval_words, shown_cell


def draw_ratios(results: Sequence[AnalysisResult], labels: Labels) -> Figure:
    """Draw the ratio of every answer that has one, the axis in ratios with equal steps for equal factors.

    Parameters
    ----------
    results : sequence of AnalysisResult
        All analyses.
    labels : Labels

    Raises
    ------
    ValueError
        If no answer has a ratio.
    """
    chosen = _chosen(results, labels)
    if not chosen:
        raise ValueError("there is no ratio")
    first = chosen[0][1]
    ratios = [ratio for _, ratio in chosen]
    rows, said = [], []
    for one, ratio in chosen:
        e, name = ratio.estimate, labels.outcome_short(one.outcome)
        text = shown_cell(e, ratio.scale, RATIO)
        better = labels.content.outcomes[one.outcome].higher_is == "better"
        parts = (ratio.scale.difference, labels.counted_people(e.n_participants), "" if better else "less is better")
        note = "; ".join(part for part in parts if part)
        rows.append(ForestRow(name, note, e.estimate, e.ci_low, e.ci_high, (text,)))
        said.append(f"{name} {ratio.scale.difference} {text}")
    reference, other = (labels.arm_within(arm) for arm in first.estimate.contrast.arms[::-1])
    alt = (
        f"Forest plot of ratios of odds and rates, {other} against {reference}, with {interval_words(ratios)}s, one "
        "row an outcome, equal steps for equal factors. "
        f"{'; '.join(said)}."
    )
    return ForestPlot(
        rows,
        (ci_heading("Ratio", ratios),),
        id="ratios",
        title="Ratios of odds and rates between the arms",
        alt=alt,
        axis_label=f"Ratio ({' / '.join(labels.arm(arm) for arm in first.estimate.contrast.arms)})",
        sides=(f"lower in {other}", f"higher in {other}"),
        synthetic=labels.synthetic,
        note=(
            f"Ratios compare {labels.people} of the same clusters; equal steps stand for equal factors."
            if all(ratio.scale.within_clusters for ratio in ratios)
            else "Equal steps stand for equal factors."
        ),
        label_width=150.0,
        ratio=True,
    ).draw()


def _chosen(results: Sequence[AnalysisResult], labels: Labels) -> list[tuple[Answered, AnalysisResult]]:
    return [(one, one.ratio) for one in answered(results, labels) if one.ratio is not None]


def figures(material: Material) -> Iterator[FigureOrder]:
    """All answers with a ratio."""
    labels = material.labels
    chosen = _chosen(material.results, labels)
    if chosen:
        yield order(draw_ratios, [ratio for _, ratio in chosen], labels=labels)
