"""What stands behind one result: its test, its rows, its warnings in the words of the study."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product

from cpis_analysis.analyses.estimate import NOT_ESTIMABLE, AnalysisResult, Estimate
from cpis_analysis.analyses.moderator_clusters import FEW, few_clusters
from cpis_analysis.chapters.result.sentences import p_text
from cpis_analysis.methods import degrees_of, method_of
from cpis_analysis.plan.contrast import Between
from cpis_analysis.plan.naming import noun_of
from cpis_analysis.plan.speaking import speaking_of
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


def labelled(texts: Sequence[str], result: AnalysisResult, labels: Labels) -> tuple[str, ...]:
    """Warnings of a moderator's levels with its label for its name: each is looked up among those that can be.

    A text is not searched for names, because codes may hold any word.
    """
    known = dict(_called(result, labels))
    said = (known.get(text, text) for text in texts if not is_missing(text))
    return tuple(dict.fromkeys(said))


def _called(result: AnalysisResult, labels: Labels) -> Iterator[tuple[str, str]]:
    """Every warning that an analysis can have of a moderator's levels, and the same with the moderator's label."""
    spec = result.spec
    every = (result.estimate, *result.contrasts)
    seen = {(name, code) for one in every for name, code in one.contrast.held}
    seen |= {
        (between.variable, code)
        for one in every
        for between in one.contrast.between
        for code in (between.first, between.last)
        if code is not None
    }
    for name in {part.moderator for part in spec.contrasts if part.moderator} | {name for name, _ in seen}:
        called = f"“{mid_sentence(labels.variable(name))}”"
        for code in labels.codes(name, [code for other, code in seen if other == name]):
            for unit, fewest in product(map(noun_of, spec.levels), range(FEW)):
                text, shown = (few_clusters(which, code, unit, fewest) for which in (name, called))
                yield text, shown
                yield speaking_of(text, labels.person), shown
