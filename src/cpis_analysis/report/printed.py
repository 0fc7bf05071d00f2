"""Results as they are printed; apart from `frames`, so that a change of how they look fits nothing anew."""

from __future__ import annotations

from cpis_analysis.analyses.estimate import AnalysisResult
from cpis_analysis.runs.stored_frames import read_results
from cpis_analysis.runs.stored_names import read_names
from cpis_analysis.words.percentage_points import in_percentage_points

__all__ = ["read_printed_results"]


def read_printed_results(paths: list[str], contrasts: str) -> list[AnalysisResult]:
    """Results of all models, those of binary outcomes in percentage points."""
    return in_percentage_points(read_results(paths, read_names(contrasts)))
