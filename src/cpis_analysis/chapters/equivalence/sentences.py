"""Sentences on equivalence: is a difference small enough not to matter?

Rules, each of which has a test: only margins of the plan count; equivalence is declared if and only if the interval of
level 1 - 2 alpha lies between them; where it is not declared, that is no evidence of a difference, and a p-value above
the level of the ordinary test is never read as the absence of one.
"""

from __future__ import annotations

from collections.abc import Sequence

from cpis_analysis.analyses.estimate import AnalysisResult
from cpis_analysis.chapters.equivalence.content import Tested, equivalence_test, margin_text, tost_level
from cpis_analysis.chapters.result.direction import result_words
from cpis_analysis.chapters.result.sentences import p_text
from cpis_analysis.chapters.result.sentences_ratios import ratio_amount
from cpis_analysis.publish.format import degrees, level_words
from cpis_analysis.publish.sources.sourced_columns import how_many
from cpis_analysis.words.methods import has_degrees
from cpis_analysis.words.scales import interval_cell, nothing, one_scale, shown_number
from cpis_analysis.words.wording import Wording, in_words


def equivalence_sentences(result: AnalysisResult, words: Wording) -> tuple[str, ...]:
    """Margins and their source, interval and verdict, and the smallest margin that would do."""
    tested = equivalence_test(result, words.labels)
    if tested is None:
        return ()
    outcome, _, decimals = result_words(result, words)
    scale = outcome.scale
    margins = outcome.amount(margin_text(scale.shown(tested.low), scale.shown(tested.high), decimals))
    source = f" ({tested.source})" if tested.source else " (the plan names no source)"
    alpha = level_words(round(1 - result.spec.level, 12))
    e = result.estimate
    how = f"two one-sided tests at the {alpha} level, p {p_text(tested.p_value)}"
    if has_degrees(e):
        how += f", {degrees(e.df)} df"
    what, which = ("ratio", " of the ratio") if scale.is_ratio else ("difference", "")
    between = interval_cell(tested.ci_low, tested.ci_high, scale, decimals)
    shown = f"The {tost_level(result)} confidence interval{which}, {between},"
    sentences = [f"The plan takes {what}s from {margins} as too small to matter{source}."]
    if tested.declared:
        sentences.append(f"{shown} lies between these margins: the groups are declared equivalent within them ({how}).")
        if e.ci_low > 0 or e.ci_high < 0:
            sentences.append(
                f"That is not the same as no difference: the interval of the {what} excludes {nothing(scale)}."
            )
    else:
        sentences.append(
            f"{shown} {_where(tested)}: equivalence is not declared ({how}). That shows neither a difference nor the "
            "absence of one."
        )
    smallest = (
        ratio_amount(tested.smallest, result)
        if scale.is_ratio
        else outcome.amount(shown_number(tested.smallest, scale, decimals))
    )
    sentences.append(f"The smallest symmetric margin at which equivalence would be declared is {smallest}.")
    return tuple(sentences)


def equivalence_agreement(results: Sequence[AnalysisResult], words: Wording) -> str | None:
    """In how many analyses of one outcome equivalence is declared; None without margins or with one analysis."""
    same, _ = one_scale(results, words.labels)
    tested = [test for test in (equivalence_test(result, words.labels) for result in same) if test]
    if len(tested) < 2:
        return None
    declared, total = sum(test.declared for test in tested), how_many(test.smallest for test in tested)
    if declared in (0, total):
        which = "both analyses" if total == 2 else f"all {in_words(total)} analyses"
        which = f"in {which}" if declared else f"in none of the {in_words(total)} analyses"
    else:
        which = f"in {in_words(declared)} of {in_words(total)} analyses"
    return f"Equivalence within the margins of the plan is declared {which}."


def _where(tested: Tested) -> str:
    below, above = tested.ci_low <= tested.low, tested.ci_high >= tested.high
    if tested.ci_high <= tested.low or tested.ci_low >= tested.high:
        return "lies wholly outside the margins"
    if below and above:
        return "reaches beyond both margins"
    return f"reaches beyond the {'lower' if below else 'upper'} margin"
