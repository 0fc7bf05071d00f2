"""Sentences on the design: who carries the evidence, and what cannot be concluded."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from cpis_analysis.analyses.estimate import AnalysisResult
from cpis_analysis.analyses.rows.fit_warnings import NOBODY_ANALYSED, ONE_ANALYSED, key_of
from cpis_analysis.chapters.flow.sentences import in_arm_order, people_counts
from cpis_analysis.chapters.models.sentences import zero_variances
from cpis_analysis.chapters.result.direction import usable
from cpis_analysis.methods import degrees_named
from cpis_analysis.publish.format import capital, count, degrees, one_line, percent
from cpis_analysis.publish.sources.sourced_columns import how_many
from cpis_analysis.words.methods import df_words
from cpis_analysis.words.wording import Wording, counted, in_words, listed, mid_sentence

FEW_CLUSTERS = 40
"""Below this number of clusters small-sample inference is needed (Kahan et al. 2016; Leyrat et al. 2018)."""


def allocation_unit(audit: Mapping[str, Any], words: Wording) -> str:
    """Whose allocation decides about the group, in the singular."""
    if audit["level"] == "individual":
        return words.person
    return words.labels.design.noun_of(audit["variable"]) if audit.get("variable") else words.trust


def design_sentences(
    audit: Mapping[str, Any], words: Wording, headline: AnalysisResult | None = None
) -> tuple[str, ...]:
    """Level of allocation, clusters in each arm, degrees of freedom that the design counts and the headline has.

    Parameters
    ----------
    audit : mapping
        Record of the design audit.
    words : Wording
    headline : AnalysisResult, optional
        The primary analysis: a mixed model estimates its degrees of freedom, so they may be fewer or more.
    """
    sentences = [audit_text(audit["description"], words)]
    unit = allocation_unit(audit, words)
    if unit != words.person:
        arms = listed(
            f"{counted(row['n_clusters'], _unit_of(row['arm'], unit, words))} of the {words.arm(row['arm'])}"
            for row in in_arm_order(audit["clusters_by_arm"], words)
        )
        sentences.append(f"{capital(words.people)} were followed up in {arms}.")
    best = _best(audit)
    if best:
        sentences.append(
            f"For the comparison of the groups this design counts {counted(best['df'], 'degree of freedom')} "
            f"({audit_text(best['approach'], words)}: {audit_text(best['explanation'], words)})"
            f"{_of_headline(headline, best['df'])}."
        )
    return tuple(sentences)


def _of_headline(headline: AnalysisResult | None, counted_df: int) -> str:
    """What the primary analysis makes of the degrees of freedom that the design counts."""
    if headline is None or not usable(headline) or not math.isfinite(headline.estimate.df):
        return ""
    e = headline.estimate
    text = f"; the primary analysis has {degrees(e.df)} ({df_words(e.df_method)})"
    known = degrees_named(e.df_method)
    if e.df > counted_df and known is not None and known.estimated:
        return f"{text}, more than are counted, because it estimates them from the variances"
    return text


def fragility_sentence(audit: Mapping[str, Any], words: Wording, headline: AnalysisResult | None = None) -> str | None:
    """What few clusters mean; None where people carry the evidence or clusters are many.

    The clusters are those that the headline analyses, where it is given; else those with follow-up.
    """
    unit = allocation_unit(audit, words)
    clusters = sum(row["n_clusters"] for row in audit["clusters_by_arm"])
    levels = [level.variable for level in words.labels.design.levels]
    # an estimate counts the largest and the smallest clusters, not those between them
    if headline is not None and audit.get("variable") not in levels[1:-1]:
        e = headline.estimate
        clusters = e.n_teams if audit["level"] == "team" and e.n_teams is not None else e.n_trusts
    if unit == words.person or clusters >= FEW_CLUSTERS:
        return None
    return (
        f"The {counted(clusters, unit)}, and not the number of {words.people}, carry the evidence about the groups: "
        f"precision is limited by design, and intervals are wider than the number of {words.people} suggests."
    )


def limitation_sentences(
    audit: Mapping[str, Any],
    words: Wording,
    *,
    headlines: Sequence[AnalysisResult] = (),
    unverified: Sequence[str] = (),
    added: Sequence[str] = (),
) -> tuple[str, ...]:
    """What cannot be concluded, from the design audit, the data and the plan.

    Parameters
    ----------
    audit : mapping
        Record of the design audit.
    words : Wording
    headlines : sequence of AnalysisResult
        Headline analysis of each outcome, the primary first.
    unverified : sequence of str
        Labels of scores whose scoring rule has not been verified.
    added : sequence of str
        Limitations written in the plan.
    """
    rows = [_not_random(words), fragility_sentence(audit, words, headlines[0] if headlines else None)]
    rows += [audit_text(warning, words) for warning in audit["warnings"]]
    rows += [
        _losses(audit, headlines, words),
        *_thin(headlines, words),
        *_about_models(headlines, words),
        _important(headlines, words),
    ]
    if unverified:
        several = len(unverified) > 1
        rows.append(
            f"The scoring {'rules' if several else 'rule'} of {listed(mid_sentence(label) for label in unverified)} "
            f"{'have' if several else 'has'} not been verified in full; the mark † stands where this report names "
            f"{'them' if several else 'it'}."
        )
    rows += [one_line(text) for text in added]
    return tuple(dict.fromkeys(row for row in rows if row))


def audit_text(text: str, words: Wording) -> str:
    """A text of the design audit, which knows codes of arms alone, with their labels."""
    labels = words.labels
    for code in labels.arms():
        text = text.replace(f"'{code}'", labels.arm(code))
    return one_line(text)


def _unit_of(arm: str, unit: str, words: Wording) -> str:
    """What was allocated to an arm: where some arms only have clusters, these or single people."""
    level = words.labels.design.one_sided
    if level is None:
        return unit
    return level.cluster if arm in level.arms else words.labels.single_person


def _best(audit: Mapping[str, Any]) -> Mapping[str, Any] | None:
    known = [row for row in audit["degrees_of_freedom"] if row["valid"] and row["df"] is not None]
    return max(known, key=lambda row: row["df"], default=None)


def _not_random(words: Wording) -> str | None:
    if words.randomised:
        return None
    return (
        "The groups were not formed at random. Adjustment removes only what was measured and modelled; the groups "
        "may have differed in other ways from the start."
    )


def _losses(audit: Mapping[str, Any], headlines: Sequence[AnalysisResult], words: Wording) -> str | None:
    counts = people_counts(audit["arms"], words)
    start = counts[words.labels.design.start]
    lost = start - counts["followup"]
    if lost <= 0:
        return None
    return (
        f"{counted(lost, words.person)} of {count(start)} ({percent(lost, start, 1)}) "
        f"{'has' if lost == 1 else 'have'} no data at {words.followup}. The analyses assume that they would have "
        f"been like comparable {words.people} who have; the data cannot show whether that is so."
        f"{_shifted(headlines, words)}"
    )


def _shifted(headlines: Sequence[AnalysisResult], words: Wording) -> str:
    """That a tipping-point analysis looks beyond the assumption, and for which outcomes it does."""
    named = [
        mid_sentence(words.labels.outcome_short(result.spec.outcome))
        for result in headlines
        if result.missing_shift is not None
    ]
    if not named:
        return ""
    return (
        f" How far they would have had to differ before the conclusion changed is worked out for {listed(named)} "
        "with the missing data; for other outcomes it is not."
    )


def _thin(headlines: Sequence[AnalysisResult], words: Wording) -> list[str]:
    """Clusters that the rows of headline analyses have lost, wholly or but for one person, by what is said of them."""
    said: dict[str, list[str]] = {}
    for result in headlines:
        for warning in result.estimate.warnings:
            if key_of(warning) in (NOBODY_ANALYSED, ONE_ANALYSED):
                said.setdefault(warning, []).append(mid_sentence(words.labels.outcome_short(result.spec.outcome)))
    return [
        f"Headline {'analysis' if len(names) == 1 else 'analyses'} of {listed(names)}: "
        f"{one_line(warning[0].lower() + warning[1:])}"
        for warning, names in said.items()
    ]


def _about_models(headlines: Sequence[AnalysisResult], words: Wording) -> Iterator[str]:
    singular = [result for result in headlines if usable(result) and zero_variances(result, words)]
    if singular:
        of = counted(_number_of(headlines), "headline analysis", words=True)
        yield (
            f"In {in_words(_number_of(singular))} of {of} a variance between clusters was estimated as zero. The "
            "planned model was kept; its intervals then tend to be too wide rather than too narrow."
        )
    if len(headlines) > 1:
        yield (
            "Only the primary outcome was tested at the full level; "
            + (
                "other outcomes are adjusted for their number in the families of the plan"
                if words.labels.content.families
                else "the p-values of other outcomes are not adjusted for their number"
            )
            + (", and the analyses beside each headline are not adjusted." if _beside(headlines, words) else ".")
        )


def _beside(headlines: Sequence[AnalysisResult], words: Wording) -> bool:
    """Whether an outcome has more than its headline analysis."""
    outcomes = words.labels.content.outcomes
    return any(len(outcomes[result.spec.outcome].models) > 1 for result in headlines)


def _number_of(results: Sequence[AnalysisResult]) -> int:
    return how_many(result.spec.level for result in results)


def _important(headlines: Sequence[AnalysisResult], words: Wording) -> str | None:
    if not headlines or words.outcome_of(headlines[0]).important is not None:
        return None
    scale = headlines[0].scale
    where = "" if scale.natural else f" {scale.phrase}, on which it is analysed"
    return (
        f"The plan names no minimal important difference for the primary outcome{where}, so the interval can be "
        "described but not judged against a size that matters."
    )
