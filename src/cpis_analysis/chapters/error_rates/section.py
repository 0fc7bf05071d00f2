"""How often this would go wrong: simulated error rates and power on the study's own design."""

from __future__ import annotations

from collections.abc import Iterator

from cpis_analysis.chapters.error_rates.rates import simulated_answers, simulated_cells
from cpis_analysis.chapters.error_rates.sentences import answers_sentence, rate_sentences, too_often_sentences
from cpis_analysis.chapters.page import Page
from cpis_analysis.publish.blocks import Block, said


def error_rates(page: Page) -> Iterator[Block]:
    """What simulation says of the headline analyses; nothing where none can be simulated."""
    cells = simulated_cells(page.content.error_rates)
    answers = simulated_answers(page.content.error_rates, page.labels)
    if cells:
        yield from said(rate_sentences(cells, page.words))
        yield from page.tables("error-rates")
    if answers:
        yield from said([answers_sentence(answers)])
        yield from said(too_often_sentences(answers, page.words), "alert")
        yield from page.tables("error-rates-answers")
