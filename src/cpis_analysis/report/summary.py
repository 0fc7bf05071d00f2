"""The summary: two pages in the manner of a research-findings brief, key points first."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from markupsafe import Markup

from cpis_analysis.chapters.content import ReportContent
from cpis_analysis.chapters.outcomes.section import key_findings_section
from cpis_analysis.chapters.page import Page
from cpis_analysis.chapters.process.section import limitations
from cpis_analysis.publish.blocks import Block, Document, Picture
from cpis_analysis.publish.format import one_line
from cpis_analysis.report.build import TEMPLATES, printable, template_environment
from cpis_analysis.report.document_reader import read_blocks
from cpis_analysis.report.layout import drawings_of, front_matter, without_drawings

__all__ = ["summary_document", "summary_page"]

_CAUTIONS = 5
"""So many limitations fit the second page; the full report has all."""


def summary_document(content: ReportContent) -> Document:
    """The summary for Word and PDF."""
    blocks, _ = read_blocks(printable(_body(without_drawings(content))), drawings_of(content))
    return replace(_front(content), blocks=tuple(_fitted(block) for block in blocks))


def summary_page(content: ReportContent) -> str:
    """The summary as a web page that needs nothing else."""
    front = _front(content)
    text = (
        template_environment()
        .get_template("summary-page.html")
        .render(
            title=front.title,
            subtitle=front.subtitle,
            authors=front.authors,
            notice=front.notice,
            running=front.running,
            style=Markup((TEMPLATES / "style.css").read_text("utf-8")),
            body=Markup(_body(content)),
        )
    )
    return "\n".join(line.rstrip() for line in printable(text).split("\n") if line.strip()) + "\n"


def _front(content: ReportContent) -> Document:
    front = front_matter(content)
    return replace(front, subtitle=f"{front.subtitle}: summary")


def _body(content: ReportContent) -> str:
    page = Page(content)
    return template_environment().get_template("summary.html").render(_gathered(page))


def _gathered(page: Page) -> dict[str, Any]:
    key = key_findings_section(page)
    # what the audit says of labels and data is for the full report
    technical = {one_line(text) for text in page.content.design_audit["warnings"]}
    cautions = [text for text in limitations(page)["sentences"] if text not in technical]
    return {
        "findings": key["findings"],
        "mark": key["mark"],
        "description": page.content.plan.study.description,
        # the standardised differences of all outcomes in one picture
        "figures": page.figures("forest")[:1],
        "limitations": cautions[:_CAUTIONS],
    }


def _fitted(block: Block) -> Block:
    return replace(block, small=True) if isinstance(block, Picture) else block
