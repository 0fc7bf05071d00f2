"""The same analysis of those whose values are all known: the degrees of freedom that the observed data leave."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from cpis_analysis.analyses.fitted import Around, ContrastTest, Fitted
from cpis_analysis.analyses.rows.analysis_rows import AnalysisRows, analysis_rows
from cpis_analysis.errors import CpisError
from cpis_analysis.plan.specification import AnalysisSpec
from cpis_analysis.study.dataset import AnalysisData

UNKNOWN = float("nan")


def observed_fit(
    spec: AnalysisSpec,
    data: AnalysisData,
    around: Around,
    estimator: Callable[[AnalysisSpec, AnalysisRows, Around], Fitted],
) -> Fitted | None:
    """Fit an imputed analysis to those whose values are all known; None where it can't be fitted to them.

    Parameters
    ----------
    spec : AnalysisSpec
        As the plan has it.
    data : AnalysisData
    around : Around
    estimator : callable
        What fits the analysis.
    """
    seen = replace(spec, imputation=None, missing="observed", tipping_point=False)
    try:
        return estimator(seen, analysis_rows(seen, data), around)
    except CpisError:
        # too few people are complete; completed data sets may be fitted all the same
        return None


def df_of_contrast(observed: Fitted | None, one: ContrastTest, position: int | None) -> float:
    """Degrees of freedom of a contrast in the fit of those observed, nan where it has none.

    `position` is that among the further contrasts, None for the effect.
    """
    if observed is None:
        return UNKNOWN
    if position is None:
        return observed.contrast.df
    if position >= len(observed.contrasts):
        return UNKNOWN
    other = observed.contrasts[position]
    alike = (other.of, other.scale, other.beside) == (one.of, one.scale, one.beside)
    return other.df if alike else UNKNOWN


def df_of_record(rows: Sequence[dict[str, Any]], keys: tuple[str, ...], row: dict[str, Any]) -> float:
    """Degrees of freedom of a coefficient or mean in the table of those observed, nan where it has none."""
    for other in rows:
        if all(other[name] == row[name] for name in keys):
            return float(other["df"])
    return UNKNOWN
