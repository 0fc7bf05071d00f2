"""What stood in people's way: the share of each group that named it."""

from __future__ import annotations

from typing import Any

from cpis_analysis.chapters.answer_counts import Answers, answers_by_arm
from cpis_analysis.chapters.experience.answers import INTERVAL_LEVEL, differences_of
from cpis_analysis.chapters.page import Page
from cpis_analysis.publish.blocks import ChartRow, KeyEntry, RowChart
from cpis_analysis.publish.chart.drawing_marks import Drawing, Scale
from cpis_analysis.publish.chart.pieces import arm_mark, axis, gridlines, pair, row
from cpis_analysis.publish.format import count, interval, level_words, lower_first, number, percent
from cpis_analysis.words.beginnings import without_shared_beginning
from cpis_analysis.words.wording import listed


def yes_share(one: Answers) -> float | None:
    """Share of those who answered yes, in per cent; None where it is hidden."""
    yes = one.counts.get("yes")
    return None if yes is None else 100.0 * float(yes) / float(one.n)


def _told(page: Page) -> dict[str, dict[str, Answers]]:
    found = {name: answers_by_arm(page, name) for name in page.content.plan.report.barriers}
    told = {name: arms for name, arms in found.items() if any(yes_share(one) is not None for one in arms.values())}
    return dict(sorted(told.items(), key=lambda pair: -_all_shares(pair[1])))


def _all_shares(arms: dict[str, Answers]) -> float:
    known = [share for one in arms.values() if (share := yes_share(one)) is not None]
    return sum(known) / len(known)


def _names(page: Page) -> dict[str, str]:
    names = page.content.plan.report.barriers
    return dict(zip(names, without_shared_beginning([page.labels.variable(name) for name in names]), strict=True))


def named_most(page: Page) -> list[tuple[str, dict[str, Answers]]]:
    """Barriers with their answers, the most named first."""
    names = _names(page)
    return [(names[name], arms) for name, arms in _told(page).items()]


def barriers_chart(page: Page) -> RowChart | None:
    """A pair of marks for each barrier; None where nobody was asked."""
    told, names, labels = _told(page), _names(page), page.labels
    if not told:
        return None
    arms = labels.arms()
    shares = {name: [yes_share(own[arm]) if arm in own else None for arm in arms] for name, own in told.items()}
    top = max(share for known in shares.values() for share in known if share is not None)
    scale = Scale(0.0, min(100.0, 20.0 * (int(top // 20) + 1)), 4.0)
    rows = []
    for name, own in told.items():
        values = [_value(own[arm], labels.minimum) for arm in arms if arm in own]
        counts = [_count(own[arm], labels.minimum) for arm in arms if arm in own]
        drawing = row(gridlines(scale, None), pair(scale, shares[name]))
        rows.append(ChartRow(names[name], " and ".join(values), drawing, value_note=", ".join(counts)))
    first = next(iter(told))
    leads = [max(told, key=lambda name: shares[name][at] or 0.0) == first for at in range(len(arms))]
    where = "both groups" if len(arms) == 2 else "all groups"
    title = f"{names[first]} was named most often" + (f" in {where}" if all(leads) else "")
    return RowChart(
        "figure-barriers",
        page.chart_number(),
        title,
        f"Share of {page.labels.people} who named each at {page.words.followup}; several answers possible",
        tuple(rows),
        Drawing(axis(scale, lambda value: f"{count(value)}%"), 1.8),
        ("", "Shares of the groups", listed([labels.arm(arms[0]), *map(labels.arm_within, arms[1:])])),
        tuple(KeyEntry(Drawing((arm_mark(50, 0, at),), 0.9, True), labels.arm(arm)) for at, arm in enumerate(arms)),
        page.chart_note(_widest(page, told, names)),
    )


def _value(one: Answers, minimum: Any) -> str:
    yes = one.counts.get("yes")
    return (
        f"fewer than {count(minimum)}"
        if yes is None and "yes" in one.small
        else (percent(yes, one.n) if yes is not None else "not shown")
    )


def _count(one: Answers, minimum: Any) -> str:
    yes = one.counts.get("yes")
    return f"{count(yes)} of {count(one.n)}" if yes is not None else f"of {count(one.n)}"


def _widest(page: Page, told: dict[str, dict[str, Answers]], names: dict[str, str]) -> str:
    """The largest difference with its interval, and how many intervals exclude zero."""
    frame = page.summary("differences")
    found = differences_of(frame) if len(frame) else {}
    known = [
        (name, arm, one)
        for name in told
        for arm in page.labels.arms()[1:]
        if (one := found.get((name, "yes", arm))) is not None and one.low is not None and one.estimate is not None
    ]
    if not known:
        return ""
    name, arm, one = max(known, key=lambda part: abs(part[2].estimate or 0.0))
    side = "higher" if (one.estimate or 0) > 0 else "lower"
    apart = [names[each] for each, _, other in known if other.excludes_zero]
    clear = (
        f"Clear is the difference in {lower_first(listed(apart))}" if apart else "No difference between groups is clear"
    )
    return (
        f"{clear}: the widest, {lower_first(names[name])}, is {number(abs(one.estimate or 0.0), 0)} percentage points "
        f"{side} in the {page.words.arm(arm)} ({level_words(INTERVAL_LEVEL)} confidence interval "
        f"{interval(one.low, one.high, 0)}; not tested)."
    )
