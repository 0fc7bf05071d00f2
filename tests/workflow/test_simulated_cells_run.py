"""Every analysis of the shipped plan that a grid simulates gives there what it gives alone."""

from __future__ import annotations

import pytest

from cpis_analysis.operating.choice import cell_named, primary_analyses
from cpis_analysis.operating.grid_cell import simulable
from cpis_analysis.operating.simulated_cell import simulate_cell
from cpis_analysis.plan.reading.load import load_plan
from cpis_analysis.runs.stored_frames import read_data

pytestmark = pytest.mark.workflow


def test_the_grid_simulates_the_analyses_of_the_plan(finished):
    processed = finished.folder / "data" / "processed"
    data = read_data(str(processed / "participants.parquet"), str(processed / "measurements.parquet"))
    specs = simulable(primary_analyses(load_plan(finished.folder / "config.yaml")))
    # each design sends its first response through the analysis itself, and stops where the two differ
    rows = simulate_cell(specs, data, cell_named("0_0_0.25_within_normal"), 2, 20180214, comparators=())
    assert {row["model"] for row in rows} <= {one.model for one in specs}
    assert {"ancova", "permuted", "permuted_across"} <= {row["model"] for row in rows}
    assert all(row["replicates"] == 2 for row in rows if not row["failed"])
