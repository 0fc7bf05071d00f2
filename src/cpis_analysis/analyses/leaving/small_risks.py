"""Results of a binary outcome that few people had, without what would tell how many."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from cpis_analysis.analyses.estimate import AnalysisResult

__all__ = ["NOT_GIVEN", "without_small_risks"]

NOT_GIVEN = (
    "An arm has fewer than {} people with or without the event: adjusted risks, coefficients, variances and "
    "diagnostics are not given, because they would tell how many. Difference, interval and test are the model's."
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
    """
    spec = result.spec
    if spec.outcome_type != "binary" or response.endswith("_change") or minimum <= 1:
        return result
    wave = ["wave"] if spec.rows == "long" else []
    clusters = [spec.trust, *([spec.team] if spec.team else [])]
    if _has_few(frame, [spec.arm, *wave], response, minimum):
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


def _has_few(frame: pd.DataFrame, keys: list[str], response: str, minimum: int) -> bool:
    groups = frame.groupby(keys, observed=True)[response]
    events, n = groups.sum(), groups.size()
    return any(bool(((counts > 0) & (counts < minimum)).any()) for counts in (events, n - events))
