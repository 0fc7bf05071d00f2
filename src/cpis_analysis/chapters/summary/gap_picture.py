"""The picture of the plain summary: both groups on the whole scale, and the gaps that fit the results."""

from __future__ import annotations

from cpis_analysis.chapters.page import Page
from cpis_analysis.chapters.result.sentences import usable
from cpis_analysis.chapters.summary.everyday_gap import gap_of, phrase_of
from cpis_analysis.publish.chart.drawing_marks import Drawing, Mark, Scale, Stroke, Words
from cpis_analysis.publish.chart.paired_names import Named, paired_names
from cpis_analysis.publish.chart.pieces import axis, interval
from cpis_analysis.publish.chart_blocks import Chart
from cpis_analysis.publish.format import count, is_missing, lower_first, number, one_line
from cpis_analysis.publish.ledger import quoted
from cpis_analysis.words.labels import PLAN_FILE
from cpis_analysis.words.wording import capitalised

__all__ = ["gap_picture"]


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
    marks: list[Mark] = [*names, Stroke(line, line, tops[0], 5.4, "zero")]
    marks += interval(scale, means[arm], base + e.ci_low, base + e.ci_high, 4.0, wide=True)
    marks.append(Words(scale.at(base + e.ci_low), 4.35, gap.low, "words-soft", "small", "end", -0.6))
    marks.append(Words(scale.at(base + e.ci_high), 4.35, gap.high, "words-soft", "small", "start", 0.6))
    marks += axis(scale, count, _ends(page, head.spec.outcome), 5.4)
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
        Drawing(tuple(marks), 8.4),
    )


def _ends(page: Page, outcome: str) -> tuple[str, str]:
    part = page.content.plan.outcomes[outcome]
    low, high = (
        quoted(lower_first(one_line(words)), PLAN_FILE, "", f"outcomes.{outcome}.{key}") if words else ""
        for words, key in ((part.low_means, "low_means"), (part.high_means, "high_means"))
    )
    return low, high
