"""Analyses that could not be estimated, as tables, figures and sentences name them."""

from __future__ import annotations

from collections.abc import Sequence

from cpis_analysis.analyses.estimate import NOT_ESTIMABLE, AnalysisResult
from cpis_analysis.publish.format import capital
from cpis_analysis.publish.sources.sourced_columns import how_many
from cpis_analysis.words.labels import Labels
from cpis_analysis.words.wording import Wording, capitalised, in_words, plural


def reason_notes(results: Sequence[AnalysisResult], labels: Labels) -> list[str]:
    """Footnotes: each reason once, with the models that have it."""
    models: dict[str, list[str]] = {}
    for result in results:
        if not result.estimable:
            models.setdefault(result.estimate.reason, []).append(labels.model(result.spec.model))
    return [f"{capital(NOT_ESTIMABLE)} ({'; '.join(names)}): {reason}." for reason, names in models.items()]


def refused_sentence(result: AnalysisResult, words: Wording, what: str = "analysis") -> str:
    """What is said in place of a result that there is none of, and why."""
    return (
        f"The {what} of {words.outcome(result.spec.outcome).within} by the model "
        f"“{words.labels.model(result.spec.model)}” could not be estimated: {result.estimate.reason}."
    )


def share_sentence(results: Sequence[AnalysisResult], words: Wording) -> str | None:
    """How many analyses of one outcome could be estimated; None if all could."""
    good, total = (how_many(one.spec.level for one in of) for of in ([r for r in results if r.estimable], results))
    if good == total:
        return None
    return (
        f"{capitalised(in_words(good))} of {in_words(total)} {plural('analysis')} of "
        f"{words.outcome(results[0].spec.outcome).within} could be estimated."
    )


def estimable_sentences(results: Sequence[AnalysisResult], words: Wording) -> tuple[str, ...]:
    """`share_sentence`, and of each analysis that could not be estimated why; nothing if all could."""
    share = share_sentence(results, words)
    return (share, *(refused_sentence(result, words) for result in results if not result.estimable)) if share else ()
