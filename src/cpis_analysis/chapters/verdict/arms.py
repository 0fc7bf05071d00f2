"""Several arms: each comparison judged as the first one is, with what several comparisons make of its p-value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from cpis_analysis.analyses.estimate import AnalysisResult, Estimate
from cpis_analysis.chapters.two_methods.content import Anchors, anchors_of
from cpis_analysis.chapters.verdict.sentences import answer_sentence, sure_sentences
from cpis_analysis.chapters.verdict.state import Answer, Judgement, judgement
from cpis_analysis.publish.format import capital, is_missing, p_relation, p_short
from cpis_analysis.publish.sources.sourced_columns import rows_of
from cpis_analysis.words.methods import ADJUSTMENTS
from cpis_analysis.words.wording import Wording

NO_JOINT = "the headline analysis has no joint test of the arms"


@dataclass(frozen=True)
class Adjusted:
    """A p-value adjusted over the arms of an analysis.

    Attributes
    ----------
    p_value : float
    method : str
        Code of the adjustment.
    """

    p_value: Any
    method: str


def adjusted_over_arms(estimates: pd.DataFrame) -> dict[tuple[str, str], Adjusted]:
    """What results/estimates.csv has of p-values adjusted over arms, by analysis and contrast."""
    if "p_arms" not in estimates:
        return {}
    return {
        (str(row["analysis"]), str(row["contrast"])): Adjusted(row["p_arms"], str(row["arms_adjustment"]))
        for row in rows_of(estimates)
        if not is_missing(row["p_arms"])
    }


def judged_arms(results: Sequence[AnalysisResult], words: Wording) -> list[Judgement]:
    """Each comparison of an outcome's headline analysis, the plan's main one first.

    Parameters
    ----------
    results : sequence of AnalysisResult
        All of one outcome, the headline first.
    words : Wording
    """
    if not results:
        return []
    found, anchors = [], anchors_of(results)
    for effect in results[0].effects:
        own = results[0].of_arm(effect.contrast.arm)
        if own is not None:
            found.append(judgement(own, words, _anchors(anchors, effect.contrast.arm)))
    return found


def _anchors(anchors: Anchors | None, arm: str) -> Anchors | None:
    """The two main methods, of one arm's comparison."""
    if anchors is None:
        return None
    mixed, robust = anchors.mixed.of_arm(arm), anchors.robust.of_arm(arm)
    return Anchors(mixed, robust) if mixed is not None and robust is not None else None


def arm_lead(judged: Judgement) -> str:
    """Which comparison it is."""
    return capital(f"{judged.direction.arm} against {judged.direction.reference}")


def adjusted_sentence(judged: Judgement, adjusted: Mapping[tuple[str, str], Adjusted]) -> str:
    """The p-value adjusted for comparing several arms, and whether it says less than the interval; empty for two."""
    e = judged.result.estimate
    known = adjusted.get((e.analysis, str(e.contrast)))
    if known is None or judged.answer is Answer.UNUSABLE:
        return ""
    said = (
        f"Adjusted for comparing several groups with one ({ADJUSTMENTS.get(known.method, known.method)}), "
        f"p\N{NO-BREAK SPACE}{p_relation(p_short(known.p_value))}"
    )
    if judged.answer.excludes_zero and known.p_value > 1 - judged.result.spec.level:
        return f"{said}: with that adjustment the difference is not clear."
    return f"{said}; the interval is not adjusted."


def arm_sentences(judged: Judgement, adjusted: Mapping[tuple[str, str], Adjusted], words: Wording) -> tuple[str, str]:
    """Which comparison it is, and its answer, how sure that is and the p-value adjusted over the arms."""
    sure = sure_sentences(judged, words)[1]
    said = (f"{answer_sentence(judged)}.", sure, adjusted_sentence(judged, adjusted))
    return arm_lead(judged), " ".join(filter(None, said))


def joint_sentence(result: AnalysisResult) -> str:
    """The test that no arm differs; empty where two arms are compared."""
    if len(result.effects) < 2:
        return ""
    joint: Estimate | None = result.joint_of_arms
    if joint is None:
        return f"{capital(NO_JOINT)}."
    return f"Joint test of all arms: p\N{NO-BREAK SPACE}{p_relation(p_short(joint.p_value))}."
