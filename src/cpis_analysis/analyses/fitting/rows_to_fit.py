"""The rows that an analysis without imputation is fitted to, with their weights."""

from __future__ import annotations

from cpis_analysis.analyses.confounding.balanced_rows import Balanced, balanced_rows
from cpis_analysis.analyses.missing_values.weighting import weighted_rows
from cpis_analysis.analyses.rows.analysis_rows import AnalysisRows, analysis_rows
from cpis_analysis.plan.specification import AnalysisSpec
from cpis_analysis.study.dataset import AnalysisData


def rows_to_fit(spec: AnalysisSpec, data: AnalysisData, minimum_cell: int = 0) -> tuple[AnalysisRows, Balanced | None]:
    """Rows of an analysis, weighted where the plan asks for it.

    Which they are and what they weigh follows from who has an outcome, and not from its values.

    Parameters
    ----------
    spec : AnalysisSpec
    data : AnalysisData
    minimum_cell : int
        As for `run.run_analysis`.

    Returns
    -------
    AnalysisRows
    Balanced or None
        How the arms were made alike, where weights do that.

    Raises
    ------
    DataError, ModelError
        If the data lack what the analysis needs, or the comparison can't be valid.
    """
    rows = analysis_rows(spec, data)
    if spec.predictors:
        rows = weighted_rows(spec, data, rows)
    if spec.balance is None:
        return rows, None
    balanced = balanced_rows(spec, spec.balance, data, rows, minimum_cell)
    return balanced.rows, balanced
