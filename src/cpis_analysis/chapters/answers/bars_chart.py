"""The answers in order of one outcome: how each group answered, as bars to 100%."""

from __future__ import annotations

from dataclasses import replace

from cpis_analysis.chapters.answer_bars import answer_bar, answer_key
from cpis_analysis.chapters.answer_counts import Answers, answers_by_arm
from cpis_analysis.chapters.page import Page
from cpis_analysis.publish.blocks import RowChart
from cpis_analysis.publish.exhibit_id import slug
from cpis_analysis.publish.format import percent
from cpis_analysis.words.wording import listed


def answers_chart(page: Page, outcome: str) -> RowChart | None:
    """Stacked bars, a group each, the best answer first.

    None where the outcome is none of answers in order, or the report does not describe its question
    (``report.experience``), or too little of it may be told.
    """
    labels, part = page.labels, page.labels.content.outcomes[outcome]
    if part.type != "ordinal" or part.variable is None:
        return None
    codes = [str(code) for code in part.categories]
    codes = codes[::-1] if part.higher_is == "better" else codes
    told = {arm: _of_codes(one, codes) for arm, one in answers_by_arm(page, part.variable).items()}
    arms = {arm: one for arm, one in told.items() if one is not None and one.told}
    if len(arms) < 2 or len(arms) < len(told):
        return None
    best = labels.choice(part.variable, codes[0])
    shares = [
        f"{labels.arm(arm)} {percent(one.counts[codes[0]], one.n)}"
        for arm, one in arms.items()
        if one.counts[codes[0]] is not None
    ]
    title = f"“{best}”: {listed(shares)}" if len(shares) == len(arms) else "Answers of each group"
    return RowChart(
        f"figure-answers-{slug(outcome)}",
        page.chart_number(),
        title,
        f"{labels.outcome(outcome)}, {page.words.followup}",
        tuple(answer_bar(labels, part.variable, arm, one) for arm, one in arms.items()),
        None,
        ("", "Shares of the answers", ""),
        answer_key(labels, part.variable, codes, any(one.rest > 0 for one in arms.values())),
        page.chart_note("Shares of those who answered, not adjusted."),
        (22.0, 48.0, 30.0),
    )


def _of_codes(one: Answers, codes: list[str]) -> Answers | None:
    """Answers in this order, without those that count as none; None where it is not told how many gave these."""
    n = one.n
    for code, given in one.counts.items():
        if code not in codes:
            if given is None:
                return None
            n = n - given
    counts = {code: one.counts.get(code, 0) for code in codes}
    return replace(one, n=n, counts=counts, small=tuple(code for code in one.small if code in codes)) if n > 0 else None
