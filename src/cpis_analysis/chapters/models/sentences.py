"""Sentences on a fitted model: its variances, what it rests on, how it was tested."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cpis_analysis.analyses.estimate import AnalysisResult
from cpis_analysis.chapters.result.details import inference_words
from cpis_analysis.chapters.result.sentences import adjustment, level
from cpis_analysis.methods import method_of
from cpis_analysis.publish.format import capital, is_missing, number
from cpis_analysis.publish.sources.sourced_columns import how_many
from cpis_analysis.words.methods import estimator_words
from cpis_analysis.words.wording import Wording, capitalised, counted, listed, plural

NEGLIGIBLE = 1e-8
"""A variance below this share of the total was estimated as zero."""


OFTEN_ZERO = 20
"""With fewer clusters than this, variances of the usual small size are often estimated as zero."""


@dataclass(frozen=True)
class ZeroVariance:
    """A grouping factor whose variance was estimated as zero.

    Attributes
    ----------
    unit : str
        One of its groups in words: "team", "team by wave".
    level : int or None
        Place of its smallest clusters among the levels of the design; None where it has none of them.
    """

    unit: str
    level: int | None


def zero_variances(result: AnalysisResult, words: Wording) -> list[ZeroVariance]:
    """The grouping factors whose variance was estimated as zero."""
    parts = [part for part in result.variance_components if part.get("group") != "Residual"]
    total = sum(part["variance"] or 0.0 for part in result.variance_components)
    zero = [part["group"] for part in parts if abs(part["variance"] or 0.0) <= NEGLIGIBLE * total]
    return list(dict.fromkeys(ZeroVariance(words.cluster(group), _level_of(group, words)) for group in zero))


def _level_of(group: str, words: Wording) -> int | None:
    named = group.split(":")
    if words.labels.design.participant in named:
        return None
    return max((place for place, name in enumerate(words.labels.design.clusters) if name in named), default=None)


def icc_sentences(result: AnalysisResult, words: Wording) -> tuple[str, ...]:
    """Residual intraclass correlations, and which variances were estimated as zero."""
    e, sentences = result.estimate, []
    units = words.labels.shared_words
    known = [
        f"{number(icc, 3)} for two {words.people} of one {unit}"
        for icc, unit in zip(e.correlations(len(units)), units, strict=True)
        if not is_missing(icc)
    ]
    if known:
        sentences.append(f"The residual intraclass correlation was estimated as {listed(known)}.")
    zero = dict.fromkeys(plural(one.unit) for one in zero_variances(result, words))
    if zero:
        several = len(zero) > 1
        sentences.append(
            f"The {'variances' if several else 'variance'} between {listed(zero)} "
            f"{'were' if several else 'was'} estimated as zero."
        )
    return tuple(sentences)


def zero_variance_sentence(results: Sequence[AnalysisResult], words: Wording) -> str | None:
    """How to read a variance estimated as zero; None where there is none."""
    units = dict.fromkeys(plural(one.unit) for result in results for one in zero_variances(result, words))
    if not units:
        return None
    few = dict.fromkeys(
        plural(one.unit)
        for result in results
        for one in zero_variances(result, words)
        if _groups(result, one, words) < OFTEN_ZERO
    )
    # whoever has six regions and 119 schools has few regions
    which = "clusters" if len(few) == len(units) else listed(few)
    lead = (
        f"With so few {which} a variance is often estimated as zero. That"
        if few
        else ("A variance that is estimated as zero")
    )
    return f"{lead} does not show that the {listed(units)} are alike, and the model was kept as planned."


def _groups(result: AnalysisResult, zero: ZeroVariance, words: Wording) -> int:
    """How many clusters of a kind the analysis has; parts of clusters, such as their waves, count as clusters."""
    clusters = result.estimate.clusters(len(words.labels.design.levels))
    own = None if zero.level is None else clusters[zero.level]
    return own if own is not None else next((n for n in reversed(clusters) if n is not None), 0)


def policy_sentence(words: Wording) -> str:
    """In which group people are counted, whatever happened to them: what the parts of an estimand leave open."""
    grouped = "to which they were randomised" if words.randomised else "to which they belonged at recruitment"
    return f"{capital(words.people)} are counted in the groups {grouped}, whatever they went on to receive."


def method_sentences(results: Sequence[AnalysisResult], words: Wording) -> tuple[str, ...]:
    """The statistical methods of the headline analysis and of those beside it.

    Parameters
    ----------
    results : sequence of AnalysisResult
        Analyses of the primary outcome, the headline first.
    words : Wording
    """
    if not results:
        return ()
    head = results[0]
    adjusted = adjustment(head, words)
    random = list(
        dict.fromkeys(
            words.cluster(part["group"]) for part in head.variance_components if part.get("group") != "Residual"
        )
    )
    plain = words.outcome(head.spec.outcome).within
    what = plain if head.scale.natural else f"the {head.scale.of_value} of {plain}"
    text = (
        f"{capitalised(what)} was analysed by {method_of(head.spec).article}{estimator_words(head.spec, words.labels)}"
    )
    if adjusted:
        text += f", adjusted for {listed(adjusted)}"
    if random:
        text += f", with random effects of {listed(random)}"
    sentences = [f"{text}. Inference: {inference_words(head)}; intervals are at the {level(head)} level."]
    if len(results) > 1:
        others = how_many(one.spec.level for one in results[1:])
        sentences.append(
            f"{capitalised(counted(others, 'analysis', words=True))} with other assumptions "
            f"{'stands' if len(results) == 2 else 'stand'} beside it; {'it does' if len(results) == 2 else 'they do'} "
            "not replace it, whatever the result."
        )
    if not is_missing(head.standardised.get("sd")):
        sd = head.standardised["sd"]
        source = {"baseline": f" at {words.baseline}", "follow-up": f" at {words.wave(head.spec.followup_wave)}"}
        sentences.append(
            "Standardised differences are divided by the pooled standard deviation within groups"
            f"{source.get(str(head.standardised.get('sd_source')), '')} "
            f"({number(sd, words.labels.digits(head.spec.outcome, sd).level)} for "
            f"{words.outcome(head.spec.outcome).within})."
        )
    return tuple(sentences)
