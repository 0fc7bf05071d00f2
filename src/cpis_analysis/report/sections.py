"""Every section of the report, in its order."""

from __future__ import annotations

from collections.abc import Iterator

from cpis_analysis.chapters.chapter import Chapter
from cpis_analysis.chapters.page import Page
from cpis_analysis.late import late_functions
from cpis_analysis.publish.blocks import Block
from cpis_analysis.report.every_chapter import CHAPTERS


def all_sections(page: Page) -> Iterator[tuple[Chapter, Iterator[Block]]]:
    """Each chapter with its blocks, which are made as they are taken; a section that the study has not yields none."""
    for chapter, section in zip(CHAPTERS, late_functions(CHAPTERS, "section", "cpis_analysis.chapters"), strict=True):
        page.document = chapter.document
        yield chapter, section(page)
