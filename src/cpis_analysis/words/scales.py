"""Results on the scale on which they are printed: ratios for differences of logarithms, percentage points for risks,
everything else as it is.

Nothing here mixes scales: analyses of one outcome on different scales are split before they are ranged, counted or
drawn on one axis.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import pandas as pd

from cpis_analysis.analyses.estimate import AnalysisResult, Estimate
from cpis_analysis.plan.outcome_scale import Judged, Scale, judged_on
from cpis_analysis.publish.format import (
    Digits,
    capital,
    ci_head,
    interval,
    is_missing,
    level_words,
    number,
    with_interval,
)
from cpis_analysis.words.labels import Labels

_LOGS = 3
"""Decimals of what stays on a logarithmic scale, such as standard errors."""


def nothing(scale: Scale) -> str:
    """The value that stands for no difference."""
    return "one" if scale.is_ratio else "zero"


def judged(result: AnalysisResult, labels: Labels) -> Judged:
    """What the plan judges a result by: margins and important difference on its scale."""
    part = labels.content.outcomes.get(result.spec.outcome)
    return judged_on(part, result.scale) if part else Judged()


def result_digits(result: AnalysisResult, labels: Labels, sd: float | None = None) -> Digits:
    """Decimals of a result: those of the outcome in points, two for ratios, by the standard error on other scales."""
    if result.scale.natural:
        return labels.digits(result.spec.outcome, sd)
    se = result.estimate.se
    if result.scale.is_ratio or is_missing(se) or not se > 0 or not math.isfinite(se):
        return Digits(2, 2)
    decimals = min(max(1 - math.floor(math.log10(se)), 0), 6)
    return Digits(decimals, decimals)


def shown_number(value: float, scale: Scale, decimals: int) -> str:
    """A difference as it is printed."""
    return number(value if is_missing(value) else scale.shown(value), decimals)


def interval_cell(low: float, high: float, scale: Scale, decimals: int) -> str:
    """An interval of differences as it is printed."""
    low, high = (value if is_missing(value) else scale.shown(value) for value in (low, high))
    return interval(low, high, decimals)


def shown_cell(one: Estimate, scale: Scale, decimals: int) -> str:
    """Estimate and interval as they are printed."""
    values = (one.estimate, one.ci_low, one.ci_high)
    estimate, low, high = (value if is_missing(value) else scale.shown(value) for value in values)
    return with_interval(estimate, low, high, decimals)


def error_decimals(scale: Scale, decimals: int) -> int:
    """Decimals of a standard error, which stays on the scale of the model."""
    return _LOGS if scale.is_ratio else decimals


def one_scale(
    results: Sequence[AnalysisResult], labels: Labels | None = None
) -> tuple[list[AnalysisResult], list[AnalysisResult]]:
    """Analyses of one outcome on the scale of its headline, and those on others.

    Parameters
    ----------
    results : sequence of AnalysisResult
        Of one outcome. Where the headline is not among them, the first one stands for it.
    labels : Labels, optional
        For the headline; without them it is the first result.
    """
    if not results:
        return [], []
    head = results[0]
    if labels is not None and head.spec.outcome in labels.content.outcomes:
        wanted = labels.headline(head.spec.outcome)
        head = next((result for result in results if result.spec.model == wanted), head)
    same = [result for result in results if result.scale == head.scale]
    return same, [result for result in results if result.scale != head.scale]


def difference_heading(scale: Scale, points: str) -> str:
    """What an axis or a column of differences is measured in: "points", "ratio of geometric means"."""
    return points if scale.natural else scale.difference


def ci_heading(name: str, results: Iterable[AnalysisResult]) -> str:
    """Heading of a column with intervals: "Difference (95% CI)"; without the level where the analyses have several."""
    return ci_head(name, _level_of(results))


def interval_words(results: Iterable[AnalysisResult]) -> str:
    """ "95% confidence interval"; without the level where the analyses have several."""
    return f"{_level_of(results)} confidence interval".lstrip()


def _level_of(results: Iterable[AnalysisResult]) -> str:
    """ "95%"; empty where the analyses have several, or there are none."""
    levels = list(dict.fromkeys(result.spec.level for result in results))
    return level_words(levels[0]) if len(levels) == 1 else ""


def scale_note(scale: Scale, labels: Labels) -> str:
    """What numbers on another scale than the outcome's own mean."""
    if scale.of_model:
        return (
            f"{capital(scale.difference)}: the exponential of the model's coefficient; one stands for no difference. "
            + (f"It compares {labels.people} of the same clusters. " if scale.within_clusters else "")
            + "Nothing that is given in points applies to it."
        )
    if scale.is_ratio:
        return (
            f"{capital(scale.difference)}: the exponential of the adjusted difference in means {scale.phrase}; "
            "one stands for no difference. Nothing that is given in points applies to it."
        )
    return (
        f"The model takes the {scale.of_value} of the outcome; its differences are {scale.phrase}, and nothing "
        "that is given in points applies to them."
    )


def left_out_note(others: Sequence[AnalysisResult], labels: Labels) -> str:
    """Which analyses are not drawn because they are on another scale; empty if none."""
    named = [
        f"{'; '.join(labels.model(result.spec.model) for result in of)} ({scale.difference})"
        for scale, of in by_scale(others).items()
    ]
    return f"Not drawn, because on another scale: {'; '.join(named)}." if named else ""


def by_scale(results: Sequence[AnalysisResult]) -> dict[Scale, list[AnalysisResult]]:
    """Analyses by their scale, both in the order given."""
    found: dict[Scale, list[AnalysisResult]] = {}
    for result in results:
        found.setdefault(result.scale, []).append(result)
    return found


def outcome_digits(
    outcome: str, labels: Labels, observed: pd.DataFrame | None = None, result: AnalysisResult | None = None
) -> Digits:
    """Decimals of an outcome, or of a result on a scale of its own: by its scale, else by its standard deviation."""
    if result is not None and not result.scale.natural:
        return result_digits(result, labels)
    sd = result.standardised.get("sd") if result else None
    if is_missing(sd) and observed is not None and len(observed):
        known = observed.loc[observed["outcome"] == outcome, "sd"].dropna()
        sd = float(known.max()) if len(known) else None
    return labels.digits(outcome, sd)
