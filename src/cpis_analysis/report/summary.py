"""The summary: a page in plain English and a scientific abstract, two pages together."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from markupsafe import Markup

from cpis_analysis.chapters.content import ReportContent
from cpis_analysis.chapters.page import Page
from cpis_analysis.chapters.summary.abstract import scientific_abstract
from cpis_analysis.chapters.summary.gap_picture import gap_picture
from cpis_analysis.chapters.summary.plain_english import plain_summary
from cpis_analysis.publish.blocks import Block, Document, Picture
from cpis_analysis.publish.html import blocks_html
from cpis_analysis.report.build import DOCUMENTS, whole_page
from cpis_analysis.report.layout import front_matter
from cpis_analysis.report.spelled import Speller
from cpis_analysis.words.abbreviations import abbreviations


def summary_document(content: ReportContent) -> Document:
    """The summary, as it stands in every form."""
    page, front = Page(content), front_matter(content)
    told = Speller(abbreviations(page.labels)).blocks(_told(page))
    blocks = (replace(block, small=True) if isinstance(block, Picture) else block for block in told)
    return replace(front, subtitle=f"{front.subtitle}: summary", blocks=tuple(blocks))


def summary_page(summary: Document) -> str:
    """The summary as a web page that needs nothing else.

    Parameters
    ----------
    summary : Document
        Of `summary_document`.
    """
    return whole_page(
        "summary-page.html",
        DOCUMENTS,
        title=summary.title,
        subtitle=summary.subtitle,
        authors=summary.authors,
        notice=summary.notice,
        running=summary.running,
        body=Markup(blocks_html(summary.blocks)),
    )


def _told(page: Page) -> Iterator[Block]:
    yield from plain_summary(page)
    picture = gap_picture(page)
    if picture is not None:
        yield picture
    yield from scientific_abstract(page)
