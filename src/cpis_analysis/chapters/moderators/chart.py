"""Did the difference depend on something? The difference at each level, and between the levels, in one figure."""

from __future__ import annotations

from cpis_analysis.analyses.estimate import AnalysisResult, Estimate
from cpis_analysis.chapters.moderators.content import Moderation, charted, moderation
from cpis_analysis.chapters.page import Page
from cpis_analysis.chapters.result.direction import result_words
from cpis_analysis.publish.blocks import ChartRow, RowChart
from cpis_analysis.publish.chart.drawing_marks import Drawing, Scale
from cpis_analysis.publish.chart.pieces import axis, gridlines, interval, row
from cpis_analysis.publish.exhibit_id import slug
from cpis_analysis.publish.format import is_missing, level_words, number
from cpis_analysis.words.scales import interval_cell, shown_number
from cpis_analysis.words.wording import mid_sentence


def moderator_answer(result: AnalysisResult, page: Page) -> str:
    """The answer in one sentence, by the interval of the interaction; empty where that is not one number."""
    found = moderation(result)
    if len(found.interactions) != 1 or is_missing(found.interactions[0].ci_low):
        return ""
    one, what = found.interactions[0], mid_sentence(page.labels.variable(moderator_of(result)))
    outcome = mid_sentence(page.labels.outcome(result.spec.outcome))
    if one.ci_low <= 0 <= one.ci_high:
        levels = [mid_sentence(level_of(each, page)) for each in found.levels if not is_missing(each.ci_low)]
        if len(levels) == 2:
            return (
                f"Whether the difference in {outcome} was larger for “{levels[1]}” or for “{levels[0]}” can’t be told"
            )
        return f"Whether the difference in {outcome} was larger depending on “{what}” can’t be told"
    return f"The difference in {outcome} depended on “{what}”"


def moderator_chart(result: AnalysisResult, page: Page) -> RowChart | None:
    """Draw the levels and what lies between them; None where the moderator has no levels or several interactions."""
    found = moderation(result)
    drawn = charted(found)
    if not drawn:
        return None
    outcome, _, decimals = result_words(result, page.words)
    units = outcome.scale.in_units
    scale = Scale.symmetric(*(float(units(end)) for one in drawn for end in (one.ci_low, one.ci_high)))
    rows = []
    for one in drawn:
        between = one is found.interactions[0]
        numbers = [float(units(value)) for value in (one.estimate, one.ci_low, one.ci_high)]
        rows.append(
            ChartRow(
                "Between these" if between else level_of(one, page),
                shown_number(one.estimate, outcome.scale, decimals),
                row(gridlines(scale), interval(scale, *numbers, other=between)),
                "What the question asks" if between else "",
                interval_cell(one.ci_low, one.ci_high, outcome.scale, decimals),
                strong=between,
            )
        )
    gap = found.interactions[0]
    size = outcome.amount(shown_number(abs(gap.estimate), outcome.scale, max(decimals - 1, 1)))
    level = level_words(result.spec.level)
    return RowChart(
        f"figure-levels-{slug(result.spec.name)}",
        page.chart_number(),
        f"The differences at the levels lie {size} apart" + (", and wide open" if _open(found) else ""),
        f"Difference in {outcome.within} between the groups, {level} confidence interval",
        tuple(rows),
        Drawing(
            axis(scale, lambda value: number(outcome.scale.at_tick(value), 0 if scale.high > 3 else decimals)), 1.8
        ),
        ("Where", "", f"Difference ({level} CI)"),
        note=page.chart_note(),
        shares=(32.0, 47.0, 21.0),
    )


def level_of(one: Estimate, page: Page) -> str:
    """Where a difference is, in the words of the level."""
    return "; ".join(page.labels.level(*held) for held in one.contrast.held)


def moderator_of(result: AnalysisResult) -> str:
    """The variable on which the difference may depend."""
    return next((part.moderator for part in result.spec.contrasts if part.moderator), "") or next(
        name for name in result.spec.effect.split(":") if name != result.spec.arm
    )


def _open(found: Moderation) -> bool:
    one = found.interactions[0]
    return one.ci_low <= 0 <= one.ci_high
