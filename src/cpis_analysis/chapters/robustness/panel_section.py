"""The panel in the annex: what it is, its table, and its intervals in a chart."""

from __future__ import annotations

import math
from collections.abc import Iterator

from cpis_analysis.analyses.estimate import AnalysisResult
from cpis_analysis.chapters.page import Page
from cpis_analysis.chapters.result.direction import result_words
from cpis_analysis.chapters.robustness.panel import Panel, panels_of
from cpis_analysis.publish.blocks import Block, ChartRow, Heading, RowChart, said
from cpis_analysis.publish.chart.drawing_marks import Drawing, Scale
from cpis_analysis.publish.chart.pieces import axis, gridlines, interval, row
from cpis_analysis.publish.exhibit_id import slug
from cpis_analysis.publish.format import number, p_value
from cpis_analysis.publish.sources.sourced_columns import how_many
from cpis_analysis.words.scales import ci_heading, interval_cell, interval_words, shown_number
from cpis_analysis.words.wording import in_words


def panel_blocks(page: Page) -> Iterator[Block]:
    """Heading, sentences, table and chart of each panel; nothing where no resampling test is planned."""
    panels = panels_of(page.every, page.labels)
    if not panels:
        return
    yield Heading(2, "A panel of tests")
    for panel in panels:
        yield from said(_sentences(panel, page))
        yield from page.tables(f"panel-{slug(panel.outcome)}")
        yield _chart(panel, page)


def _sentences(panel: Panel, page: Page) -> list[str]:
    number_of = how_many(one.spec.level for one in panel.tests)
    low, high = (end(one.estimate.p_value for one in panel.compared()) for end in (min, max))
    but = ", but for those of a few levels only," if panel.compared(False) else ""
    randomised = page.words.randomised
    return [
        f"{in_words(number_of).capitalize()} tests ask the same of {page.words.outcome(panel.outcome).within}, in the "
        f"same {page.labels.people}; their p-values{but} run from {p_value(low)} to {p_value(high)}.",
        "They are shown to tell how much rests on what a test takes for granted, and are not counted for or against "
        "anything.",
        "The arms were allocated at random: permutations are exact where every allocation was as likely."
        if randomised
        else "The arms were not allocated at random, so permutations test whether clusters alike in the covariates "
        "could have changed places, not an allocation that took place.",
    ]


def _chart(panel: Panel, page: Page) -> RowChart:
    head = panel.tests[0]
    outcome, _, decimals = result_words(head, page.words)
    units = outcome.scale.in_units
    drawn = [
        [float(units(v)) for v in (e.estimate, e.ci_low, e.ci_high)] for e in (one.estimate for one in panel.tests)
    ]
    scale = Scale.symmetric(*[value for values in drawn for value in values if math.isfinite(value)])
    rows = tuple(
        ChartRow(
            page.labels.model(one.spec.model),
            shown_number(one.estimate.estimate, outcome.scale, decimals),
            row(gridlines(scale), interval(scale, *values)),
            "Main analysis" if one is head else "",
            _ends(one, decimals),
            strong=one is head,
        )
        for one, values in zip(panel.tests, drawn, strict=True)
    )
    endless = any(not math.isfinite(one.estimate.ci_low) for one in panel.tests)
    return RowChart(
        f"figure-panel-{slug(panel.outcome)}",
        page.chart_number(),
        "The same difference by tests that take different things for granted",
        f"Difference in {outcome.within}, {interval_words(panel.tests)}, by test",
        rows,
        Drawing(
            axis(scale, lambda value: number(outcome.scale.at_tick(value), 0 if scale.high > 3 else decimals)), 1.8
        ),
        ("Test", "", ci_heading("Difference", panel.tests)),
        (),
        page.chart_note("A line from edge to edge: no value can be rejected at this level." if endless else ""),
        (32.0, 47.0, 21.0),
    )


def _ends(one: AnalysisResult, decimals: int) -> str:
    if not math.isfinite(one.estimate.ci_low):
        return "no ends"
    return interval_cell(one.estimate.ci_low, one.estimate.ci_high, one.scale, decimals)
