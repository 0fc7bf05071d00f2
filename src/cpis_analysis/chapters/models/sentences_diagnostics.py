"""Sentences on whether a model fits: residuals, and the effects of clusters."""

from __future__ import annotations

from typing import Any

from cpis_analysis.analyses.estimate import AnalysisResult
from cpis_analysis.chapters.models.effect_quantiles import effect_quantiles
from cpis_analysis.publish.format import count, number, p_relation, p_short
from cpis_analysis.publish.sources.sourced_columns import column, how_many, made
from cpis_analysis.words.wording import Wording, listed

_TAIL = 0.1
"""Quantiles this far from either end count as tails."""
_UNUSUAL = 0.05
"""Of data sets simulated from the model, so few are at least as far from what it expects."""


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
    simulated = found.get("simulated")
    if simulated:
        sentences.append(simulated_sentence(simulated))
    if found.get("residual_quantiles"):
        sentences += _residuals(found["residual_quantiles"], "simulated" if simulated else "standardised")
    bins = found.get("residual_by_fitted")
    if isinstance(bins, list) and len(bins) > 2:
        sentences.append(_middles(bins) if simulated else _spread(bins))
    for one in effect_quantiles(result):
        unit = words.team if ":" in one.group and words.team else words.trust
        extent = "All" if one.held == one.number else f"{count(one.held)} of"
        sentences.append(
            f"{extent} {count(one.number)} predicted {unit} effects lie within the 95% envelope of normal effects."
        )
    return tuple(sentences)


def simulated_sentence(found: dict[str, Any]) -> str:
    """Whether residuals, variance and zeros are as a generalised model expects, by data sets simulated from it.

    Parameters
    ----------
    found : dict
        ``simulated`` of the diagnostics.
    """

    def tested(text: str, name: str) -> str:
        return f"{text} (p {p_relation(p_short(found[name + '_p']))})"

    shown = [tested(f"their distance from uniform is {number(found['distance'], 2)}", "distance")]
    if "dispersion" in found:
        shown.append(tested(f"the variance is {number(found['dispersion'], 2)} times that expected", "dispersion"))
    if "zeros" in found:
        shown.append(tested(f"there are {number(found['zeros'], 2)} times as many zeros as expected", "zeros"))
    unusual = any(found[name] < _UNUSUAL for name in ("distance_p", "dispersion_p", "zeros_p") if name in found)
    seen = "are not as the model expects" if unusual else "are as the model expects"
    return (
        f"Residuals {seen}: ranked among {count(found['n_simulated'])} data sets simulated from the model, "
        f"{listed(shown)}."
    )


def _residuals(found: dict[str, Any], kind: str) -> list[str]:
    rows = list(zip(found["probability"], found["observed"], found["low"], found["high"], strict=True))
    outside = [(share, seen < low) for share, seen, low, high in rows if not low <= seen <= high]
    observed, low, high = (column(found[name]) for name in ("observed", "low", "high"))
    number_of = made("length", observed)
    if not outside and kind == "simulated":
        return [
            f"All {count(number_of)} quantiles of the simulated residuals lie within the 95% envelope of these data."
        ]
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
        f"{count(without)} of {count(number_of)} quantiles of the {kind} residuals {verb} outside the "
        f"95% envelope of data simulated from the model, {where}; by chance alone about one in twenty would."
    ]


def _middles(bins: list[dict[str, Any]]) -> str:
    medians = [row["q50"] for row in bins]
    return (
        f"Over {count(how_many(medians))} bins of fitted values the medians of the residuals lie between "
        f"{number(min(medians), 2)} and {number(max(medians), 2)}, where one half is expected."
    )


def _spread(bins: list[dict[str, Any]]) -> str:
    widths = [row["q90"] - row["q10"] for row in bins]
    number_of = how_many(row["q50"] for row in bins)
    return (
        f"Over {count(number_of)} bins of fitted values the middle 80% of the residuals are between "
        f"{number(min(widths), 1)} and {number(max(widths), 1)} standard deviations wide (2.6 for normal residuals "
        "of constant variance)."
    )
