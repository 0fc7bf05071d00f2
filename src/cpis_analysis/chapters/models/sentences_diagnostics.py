"""Sentences on whether a model fits: residuals, and the effects of clusters."""

from __future__ import annotations

from typing import Any

from cpis_analysis.analyses.estimate import AnalysisResult
from cpis_analysis.chapters.models.effect_quantiles import effect_quantiles
from cpis_analysis.publish.format import count, number
from cpis_analysis.publish.sourced_columns import column, how_many, made
from cpis_analysis.words.wording import Wording, listed

__all__ = ["diagnostic_sentences"]

_TAIL = 0.1
"""Quantiles this far from either end count as tails."""


def diagnostic_sentences(result: AnalysisResult, words: Wording) -> tuple[str, ...]:
    """Where the residuals of an analysis leave the envelope of simulated data, and how the cluster effects lie.

    Parameters
    ----------
    result : AnalysisResult
    words : Wording

    Returns
    -------
    tuple of str
        Empty for an estimator without diagnostics. A residual outside a pointwise 95% envelope is no finding by
        itself: of twenty quantiles one is expected there.
    """
    found = result.diagnostics
    sentences = []
    if found.get("residual_quantiles"):
        sentences += _residuals(found["residual_quantiles"])
    bins = found.get("residual_by_fitted")
    if isinstance(bins, list) and len(bins) > 2:
        sentences.append(_spread(bins))
    for one in effect_quantiles(result):
        unit = words.team if ":" in one.group and words.team else words.trust
        extent = "All" if one.held == one.number else f"{count(one.held)} of"
        sentences.append(
            f"{extent} {count(one.number)} predicted {unit} effects lie within the 95% envelope of normal effects."
        )
    return tuple(sentences)


def _residuals(found: dict[str, Any]) -> list[str]:
    rows = list(zip(found["probability"], found["observed"], found["low"], found["high"], strict=True))
    outside = [(share, seen < low) for share, seen, low, high in rows if not low <= seen <= high]
    observed, low, high = (column(found[name]) for name in ("observed", "low", "high"))
    number_of = made("length", observed)
    if not outside:
        return [
            f"All {count(number_of)} quantiles of the standardised residuals lie within the 95% envelope of data "
            "simulated from the model: they give no reason to doubt that residuals are normal."
        ]
    where = listed(
        dict.fromkeys(
            "in the lower tail" if share <= _TAIL else "in the upper tail" if share >= 1 - _TAIL else "in the middle"
            for share, _ in outside
        )
    )
    verb = "lies" if len(outside) == 1 else "lie"
    without = number_of - made("within", observed, low, high)
    return [
        f"{count(without)} of {count(number_of)} quantiles of the standardised residuals {verb} outside the "
        f"95% envelope of data simulated from the model, {where}; by chance alone about one in twenty would."
    ]


def _spread(bins: list[dict[str, Any]]) -> str:
    widths = [row["q90"] - row["q10"] for row in bins]
    number_of = how_many(row["q50"] for row in bins)
    return (
        f"Over {count(number_of)} bins of fitted values the middle 80% of the residuals are between "
        f"{number(min(widths), 1)} and {number(max(widths), 1)} standard deviations wide (2.6 for normal residuals "
        "of constant variance)."
    )
