"""Words for estimators, degrees of freedom and adjustments, as footnotes use them; `methods` holds the words."""

from __future__ import annotations

import math
from collections.abc import Sequence

from cpis_analysis.analyses.estimate import AnalysisResult, Estimate
from cpis_analysis.methods import degrees_named, method_of
from cpis_analysis.methods.handling import OBSERVED, follow_up_model, handling_of, short_handling
from cpis_analysis.methods.method import listed
from cpis_analysis.plan.naming import study_words
from cpis_analysis.plan.specification import AnalysisSpec
from cpis_analysis.publish.format import degrees, is_missing, number, one_line
from cpis_analysis.words.contrast_words import words_of_contrast
from cpis_analysis.words.labels import Labels

ADJUSTMENTS = {
    "holm": "Holm's method",
    "hochberg": "Hochberg's method",
    "bonferroni": "Bonferroni's method",
    "romano-wolf": "Romano and Wolf's step-down permutation",
    "benjamini-hochberg": "Benjamini and Hochberg's false discovery rate (exploratory)",
}


def df_words(method: str) -> str:
    """Words for a method of degrees of freedom; one of no estimator is words already."""
    known = degrees_named(method)
    return known.words if known else method


def estimator_words(spec: AnalysisSpec, labels: Labels) -> str:
    """Words for what a model is."""
    return study_words(labels.person)(method_of(spec).in_words(spec))


def has_degrees(estimate: Estimate) -> bool:
    """Whether an estimate has degrees of freedom that can be printed: those of z are infinite, some tests have none."""
    return not is_missing(estimate.df) and not math.isinf(estimate.df)


def test_words(estimate: Estimate) -> str:
    """The test of an estimate, to stand before its p-value: "t = 2.10 with 7.9 df, Kenward-Roger"."""
    name = df_words(estimate.df_method)
    if has_degrees(estimate):
        return f"t = {number(estimate.statistic, 2)} with {degrees(estimate.df)} df, {name}"
    return name if is_missing(estimate.statistic) else f"z = {number(estimate.statistic, 2)}, {name}"


def inference_note(spec: AnalysisSpec, method: str, labels: Labels) -> str:
    """How a model's test and interval are made, to stand in a footnote after what the model is."""
    known = degrees_named(method)
    return known.footnote(spec) if known else f"degrees of freedom: {method}"


def contrast_words(result: AnalysisResult, labels: Labels) -> str:
    """Words for the contrast of a result, such as "Implementation − Comparison"."""
    return words_of_contrast(result.estimate.contrast, labels)


def method_notes(results: Sequence[AnalysisResult], labels: Labels) -> list[str]:
    """Footnotes that name contrast, model, formula, degrees of freedom and boundary policy.

    Results that share a method share a note.
    """
    notes: list[str] = []
    contrasts = dict.fromkeys(contrast_words(result, labels) for result in results)
    if contrasts:
        notes.append(f"Difference: {'; '.join(contrasts)}.")
    by_model: dict[tuple[str, str, str], list[AnalysisResult]] = {}
    for result in results:
        # an outcome may override a model, so members share a note only if they share the formula
        template = result.spec.formula.replace(result.spec.outcome, "{outcome}")
        by_model.setdefault((result.spec.model, result.estimate.df_method, template), []).append(result)
    for (model, df_method, template), members in by_model.items():
        spec = members[0].spec
        which = (
            ""
            if len(by_model) == 1
            else " (" + ", ".join(labels.outcome_short(member.spec.outcome) for member in members) + ")"
        )
        formula = one_line(template) if len(members) > 1 else spec.formula
        text = f"{labels.model(model)}{which}: {estimator_words(spec, labels)}, {formula}; "
        handling = handling_of(spec)
        more = "" if handling is OBSERVED else f"; missing values: {short_handling(spec)}"
        more += f" (given {follow_up_model(spec)})" if spec.predictors else ""
        more += f"; arms made alike in {listed(spec.balance.variables)}" if spec.balance else ""
        notes.append(text + inference_note(spec, df_method, labels) + more + ".")
    return notes
