"""How often this would go wrong: simulated error rates and power on the study's own design."""

from __future__ import annotations

from collections.abc import Iterator

from cpis_analysis.chapters.error_rates.rates import simulated_cells
from cpis_analysis.chapters.error_rates.sentences import rate_sentences
from cpis_analysis.chapters.page import Page
from cpis_analysis.publish.blocks import Block, said

__all__ = ["error_rates"]


def error_rates(page: Page) -> Iterator[Block]:
    """What simulation says of the headline analysis; nothing where it can't be simulated."""
    cells = simulated_cells(page.content.error_rates)
    if not cells:
        return
    yield from said(rate_sentences(cells, page.words))
    yield from page.tables("error-rates")
