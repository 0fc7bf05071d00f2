"""Results of a binary or an ordered outcome that few people had, without what would tell how many."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from cpis_analysis.analyses.estimate import AnalysisResult
from cpis_analysis.errors import ModelError, Problem
from cpis_analysis.plan.specification import AnalysisSpec
from cpis_analysis.study_words import PEOPLE

NOT_GIVEN = (
    f"An arm has fewer than {{}} {PEOPLE} with or without the event: adjusted risks, coefficients, variances and "
    "diagnostics are not given, because they would tell how many. Difference, interval and test are the model's."
)

ANSWERS_NOT_GIVEN = (
    f"In an arm fewer than {{}} {PEOPLE} gave one of the answers: coefficients, adjusted means and diagnostics are not "
    "given, because they would tell how many. Effect, interval and test are the model's."
)


def without_small_risks(result: AnalysisResult, frame: pd.DataFrame, response: str, minimum: int) -> AnalysisResult:
    """Leave out the levels of a binary outcome where an arm, or a team, has few people with or without the event.

    1. An arm (at a wave) with fewer than `minimum`, but not none: coefficients, adjusted means, variances and
       diagnostics give the risk of each arm, and so the number of people; they are left out.
    2. A team with so few: the predicted effects of the teams are left out, which give the teams' risks.

    Parameters
    ----------
    result : AnalysisResult
    frame : DataFrame
        The rows analysed.
    response : str
        Their outcome, 0 or 1.
    minimum : int
        Smallest number of people that may be known; 0 or 1 leaves everything.

    Raises
    ------
    ModelError
        For a ratio where an arm has so few: beside a difference of the same people it would tell how many.

    Notes
    -----
    Of ordered answers of which an arm gave one so rarely the thresholds are left out with the other coefficients: they
    tell how the answers are distributed. Where a team did, the predicted effects of the teams are left out.
    """
    spec = result.spec
    if spec.outcome_type == "ordinal" and minimum > 1 and _few_of_an_answer(frame, [spec.arm], response, minimum):
        said = (*result.messages, ANSWERS_NOT_GIVEN.format(minimum))
        return replace(result, coefficients=[], adjusted_means=[], diagnostics={}, messages=said)
    few_in_cluster = spec.outcome_type == "ordinal" and minimum > 1 and result.diagnostics.get("random_effects")
    if few_in_cluster and _few_of_an_answer(frame, [*spec.levels, spec.arm], response, minimum):
        return replace(result, diagnostics={**result.diagnostics, "random_effects": []})
    change = spec.is_change(response)
    if spec.outcome_type not in ("binary", "time_to_event") or change or minimum <= 1:
        return result
    wave = ["wave"] if spec.rows == "long" else []
    clusters = [*spec.levels]
    if _has_few(frame, [spec.arm, *wave], response, minimum):
        if result.scale.of_model:
            problem = Problem(
                f"an arm has fewer than {minimum} {PEOPLE} with or without the event: a ratio beside the difference "
                "would tell how many",
                variable=response,
                hint="report the difference of risks alone: estimator by_design or ols_cr2",
            )
            raise ModelError(f"The analysis {spec.name} can't leave the study.", problem)
        return replace(
            result,
            coefficients=[],
            adjusted_means=[],
            variance_components=[],
            diagnostics={},
            messages=(*result.messages, NOT_GIVEN.format(minimum)),
        )
    if result.diagnostics.get("random_effects") and _has_few(frame, [*clusters, spec.arm, *wave], response, minimum):
        return replace(result, diagnostics={**result.diagnostics, "random_effects": []})
    return result


def tells_of_few(
    spec: AnalysisSpec, frame: pd.DataFrame, response: str, minimum: int, by: tuple[str, ...] = ()
) -> bool:
    """Whether an arm has so few people with or without the event, or with one of the answers, that they stay untold.

    With `by` the people of an arm at each level of these variables.
    """
    if minimum <= 1:
        return False
    if spec.outcome_type == "ordinal":
        return _few_of_an_answer(frame, [spec.arm, *by], response, minimum)
    return spec.outcome_type == "binary" and _has_few(frame, [spec.arm, *by], response, minimum)


def _has_few(frame: pd.DataFrame, keys: list[str], response: str, minimum: int) -> bool:
    groups = frame.groupby(keys, observed=True)[response]
    events, n = groups.sum(), groups.size()
    return any(bool(((counts > 0) & (counts < minimum)).any()) for counts in (events, n - events))


def _few_of_an_answer(frame: pd.DataFrame, keys: list[str], response: str, minimum: int) -> bool:
    counts = frame.groupby([*keys, response], observed=True).size()
    return bool(((counts > 0) & (counts < minimum)).any())
