"""How sure is this? The primary outcome by every analysis in one figure."""

from __future__ import annotations

from collections.abc import Iterator

from cpis_analysis.chapters.confounding.section import control_sentences
from cpis_analysis.chapters.confounding.table import e_value_rows
from cpis_analysis.chapters.equivalence.sentences import equivalence_agreement
from cpis_analysis.chapters.error_rates.rates import simulated_cells
from cpis_analysis.chapters.error_rates.sentences import false_positives_sentence, naive_sentence
from cpis_analysis.chapters.page import Page
from cpis_analysis.chapters.people.sentences_confounding import confounding_sentences, prorated_sentences
from cpis_analysis.chapters.process.sentences_lock import headline_sentence
from cpis_analysis.chapters.robustness.chart import analyses_chart
from cpis_analysis.chapters.robustness.sentences import range_sentences
from cpis_analysis.publish.blocks import Block, Paragraph, Run, said


def robustness(page: Page) -> Iterator[Block]:
    """Sentences and one figure on the primary outcome; nothing where it has one analysis only."""
    if len(page.primary) < 2:
        return
    name = page.primary[0].spec.outcome
    agreement = equivalence_agreement(page.primary, page.words)
    chart = analyses_chart(page, page.primary)
    # the range stands in the title of the figure
    sentences = range_sentences(page.primary, page.words)[1 if chart else 0 :]
    yield from said([*sentences, *([agreement] if agreement else [])])
    if chart:
        yield chart
    chosen = headline_sentence(page.content.lock, name)
    yield from said(
        [
            *confounding_sentences(page.summary("baseline"), page.primary, page.words),
            *prorated_sentences(page.content.scoring, page.primary, page.words)[-1:],
        ]
    )
    yield from said([text for texts in control_sentences(page).values() for text in texts])
    simulated = simulated_cells(page.content.error_rates)[:1]
    rates = (false_positives_sentence(simulated, page.words), naive_sentence(simulated, page.words))
    yield from said([rate for rate in rates if rate])
    yield Paragraph(
        (
            *([Run(f"{chosen} ")] if chosen else []),
            Run("All analyses of all outcomes, with an explorer: "),
            Run("Every analysis", target="every-analysis-section"),
            Run("."),
            *_confounding_link(page),
        ),
        "note",
    )


def _confounding_link(page: Page) -> tuple[Run, ...]:
    if page.words.randomised or not e_value_rows(page.content.estimates, page.labels):
        return ()
    return (
        Run(" E-values: "),
        Run("Confounding", target="confounding-section"),
        Run("."),
    )
