"""Sentences on imputed analyses: what the missing values were taken to be, and what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cpis_analysis.analyses.estimate import AnalysisResult
from cpis_analysis.chapters.result.direction import result_words
from cpis_analysis.chapters.result.sentences import level, p_text
from cpis_analysis.methods.handling import handling_of
from cpis_analysis.methods.method import listed
from cpis_analysis.plan.naming import study_words
from cpis_analysis.publish.format import count, degrees
from cpis_analysis.words.scales import interval_cell, shown_number
from cpis_analysis.words.wording import Wording


def imputation_sentences(results: Sequence[AnalysisResult], words: Wording) -> list[list[str]]:
    """A paragraph an analysis: what was imputed and assumed, and the difference.

    Parameters
    ----------
    results : sequence of AnalysisResult
        Analyses whose missing values were imputed.
    words : Wording
    """
    return [_paragraph(one, words) for one in results]


def short_sentence(one: AnalysisResult, words: Wording) -> str:
    """The result of one imputed analysis, for the findings."""
    outcome, _, decimals = result_words(one, words)
    e = one.estimate
    return (
        "With missing values imputed the "
        f"{'ratio' if outcome.scale.is_ratio else 'difference'} in {outcome.within} is "
        f"{shown_number(e.estimate, outcome.scale, decimals)} ({level(one)} CI "
        f"{interval_cell(e.ci_low, e.ci_high, outcome.scale, decimals)})."
    )


def _paragraph(one: AnalysisResult, words: Wording) -> list[str]:
    outcome, _, decimals = result_words(one, words)
    e, spec, account = one.estimate, one.spec, one.imputation
    first = f"In the analysis “{words.labels.model(spec.model)}” of {outcome.within} missing values were imputed"
    if account["n_people"]:
        first += f" for {count(account['n_completed'])} of {count(account['n_people'])} {words.people}"
        if account["n_without_outcome"]:
            first += f", {count(account['n_without_outcome'])} of whom lack the outcome"
    return [
        f"{first} ({count(account['m'])} completed data sets).",
        *_of_items(account, words),
        f"The {'ratio' if outcome.scale.is_ratio else 'difference'} is "
        f"{shown_number(e.estimate, outcome.scale, decimals)} ({level(one)} CI "
        f"{interval_cell(e.ci_low, e.ci_high, outcome.scale, decimals)}; {degrees(e.df)} df, p {p_text(e.p_value)}).",
        f"It takes for granted that {study_words(words.person)(handling_of(spec).assumes(spec))}.",
    ]


def _of_items(account: dict[str, Any], words: Wording) -> list[str]:
    """How many answers were filled in of how many people; nothing where no item was imputed."""
    parts = []
    for one in account.get("items", ()):
        score = words.labels.variable(one["variable"])
        if one["n_people"] is None:
            parts.append(f"of fewer than {count(account['smallest'])} {words.people} in {score}")
        elif one["n_people"]:
            parts.append(f"{count(one['n_answers'])} of {count(one['n_people'])} {words.people} in {score}")
    if not parts:
        return []
    return [
        f"Single answers were filled in, {listed(parts)}, and the score computed from them; who gave none has the "
        "score itself filled in."
    ]
