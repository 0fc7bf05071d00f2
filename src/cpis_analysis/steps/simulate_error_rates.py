"""Headlines, and what stands beside that of the primary outcome, simulated on the study's design -> error_rates.csv."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd

import cpis_analysis
from cpis_analysis.files import write_csv
from cpis_analysis.intake.text_files.neutral_cells import neutral_frame
from cpis_analysis.lmm.optimal_test.kept import trained_kept_in
from cpis_analysis.operating.choice import ASSUMED, ASSUMED_ONE, estimated_cell
from cpis_analysis.operating.comparators import in_report
from cpis_analysis.operating.grid_cell import Cell
from cpis_analysis.operating.simulated_answers import simulate_answers
from cpis_analysis.operating.simulated_cell import same_fits, simulate_cells
from cpis_analysis.operating.simulated_names import ANSWERS, SCORES
from cpis_analysis.operating.tested_effects.cell_rows import COLUMNS
from cpis_analysis.plan.specification import AnalysisSpec
from cpis_analysis.plan.specification_records import specs_from_json
from cpis_analysis.runs.fit_store import TESTS, TrainedTests
from cpis_analysis.runs.kept_rates import KeptRates
from cpis_analysis.runs.stored_frames import read_data, read_estimates
from cpis_analysis.runs.stored_levels import column_levels
from cpis_analysis.steps.command import run_step


# a few hundred texts are asked quicker as Python has them than as Arrow has them
@pd.option_context("mode.string_storage", "python")
def main(spec: dict[str, Any], participants: str, interviews: str, estimates: str, store: str, out: str) -> None:
    specs, answers = (specs_from_json(json.dumps(spec[name])) for name in ("analyses", "answers"))
    data, replicates, seed = read_data(participants, interviews), spec["replicates"], spec["seed"]
    source = Path(cpis_analysis.__file__).parents[1]
    kept = KeptRates(Path(store), source, data)
    cells = [("assumed", cell) for cell in _assumed(specs)]
    if specs and specs[0].levels and (own := estimated_cell(read_estimates(estimates, spec["levels"]), specs[0].name)):
        cells = [("estimated", own), *cells]
    of_scores = []
    with trained_kept_in(TrainedTests(Path(store) / TESTS, source)):
        for group in same_fits(specs):
            beside = in_report(specs[0], data.participants) if group[0] is specs[0] else ()
            settings = {"replicates": replicates, "seed": seed, "comparators": beside, "level": specs[0].level}
            of_scores.append(kept.of(simulate_cells, group, [cell for _, cell in cells], **settings))
    rows = [
        {"correlations": origin, "outcome": specs[0].outcome, "drawn": SCORES} | row
        for at, (origin, _) in enumerate(cells)
        for of_cells in of_scores
        for row in of_cells[at]
    ]
    settings = {"replicates": replicates, "seed": seed, "minimum": spec["minimum_cell"]}
    for one in answers:
        for found in kept.of(simulate_answers, [one], _assumed([one]), **settings):
            rows += [{"correlations": "assumed", "outcome": one.outcome, "drawn": ANSWERS} | row for row in found]
    kept.settle()
    frame = pd.DataFrame(rows, columns=["correlations", *COLUMNS, "outcome", "drawn"])
    write_csv(out, neutral_frame(column_levels(frame, spec["levels"])))
    print(f"{len(rows)} error rates, {replicates} outcomes each; {kept.n_kept} as they were.")


def _assumed(specs: list[AnalysisSpec]) -> list[Cell]:
    """The cells at assumed correlations: one without any in a study without clusters, none without analyses."""
    if not specs:
        return []
    assumed = (((0.0, 0.0),), ASSUMED_ONE, ASSUMED)[len(specs[0].levels)]
    return [Cell(*correlations) for correlations in assumed]


if __name__ == "__main__":
    run_step(main, "spec", "participants", "interviews", "estimates", "store", "out")
