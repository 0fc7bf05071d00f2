"""Differences in risk are printed in percentage points; files keep proportions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from cpis_analysis.analyses.estimate import AnalysisResult, Estimate
from cpis_analysis.methods import method_of
from cpis_analysis.plan.schema import PlanFile

__all__ = ["PER_CENT", "in_percentage_points", "margins_in_percentage_points", "printed_factor"]

PER_CENT = 100.0
_OF_ESTIMATE = ("estimate", "se", "ci_low", "ci_high")
_OF_TEST = ("tost_ci_low", "tost_ci_high", "smallest_margin")
_OF_ROW = ("estimate", "std_error", "ci_low", "ci_high")


def in_percentage_points(results: Iterable[AnalysisResult]) -> list[AnalysisResult]:
    """Results as they are printed: those of binary outcomes a hundredfold, others as they are.

    Differences, adjusted risks, and what is on their scale: the coefficients and standard deviations of a linear
    model; a logistic model's coefficients stay log odds. Tests, degrees of freedom and correlations do not change.
    Apply it once, where results are read to be shown.
    """
    return [_printed(result) if result.spec.outcome_type == "binary" else result for result in results]


def margins_in_percentage_points(content: PlanFile) -> PlanFile:
    """The plan with margins of its binary outcomes a hundredfold, to stand beside such results."""
    changed = {}
    for name, part in content.outcomes.items():
        if part.type == "binary":
            important, margins = part.minimal_important_difference, part.equivalence
            changed[name] = part.model_copy(
                update={
                    "minimal_important_difference": important and PER_CENT * important,
                    "equivalence": margins
                    and margins.model_copy(update={"low": PER_CENT * margins.low, "high": PER_CENT * margins.high}),
                }
            )
    if not changed:
        return content
    return content.model_copy(update={"outcomes": {**content.outcomes, **changed}})


def printed_factor(column: str) -> float:
    """What a number of a binary outcome's result is multiplied by to be printed, by the name of its column."""
    return PER_CENT**2 if column.rpartition(".")[2] == "variance" else PER_CENT


def _printed(result: AnalysisResult) -> AnalysisResult:
    linear = not method_of(result.spec).log_odds(result.spec)
    return replace(
        result,
        estimate=_estimate(result.estimate),
        contrasts=tuple(_estimate(one) for one in result.contrasts),
        adjusted_means=[_scaled(row, _OF_ROW) for row in result.adjusted_means],
        coefficients=[_scaled(row, _OF_ROW) for row in result.coefficients] if linear else result.coefficients,
        variance_components=[
            {**_scaled(row, ("std_dev",)), "variance": printed_factor("variance") * row["variance"]}
            for row in result.variance_components
        ]
        if linear
        else result.variance_components,
        optimal={name: _scaled(row, _OF_TEST) for name, row in result.optimal.items()},
    )


def _estimate(estimate: Estimate) -> Estimate:
    return replace(estimate, **{name: PER_CENT * getattr(estimate, name) for name in _OF_ESTIMATE})


def _scaled(row: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    return {**row, **{name: PER_CENT * row[name] for name in names if row.get(name) is not None}}
