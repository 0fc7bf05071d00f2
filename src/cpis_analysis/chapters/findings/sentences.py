"""The key findings: a handful of points in plain words, each made of tested sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cpis_analysis.analyses.estimate import AnalysisResult
from cpis_analysis.chapters.design.sentences import fragility_sentence
from cpis_analysis.chapters.equivalence.sentences import equivalence_sentences
from cpis_analysis.chapters.result.sentences import (
    association_sentence,
    difference_sentence,
    importance_sentence,
    includes_zero,
    interval_sentence,
    precision_sentence,
    unusable_sentence,
    usable,
    width_sentence,
)
from cpis_analysis.chapters.robustness.sentences import robustness_sentences, secondary_sentences
from cpis_analysis.words.wording import Wording

__all__ = ["Finding", "key_findings"]


@dataclass(frozen=True)
class Finding:
    """One point: a lead of a few words and one to four sentences."""

    lead: str
    text: str


def key_findings(
    words: Wording,
    audit: Mapping[str, Any],
    *,
    flow: str,
    followup: Sequence[str] = (),
    primary: Sequence[AnalysisResult] = (),
    secondary: Sequence[AnalysisResult] = (),
    adjusted: Mapping[str, tuple[float, str]] | None = None,
    experience: Sequence[str] = (),
    themes: Sequence[str] = (),
    planned: Sequence[str] = (),
    mark: str = "",
) -> list[Finding]:
    """Points in the order of a brief; a point without a sentence is left out.

    Parameters
    ----------
    words : Wording
    audit : mapping
        Record of the design audit.
    flow : str
        Sentence on recruitment and follow-up.
    followup, experience, themes : sequence of str
        Sentences on follow-up by group, on experience and on focus groups.
    primary, secondary : sequence of AnalysisResult
        All analyses of the primary outcome, the headline first; headline of each secondary outcome.
    adjusted : mapping, optional
        Adjusted p-value and method by outcome.
    planned : sequence of str
        Where the primary analysis is not the locked one, or the lock has a past; empty where there is nothing to say.
    mark : str
        Stands after the primary outcome's name, such as a dagger for a scoring rule that is not verified.
    """
    points: list[tuple[str, Sequence[str | None]]] = [("Who took part", [flow, *followup[:1]])]
    if primary:
        head = primary[0]
        if usable(head):
            points += [
                (
                    f"Primary outcome: {words.outcome(head.spec.outcome).within}{mark}",
                    [
                        difference_sentence(head, words, brief=True),
                        interval_sentence(head, words),
                        width_sentence(head, words),
                        importance_sentence(head, words),
                    ],
                ),
                ("Equivalence", equivalence_sentences(head, words)),
                (
                    "How precise",
                    [
                        fragility_sentence(audit, words, head),
                        precision_sentence(head, words) if includes_zero(head) else None,
                    ],
                ),
            ]
        else:
            points.append(("Primary outcome", [unusable_sentence(head, words)]))
        points.append(("Robustness", robustness_sentences(primary, words, reasons=False)))
    points += [
        ("Planned and done", planned),
        ("Secondary outcomes", secondary_sentences(secondary, words, adjusted)),
        ("Experience", experience[:1]),
        ("Focus groups", themes[:1]),
        ("How to read this", [association_sentence(words)]),
    ]
    joined = [(lead, " ".join(text for text in texts if text)) for lead, texts in points]
    return [Finding(lead, text) for lead, text in joined if text]
