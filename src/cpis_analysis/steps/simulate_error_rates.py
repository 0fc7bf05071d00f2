"""The primary outcome's headline and what stands beside it, simulated on the study's own design -> error_rates.csv."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd

import cpis_analysis
from cpis_analysis.files import write_csv
from cpis_analysis.intake.text_files.neutral_cells import neutral_frame
from cpis_analysis.lmm.optimal_test.kept import trained_kept_in
from cpis_analysis.operating.choice import ASSUMED, estimated_cell
from cpis_analysis.operating.comparators import IN_REPORT
from cpis_analysis.operating.grid_cell import Cell
from cpis_analysis.operating.simulated_cell import COLUMNS, simulate_cell
from cpis_analysis.plan.specification import specs_from_json
from cpis_analysis.runs.fit_store import TESTS, TrainedTests
from cpis_analysis.runs.stored_frames import read_data, read_estimates
from cpis_analysis.steps.command import run_step


def main(spec: dict[str, Any], participants: str, interviews: str, estimates: str, store: str, out: str) -> None:
    specs, data = specs_from_json(json.dumps(spec["analyses"])), read_data(participants, interviews)
    cells = {"assumed": [Cell(*correlations) for correlations in ASSUMED]} if specs else {}
    if specs and not specs[0].levels:
        cells = {"assumed": [Cell(0.0, 0.0)]}
    elif specs and (own := estimated_cell(read_estimates(estimates), specs[0].name)):
        cells = {"estimated": [own], **cells}
    rows = []
    with trained_kept_in(TrainedTests(Path(store) / TESTS, Path(cpis_analysis.__file__).parents[1])):
        for origin, those in cells.items():
            for cell in those:
                found = simulate_cell(specs, data, cell, spec["replicates"], spec["seed"], comparators=IN_REPORT)
                rows += [{"correlations": origin} | row for row in found]
    write_csv(out, neutral_frame(pd.DataFrame(rows, columns=["correlations", *COLUMNS])))
    print(f"{len(rows)} error rates, {spec['replicates']} outcomes each.")


if __name__ == "__main__":
    run_step(main, "spec", "participants", "interviews", "estimates", "store", "out")
