"""Several arms: each against the reference by the headline analyses, and all of them together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import pandas as pd

from cpis_analysis.analyses.estimate import AnalysisResult, Estimate
from cpis_analysis.chapters.chapter import Material
from cpis_analysis.chapters.verdict.arms import NO_JOINT, Adjusted, adjusted_over_arms
from cpis_analysis.publish.format import (
    DASH,
    Digits,
    degrees,
    is_missing,
    number,
    p_value,
)
from cpis_analysis.publish.table import Column, Row, RowGroup, Table
from cpis_analysis.words.labels import Labels
from cpis_analysis.words.methods import ADJUSTMENTS
from cpis_analysis.words.order_of_analyses import headline_results
from cpis_analysis.words.scales import ci_heading, outcome_digits, scale_note, shown_cell
from cpis_analysis.words.wording import listed


def arms_table(results: Sequence[AnalysisResult], estimates: pd.DataFrame, labels: Labels) -> Table | None:
    """Set each arm against the reference, by the headline analysis of each outcome; None where two arms are compared.

    Parameters
    ----------
    results : sequence of AnalysisResult
        All analyses; the headline model of each outcome is shown.
    estimates : DataFrame
        results/estimates.csv, for p-values adjusted over the arms.
    labels : Labels
    """
    shown = [one for one in headline_results(results, labels) if len(one.effects) > 1]
    if not shown:
        return None
    adjusted = adjusted_over_arms(estimates)
    methods = dict.fromkeys(one.method for one in adjusted.values())
    columns = [
        Column("Outcome and arm", align="left", width=3.0),
        Column(ci_heading("Difference", shown), width=2.4),
        Column("df", width=1.0),
        Column("p", width=0.8),
        *([Column("Adjusted p", width=0.9)] if methods else []),
    ]
    groups = []
    for result in shown:
        digits = outcome_digits(result.spec.outcome, labels, None, result)
        rows = [_row(one, result, adjusted if methods else None, digits, labels) for one in result.effects]
        joint = result.joint_of_arms
        if joint is not None:
            cells = ["All arms together", f"F {number(joint.statistic, 2)}", _joint_df(joint), p_value(joint.p_value)]
            rows.append(Row((*cells, *([DASH] if methods else []))))
        own = "" if result.scale.natural else f": {result.scale.difference}"
        if result.scale.natural and labels.is_binary(result.spec.outcome):
            own = ": difference in percentage points"
        groups.append(
            RowGroup(labels.outcome(result.spec.outcome) + labels.mark(result.spec.outcome) + own, tuple(rows))
        )
    reference = labels.arm_within(labels.design.arm.reference)
    first = labels.arm_within(shown[0].estimate.contrast.arm)
    notes = [
        f"Each arm less {reference}, by the headline model of all arms. The first, {first}, is the plan's main "
        "comparison: forest plots of all outcomes, figures and tipping points are about it.",
        *(f"Adjusted p: {ADJUSTMENTS.get(method, method)} over the arms of an outcome; intervals are not adjusted."
          for method in methods),
        "All arms together: F test that none of them differs from the reference.",
        *dict.fromkeys(scale_note(one.scale, labels) for one in shown if not one.scale.natural),
    ]  # fmt: skip
    lacking = [labels.outcome_short(one.spec.outcome) for one in shown if one.joint_of_arms is None]
    if lacking:
        notes.append(f"{listed(lacking)}: {NO_JOINT}.")
    return Table("arms", f"Each arm against {reference}", tuple(columns), tuple(groups), tuple(notes))


def _row(
    one: Estimate,
    result: AnalysisResult,
    adjusted: Mapping[tuple[str, str], Adjusted] | None,
    digits: Digits,
    labels: Labels,
) -> Row:
    cells = [
        labels.arm(one.contrast.arm),
        shown_cell(one, result.scale, digits.difference),
        degrees(one.df),
        p_value(one.p_value),
    ]
    if adjusted is not None:
        found = adjusted.get((one.analysis, str(one.contrast)))
        cells.append(DASH if found is None else p_value(found.p_value))
    return Row(tuple(cells), strong=one is result.estimate)


def _joint_df(joint: Estimate) -> str:
    return DASH if is_missing(joint.num_df) else f"{degrees(joint.num_df)} and {degrees(joint.df)}"


def tables(material: Material) -> Iterator[Table]:
    """Each arm against the reference, where there are several."""
    table = arms_table(material.results, material.estimates, material.labels)
    if table:
        yield table
