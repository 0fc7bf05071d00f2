"""Forest plot of the standardised differences of all outcomes, for `snakemake --report` and slides."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cpis_analysis.analyses.estimate import AnalysisResult
from cpis_analysis.chapters.answers.content import is_answer
from cpis_analysis.chapters.chapter import Material
from cpis_analysis.chapters.pending_exhibit import FigureOrder, order
from cpis_analysis.publish.format import (
    DASH,
    is_missing,
    lower_first,
    number,
    p_value,
    with_interval,
)
from cpis_analysis.publish.pen.forest import ForestPlot, ForestRow
from cpis_analysis.publish.pen.style import Figure
from cpis_analysis.words.contrast_words import words_of_contrast
from cpis_analysis.words.labels import UNVERIFIED, Labels
from cpis_analysis.words.order_of_analyses import headline_results
from cpis_analysis.words.scales import ci_heading, interval_words, outcome_digits


def draw_forest(results: Sequence[AnalysisResult], labels: Labels) -> Figure:
    """Standardised difference and adjusted means of every outcome that is a score, from its headline model.

    Parameters
    ----------
    results : sequence of AnalysisResult
        All analyses.
    labels : Labels

    Raises
    ------
    ValueError
        If no outcome has its headline analysis.
    """
    # a difference of risks, or on a scale of its own, has no standard deviation to be divided by
    headline = [
        result
        for result in headline_results(results, labels)
        if result.scale.unit != "risk" and not is_answer(result.spec.outcome, labels)
    ]
    chosen = [result for result in headline if result.scale.natural]
    if not chosen:
        raise ValueError("there is no headline analysis")
    arms = chosen[0].estimate.contrast.arms[::-1]
    rows, said = [], []
    for result in chosen:
        e, s, outcome = result.estimate, result.standardised, labels.content.outcomes[result.spec.outcome]
        has = not is_missing(s.get("estimate"))
        text = with_interval(s["estimate"], s["ci_low"], s["ci_high"], 2) if has else DASH
        note = labels.counted_people(e.n_participants)
        note += "; a lower score is better" if outcome.higher_is == "worse" else ""
        means = _means(result, arms, labels)
        rows.append(
            ForestRow(
                labels.outcome_short(result.spec.outcome) + labels.mark(result.spec.outcome),
                note,
                s["estimate"] if has else None,
                s["ci_low"] if has else None,
                s["ci_high"] if has else None,
                (*means, text, p_value(e.p_value)),
                strong=outcome.role == "primary",
            )
        )
        beside = ", ".join(f"{labels.arm_within(arm)} {mean}" for arm, mean in zip(arms, means, strict=True))
        said.append(
            f"{labels.outcome_short(result.spec.outcome)} {text}, p {p_value(e.p_value)}, adjusted means {beside}"
        )
    first = chosen[0]
    contrast = words_of_contrast(first.estimate.contrast, labels)
    alt = (
        f"Forest plot of adjusted standardised differences ({contrast}) with {interval_words(chosen)}s, one row an "
        f"outcome. {'; '.join(said)}."
    )
    note = (
        f"{' and '.join(labels.arm(arm) for arm in arms)}: adjusted means at "
        f"{lower_first(labels.wave(labels.followup_wave))}, in points of the outcome. Difference: standardised."
    )
    elsewhere = [result for result in headline if not result.scale.natural]
    if elsewhere:
        named = "; ".join(f"{labels.outcome_short(one.spec.outcome)} ({one.scale.difference})" for one in elsewhere)
        note += f" Not drawn, because analysed on another scale: {named}."
        alt += f" Not drawn, because analysed on another scale: {named}."
    if any(labels.mark(result.spec.outcome) for result in chosen):
        note += f" {UNVERIFIED}: the scoring rule has not been verified in full."
    return ForestPlot(
        rows,
        (*(labels.arm(arm) for arm in arms), ci_heading("Difference", chosen), "p"),
        id="forest",
        title="Adjusted means and standardised differences between the arms, all outcomes",
        alt=alt,
        axis_label=f"Standardised difference ({contrast})",
        sides=_arms(first, labels),
        synthetic=labels.synthetic,
        note=note,
        label_width=126.0,
    ).draw()


def _means(result: AnalysisResult, arms: Sequence[str], labels: Labels) -> list[str]:
    """Adjusted mean of each arm at the last wave; a dash where the model gives none."""
    decimals = outcome_digits(result.spec.outcome, labels, None, result).level
    found = {
        str(row["arm"]): row["estimate"] for row in result.adjusted_means if row["wave"] in (None, labels.followup_wave)
    }
    return [number(found.get(arm), decimals) for arm in arms]


def _arms(result: AnalysisResult, labels: Labels) -> tuple[str, str]:
    """Which arm is higher on either side of zero; words that do not judge, whatever the direction of the score."""
    arm, reference = (labels.arm_within(code) for code in result.estimate.contrast.arms)
    return f"higher in {reference}", f"higher in {arm}"


def figures(material: Material) -> Iterator[FigureOrder]:
    """All scores."""
    labels = material.labels
    headline = headline_results(material.results, labels)
    scores = [result for result in headline if not is_answer(result.spec.outcome, labels)]
    if any(result.scale.natural and result.scale.unit != "risk" for result in scores):
        yield order(draw_forest, headline, labels=labels)
