"""The estimate without each cluster in turn: how much of it one cluster makes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pandas as pd

from cpis_analysis.analyses.fitted import Around, Fitted
from cpis_analysis.analyses.refusal import reason_of
from cpis_analysis.analyses.rows.analysis_rows import AnalysisRows, with_frame
from cpis_analysis.errors import ModelError
from cpis_analysis.plan.naming import natural_order, noun_of
from cpis_analysis.plan.specification import AnalysisSpec
from cpis_analysis.study.allocation import allocation_problems
from cpis_analysis.study.coding import cluster_label


def left_out_one_by_one(
    spec: AnalysisSpec,
    rows: AnalysisRows,
    around: Around,
    fit: Callable[[AnalysisSpec, AnalysisRows, Around], Fitted],
) -> list[dict[str, Any]]:
    """Make the analysis again without each cluster of each level, the largest clusters first.

    Parameters
    ----------
    spec : AnalysisSpec
    rows : AnalysisRows
    around : Around
        Clusters with fewer people than its `minimum_cell` are not left out: the difference would tell about them.
    fit : callable
        The estimator, of the arm that is the result.

    Returns
    -------
    list of dict
        level (what its clusters are called), cluster, estimate, ci_low, ci_high, p_value, reason: why there is no
        number, else empty. Clusters too small to be left out have no row.
    """
    again = replace(spec, tipping_point=False, contrasts=(), leave_one_out=False)
    quiet = replace(around, one_of_many=True)
    found = []
    for level in spec.levels:
        keys = list(spec.keys_of(level))
        for cluster, kept in _without_each(rows.frame, keys, spec.participant, around.minimum_cell):
            row: dict[str, Any] = {"level": noun_of(level), "cluster": cluster}
            try:
                test = fit(again, _rows_without(again, rows, kept), quiet).contrast
                numbers = {name: getattr(test, name) for name in ("estimate", "ci_low", "ci_high", "p_value")}
                found.append(row | numbers | {"reason": ""})
            except ModelError as error:
                numbers = dict.fromkeys(("estimate", "ci_low", "ci_high", "p_value"))
                found.append(row | numbers | {"reason": reason_of(error, spec)})
    return found


def _without_each(
    frame: pd.DataFrame, keys: list[str], participant: str, minimum: int
) -> Iterator[tuple[str, pd.DataFrame]]:
    """Each cluster's name and the rows of all others, by name; without clusters of few people."""
    places = list(zip(*(frame[key].astype(str) for key in keys), strict=True))
    for place in sorted(dict.fromkeys(places), key=lambda one: natural_order(cluster_label(one))):
        inside = [one == place for one in places]
        if frame.loc[inside, participant].nunique() >= minimum:
            yield cluster_label(place), frame[[not one for one in inside]].reset_index(drop=True)


def _rows_without(spec: AnalysisSpec, rows: AnalysisRows, kept: pd.DataFrame) -> AnalysisRows:
    """The rows that are left, if they can still be compared."""
    rest = with_frame(spec, rows, kept)
    arms = sorted(kept[spec.arm].astype(str).unique())
    problems = allocation_problems(rest.allocation, arms, spec.reference, spec.trust)
    if problems:
        raise ModelError(f"Without a cluster the analysis {spec.name} can't be valid.", problems)
    return rest
