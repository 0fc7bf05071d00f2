"""The summary: two pages in the manner of a research-findings brief, key points first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from markupsafe import Markup

from cpis_analysis.chapters.content import ReportContent
from cpis_analysis.chapters.findings.section import findings_list, unverified_mark
from cpis_analysis.chapters.page import Page
from cpis_analysis.chapters.process.section import cautions
from cpis_analysis.publish.blocks import Block, Document, Heading, Picture, points, said
from cpis_analysis.publish.format import one_line
from cpis_analysis.publish.html import blocks_html
from cpis_analysis.report.build import DOCUMENTS, whole_page
from cpis_analysis.report.layout import front_matter

__all__ = ["summary_document", "summary_page"]

_CAUTIONS = 5
"""So many limitations fit the second page; the full report has all."""
_MORE = (
    "The full report stands beside this summary in three forms with the same content: a web page (findings.html), a "
    "Word document (findings.docx) and a PDF (findings.pdf). They name for each result the model, the people and "
    "clusters it rests on and how its interval was made."
)


def summary_document(content: ReportContent) -> Document:
    """The summary for Word and PDF."""
    blocks = (replace(block, small=True) if isinstance(block, Picture) else block for block in _body(content))
    return replace(_front(content), blocks=tuple(blocks))


def summary_page(content: ReportContent) -> str:
    """The summary as a web page that needs nothing else."""
    front = _front(content)
    return whole_page(
        "summary-page.html",
        DOCUMENTS,
        title=front.title,
        subtitle=front.subtitle,
        authors=front.authors,
        notice=front.notice,
        running=front.running,
        body=Markup(blocks_html(_body(content))),
    )


def _front(content: ReportContent) -> Document:
    front = front_matter(content)
    return replace(front, subtitle=f"{front.subtitle}: summary")


def _body(content: ReportContent) -> Iterator[Block]:
    page = Page(content)
    yield Heading(1, "Key points", "key-points")
    yield findings_list(page)
    if content.plan.study.description:
        yield Heading(1, "About the study", "about")
        yield from said([content.plan.study.description])
    # the standardised differences of all outcomes in one picture
    figures = page.figures("forest")[:1]
    if figures:
        yield Heading(1, "What was found", "found")
        yield from figures
    # what the audit says of labels and data is for the full report
    technical = {one_line(text) for text in content.design_audit["warnings"]}
    listed = list(points([text for text in cautions(page) if text not in technical][:_CAUTIONS]))
    if listed:
        yield Heading(1, "What cannot be concluded", "caution")
        yield from listed
    yield Heading(1, "More", "more")
    mark = unverified_mark(page)
    unverified = f"{mark} The scoring rule of this measure has not been verified in full; see the full report."
    yield from said([_MORE, *([unverified] if mark else [])])
