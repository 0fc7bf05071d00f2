"""Forest plot of binary outcomes: adjusted risks of both arms, and differences in percentage points."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cpis_analysis.analyses.estimate import AnalysisResult
from cpis_analysis.chapters.chapter import Material
from cpis_analysis.chapters.pending_exhibit import FigureOrder, order
from cpis_analysis.publish.format import lower_first, number, p_value
from cpis_analysis.publish.pen.forest import ForestPlot, ForestRow
from cpis_analysis.publish.pen.style import Figure
from cpis_analysis.words.contrast_words import words_of_contrast
from cpis_analysis.words.labels import Labels
from cpis_analysis.words.order_of_analyses import headline_results
from cpis_analysis.words.scales import ci_heading, interval_words, shown_cell


def draw_risk_differences(results: Sequence[AnalysisResult], labels: Labels) -> Figure:
    """Draw the difference in risk of every binary outcome, from its headline model.

    Parameters
    ----------
    results : sequence of AnalysisResult
        All analyses.
    labels : Labels

    Raises
    ------
    ValueError
        If no binary outcome has its headline analysis.
    """
    chosen = [result for result in headline_results(results, labels) if result.estimate.measure == "risk difference"]
    if not chosen:
        raise ValueError("there is no headline analysis of a binary outcome")
    contrast = words_of_contrast(chosen[0].estimate.contrast, labels)
    arms = chosen[0].estimate.contrast.arms[::-1]
    rows, said = [], []
    for result in chosen:
        e, units, part = result.estimate, result.scale.in_units, labels.content.outcomes[result.spec.outcome]
        text = shown_cell(e, result.scale, labels.digits(result.spec.outcome).difference)
        found = {
            str(row["arm"]): units(row["estimate"])
            for row in result.adjusted_means
            if row["wave"] in (None, labels.followup_wave)
        }
        risks = [number(found.get(arm), 1) for arm in arms]
        name = labels.outcome_short(result.spec.outcome)
        note = labels.counted_people(e.n_participants) + ("; less is better" if part.higher_is == "worse" else "")
        rows.append(
            ForestRow(
                name,
                note,
                units(e.estimate),
                units(e.ci_low),
                units(e.ci_high),
                (*risks, text, p_value(e.p_value)),
                strong=part.role == "primary",
            )
        )
        beside = ", ".join(f"{labels.arm_within(arm)} {risk}" for arm, risk in zip(arms, risks, strict=True))
        said.append(f"{name} {text}, p {p_value(e.p_value)}, adjusted risks {beside}")
    alt = (
        f"Forest plot of adjusted differences in risk ({contrast}) in percentage points with "
        f"{interval_words(chosen)}s, one row an outcome. {'; '.join(said)}."
    )
    reference, other = (labels.arm_within(arm) for arm in arms)
    return ForestPlot(
        rows,
        (*(f"{labels.arm(arm)}, %" for arm in arms), ci_heading("Difference", chosen), "p"),
        id="risk-differences",
        title="Adjusted risks and differences in risk between the arms",
        alt=alt,
        axis_label=f"Difference in percentage points ({contrast})",
        sides=(f"higher in {reference}", f"higher in {other}"),
        synthetic=labels.synthetic,
        note=f"{' and '.join(labels.arm(arm) for arm in arms)}: adjusted risks at "
        f"{lower_first(labels.wave(labels.followup_wave))}, in per cent.",
        label_width=126.0,
    ).draw()


def figures(material: Material) -> Iterator[FigureOrder]:
    """All binary outcomes."""
    headline = headline_results(material.results, material.labels)
    if any(result.estimate.measure == "risk difference" for result in headline):
        yield order(draw_risk_differences, headline, labels=material.labels)
