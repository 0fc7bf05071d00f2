"""How often the tests of answers and counts find a difference where there is none, on the design of the study."""

from __future__ import annotations

from typing import Any

from cpis_analysis.analyses.leaving.small_risks import tells_of_few
from cpis_analysis.analyses.rows.analysis_rows import analysis_rows
from cpis_analysis.errors import CpisError
from cpis_analysis.operating.grid_cell import Cell
from cpis_analysis.operating.simulated_cell import simulate_cell
from cpis_analysis.plan.specification import AnalysisSpec
from cpis_analysis.study.dataset import AnalysisData

_TOLD = (
    "model", "comparator", "icc_trust", "icc_team", "loss", "allocation", "departure", "replicates", "failed",
    "rejected", "size", "size_low", "size_high",
)  # fmt: skip
"""What is told: widths and errors of the estimates would tell how many people had the event."""


def simulate_answer(
    spec: AnalysisSpec, data: AnalysisData, cells: list[Cell], replicates: int, seed: int, minimum: int
) -> list[dict[str, Any]]:
    """Size of the test of one outcome in each cell.

    Parameters
    ----------
    spec : AnalysisSpec
        Of an event, an answer in order, a bounded sum or a count (`grid_cell.simulable_answers`).
    data : AnalysisData
    cells : list of Cell
        Correlations are those of the normal variable whose rank makes the answer (`drawn_answers`).
    replicates, seed : int
    minimum : int
        Where an arm has fewer people than this with, or without, the event or with one of the answers, nothing is
        simulated: how often there is no result depends on how many there are.

    Returns
    -------
    list of dict
        One row a cell; none of what the design refuses.
    """
    try:
        rows = analysis_rows(spec, data)
    except CpisError:
        return []
    if tells_of_few(spec, rows.frame, rows.formula.response.variable, minimum):
        return []
    return [
        {name: row[name] for name in _TOLD if name in row}
        for cell in cells
        for row in simulate_cell([spec], data, cell, replicates, seed, comparators=(), effects=())
    ]
