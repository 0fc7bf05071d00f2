"""Shifts of missing outcomes at which the conclusion changes, and the difference at the shifts between."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cpis_analysis.analyses.tipping import IMPUTED, SCENARIOS, SOLVED, Shifted, Tipping
from cpis_analysis.chapters.chapter import Material
from cpis_analysis.chapters.tipping.content import beyond_scale, decimals_needed, tipping_points
from cpis_analysis.publish.format import DASH, Digits, count, level_words, number, with_interval
from cpis_analysis.publish.table import Column, Row, RowGroup, Table
from cpis_analysis.words.labels import Labels
from cpis_analysis.words.methods import contrast_words
from cpis_analysis.words.scales import outcome_digits

_ENDS = (("ci_low", "Lower limit"), ("ci_high", "Upper limit"))


def tipping_table(analyses: Sequence[Tipping], labels: Labels) -> Table:
    """Set the tipping points of one outcome.

    Parameters
    ----------
    analyses : sequence of Tipping
        Of one outcome; what is shown shift by shift is the first.
    labels : Labels
    """
    first = analyses[0]
    outcome, spec = first.result.spec.outcome, first.result.spec
    digits = outcome_digits(outcome, labels, None, first.result)
    reference, other = labels.arm(spec.reference), labels.arm(first.result.estimate.contrast.arm)
    columns = (
        Column("Missing outcomes shifted", align="left", width=2.4),
        Column(f"{other} alone", width=2.0),
        Column(f"{reference} alone", width=2.0),
        Column("Both alike", width=2.0),
        Column(f"{other} by this, {reference} by its opposite", width=2.0),
    )
    groups = [
        RowGroup(
            f"Shift at which the limit is reached, {_HOW[method]}: {labels.model(one.result.spec.model)}"
            if one.imputed
            else f"Shift at which the limit is reached: {labels.model(one.result.spec.model)}",
            tuple(_reached(one, digits, labels, method)),
        )
        for method in _HOW
        for one in analyses
        if one.imputed or method == SOLVED
    ]
    level = level_words(spec.level)
    how = f", {_HOW[IMPUTED]}" if first.imputed else ""
    groups.append(
        RowGroup(f"Difference ({level} CI) at a shift{how}: {labels.model(spec.model)}", tuple(_shifted(first, digits)))
    )
    if first.like_reference():
        groups.append(
            RowGroup(
                f"Difference ({level} CI) with missing outcomes of {other} drawn as in {reference}",
                tuple(
                    Row((_LIKE[one.scenario], _cell(one, digits), *[DASH] * (len(SCENARIOS) - 1)))
                    for one in first.like_reference()
                ),
            )
        )
    notes = [
        f"Difference: {contrast_words(first.result, labels)}, in points of the outcome. A shift is by how much the "
        f"missing outcomes are taken to lie above (+) or below (−) what the model expects of these {labels.people}, "
        "given its other variables and their clusters; at 0 they are missing at random.",
        f"Shifted: {_people(first, labels)}. {_inference(first)}",
    ]
    if any(cell == _BEYOND for group in groups for row in group.rows for cell in row.cells):
        notes.append(f"{_BEYOND[:1].upper()}{_BEYOND[1:]}: more than the scale is long.")
    return Table(
        f"tipping-{outcome.replace('_', '-')}",
        f"{labels.outcome(outcome)}: how far missing outcomes would have to differ from expectation",
        columns,
        tuple(groups),
        tuple(notes),
    )


_BEYOND, _NEVER = "beyond the scale", "not reached"
_HOW = {IMPUTED: "by imputation", SOLVED: "solved with the standard error taken as given"}
_LIKE = {
    "copy_reference": "Given their own baseline (copy reference)",
    "jump_to_reference": "As far from the arm's mean as at baseline (jump to reference)",
}


def _inference(found: Tipping) -> str:
    if not found.imputed:
        return "Standard error and degrees of freedom are those of the analysis: who is missing is taken as given."
    return (
        f"By imputation: {count(found.imputations)} imputations of the missing outcomes are shifted, every completed "
        "data set is analysed, and Rubin's rules pool; shifts are searched up to five standard deviations of the "
        "outcome. "
        "Solved, as a quick approximation: standard error and degrees of freedom are those of the analysis."
    )


def _reached(found: Tipping, digits: Digits, labels: Labels, method: str) -> list[Row]:
    rows = []
    point_of = found.point if method == SOLVED else found.reached
    for threshold in dict.fromkeys(one.threshold or 0.0 for one in found.points):
        for bound, name in _ENDS:
            cells = []
            for scenario in SCENARIOS:
                point = point_of(scenario, bound, threshold)
                if point is None:
                    cells.append(DASH if method == SOLVED else _NEVER)
                elif beyond_scale(point.delta, found.result.spec.outcome, labels):
                    cells.append(_BEYOND)
                else:
                    cells.append(number(point.delta, digits.level, sign=True))
            size = number(threshold, decimals_needed([threshold]), sign=True)
            what = f"the minimal important difference ({size})" if threshold else "0"
            rows.append(Row((f"{name} reaches {what}", *cells), strong=not threshold))
    return rows


def _shifted(found: Tipping, digits: Digits) -> list[Row]:
    decimals = decimals_needed(found.deltas)
    rows = []
    for delta in found.deltas:
        at = {one.scenario: one for one in found.paths if one.delta == delta}
        imputed = {name: found.imputed_at(name, a * delta + 0.0, b * delta + 0.0) for name, (a, b) in SCENARIOS.items()}
        cells = [_cell(imputed[name] or at[name], digits) for name in SCENARIOS]
        rows.append(Row((number(delta, decimals, sign=True), *cells), strong=delta == 0))
    return rows


def _cell(one: Shifted, digits: Digits) -> str:
    return with_interval(one.estimate, one.ci_low, one.ci_high, digits.difference)


def _people(found: Tipping, labels: Labels) -> str:
    shift, spec = found.shift, found.result.spec
    other = found.result.estimate.contrast.arm
    text = (
        f"{count(shift.n_completed_reference)} {labels.people} of {labels.arm(spec.reference)} and "
        f"{count(shift.n_completed_other)} of {labels.arm(other)}, who lack the outcome alone, beside "
        f"{count(found.result.estimate.n_participants)} analysed"
    )
    if shift.n_left_out:
        text += f"; {count(shift.n_left_out)} more lack another variable of the model and are left out"
    return text


def tables(material: Material) -> Iterator[Table]:
    """One table for each outcome whose plan asks for it."""
    for found in tipping_points(material.results, material.labels).values():
        yield tipping_table(found, material.labels)
