"""The picture of the plain summary: both groups on the whole scale, and the gaps that fit the results."""

from __future__ import annotations

from cpis_analysis.chapters.page import Page
from cpis_analysis.chapters.result.direction import usable
from cpis_analysis.chapters.summary.everyday_gap import gap_of, phrase_of
from cpis_analysis.publish.chart.drawing_marks import Drawing, Mark, Scale
from cpis_analysis.publish.chart.interval_ends import interval_ends, zero_line
from cpis_analysis.publish.chart.paired_names import Named, paired_names
from cpis_analysis.publish.chart.pieces import axis, ends_height, interval
from cpis_analysis.publish.chart_blocks import Chart
from cpis_analysis.publish.format import count, is_missing, lower_first, number, one_line
from cpis_analysis.publish.sources.ledger import quoted
from cpis_analysis.words.plan_sources import PLAN_FILE
from cpis_analysis.words.wording import capitalised

_BAR = 4.0
"""Em from the top: the bar of the gaps that fit."""


def gap_picture(page: Page) -> Chart | None:
    """Group averages and the gap; None for an outcome without a whole scale, or without averages."""
    if not page.primary or not usable(page.primary[0]):
        return None
    head, labels = page.primary[0], page.labels
    gap, (low, high) = gap_of(page), labels.scale(head.spec.outcome)
    means = {row["arm"]: row["estimate"] for row in head.adjusted_means if row["wave"] in (None, labels.followup_wave)}
    arm, reference = head.estimate.contrast.arms
    if (
        gap is None
        or is_missing(low)
        or is_missing(high)
        or not {arm, reference} <= set(means)
        or page.labels.is_binary(head.spec.outcome)
    ):
        return None
    scale, e = Scale(float(low), float(high)), head.estimate
    base = means[reference]
    line = scale.at(base)
    names, tops = paired_names(
        *(Named(scale.at(means[code]), labels.arm(code), number(means[code], 1)) for code in (reference, arm))
    )
    lowest, highest = scale.at(base + e.ci_low), scale.at(base + e.ci_high)
    limits, below = interval_ends(gap.low, gap.high, lowest, highest, line, _BAR)
    foot, meanings = below + 1.4, _ends(page, head.spec.outcome)
    marks: list[Mark] = [*names, *zero_line(line, tops[0], _BAR, below, foot)]
    marks += interval(scale, means[arm], base + e.ci_low, base + e.ci_high, _BAR, wide=True)
    marks += [*limits, *axis(scale, count, meanings, foot)]
    phrase = phrase_of(page)
    title = f"{capitalised(phrase)}, on the whole scale" if phrase else f"{labels.outcome(head.spec.outcome)}"
    open_gap = "It reaches both sides of the line, so there may be no gap at all." if gap.kind == "open" else ""
    return Chart(
        "figure-gap",
        "",
        title,
        f"The bar shows the gaps that fit our results. {open_gap}".strip(),
        f"{labels.arm(reference)} {number(base, 1)}, {labels.arm(arm)} {number(means[arm], 1)}; our results fit a gap "
        f"from {gap.low} to {gap.high}.",
        Drawing(tuple(marks), foot + 2.3 + ends_height(meanings)),
    )


def _ends(page: Page, outcome: str) -> tuple[str, str]:
    part = page.content.plan.outcomes[outcome]
    low, high = (
        quoted(lower_first(one_line(words)), PLAN_FILE, "", f"outcomes.{outcome}.{key}") if words else ""
        for words, key in ((part.low_means, "low_means"), (part.high_means, "high_means"))
    )
    return low, high
