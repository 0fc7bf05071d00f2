"""The key numbers of a run by name, as the report prints them."""

from __future__ import annotations

from collections.abc import Iterator

from cpis_analysis.chapters.content import ReportContent
from cpis_analysis.chapters.page import Page
from cpis_analysis.chapters.result.direction import result_words, usable
from cpis_analysis.chapters.result.sentences import level
from cpis_analysis.publish.format import count, p_value
from cpis_analysis.publish.sources.ledger import unmarked
from cpis_analysis.words.scales import shown_number


def key_numbers(content: ReportContent) -> tuple[tuple[str, str], ...]:
    """Names and texts: people at each stage, and for each outcome its headline result.

    Parameters
    ----------
    content : ReportContent

    Returns
    -------
    tuple of (name, text)
        ``people_recruited``, ``people_baseline`` (where there is one), ``people_followup``, ``people_wave_WAVE`` for
        each other wave; ``OUTCOME_difference``, ``OUTCOME_low``,
        ``OUTCOME_high``, ``OUTCOME_interval``, ``OUTCOME_level``, ``OUTCOME_p`` and ``OUTCOME_people``. An outcome
        without a usable estimate has none.
    """
    return tuple((name, unmarked(text)) for name, text in _numbers(Page(content)))


def _numbers(page: Page) -> Iterator[tuple[str, str]]:
    overall = page.content.flow.get("overall", {})
    for stage in ("recruited", *page.labels.design.stages):
        if stage in overall:
            yield f"people_{stage}", count(overall[stage])
    for head in page.headlines:
        if not usable(head):
            continue
        outcome, _, decimals = result_words(head, page.words)
        e, name = head.estimate, head.spec.outcome
        low, high = (shown_number(value, outcome.scale, decimals) for value in (e.ci_low, e.ci_high))
        yield f"{name}_difference", shown_number(e.estimate, outcome.scale, decimals)
        yield f"{name}_low", low
        yield f"{name}_high", high
        yield f"{name}_interval", f"{low} to {high}"
        yield f"{name}_level", level(head)
        yield f"{name}_p", p_value(e.p_value)
        yield f"{name}_people", count(e.n_participants)
