"""Sentences on confounding: what weighting changed, what E-values say, what a negative control shows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cpis_analysis.analyses.estimate import AnalysisResult
from cpis_analysis.chapters.confounding.love_chart import cluster_noun, furthest
from cpis_analysis.chapters.result.direction import result_words, usable
from cpis_analysis.chapters.result.sentences import level
from cpis_analysis.methods.balancing import BALANCINGS
from cpis_analysis.publish.format import count, is_missing, number
from cpis_analysis.words.scales import interval_cell, shown_number
from cpis_analysis.words.wording import Wording, capitalised


def balance_sentences_of(results: Sequence[AnalysisResult], words: Wording) -> list[str]:
    """What weighting did for one outcome, and the weighted differences.

    Parameters
    ----------
    results : sequence of AnalysisResult
        Its weighted analyses, at least one.
    words : Wording
    """
    first = results[0]
    said = [
        f"Analyses of weighted {words.people} compare groups that are alike on average in what the plan lists. What "
        "nobody measured stays as it was, so they stand beside the headline and replace nothing."
    ]
    said += [_finding(one, words) for one in results if usable(one)]
    before, after = (furthest(first.balance["differences"], f"clusters_{when}") for when in ("before", "after"))
    clusters = cluster_noun(first, words.labels)
    if clusters and not is_missing(before) and not is_missing(after):
        said.append(
            f"Weights make {words.people} alike, not {clusters}: means of {clusters} differed by up to "
            f"{number(abs(before), 2)} standard deviations before weighting and differ by up to "
            f"{number(abs(after), 2)} after it."
        )
    return said


def _finding(one: AnalysisResult, words: Wording) -> str:
    outcome, _, decimals = result_words(one, words)
    e, about = one.estimate, one.balance
    arm, reference = (words.arm(code) for code in e.contrast.arms)
    return (
        f"With {BALANCINGS[about['method']].short} the {_noun(one)} in {outcome.within} is "
        f"{shown_number(e.estimate, outcome.scale, decimals)} ({level(one)} CI "
        f"{interval_cell(e.ci_low, e.ci_high, outcome.scale, decimals)}); the {count(about['n_reference'])} "
        f"{words.people} in "
        f"the {reference} tell as much as {number(about['effective_n_reference'], 0)} of equal weight would, the "
        f"{count(about['n_other'])} in the {arm} as much as {number(about['effective_n_other'], 0)}."
    )


def e_value_sentences(rows: Sequence[dict[str, Any]], primary: str, words: Wording) -> list[str]:
    """What an E-value is, and those of the primary outcome.

    Parameters
    ----------
    rows : sequence of dict
        Of `table.e_value_rows`.
    primary : str
        Name of the primary outcome.
    words : Wording
    """
    said = [
        "An E-value says how strongly something that nobody measured would have to go with both the group and the "
        "outcome to explain a difference away by itself. It says nothing about whether there is such a thing."
    ]
    own = next((row for row in rows if row["outcome"] == primary), None)
    if own is None:
        return said
    said.append(
        f"For {words.outcome(primary).within} it is {number(own['e_value'], 2)}: something weaker than a risk ratio of "
        f"{number(own['e_value'], 2)} with both could not explain the whole difference."
    )
    if own["e_value_limit"] > 1:
        said.append(
            f"To bring the nearer end of the interval to no difference it would take {number(own['e_value_limit'], 2)}."
        )
    else:
        said.append(
            f"For the nearer end of the interval it is {number(own['e_value_limit'], 2)}, the least there is: the "
            "interval includes no difference, so nothing unmeasured is needed for that."
        )
    return said


def control_sentence(head: AnalysisResult, words: Wording) -> str:
    """What the headline analysis finds in an outcome that the intervention can't have moved, and what that means."""
    outcome, direction, decimals = result_words(head, words)
    e = head.estimate
    size = outcome.amount(shown_number(e.estimate, outcome.scale, decimals))
    first = (
        f"{capitalised(outcome.within)} is a negative control: nothing that was done should have moved it, so a "
        f"{_noun(head)} in it would come from how the groups differ. The {_noun(head)} is "
        f"{size} ({level(head)} CI {interval_cell(e.ci_low, e.ci_high, outcome.scale, decimals)})"
    )
    if direction.includes_zero:
        return (
            f"{first}; the interval includes no difference, which shows no sign of such confounding and does not rule "
            "it out."
        )
    return (
        f"{first}; the interval excludes no difference, a sign that the groups differ in something that the analyses "
        "do not adjust for."
    )


def _noun(one: AnalysisResult) -> str:
    return "ratio" if one.scale.is_ratio else "difference"
