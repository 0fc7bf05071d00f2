"""What became of things as people saw it: the answers of each group as bars to 100%, and the difference beside."""

from __future__ import annotations

from collections.abc import Mapping

from cpis_analysis.chapters.answer_bars import answer_bar, answer_key
from cpis_analysis.chapters.answer_counts import Answers, answers_by_arm
from cpis_analysis.chapters.experience.answers import INTERVAL_LEVEL, Difference, differences_of
from cpis_analysis.chapters.page import Page
from cpis_analysis.publish.blocks import ChartRow, RowChart
from cpis_analysis.publish.format import interval, level_words, lower_first, number, percent
from cpis_analysis.words.beginnings import without_shared_beginning
from cpis_analysis.words.shares import share_range_words
from cpis_analysis.words.wording import listed


def changes_told(page: Page) -> dict[str, dict[str, Answers]]:
    """Answers by question and arm, of the questions of which anything is told."""
    found = {name: answers_by_arm(page, name) for name in page.content.plan.report.changes}
    return {name: arms for name, arms in found.items() if arms and all(one.told for one in arms.values())}


def best_code(arms: dict[str, Answers]) -> str:
    """The first answer of the dictionary, which is the best."""
    return next(iter(next(iter(arms.values())).counts))


def changes_lede(page: Page) -> str:
    """What share said that things were better, over all questions and groups; empty where one is not told."""
    told = changes_told(page)
    best = {name: best_code(arms) for name, arms in told.items()}
    shares = [(one.counts[best[name]], one.n) for name, arms in told.items() for one in arms.values()]
    if not shares or any(part is None for part, _ in shares):
        return ""
    label = page.labels.choice_within(next(iter(best)), next(iter(best.values())))
    groups = "In both groups" if len(next(iter(told.values()))) == 2 else "In all groups"
    words = share_range_words(shares)
    if not words:
        low, high = min(shares, key=lambda pair: pair[0] / pair[1]), max(shares, key=lambda pair: pair[0] / pair[1])
        words = f"{percent(*low)} to {percent(*high)}"
    return f"{groups}, {words} said “{label}”"


def changes_chart(page: Page) -> RowChart | None:
    """Stacked bars, both groups under each question, with the differences in the best answer."""
    told = changes_told(page)
    if not told:
        return None
    labels = page.labels
    frame = page.summary("differences")
    found = differences_of(frame) if len(frame) else {}
    names = dict(zip(told, without_shared_beginning([labels.variable(name) for name in told]), strict=True))
    rows: list[ChartRow] = []
    merged = False
    for name, arms in told.items():
        code = best_code(arms)
        rows.append(ChartRow(f"{names[name]}{_difference(found, name, code, page)}", group=True))
        for arm, one in arms.items():
            rows.append(answer_bar(labels, name, arm, one))
            merged = merged or one.rest > 0
    first = next(iter(told))
    codes = list(next(iter(next(iter(told.values())).values())).counts)
    key = answer_key(labels, first, codes, merged)
    best = labels.choice_within(first, codes[0])
    notes = ["Shares of those who answered."]
    if any(found.get((name, best_code(arms), arm)) for name, arms in told.items() for arm in list(arms)[1:]):
        reference, *others = labels.arms()
        who = labels.arm_within(others[0]) if len(others) == 1 else "the group"
        notes.append(
            f"Difference in “{best}”, in percentage points: {who} less {labels.arm_within(reference)}, with "
            f"{level_words(INTERVAL_LEVEL)} confidence interval that allows for the clusters; not adjusted, not tested."
        )
    lede = changes_lede(page)
    return RowChart(
        "figure-changes",
        page.chart_number(),
        _title(page, found, names, told) or lede or f"What {page.labels.people} said became of things",
        f"What became of each, as {page.labels.people} saw it, {page.words.followup}",
        tuple(rows),
        None,
        ("", "Shares of the answers", ""),
        key,
        page.chart_note(*notes),
        (22.0, 48.0, 30.0),
    )


def _title(
    page: Page,
    found: Mapping[tuple[str, str, str], Difference],
    names: Mapping[str, str],
    told: Mapping[str, dict[str, Answers]],
) -> str:
    """Of which question the groups' best answers differed most; empty where that can't be told."""
    apart: dict[str, float] = {}
    for name, arms in told.items():
        own = [found.get((name, best_code(arms), arm)) for arm in arms]
        sizes = [abs(float(one.estimate)) for one in own if one is not None and one.estimate is not None]
        if sizes:
            apart[name] = max(sizes)
    if len(apart) < 2:
        return ""
    most = max(apart, key=lambda name: apart[name])
    label = page.labels.choice_within(most, best_code(told[most]))
    return f"The groups' shares of “{label}” differed most in {lower_first(names[most])}"


def _difference(found: Mapping[tuple[str, str, str], Difference], name: str, code: str, page: Page) -> str:
    """Behind the question: the difference in its best answer, of each arm from the reference."""
    texts = []
    for arm in page.labels.arms()[1:]:
        one = found.get((name, code, arm))
        if one is None or one.estimate is None:
            continue
        between = f" ({interval(one.low, one.high, 0)})" if one.low is not None else ""
        texts.append(f"{number(one.estimate, 0)}{between}")
    return f", difference {listed(texts)}" if texts else ""
