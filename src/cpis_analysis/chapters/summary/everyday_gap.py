"""A headline result in everyday words, for the summary; which words it gets is chosen by its judgement."""

from __future__ import annotations

from dataclasses import dataclass

from cpis_analysis.chapters.findings.section import primary_judgement
from cpis_analysis.chapters.page import Page
from cpis_analysis.chapters.result.direction import result_words
from cpis_analysis.chapters.verdict.sizes import OF_A_HUNDRED
from cpis_analysis.chapters.verdict.state import Answer
from cpis_analysis.publish.format import lower_first, one_line
from cpis_analysis.publish.sources.ledger import quoted
from cpis_analysis.words.plan_sources import PLAN_FILE
from cpis_analysis.words.scales import shown_number


@dataclass(frozen=True)
class Gap:
    """The primary result in everyday words.

    Attributes
    ----------
    kind : str
        ``open`` (the interval includes no difference), ``unsettled`` (the two main methods disagree about that),
        ``alike`` (inside margins set beforehand), ``better`` or ``worse`` (for the group that is compared).
    size, low, high : str
        The difference and its limits as amounts with a direction, such as "0.9 more"; limits in order.
    arm, reference : str
    """

    kind: str
    size: str
    low: str
    high: str
    arm: str
    reference: str


def gap_of(page: Page) -> Gap | None:
    """The gap that the primary analysis finds; None without an estimate, and for a ratio, which is no gap."""
    judged = primary_judgement(page)
    if judged is None or judged.answer is Answer.UNUSABLE or judged.outcome.scale.is_ratio:
        return None
    outcome, direction, decimals = result_words(judged.result, page.words)
    e = judged.result.estimate
    kind = "better" if judged.better else "worse"
    if not judged.answer.excludes_zero:
        kind = {Answer.ALIKE: "alike", Answer.UNSETTLED: "unsettled"}.get(judged.answer, "open")
    binary = page.labels.is_binary(judged.result.spec.outcome)
    more, less = ("more", "fewer") if binary or phrase_of(page) else ("higher", "lower")

    def said(value: float) -> str:
        of = f" {OF_A_HUNDRED}" if binary else ""
        return f"{shown_number(abs(value), outcome.scale, min(decimals, 1))} {more if value >= 0 else less}{of}"

    return Gap(kind, said(e.estimate), said(e.ci_low), said(e.ci_high), direction.arm, direction.reference)


def phrase_of(page: Page) -> str:
    """What a value of the primary outcome counts, in the plan's plain words; empty where the plan has none."""
    name = page.primary[0].spec.outcome
    phrase = page.content.plan.outcomes[name].phrase
    return quoted(lower_first(one_line(phrase)), PLAN_FILE, "", f"outcomes.{name}.phrase") if phrase else ""
