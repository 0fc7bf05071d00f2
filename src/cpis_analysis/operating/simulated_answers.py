"""How often the tests of answers and counts find a difference where there is none, on the design of the study."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cpis_analysis.analyses.leaving.small_risks import tells_of_few
from cpis_analysis.analyses.rows.analysis_rows import analysis_rows
from cpis_analysis.errors import CpisError
from cpis_analysis.operating.grid_cell import Cell
from cpis_analysis.operating.simulated_cell import simulate_cells
from cpis_analysis.plan.specification import AnalysisSpec
from cpis_analysis.study.dataset import AnalysisData

_TOLD = (
    "model", "comparator", "icc_trust", "icc_team", "loss", "allocation", "departure", "replicates", "failed",
    "rejected", "size", "size_low", "size_high",
)  # fmt: skip
"""What is told: widths and errors of the estimates would tell how many people had the event."""


def simulate_answers(
    specs: Sequence[AnalysisSpec],
    data: AnalysisData,
    cells: Sequence[Cell],
    replicates: int,
    seed: int,
    *,
    minimum: int,
) -> list[list[dict[str, Any]]]:
    """Size of the test of each outcome in each cell.

    Parameters
    ----------
    specs : sequence of AnalysisSpec
        Of events, answers in order, bounded sums or counts (`grid_cell.simulable_answers`).
    data : AnalysisData
    cells : sequence of Cell
        Correlations are those of the normal variable whose rank makes the answer (`drawn_answers`).
    replicates, seed : int
    minimum : int
        Where an arm has fewer people than this with, or without, the event or with one of the answers, nothing is
        simulated: how often there is no result depends on how many there are.

    Returns
    -------
    list of list of dict
        Of each cell a row an outcome; none of what the design refuses.
    """
    told = [one for one in specs if _may_be_told(one, data, minimum)]
    found = [
        simulate_cells([one], data, cells, replicates, seed, comparators=(), effects=(), level=one.level)
        for one in told
    ]
    return [
        [{name: row[name] for name in _TOLD if name in row} for of_cells in found for row in of_cells[at]]
        for at in range(len(cells))
    ]


def _may_be_told(spec: AnalysisSpec, data: AnalysisData, minimum: int) -> bool:
    try:
        rows = analysis_rows(spec, data)
    except CpisError:
        return False
    return not tells_of_few(spec, rows.frame, rows.formula.response.variable, minimum)
