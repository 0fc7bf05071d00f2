"""Imputed analyses in the annex: what was imputed and assumed, and the table."""

from __future__ import annotations

from collections.abc import Iterator

from cpis_analysis.chapters.imputation.sentences import imputation_sentences
from cpis_analysis.chapters.imputation.table import imputed_results
from cpis_analysis.chapters.page import Page
from cpis_analysis.publish.blocks import Block, said


def imputed_analyses(page: Page) -> Iterator[Block]:
    """A paragraph an analysis, then the table; nothing where nothing was imputed."""
    for sentences in imputation_sentences(imputed_results(page.content.results, page.labels), page.words):
        yield from said(sentences)
    yield from page.tables("imputation")
