"""Every analysis of one outcome in one figure that is a table: the same question above, other questions below."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cpis_analysis.analyses.estimate import AnalysisResult
from cpis_analysis.chapters.page import Page
from cpis_analysis.chapters.result.direction import result_words, usable
from cpis_analysis.chapters.robustness.choices import BASELINE, COVARIATES, WEIGHTS, choices_of, is_average_of_waves
from cpis_analysis.chapters.robustness.sentences import takeaway
from cpis_analysis.publish.blocks import ChartRow, KeyEntry, RowChart
from cpis_analysis.publish.chart.drawing_marks import Box, Drawing, Scale
from cpis_analysis.publish.chart.pieces import axis, band, gridlines, interval, row
from cpis_analysis.publish.exhibit_id import slug
from cpis_analysis.publish.format import number
from cpis_analysis.words.contrast_words import words_of_contrast
from cpis_analysis.words.scales import ci_heading, interval_cell, interval_words, left_out_note, one_scale, shown_number

_SAME, _ONE_WAVE, _ALL_WAVES, _ADJUSTED, _BASELINE, _OBSERVED, _AVERAGE, _PEOPLE = (
    "Same {people} and question",
    "Same question, only of those who were seen then",
    "Same question, with the measurements of all waves",
    "Other adjustment",
    "Another use of the first measurement",
    "Another use of the first measurement: another question where the groups were not formed at random",
    "Average of the waves: another question",
    "Other {people}: another question",
)
_ORDER = (_SAME, _ONE_WAVE, _ALL_WAVES, _ADJUSTED, _BASELINE, _OBSERVED, _AVERAGE, _PEOPLE)
_OTHER = (_OBSERVED, _AVERAGE, _PEOPLE)
"""Groups of rows that answer another question than the headline."""


def analyses_chart(page: Page, results: Sequence[AnalysisResult], name: str = "") -> RowChart | None:
    """Draw the analyses; None where fewer than two could be drawn.

    Parameters
    ----------
    page : Page
    results : sequence of AnalysisResult
        All of one outcome, the headline first.
    name : str
        Ends the figure's id; default: the outcome's.
    """
    good, others = one_scale([result for result in results if usable(result)], page.labels)
    if len(good) < 2:
        return None
    head, words = good[0], page.words
    outcome, _, decimals = result_words(head, words)
    units = outcome.scale.in_units
    half = float(units(outcome.important)) if outcome.important is not None else 0.0
    beside = list(_other_arms(good, head, page))
    drawn = [*good, *(own for _, pairs in beside for own, _ in pairs)]
    numbers = [float(units(v)) for one in drawn for v in (one.estimate.ci_low, one.estimate.ci_high)]
    scale = Scale.symmetric(*_without_outliers(numbers), half)

    def made(one: AnalysisResult, of: AnalysisResult, kind: str) -> ChartRow:
        e = one.estimate
        ends = [float(units(value)) for value in (e.estimate, e.ci_low, e.ci_high)]
        shade = band(scale, -half, half) if half else ()
        drawing = row(shade, gridlines(scale), interval(scale, *ends, other=kind in _OTHER))
        return ChartRow(
            page.labels.model(one.spec.model),
            shown_number(e.estimate, outcome.scale, decimals),
            drawing,
            ("Main analysis, " if of is head else "") + page.labels.counted_people(e.n_participants),
            interval_cell(e.ci_low, e.ci_high, outcome.scale, decimals),
            strong=one is head,
        )

    groups: dict[str, list[ChartRow]] = {}
    for one in good:
        kind = _kind(one, head, page)
        groups.setdefault(kind, []).append(made(one, one, kind))
    order = [kind for kind in _ORDER if kind in groups]
    first = f"{words_of_contrast(head.estimate.contrast, page.labels)}. " if len(head.effects) > 1 else ""
    rows = [
        row
        for kind in order
        for row in (ChartRow(first + kind.format(people=page.labels.people), group=True), *groups[kind])
    ]
    for contrast, pairs in beside:
        rows.append(ChartRow(f"{contrast}. {_SAME.format(people=page.labels.people)}", group=True))
        rows += [made(own, one, _SAME) for own, one in pairs]
    note = left_out_note(others, page.labels)
    places = 0 if scale.high > 3 else decimals
    return RowChart(
        f"figure-analyses-{name or slug(head.spec.outcome)}",
        page.chart_number(),
        f"{_arms(head, page)}{takeaway(results, words)}" if beside else takeaway(results, words),
        f"Difference in {outcome.within}, {interval_words(good)}, by analysis",
        tuple(rows),
        Drawing(axis(scale, lambda value: number(outcome.scale.at_tick(value), places)), 1.8),
        ("Analysis", "", ci_heading("Difference", good)),
        _key(bool(half), any(kind in _OTHER for kind in order)),
        page.chart_note(note),
        (32.0, 47.0, 21.0),
    )


def _arms(result: AnalysisResult, page: Page) -> str:
    """Which arms the title of the figure is about, where it has rows of others."""
    arm, reference = (page.labels.arm(code) for code in result.estimate.contrast.arms)
    return f"{arm} \N{MINUS SIGN} {reference}: "


def _other_arms(
    good: Sequence[AnalysisResult], head: AnalysisResult, page: Page
) -> Iterator[tuple[str, list[tuple[AnalysisResult, AnalysisResult]]]]:
    """Of several arms each comparison beside the main one: what is compared, and by each analysis of the same question
    the result of this arm with the one that it is of."""
    same = [one for one in good if _kind(one, head, page) == _SAME]
    for effect in head.effects[1:]:
        pairs = [(own, one) for one in same if (own := one.of_arm(effect.contrast.arm)) is not None and usable(own)]
        if pairs:
            yield words_of_contrast(effect.contrast, page.labels), pairs


def _kind(one: AnalysisResult, head: AnalysisResult, page: Page) -> str:
    own, its = (choices_of(result, page.labels) for result in (one, head))
    if one.spec.population != head.spec.population:
        return _PEOPLE
    if is_average_of_waves(one) != is_average_of_waves(head):
        return _AVERAGE
    if own.get(BASELINE) != its.get(BASELINE):
        return _BASELINE if page.words.randomised else _OBSERVED
    if any(own[key] != its[key] for key in (COVARIATES, WEIGHTS)):
        return _ADJUSTED
    if one.spec.rows == head.spec.rows:
        return _SAME
    return _ALL_WAVES if one.spec.rows == "long" else _ONE_WAVE


def _without_outliers(ends: Sequence[float]) -> list[float]:
    """Ends of intervals, one that is more than four times as far out as is usual cut at that."""
    usual = sorted(map(abs, ends))[len(ends) // 2] or 1.0
    return [max(min(value, 4 * usual), -4 * usual) for value in ends]


def _key(shaded: bool, other: bool) -> tuple[KeyEntry, ...]:
    scale = Scale(0, 2, 0)
    entries = []
    if other:
        entries.append(KeyEntry(Drawing(interval(scale, 1, 0, 2), 0.9, True), "Same question"))
        entries.append(KeyEntry(Drawing(interval(scale, 1, 0, 2, other=True), 0.9, True), "Another question"))
    if shaded:
        sample = Drawing((Box(0, 100, None, 0, "band"),), 0.9, True)
        entries.append(KeyEntry(sample, "Less than the agreed important difference"))
    return tuple(entries)
