"""Tipping points of a study as they are shown: which outcomes have them, and how far a shift can reach."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from cpis_analysis.analyses.estimate import AnalysisResult
from cpis_analysis.analyses.tipping import Tipping, tipping_analyses
from cpis_analysis.chapters.result.direction import includes_zero as zero_is_included
from cpis_analysis.words.labels import Labels
from cpis_analysis.words.order_of_analyses import in_plan_order


def tipping_points(results: Sequence[AnalysisResult], labels: Labels) -> dict[str, list[Tipping]]:
    """Tipping-point analyses by outcome, both in the plan's order; the headline's first."""
    outcomes = labels.content.outcomes
    settings = {
        name: (part.tipping_point.deltas, part.minimal_important_difference)
        for name, part in outcomes.items()
        if part.tipping_point
    }
    found: dict[str, list[Tipping]] = {}
    for one in tipping_analyses(in_plan_order(list(results), labels), settings):
        found.setdefault(one.result.spec.outcome, []).append(one)
    return {name: found[name] for name in labels.outcomes() if name in found}


def beyond_scale(delta: float, outcome: str, labels: Labels) -> bool:
    """Whether a shift is larger than the scale is long, so that no outcomes could differ by so much."""
    low, high = labels.scale(outcome)
    return low is not None and high is not None and abs(delta) > high - low


def includes_zero(found: Tipping) -> bool:
    """Whether the interval that shifts start from includes zero: by imputation where there is one."""
    if not found.imputed:
        return zero_is_included(found.result)
    e = found.unshifted
    return e.ci_low <= 0.0 <= e.ci_high


def decimals_needed(values: Iterable[float]) -> int:
    """Decimals that numbers of the plan need, at most four."""
    return max(min(len(f"{value:.4f}".rstrip("0").partition(".")[2]), 4) for value in values)
