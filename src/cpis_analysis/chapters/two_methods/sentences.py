"""Sentences on the two anchors: what both say, and whether they agree."""

from __future__ import annotations

from collections.abc import Mapping

from cpis_analysis.chapters.result.direction import includes_zero, result_words
from cpis_analysis.chapters.result.sentences import level, p_text
from cpis_analysis.chapters.two_methods.content import Anchors
from cpis_analysis.publish.format import degrees
from cpis_analysis.publish.sources.sourced_columns import how_many
from cpis_analysis.words.scales import interval_cell, nothing, shown_number
from cpis_analysis.words.wording import Wording, capitalised, in_words, listed, mid_sentence

FEW = 4
"""Below so many degrees of freedom the p-value of a cluster-robust test is itself approximate (Pustejovsky & Tipton
2018)."""


def anchor_sentences(anchors: Mapping[str, Anchors], words: Wording) -> tuple[str, ...]:
    """Both analyses of the first outcome in numbers, then the agreement over all outcomes.

    Parameters
    ----------
    anchors : mapping of str to Anchors
        By outcome, the primary first.
    words : Wording
    """
    if not anchors:
        return ()
    first = next(iter(anchors.values()))
    outcome, _, decimals = result_words(first.mixed, words)
    both = [
        f"{shown_number(one.estimate.estimate, outcome.scale, decimals)} ({level(one)} CI "
        f"{interval_cell(one.estimate.ci_low, one.estimate.ci_high, outcome.scale, decimals)}; "
        f"{degrees(one.estimate.df)} df, p {p_text(one.estimate.p_value)})"
        for one in first.pair
    ]
    sentences = [
        "In simulations of designs with ten clusters (docs/error_rates.md of the software) two analyses kept their "
        f"error rate whether the arms differ within {words.trusts} or between them: the mixed model with "
        f"Kenward-Roger, and least squares with CR2 standard errors by {words.trust}.",
        f"For {outcome.within} they put the {'ratio' if outcome.scale.is_ratio else 'difference'} at {listed(both)}.",
    ]
    none = " or, of a ratio, ".join(sorted({nothing(one.mixed.scale) for one in anchors.values()}, reverse=True))
    parted = [name for name, one in anchors.items() if includes_zero(one.mixed) != includes_zero(one.robust)]
    if len(anchors) == 1:
        sentences.append(
            f"The interval of one includes {none} and that of the other excludes it: the answer depends on the method."
            if parted
            else f"Both intervals {'include' if includes_zero(first.mixed) else 'exclude'} {none}."
        )
    elif parted:
        names = listed(mid_sentence(words.outcome(name).short) for name in parted)
        sentences.append(
            f"For {names} one interval includes {none} and the other excludes it: there the answer "
            "depends on the method."
        )
    else:
        number_of = how_many(one.mixed.spec.level for one in anchors.values())
        sentences.append(
            f"In each of {in_words(number_of)} outcomes both agree on whether the interval includes {none}."
        )
    few = [name for name, one in anchors.items() if one.robust.estimate.df < FEW]
    if few:
        number_of = how_many(anchors[name].robust.estimate.df for name in few)
        share = "its" if len(anchors) == 1 else "all" if len(few) == len(anchors) else in_words(number_of)
        sentences.append(
            f"{capitalised(share)} cluster-robust {'test has' if share == 'its' else 'tests have'} fewer than "
            f"{in_words(FEW)} degrees of freedom; so few make {'its' if share == 'its' else 'their'} p-value"
            f"{'' if share == 'its' else 's'} approximate."
        )
    return tuple(sentences)
