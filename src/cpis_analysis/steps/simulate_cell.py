"""One part of one cell of the operating characteristics, with a seed of its own."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import cpis_analysis
from cpis_analysis.files import write_json
from cpis_analysis.lmm.optimal_test.kept import trained_kept_in
from cpis_analysis.operating.choice import cell_named
from cpis_analysis.operating.simulated_cell import simulate_cell
from cpis_analysis.plan.specification_records import specs_from_json
from cpis_analysis.runs.fit_store import TESTS, TrainedTests
from cpis_analysis.runs.stored_frames import read_data
from cpis_analysis.steps.command import run_step


def main(
    spec: dict[str, Any],
    participants: str,
    interviews: str,
    store: str,
    cell: str,
    part: str,
    replicates: str,
    out: str,
) -> None:
    specs, data = specs_from_json(json.dumps(spec["analyses"])), read_data(participants, interviews)
    with trained_kept_in(TrainedTests(Path(store) / TESTS, Path(cpis_analysis.__file__).parents[1])):
        rows = simulate_cell(specs, data, cell_named(cell), int(replicates), spec["seed"], part=int(part))
    none = [{key: None if _is_nan(value) else value for key, value in row.items()} for row in rows]
    write_json(out, none)
    print(f"{cell}, part {part}: {len(rows)} analyses, {replicates} outcomes each.")


def _is_nan(value: Any) -> bool:
    return isinstance(value, float) and math.isnan(value)


if __name__ == "__main__":
    run_step(main, "spec", "participants", "interviews", "store", "cell", "part", "replicates", "out")
