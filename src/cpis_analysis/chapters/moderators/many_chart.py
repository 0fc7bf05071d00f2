"""Many outcomes with one moderator: by how much the difference differs between its levels, a row each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cpis_analysis.analyses.estimate import AnalysisResult, Estimate
from cpis_analysis.chapters.moderators.chart import level_of, moderator_of
from cpis_analysis.chapters.moderators.content import charted, moderation
from cpis_analysis.chapters.page import Page
from cpis_analysis.chapters.result.details import levels_compared
from cpis_analysis.chapters.result.direction import result_words
from cpis_analysis.publish.blocks import ChartRow, RowChart
from cpis_analysis.publish.chart.drawing_marks import Drawing, Scale
from cpis_analysis.publish.chart.pieces import axis, gridlines, interval, row
from cpis_analysis.publish.exhibit_id import slug
from cpis_analysis.publish.format import capital, is_missing, level_words, number
from cpis_analysis.publish.sources.sourced_columns import how_many
from cpis_analysis.words.scales import interval_cell, shown_number
from cpis_analysis.words.wording import counted, listed, mid_sentence

FEW = 3
"""Up to so many outcomes each has a chart of its own, with the difference at every level."""


def together(results: Sequence[AnalysisResult]) -> list[AnalysisResult]:
    """Of the analyses of a model those that one chart shows, an outcome each; none where they are few."""
    drawn = [result for result in results if charted(moderation(result))]
    return drawn if len(drawn) > FEW else []


def many_answer(results: Sequence[AnalysisResult], page: Page) -> str:
    """The answer of all outcomes in one sentence, by the interval of each interaction."""
    clear = [result for result in results if not _open(_gap(result))]
    if clear:
        what = mid_sentence(page.labels.variable(moderator_of(results[0])))
        where = listed(mid_sentence(page.labels.outcome_short(result.spec.outcome)) for result in clear)
        rest = how_many(result.spec.level for result in results if result not in clear)
        others = counted(rest, "outcome", words=True) if rest else ""
        more = f"; of the other {others} that can’t be told" if others else ""
        return f"The difference depended on “{what}” in {where}{more}"
    levels = [mid_sentence(level_of(one, page)) for one in moderation(results[0]).levels if not is_missing(one.ci_low)]
    n = counted(how_many(result.spec.level for result in results), "outcome", words=True)
    return f"Whether the difference was larger for “{levels[-1]}” or for “{levels[0]}” can’t be told of any of {n}"


def many_chart(results: Sequence[AnalysisResult], page: Page) -> RowChart:
    """Draw the interaction of each outcome, in its standard deviations where all have one, else on scales of their own.

    The differences at the levels stand in letters below each outcome; the annex has their tables.
    """
    common = all(result.scale.natural and not is_missing(result.standardised.get("sd")) for result in results)
    scales = [_scale([result], common) for result in results]
    scale = _scale(results, common)
    level = level_words(results[0].spec.level)
    rows = []
    for result, own in zip(results, scales, strict=True):
        gap = _gap(result)
        outcome, _, decimals = result_words(result, page.words)
        at_levels = "; ".join(
            f"{capital(_at(one, page))} {shown_number(one.estimate, outcome.scale, decimals)}"
            for one in moderation(result).levels
            if not is_missing(one.ci_low)
        )
        rows.append(
            ChartRow(
                page.labels.outcome_short(result.spec.outcome) + page.mark(result.spec.outcome),
                shown_number(gap.estimate, outcome.scale, decimals),
                row(gridlines(scale if common else own), interval(scale if common else own, *_ends(result, common))),
                at_levels,
                interval_cell(gap.ci_low, gap.ci_high, outcome.scale, decimals),
                strong=not _open(gap),
            )
        )
    measure = "standard deviations of each outcome" if common else "a scale of its own for each outcome"
    what = mid_sentence(page.labels.variable(moderator_of(results[0])))
    return RowChart(
        f"figure-levels-{slug(results[0].spec.model)}",
        page.chart_number(),
        f"By how much the difference depended on “{what}”, outcome by outcome",
        f"Difference between the differences at the levels, {level} confidence interval; drawn in {measure}",
        tuple(rows),
        Drawing(axis(scale, lambda value: number(value, 1)), 1.8) if common else None,
        ("Outcome", "", f"{_compared(_gap(results[0]), page)} ({level} CI)"),
        note=" ".join(filter(None, ["Below each outcome: the difference at each level.", page.chart_note()])),
        shares=(34.0, 45.0, 21.0),
    )


def _at(one: Estimate, page: Page) -> str:
    """At which level, without the name of the variable, which the title has."""
    held = one.contrast.held
    if len(held) != 1 or page.labels.names_levels(held[0][0]):
        return level_of(one, page)
    return page.labels.choice(*held[0])


def _compared(gap: Estimate, page: Page) -> str:
    """Which level less which."""
    between = levels_compared(gap)
    if between is None or between.first is None or page.labels.names_levels(between.variable):
        return "Between the levels"
    first, last = (page.labels.choice(between.variable, code) for code in (between.first, between.last))
    return capital(f"{last} \N{MINUS SIGN} {first}")


def _gap(result: AnalysisResult) -> Estimate:
    return moderation(result).interactions[0]


def _open(gap: Estimate) -> bool:
    return bool(gap.ci_low <= 0 <= gap.ci_high)


def _ends(result: AnalysisResult, common: bool) -> tuple[float, float, float]:
    """Estimate and ends of the interaction as they are drawn."""
    gap, by = _gap(result), float(result.standardised["sd"]) if common else 1.0
    estimate, low, high = (float(value) / by for value in (gap.estimate, gap.ci_low, gap.ci_high))
    return estimate, low, high


def _scale(results: Sequence[AnalysisResult], common: bool) -> Scale:
    ends: list[Any] = [end for result in results for end in _ends(result, common)[1:]]
    return Scale.symmetric(*ends)
