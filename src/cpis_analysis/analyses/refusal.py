"""An analysis that its estimator refused: a result without numbers that says why."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from cpis_analysis.analyses.estimate import NOT_ESTIMABLE, AnalysisResult, Estimate
from cpis_analysis.analyses.known_names import arms_beside
from cpis_analysis.analyses.measure import measure_of
from cpis_analysis.analyses.rows.analysis_rows import analysis_rows
from cpis_analysis.errors import CpisError, ModelError, Problem
from cpis_analysis.formula.effects import effect_variables
from cpis_analysis.formula.parse import parse_formula
from cpis_analysis.methods import averages_over_people
from cpis_analysis.plan.contrast import SLOPE, arms_compared, held_variables, moderators_of
from cpis_analysis.plan.specification import MONTHS, AnalysisSpec
from cpis_analysis.study.dataset import AnalysisData
from cpis_analysis.study_words import PEOPLE


def not_estimable(spec: AnalysisSpec, data: AnalysisData, error: ModelError, minimum: int = 0) -> AnalysisResult:
    """Turn a refusal into a result, so that the analysis keeps its row in every table.

    Parameters
    ----------
    spec : AnalysisSpec
    data : AnalysisData
        For the name of the arm that would have been compared.
    error : ModelError
        From `run_analysis`, with the same `minimum`.
    minimum : int
        Where the analysis had fewer people than this, nothing else is said of why it could not be estimated: engines
        count rows.
    """
    reason, hints = reason_of(error, spec), dict.fromkeys(p.hint for p in error.problems if p.hint)
    if _people(spec, data) < minimum:
        reason, hints = f"fewer than {minimum} {PEOPLE} have all variables of the model", {}
    # of a population that was too small to be analysed the numbers of people would be small cells: none are given
    estimate = Estimate.of(
        spec,
        arms_compared(spec, arms_beside(spec, data)[1]),
        measure=measure_of(spec, _kind(spec)).name,
        status=NOT_ESTIMABLE,
        reason=reason,
    )
    return AnalysisResult(
        spec=spec,
        estimate=estimate,
        standardised=dict.fromkeys(("estimate", "ci_low", "ci_high", "sd", "sd_source")),
        coefficients=[],
        variance_components=[],
        adjusted_means=[],
        groups=[],
        messages=(f"Not estimable: {estimate.reason}.", *(f"What may help: {hint}." for hint in hints)),
    )


def refused_headlines(results: Sequence[AnalysisResult]) -> ModelError:
    """What stops a run: headline analyses that are not estimable, each with its reason."""
    return ModelError(
        "The headline analysis of an outcome can't be carried out.",
        [
            Problem(
                f"{one.spec.name} ({one.spec.formula}) is not estimable because {one.estimate.reason}",
                hint=" ".join(one.messages[1:]) or None,
            )
            for one in results
        ],
    )


def reason_of(error: ModelError, spec: AnalysisSpec) -> str:
    """Why an analysis is not estimable, to stand after "because": every problem, without what the plan says anyway."""
    found: dict[Problem, list[str]] = {}
    for problem in error.problems:
        values = found.setdefault(replace(problem, hint=None, value=None), [])
        if problem.value not in (None, spec.formula, spec.name, *values):
            values.append(str(problem.value))
    # what is wrong in either arm is said once
    said = [replace(problem, value=" and ".join(values) or None).text for problem, values in found.items()]
    return "; ".join(said) or error.summary.rstrip(".")


def _people(spec: AnalysisSpec, data: AnalysisData) -> float:
    """People whom the analysis had; infinite where it had not come to choose them."""
    try:
        return float(analysis_rows(spec, data).frame[spec.participant].nunique())
    except CpisError:
        return math.inf


def _kind(spec: AnalysisSpec) -> str:
    if moderators_of(spec):
        return "interaction"
    if spec.months and MONTHS in effect_variables(spec.effect):
        return SLOPE
    held = not averages_over_people(spec) and held_variables(spec, parse_formula(spec.formula))
    return "held" if held else "difference"
