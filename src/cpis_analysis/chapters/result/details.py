"""What stands behind one result: its test, its rows, its warnings in the words of the study."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from cpis_analysis.analyses.estimate import NOT_ESTIMABLE, AnalysisResult, Estimate
from cpis_analysis.chapters.result.sentences import (
    p_text,
)
from cpis_analysis.methods import degrees_of, method_of
from cpis_analysis.plan.contrast import Between
from cpis_analysis.publish.format import degrees, is_missing, number
from cpis_analysis.words.labels import Labels
from cpis_analysis.words.methods import df_words, has_degrees
from cpis_analysis.words.wording import Wording, counted, listed, mid_sentence

__all__ = [
    "inference_words",
    "joint_sentence",
    "labelled",
    "levels_compared",
    "rows_words",
]


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
    if e.n_teams is not None and words.team:
        parts.append(counted(e.n_teams, words.team))
    if e.n_trusts is not None:
        parts.append(counted(e.n_trusts, words.trust))
    return listed(parts)


def joint_sentence(estimate: Estimate, words: Wording) -> str:
    """An F test with both degrees of freedom."""
    return (
        f"{words.labels.contrast(estimate.contrast)}: F = {number(estimate.statistic, 2)} with "
        f"{degrees(estimate.num_df)} and {degrees(estimate.df)} degrees of freedom, {df_words(estimate.df_method)}, "
        f"p {p_text(estimate.p_value)}."
    )


def levels_compared(estimate: Estimate) -> Between | None:
    """Between which levels an interaction is."""
    return estimate.contrast.between[-1] if estimate.contrast.between else None


def _literal(text: str) -> str:
    """A text as the replacement of a pattern."""
    return text.replace("\\", r"\\")


def labelled(texts: Sequence[str], result: AnalysisResult, labels: Labels) -> tuple[str, ...]:
    """Warnings with the labels of the moderators for their names."""
    names = {part.moderator for part in result.spec.contrasts if part.moderator}
    names |= {found.variable for one in (result.estimate, *result.contrasts) if (found := levels_compared(one))}
    called = {name: f"“{mid_sentence(labels.variable(name))}”" for name in sorted(names)}
    said = [_labelled(text, called) for text in texts if not is_missing(text)]
    return tuple(dict.fromkeys(text[:1] + text[1:2].upper() + text[2:] if text[:1] == "“" else text for text in said))


def _labelled(text: str, called: Mapping[str, str]) -> str:
    for name, label in called.items():
        begins = f"Where {name} is "
        if text.startswith(begins):
            # what follows is a code, which may hold any name
            return f"Where {label} is {text.removeprefix(begins)}"
    for name, label in called.items():
        text = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", _literal(label), text, flags=re.IGNORECASE)
    return text
