"""Every outcome in one picture: standardised differences of scores, and below them differences in risk."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cpis_analysis.analyses.estimate import AnalysisResult
from cpis_analysis.chapters.page import Page
from cpis_analysis.chapters.result.direction import usable
from cpis_analysis.publish.blocks import ChartRow, KeyEntry, RowChart
from cpis_analysis.publish.chart.drawing_marks import Box, Drawing, Scale
from cpis_analysis.publish.chart.pieces import axis, band, gridlines, interval, row
from cpis_analysis.publish.format import interval as interval_text
from cpis_analysis.publish.format import is_missing, number
from cpis_analysis.words.contrast_words import words_of_contrast
from cpis_analysis.words.labels import Labels
from cpis_analysis.words.scales import ci_heading, interval_words, outcome_digits, shown_cell
from cpis_analysis.words.wording import listed, mid_sentence

_HEIGHT = 1.75
_NAMED = 3


def forest_charts(page: Page) -> Iterator[RowChart]:
    """The picture; nothing where fewer than two outcomes could be drawn, for the verdict shows one."""
    known = [head for head in page.headlines if usable(head)]
    scores = [head for head in known if not is_missing(head.standardised.get("estimate"))]
    risks = [head for head in known if head.scale.unit == "risk"]
    if len(scores) > 1:
        yield _standardised(page, scores)
    if len(scores) < 2 and len(risks) > 1:
        yield _in_points(page, risks)


def _standardised(page: Page, heads: Sequence[AnalysisResult]) -> RowChart:
    labels = page.labels
    ends = [head.standardised[name] for head in heads for name in ("ci_low", "ci_high")]
    halves = {head.spec.outcome: _half(page, head) for head in heads}
    scale = Scale.symmetric(*ends)
    rows = []
    for head in heads:
        s, name = head.standardised, head.spec.outcome
        half = halves[name]
        marks = band(scale, -half, half) if half else ()
        drawing = row(
            marks, gridlines(scale), interval(scale, s["estimate"], s["ci_low"], s["ci_high"]), height=_HEIGHT
        )
        rows.append(
            ChartRow(
                labels.outcome_short(name) + labels.mark(name),
                number(s["estimate"], 2),
                drawing,
                labels.counted_people(head.estimate.n_participants),
                interval_text(s["ci_low"], s["ci_high"], 2),
                strong=labels.content.outcomes[name].role == "primary",
            )
        )
    key: tuple[KeyEntry, ...] = ()
    if any(halves.values()):
        named = listed(labels.outcome_short(name) for name, half in halves.items() if half)
        sample = Drawing((Box(0, 100, None, 0, "band"),), 0.9, True)
        key = (KeyEntry(sample, f"Less than the agreed important difference ({named})"),)
    contrast = words_of_contrast(heads[0].estimate.contrast, labels)
    notes = [_sides(page, heads)]
    outcomes = [head.spec.outcome for head in heads]
    worse = [name for name in outcomes if labels.content.outcomes[name].higher_is == "worse"]
    if worse:
        which = listed(mid_sentence(labels.outcome_short(name)) for name in worse)
        notes.append(f"A lower value is better{'' if len(worse) == len(outcomes) else f' for {which}'}.")
    return RowChart(
        "figure-forest-outcomes",
        page.chart_number(),
        _takeaway(heads, labels),
        f"Adjusted difference ({contrast}) in standard deviations of the outcome, {interval_words(heads)}",
        tuple(rows),
        Drawing(axis(scale, lambda value: number(value, 1)), 1.8),
        ("Outcome", "", ci_heading("Difference", heads)),
        key,
        page.chart_note(*notes),
    )


def _in_points(page: Page, heads: Sequence[AnalysisResult]) -> RowChart:
    labels = page.labels
    units = heads[0].scale.in_units
    ends = [float(units(value)) for head in heads for value in (head.estimate.ci_low, head.estimate.ci_high)]
    scale = Scale.symmetric(*ends)
    rows = []
    for head in heads:
        e, name = head.estimate, head.spec.outcome
        drawn = interval(scale, *(float(units(value)) for value in (e.estimate, e.ci_low, e.ci_high)))
        decimals = outcome_digits(name, labels, None, head).difference
        rows.append(
            ChartRow(
                labels.outcome_short(name),
                shown_cell(e, head.scale, decimals),
                row(gridlines(scale), drawn, height=_HEIGHT),
                labels.counted_people(e.n_participants),
                strong=labels.content.outcomes[name].role == "primary",
            )
        )
    contrast = words_of_contrast(heads[0].estimate.contrast, labels)
    return RowChart(
        "figure-forest-outcomes",
        page.chart_number(),
        _takeaway(heads, labels),
        f"Adjusted difference in risk ({contrast}), percentage points, {interval_words(heads)}",
        tuple(rows),
        Drawing(axis(scale, lambda value: number(value, 0)), 1.8),
        ("Outcome", "", ci_heading("Difference", heads)),
        note=page.chart_note(_sides(page, heads)),
    )


def _half(page: Page, head: AnalysisResult) -> float:
    """The agreed important difference in standard deviations; 0 for none."""
    important, sd = page.words.outcome_of(head).important, head.standardised.get("sd")
    return float(important) / float(sd) if important is not None and not is_missing(sd) and sd > 0 else 0.0


def _takeaway(heads: Sequence[AnalysisResult], labels: Labels) -> str:
    """What the intervals show, in a title; it counts nothing as evidence."""
    apart = sum(not one.estimate.ci_low <= 0 <= one.estimate.ci_high for one in heads)
    if not apart:
        return "Every interval includes no difference"
    if apart == len(heads):
        return "Every interval lies on one side of no difference"
    named = [one for one in heads if not one.estimate.ci_low <= 0 <= one.estimate.ci_high]
    if len(named) > _NAMED:
        return "Some intervals lie on one side of no difference"
    of = listed(labels.outcome_short(one.spec.outcome) for one in named)
    return (
        f"Only the interval{'s' if len(named) > 1 else ''} of {of} {'excludes' if len(named) == 1 else 'exclude'} none"
    )


def _sides(page: Page, heads: Sequence[AnalysisResult]) -> str:
    arm, reference = heads[0].estimate.contrast.arms
    words = page.words
    return f"Left of the line: lower in the {words.arm(arm)} than in the {words.arm(reference)}; right of it: higher."
