"""Rows of two runs as text: what the terminal and the page of `cpis diff` have in common."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cpis_analysis.analyses.estimate import NOT_ESTIMABLE
from cpis_analysis.plan.outcome_scale import scale_named
from cpis_analysis.publish.format import DASH, p_value, with_interval
from cpis_analysis.runs.causes import Cause
from cpis_analysis.runs.compare import AnalysisChange, Comparison


def contrast_name(found: Comparison, change: AnalysisChange) -> str:
    """Analysis, with its contrast where it has several."""
    return f"{change.analysis} [{change.contrast}]" if found.several(change.analysis) else change.analysis


def by_shift(changes: Sequence[AnalysisChange]) -> list[AnalysisChange]:
    """Largest shift in standard errors first."""
    return sorted(changes, key=lambda change: -abs(change.in_se or 0.0))


def causes_with_analyses(found: Comparison) -> dict[Cause, list[str]]:
    """Every cause once, with the analyses that it bears on; empty for one that moved nothing."""
    causes: dict[Cause, list[str]] = {cause: [] for cause in found.causes}
    for change in found.of("moved", "scale", "inference", "entered", "left"):
        for cause in change.causes:
            causes.setdefault(cause, []).append(contrast_name(found, change))
    return {cause: list(dict.fromkeys(names)) for cause, names in causes.items()}


_QUESTIONS = {
    "difference": "difference from zero",
    "equivalence": "equivalence",
    "importance": "important difference",
    "adjusted": "difference, adjusted for the number of outcomes",
}


def scale_sentences(found: Comparison) -> list[str]:
    """What can't be subtracted: one sentence for each analysis that is on another scale now."""
    return [
        f"{contrast_name(found, change)}: the scale changed from {_scale(change.scales[0])} to "
        f"{_scale(change.scales[1])}, so the two estimates can't be compared."
        for change in found.of("scale")
    ]


def _scale(name: str) -> str:
    scale = scale_named(name)
    return name if scale.natural else f"{name} ({scale.of_value} of the outcome)"


def conclusion_sentences(found: Comparison) -> list[str]:
    """One sentence for each analysis of which another conclusion is drawn now; the headlines come first."""
    said = []
    for change in found.concluded:
        parts = [
            f"{_QUESTIONS[question]}: {before} before, {after} now"
            for question, (before, after) in change.concluded.items()
        ]
        said.append(f"Another conclusion on {contrast_name(found, change)}: {'; '.join(parts)}.")
    return said


def cause_lines(cause: Cause) -> str:
    """Lines of the plans, such as "line 3 before, line 4 now"; empty where none is known."""
    lines = [
        f"line {cause.line_before} before" if cause.line_before else "",
        f"line {cause.line_after} now" if cause.line_after else "",
    ]
    return ", ".join(line for line in lines if line)


def estimate_text(row: Mapping[str, Any] | None) -> str:
    """Estimate and interval of a row of estimates.csv."""
    if row is not None and row.get("status") == NOT_ESTIMABLE:
        return NOT_ESTIMABLE
    return DASH if row is None else with_interval(row["estimate"], row["ci_low"], row["ci_high"], 3)


def p_text(row: Mapping[str, Any] | None) -> str:
    """The p-value of a row of estimates.csv."""
    return DASH if row is None else p_value(row["p_value"])
