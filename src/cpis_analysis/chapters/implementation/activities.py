"""What people did, how and with whom, all groups together: shares of those who were asked."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cpis_analysis.chapters.answer_counts import Answers, pooled_answers
from cpis_analysis.chapters.page import Page
from cpis_analysis.publish.blocks import ChartRow, RowChart
from cpis_analysis.publish.chart.pieces import bar, row
from cpis_analysis.publish.format import capital, count, lower_first, percent
from cpis_analysis.words.beginnings import shared_beginning, without_shared_beginning
from cpis_analysis.words.shares import share_range_words
from cpis_analysis.words.wording import listed

_NAMED = 3


def _known(page: Page, names: list[str]) -> list[tuple[str, str, Answers]]:
    """(variable, label without what all labels begin with, answers) of the questions that are told."""
    labels = without_shared_beginning([page.labels.variable(name) for name in names])
    found = [(name, label, pooled_answers(page, name)) for name, label in zip(names, labels, strict=True)]
    return [(name, label, one) for name, label, one in found if one is not None and (one.told or one.small)]


def _done(page: Page) -> list[tuple[str, str, Answers]]:
    known = _known(page, page.content.plan.report.implementation.activities)
    return sorted(known, key=lambda part: -_share(part[2].counts.get("yes"), part[2].n))


def _share(part: Any, whole: Any) -> float:
    return -1.0 if part is None else float(part) / float(whole)


def activities_chart(page: Page) -> RowChart | None:
    """A bar an activity, the commonest first, then the commonest answer to each further question."""
    done, details, labels = _done(page), list(_most(page)), page.labels
    if not done and not details:
        return None
    rows = []
    for _, label, one in done:
        yes = one.counts.get("yes")
        if yes is None:
            rows.append(ChartRow(label, f"fewer than {count(labels.minimum)}", value_note=f"of {count(one.n)}"))
            continue
        rows.append(_bar(label, yes, one.n))
    if details:
        head = shared_beginning([labels.variable(name) for name in _details(page)])
        rows += [ChartRow(head, group=True)] if head else []
        rows += [_bar(answer, n, one.n, label) for label, answer, n, one in details]
    common = [lower_first(label) for _, label, one in done if one.counts.get("yes") is not None][:_NAMED]
    title = (
        f"{capital(listed(common))} were the commonest activities"
        if len(common) > 1
        else f"What {page.labels.people} did"
    )
    asked = _asked(page)
    several = "; several answers possible" if done else ""
    return RowChart(
        "figure-activities",
        page.chart_number(),
        title,
        f"Share of {asked}, all groups together{several}",
        tuple(rows),
        heads=("", "Shares of those who answered", ""),
        note=page.chart_note(
            f"All groups together, because in some few {page.labels.people} gave an answer." if done else ""
        ),
    )


def details_sentence(page: Page) -> str:
    """The commonest answer to each further question, with its number."""
    details = list(_most(page))
    if not details:
        return ""
    texts = [f"“{lower_first(answer)}” ({percent(n, one.n)})" for _, answer, n, one in details]
    words = share_range_words([(n, one.n) for _, _, n, one in details])
    if not words:
        return f"Commonest among {_asked(page)}: {listed(texts)}."
    return f"Of {_asked(page)}, {words} answered {listed(texts)}."


def _details(page: Page) -> list[str]:
    return page.content.plan.report.implementation.details


def _most(page: Page) -> Iterator[tuple[str, str, Any, Answers]]:
    """(label, commonest answer, its count, answers) of each further question, where the commonest is told."""
    for name, label, one in _known(page, _details(page)):
        if not one.told:
            continue
        code, n = max(((code, n) for code, n in one.counts.items() if n is not None), key=lambda pair: float(pair[1]))
        if float(n) >= float(one.rest):
            yield label, page.labels.choice(name, code), n, one


def _bar(label: str, n: Any, whole: Any, note: str = "") -> ChartRow:
    drawing = row(bar(float(n) / float(whole), look="bar"))
    return ChartRow(label, f"{percent(n, whole)}, {count(n)} of {count(whole)}", drawing, note)


def _asked(page: Page) -> str:
    """Who was asked, from the dictionary's branching: "people who had help"."""
    done = page.content.plan.report.implementation
    conditions = {page.labels.asked_if(name) for name in (*done.activities, *done.details)}
    if len(conditions) != 1 or not (condition := conditions.pop()):
        return f"{page.labels.people} who answered"
    if condition == ((done.supported, "yes"),) and done.supported_phrase:
        return f"{page.labels.people} who {done.supported_phrase}"
    texts = [f"“{page.labels.variable(name)}”: {page.labels.choice_within(name, code)}" for name, code in condition]
    return f"{page.labels.people} with {listed(texts)}"
