"""How far missing outcomes would have to be off: one bar a way of being off, along which the conclusion stays."""

from __future__ import annotations

from cpis_analysis.analyses.tipping import Tipping
from cpis_analysis.chapters.page import Page
from cpis_analysis.chapters.tipping.content import beyond_scale, includes_zero
from cpis_analysis.publish.blocks import ChartRow, RowChart
from cpis_analysis.publish.chart.drawing_marks import Drawing, Mark, Scale, Stroke
from cpis_analysis.publish.chart.pieces import axis, band, gridlines, row
from cpis_analysis.publish.exhibit_id import slug
from cpis_analysis.publish.format import is_missing, number
from cpis_analysis.words.wording import capitalised

_FAR = 2.0
"""The axis reaches this many standard deviations where no end of a bar lies farther out."""


def tipping_chart(found: Tipping, page: Page) -> RowChart | None:
    """Draw a tipping-point analysis; None where the size of a shift has nothing to be measured by."""
    sd, name = found.result.standardised.get("sd"), found.result.spec.outcome
    if is_missing(sd) or not sd > 0:
        return None
    shift, words = found.shift, page.words
    arm, reference = (words.arm(code) for code in found.result.estimate.contrast.arms)
    ways = [
        (
            "other",
            f"{capitalised(arm)} only",
            words.labels.counted_people(shift.n_completed_other),
            shift.n_completed_other,
        ),
        (
            "reference",
            f"{capitalised(reference)} only",
            words.labels.counted_people(shift.n_completed_reference),
            shift.n_completed_reference,
        ),
        ("opposite", "Both, in opposite directions", f"Read for the {arm}", 1),
        ("alike", "Both, by the same amount", words.labels.counted_people(found.n_completed), 1),
    ]
    turns = {way: _turns(found, way, page) for way, *_, people in ways if people}
    known = [abs(value) for ends in turns.values() for value in ends if value is not None]
    if not known:
        return None
    scale = Scale.symmetric(min(max(known), _FAR * 3 * float(sd)), _FAR * float(sd))
    decimals = page.labels.digits(name, sd).level
    never = "not reached" if found.imputed else "beyond the scale"
    rows = []
    for way, label, note, people in ways:
        if not people:
            continue
        low, high = turns[way]
        left, right = (scale.at(scale.low if low is None else low), scale.at(scale.high if high is None else high))
        bar: tuple[Mark, ...] = (Stroke(left, right, 0, 0, "interval-wide", 0.75),)
        near = min((value for value in (low, high) if value is not None), key=abs, default=None)
        value = never if near is None else words.outcome(name).amount(number(abs(near), decimals))
        shade = band(scale, -float(sd), float(sd))
        rows.append(ChartRow(label, value, row(shade, gridlines(scale), bar), note))
    includes = includes_zero(found)
    nearest = min(known)
    size = words.outcome(name).amount(number(nearest, decimals))
    title = f"Missing outcomes would change the answer only if {size} or more off"
    return RowChart(
        f"figure-tipping-ways-{slug(name)}",
        page.chart_number(),
        title,
        f"How far they would have to lie from what the model expects of these {page.labels.people}: "
        f"{words.outcome(name).within}",
        tuple(rows),
        Drawing(axis(scale, lambda value: number(value, 0 if scale.high > 3 else decimals)), 1.8),
        ("Whose outcomes are off", "", "Nearest change"),
        note=page.chart_note(
            f"Bar: {'by imputation ' if found.imputed else ''}the interval {'includes' if includes else 'excludes'} "
            f"zero, as it does now. Shaded: within one standard deviation ({number(sd, 1)}). No data can show which "
            "shift is right."
        ),
        shares=(32.0, 47.0, 21.0),
    )


def _turns(found: Tipping, way: str, page: Page) -> tuple[float | None, float | None]:
    """Shifts below and above zero at which the interval changes whether it includes zero; None beyond the scale."""
    points = [found.reached(way, bound) for bound in ("ci_low", "ci_high")]
    shifts = [
        point.delta
        for point in points
        if point is not None and not beyond_scale(point.delta, found.result.spec.outcome, page.labels)
    ]
    below, above = [value for value in shifts if value < 0], [value for value in shifts if value > 0]
    return max(below, default=None), min(above, default=None)
