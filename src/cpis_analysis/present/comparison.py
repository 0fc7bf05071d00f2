"""Rows of two runs as text: what the terminal and the page of `cpis diff` have in common."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cpis_analysis.present.format import DASH, p_value, with_interval
from cpis_analysis.runs.compare import AnalysisChange, Comparison

__all__ = ["contrast_name", "estimate_text", "p_text"]


def contrast_name(found: Comparison, change: AnalysisChange) -> str:
    """Analysis, with its contrast where it has several."""
    return f"{change.analysis} [{change.contrast}]" if found.several(change.analysis) else change.analysis


def estimate_text(row: Mapping[str, Any] | None) -> str:
    """Estimate and interval of a row of estimates.csv."""
    return DASH if row is None else with_interval(row["estimate"], row["ci_low"], row["ci_high"], 3)


def p_text(row: Mapping[str, Any] | None) -> str:
    """The p-value of a row of estimates.csv."""
    return DASH if row is None else p_value(row["p_value"])
