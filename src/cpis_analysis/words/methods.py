"""Words for estimators, degrees of freedom, boundary policies and adjustments, as footnotes use them."""

from __future__ import annotations

import math
from collections.abc import Sequence

from cpis_analysis.analyses.estimate import AnalysisResult, Estimate
from cpis_analysis.plan.specification import NEARLY_OPTIMAL, AnalysisSpec
from cpis_analysis.publish.format import degrees, is_missing, number, one_line
from cpis_analysis.translate.words import optimal_words
from cpis_analysis.words.labels import Labels

__all__ = [
    "ADJUSTMENTS",
    "BOUNDARIES",
    "DF_METHODS",
    "ESTIMATORS",
    "contrast_words",
    "df_words",
    "has_degrees",
    "inference_note",
    "method_notes",
    "test_words",
]

ESTIMATORS = {
    "mixed": "linear mixed model fitted by restricted maximum likelihood (REML)",
    "cluster_summary": "two-stage t-test of cluster means",
    "ols_cr2": "least squares with CR2 cluster-robust standard errors",
    "gee": "generalised estimating equations with small-sample covariance",
}
DF_METHODS = {
    "kenward-roger": "Kenward-Roger",
    "satterthwaite": "Satterthwaite",
    "between-within": "clusters less parameters",
    "clusters-2": "clusters less two",
    "residual": "residual",
    "z": "normal distribution",
    NEARLY_OPTIMAL: "nearly optimal test",
}
BOUNDARIES = {
    "keep": "a variance estimated at zero stays in the Kenward-Roger calculation",
    "drop": "a variance estimated at zero is left out of the Kenward-Roger calculation",
}
ADJUSTMENTS = {
    "holm": "Holm's method",
    "hochberg": "Hochberg's method",
    "bonferroni": "Bonferroni's method",
    "benjamini-hochberg": "Benjamini and Hochberg's false discovery rate (exploratory)",
}


def df_words(method: str) -> str:
    """Words for a method of degrees of freedom."""
    return DF_METHODS.get(method, method)


def has_degrees(estimate: Estimate) -> bool:
    """Whether an estimate has degrees of freedom that can be printed: those of z are infinite, some tests have none."""
    return not is_missing(estimate.df) and not math.isinf(estimate.df)


def test_words(estimate: Estimate) -> str:
    """The test of an estimate, to stand before its p-value: "t = 2.10 with 7.9 df, Kenward-Roger"."""
    name = df_words(estimate.df_method)
    if has_degrees(estimate):
        return f"t = {number(estimate.statistic, 2)} with {degrees(estimate.df)} df, {name}"
    return name if is_missing(estimate.statistic) else f"z = {number(estimate.statistic, 2)}, {name}"


def inference_note(spec: AnalysisSpec, method: str) -> str:
    """How a model's test and interval are made, to stand in a footnote after what the model is."""
    if method == NEARLY_OPTIMAL and spec.optimal:
        return (
            f"p-value and interval by the nearly optimal test. {optimal_words(spec.optimal)} Kenward-Roger stands "
            "beside it and makes joint tests, coefficients and adjusted means"
        )
    text = f"degrees of freedom: {df_words(method)}"
    if spec.estimator == "mixed" and method == "kenward-roger":
        text += f"; {BOUNDARIES.get(spec.boundary, spec.boundary)}"
    return text


def contrast_words(result: AnalysisResult, labels: Labels) -> str:
    """Words for the contrast of a result, such as "Implementation − Comparison"."""
    return labels.contrast(result.estimate.contrast)


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
        text = f"{labels.model(model)}{which}: {ESTIMATORS.get(spec.estimator, spec.estimator)}, {formula}; "
        notes.append(text + inference_note(spec, df_method) + ".")
    return notes
