"""What each cluster contributed to the analysis of the flow diagram."""

from __future__ import annotations

from typing import Any

from cpis_analysis.analyses.leaving.small_populations import answers_behind
from cpis_analysis.analyses.rows.analysis_rows import analysis_rows
from cpis_analysis.plan.specification import AnalysisSpec
from cpis_analysis.study.dataset import AnalysisData
from cpis_analysis.study.populations import with_derived


def flow_cells(spec: AnalysisSpec, data: AnalysisData) -> list[dict[str, Any]]:
    """People analysed by trust, team and arm; nothing where the population is made of an answer, or values are imputed.

    Raises
    ------
    DataError, ModelError
        As `analysis_rows`.
    """
    if spec.imputation or answers_behind(spec, with_derived(data.participants, spec.derived)):
        return []
    return analysis_rows(spec, data).groups(spec)
