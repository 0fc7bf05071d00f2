"""Forest plots: standardised differences of all outcomes, and all models of one outcome."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cpis_analysis.analyses.estimate import NOT_ESTIMABLE, AnalysisResult
from cpis_analysis.chapters.answers.content import is_answer
from cpis_analysis.chapters.chapter import Material
from cpis_analysis.chapters.equivalence.content import equivalence_test, margin_text, tost_level
from cpis_analysis.chapters.pending_figure import FigureOrder, order
from cpis_analysis.publish.forest import ForestPlot, ForestRow
from cpis_analysis.publish.format import (
    DASH,
    capital,
    degrees,
    is_missing,
    level_words,
    lower_first,
    number,
    p_value,
    people_words,
    with_interval,
)
from cpis_analysis.publish.style import Figure
from cpis_analysis.words.labels import UNVERIFIED, Labels
from cpis_analysis.words.methods import df_words
from cpis_analysis.words.order_of_analyses import headline_results, in_plan_order, primary_differences
from cpis_analysis.words.scales import difference_heading, judged, left_out_note, one_scale, outcome_digits, shown_cell

__all__ = ["draw_forest", "draw_models_forest", "figures"]


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
    level = level_words(chosen[0].spec.level)
    arms = chosen[0].estimate.contrast.arms[::-1]
    rows, said = [], []
    for result in chosen:
        e, s, outcome = result.estimate, result.standardised, labels.content.outcomes[result.spec.outcome]
        has = not is_missing(s.get("estimate"))
        text = with_interval(s["estimate"], s["ci_low"], s["ci_high"], 2) if has else DASH
        note = people_words(e.n_participants)
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
    contrast = labels.contrast(first.estimate.contrast)
    alt = (
        f"Forest plot of adjusted standardised differences ({contrast}) with {level} confidence intervals, one row an "
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
        (*(labels.arm(arm) for arm in arms), f"Difference ({level} CI)", "p"),
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


def draw_models_forest(results: Sequence[AnalysisResult], labels: Labels) -> Figure:
    """Difference by every model of one outcome, in points of the outcome or on the scale of its headline.

    Parameters
    ----------
    results : sequence of AnalysisResult
        All of one outcome; the headline model is set apart. Those on another scale than it are named and not drawn.
    labels : Labels
    """
    results, others = one_scale(in_plan_order(results, labels), labels)
    outcome, scale = results[0].spec.outcome, results[0].scale
    decimals = outcome_digits(outcome, labels, None, results[0]).difference
    headline = labels.headline(outcome)
    rows, said = [], []
    level = level_words(results[0].spec.level)
    for result in results:
        e = result.estimate
        has = not is_missing(e.estimate)
        text = shown_cell(e, scale, decimals) if has else (DASH if result.estimable else NOT_ESTIMABLE)
        method = df_words(e.df_method)
        note = [] if result.spec.population == "available" else [labels.population(result.spec.population)]
        freedom = method if is_missing(e.df) else f"df {degrees(e.df)}, {method}"
        note += [people_words(e.n_participants), freedom] if result.estimable else []
        test = equivalence_test(result, labels)
        estimate, low, high = (scale.in_units(value) if has else None for value in (e.estimate, e.ci_low, e.ci_high))
        rows.append(
            ForestRow(
                labels.model(result.spec.model),
                "; ".join(note),
                estimate,
                low,
                high,
                (text, p_value(e.p_value)),
                strong=result.spec.model == headline,
                inner=(scale.in_units(test.ci_low), scale.in_units(test.ci_high)) if test else None,
            )
        )
        said.append(
            f"{labels.model(result.spec.model)} {text}"
            + (f", p {p_value(e.p_value)}" if has else "")
            + (" (headline)" if result.spec.model == headline else "")
            + (f", equivalence {'declared' if test.declared else 'not declared'}" if test else "")
        )
    known = judged(results[0], labels)
    margin = scale.in_units(known.important)
    contrast = labels.contrast(results[0].estimate.contrast)
    label = labels.outcome(outcome)
    unit = f" {labels.points(outcome)}" if scale.natural else ""
    what = "difference" if scale.natural else scale.difference
    axis = f"{capital(difference_heading(scale, f'Difference in {labels.points(outcome)}'))} ({contrast})"
    if scale.is_ratio:
        axis = f"Difference {scale.phrase} ({contrast}); numbers: {scale.difference}"
    left_out = left_out_note(others, labels)
    band = ""
    if known.shown_important:
        shown = number(known.shown_important, decimals if known.shown_important % 1 else 0)
        band = (
            f"Dotted lines: minimal important ratio, {shown} or its inverse."
            if scale.is_ratio
            else f"Dotted lines: minimal important difference, {shown}{unit} either way."
        )
    limits = None if known.low is None or known.high is None else (known.low, known.high)
    margins = None if limits is None else (scale.in_units(limits[0]), scale.in_units(limits[1]))
    shade = ""
    if margins and known.shown_low is not None and known.shown_high is not None:
        between = margin_text(known.shown_low, known.shown_high, decimals)
        shade = (
            f"Shaded: margins of equivalence, {between}{unit}; declared where the thick line, "
            f"the {tost_level(results[0])} confidence interval, lies within."
        )
    alt = (
        f"Forest plot of the adjusted {what}{' in' if scale.natural else ' of'} {label} ({contrast}) with {level} "
        f"confidence intervals, one row a model. {'; '.join(said)}."
        + "".join(f" {text}" for text in (band, shade, left_out) if text)
    )
    return ForestPlot(
        rows,
        (f"{'Ratio' if scale.is_ratio else 'Difference'} ({level} CI)", "p"),
        id=f"robustness-{outcome.replace('_', '-')}",
        title=f"{label}: the difference by every model",
        alt=alt,
        axis_label=axis,
        sides=_arms(results[0], labels),
        synthetic=labels.synthetic,
        band=margin,
        band_label=band,
        margins=margins,
        margins_label=shade,
        note=left_out,
    ).draw()


def _arms(result: AnalysisResult, labels: Labels) -> tuple[str, str]:
    """Which arm is higher on either side of zero; words that do not judge, whatever the direction of the score."""
    arm, reference = (labels.arm_within(code) for code in result.estimate.contrast.arms)
    return f"higher in {reference}", f"higher in {arm}"


def figures(material: Material) -> Iterator[FigureOrder]:
    """All scores, and all models of the primary outcome beside each other."""
    labels = material.labels
    headline = headline_results(material.results, labels)
    scores = [result for result in headline if not is_answer(result.spec.outcome, labels)]
    if any(result.scale.natural and result.scale.unit != "risk" for result in scores):
        yield order(draw_forest, headline, labels=labels)
    for outcome, own in primary_differences(material.results, labels).items():
        if len(one_scale(own, labels)[0]) > 1:
            yield order(draw_models_forest, own, labels=labels, outcomes=[outcome])
