"""Who took part: the study in a paragraph, recruitment, follow-up, the flow diagram."""

from __future__ import annotations

from collections.abc import Iterator

from cpis_analysis.chapters.flow.chart import flow_chart
from cpis_analysis.chapters.flow.sentences import flow_sentence, followup_sentences, people_counts, screening_sentence
from cpis_analysis.chapters.flow.sentences_dates import dates_sentences
from cpis_analysis.chapters.page import Page
from cpis_analysis.publish.blocks import Block, said


def participants(page: Page) -> Iterator[Block]:
    """The section."""
    yield from said([page.content.plan.study.description or ""])
    flow = flow_chart(page)
    screening = screening_sentence(page.content.flow.get("screening"), page.words)
    # the diagram tells follow-up by group
    followup = followup_text(page)[int(flow is not None) :]
    yield from said(text for text in (screening, flow_text(page), *followup) if text)
    yield from said(dates_sentences(page.summary("dates"), page.words))
    if flow is None:
        yield from page.figures("flow")
    else:
        page.set_aside("flow")
        yield flow
    yield from page.tables("flow", "losses", "participants")


def flow_text(page: Page) -> str:
    """The sentence on recruitment and follow-up."""
    analysed = page.primary[0].estimate.n_participants if page.primary else None
    flow = page.content.flow
    # the audit counts people whose arm and cluster are known; recruited were all
    counts = flow.get("overall") or people_counts(page.content.design_audit["arms"], page.words)
    not_placed = flow.get("not_placed", {}).get("recruited", 0)
    return flow_sentence(counts, page.clusters, page.words, analysed, not_placed)


def followup_text(page: Page) -> tuple[str, ...]:
    """Sentences on follow-up by group."""
    audit = page.content.design_audit
    return followup_sentences(audit["arms"], audit["cells"], page.words)
