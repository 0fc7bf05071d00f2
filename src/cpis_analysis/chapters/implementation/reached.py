"""Whom the intervention reached, and who got the support: shares of people."""

from __future__ import annotations

from typing import Any

from cpis_analysis.chapters.answer_counts import answers_by_arm
from cpis_analysis.chapters.experience.answers import INTERVAL_LEVEL, differences_of
from cpis_analysis.chapters.implementation.content import reach
from cpis_analysis.chapters.page import Page
from cpis_analysis.publish.blocks import ChartRow, RowChart
from cpis_analysis.publish.chart.pieces import bar, row
from cpis_analysis.publish.format import capital, count, interval, level_words, number, percent
from cpis_analysis.words.shares import share_range_words, share_words
from cpis_analysis.words.wording import listed


def reach_answer(page: Page) -> str:
    """What share was reached, without a full stop: "fewer than 1 in 4 had it explained"; empty where it is not told."""
    found, done = reach(page), page.content.plan.report.implementation
    if found is None or done.reached is None or found.answers.counts.get("yes") is None:
        return ""
    what = done.reached_phrase or f"said yes to “{page.labels.variable(done.reached)}”"
    return f"{share_words(found.answers.counts['yes'], found.answers.n)} {what}"


def reach_chart(page: Page) -> RowChart | None:
    """A bar an answer, yes first."""
    found, done, labels = reach(page), page.content.plan.report.implementation, page.labels
    if found is None or done.reached is None:
        return None
    rows = []
    for code, n in found.answers.counts.items():
        label = labels.choice(done.reached, code)
        if n is None:
            value = f"fewer than {count(labels.minimum)}" if code in found.answers.small else "not shown"
            rows.append(ChartRow(label, value))
            continue
        look = f"bar-{'comp' if labels.arms().index(found.arm) == 0 else 'impl'}" if code == "yes" else "bar"
        drawing = row(bar(float(n) / float(found.answers.n), look=look))
        rows.append(ChartRow(label, _told(n, found.answers.n), drawing))
    where = page.words.arm(found.arm)
    others = [] if found.others_asked else [f"Asked in the {where} only."]
    title = reach_answer(page)
    return RowChart(
        "figure-reached",
        page.chart_number(),
        capital(title) if title else labels.variable(done.reached),
        f"“{labels.variable(done.reached)}”, {where}, {page.words.followup}",
        tuple(rows),
        heads=("", "Shares of those who answered", ""),
        note=page.chart_note(*others),
    )


def support_chart(page: Page) -> RowChart | None:
    """A bar an arm with the share that got the support, and the difference."""
    done, labels = page.content.plan.report.implementation, page.labels
    arms = answers_by_arm(page, done.supported) if done.supported else {}
    known = {arm: one for arm, one in arms.items() if one.counts.get("yes") is not None}
    if done.supported is None or not known:
        return None
    rows = [
        ChartRow(
            labels.arm(arm),
            _told(one.counts["yes"], one.n),
            row(bar(float(one.counts["yes"]) / float(one.n), look=_look(labels.arms().index(arm)))),
        )
        for arm, one in known.items()
    ]
    what = done.supported_phrase or f"said yes to “{labels.variable(done.supported)}”"
    words = share_range_words([(one.counts["yes"], one.n) for one in known.values()])
    if not words:
        title = f"{capital(listed(percent(one.counts['yes'], one.n) for one in known.values()))} {what}"
    else:
        where = "in both groups " if len(known) == 2 else "in all groups "
        title = f"{capital(words)} {where}{what}"
    return RowChart(
        "figure-supported",
        page.chart_number(),
        title,
        f"“{labels.variable(done.supported)}”, {page.words.followup}",
        tuple(rows),
        heads=("", "Shares of those who answered", ""),
        note=page.chart_note(_difference(page, done.supported)),
    )


def _told(part: Any, whole: Any) -> str:
    return f"{percent(part, whole)}, {count(part)} of {count(whole)}"


def _look(place: int) -> str:
    return "bar-comp" if place == 0 else "bar-impl" if place == 1 else f"arm-{place}"


def _difference(page: Page, variable: str) -> str:
    frame = page.summary("differences")
    found = differences_of(frame) if len(frame) else {}
    texts = [
        f"{number(one.estimate, 0)} ({interval(one.low, one.high, 0)})"
        for arm in page.labels.arms()[1:]
        if (one := found.get((variable, "yes", arm))) is not None and one.low is not None
    ]
    if not texts:
        return ""
    return (
        f"Difference in percentage points with {level_words(INTERVAL_LEVEL)} confidence interval: {listed(texts)}; "
        "not adjusted, not tested."
    )
