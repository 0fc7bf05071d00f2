"""What stands behind one result: its test, its rows, its warnings in the words of the study."""

from __future__ import annotations

from collections.abc import Sequence

from cpis_analysis.analyses.estimate import NOT_ESTIMABLE, AnalysisResult, Estimate
from cpis_analysis.analyses.moderator_clusters import few_clusters
from cpis_analysis.analyses.rows.fit_warnings import FEW_CLUSTERS, KeyedWarning
from cpis_analysis.chapters.result.sentences import p_text
from cpis_analysis.methods import degrees_of, method_of
from cpis_analysis.plan.contrast import Between
from cpis_analysis.publish.format import degrees, is_missing, number
from cpis_analysis.words.contrast_words import words_of_contrast
from cpis_analysis.words.labels import Labels
from cpis_analysis.words.methods import df_words, has_degrees
from cpis_analysis.words.wording import Wording, counted, listed, mid_sentence


def inference_words(result: AnalysisResult) -> str:
    """How the test was made, for a list: method of degrees of freedom and boundary policy."""
    spec, e = result.spec, result.estimate
    name = method_of(spec).test(spec) or df_words(e.df_method)
    text = f"{name}, {degrees(e.df)} degrees of freedom" if result.estimable and has_degrees(e) else name
    return text + degrees_of(spec).in_list(spec)


def rows_words(result: AnalysisResult, words: Wording) -> str:
    """Rows, people and clusters that the analysis used."""
    if not result.estimable:
        return f"nothing: the analysis is {NOT_ESTIMABLE}"
    e = result.estimate
    parts = [words.labels.counted_people(e.n_participants)]
    if e.n_obs != e.n_participants:
        parts.insert(0, counted(e.n_obs or 0, "row"))
    units = words.labels.level_words
    clusters = reversed(list(zip(e.clusters(len(units)), units, strict=True)))
    parts += [counted(n, unit) for n, unit in clusters if n is not None]
    return listed(parts)


def joint_sentence(estimate: Estimate, words: Wording) -> str:
    """An F test with both degrees of freedom."""
    return (
        f"{words_of_contrast(estimate.contrast, words.labels)}: F = {number(estimate.statistic, 2)} with "
        f"{degrees(estimate.num_df)} and {degrees(estimate.df)} degrees of freedom, {df_words(estimate.df_method)}, "
        f"p {p_text(estimate.p_value)}."
    )


def levels_compared(estimate: Estimate) -> Between | None:
    """Between which levels an interaction is."""
    return estimate.contrast.between[-1] if estimate.contrast.between else None


def labelled(texts: Sequence[str], labels: Labels) -> tuple[str, ...]:
    """Warnings and notes, each once; those of a moderator's levels with its label for its name."""
    return tuple(dict.fromkeys(_labelled(text, labels) for text in texts if not is_missing(text)))


def _labelled(text: str, labels: Labels) -> str:
    if not isinstance(text, KeyedWarning) or text.key != FEW_CLUSTERS:
        return text
    label = mid_sentence(labels.variable(text.values["moderator"]))
    return few_clusters(**{**text.values, "moderator": f"“{label}”"})
