"""Headlines, and what stands beside that of the primary outcome, simulated on the study's design -> error_rates.csv."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd

import cpis_analysis
from cpis_analysis.analyses.fitting.run import estimate_alone
from cpis_analysis.errors import ModelError
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
from cpis_analysis.runs.stored_frames import read_data
from cpis_analysis.runs.stored_levels import column_levels
from cpis_analysis.steps.command import run_step
from cpis_analysis.steps.quick_texts import quick_texts
from cpis_analysis.study.dataset import AnalysisData


@quick_texts
def main(spec: dict[str, Any], participants: str, interviews: str, store: str, out: str) -> None:
    specs, answers = (specs_from_json(json.dumps(spec[name])) for name in ("analyses", "answers"))
    data = read_data(participants, interviews)
    kept = KeptRates(Path(store), Path(cpis_analysis.__file__).parents[1], data)
    try:
        rows = [*_of_scores(spec, specs, data, kept), *_of_answers(spec, answers, kept)]
        kept.settle()
        print(f"{len(rows)} error rates, {spec['replicates']} outcomes each; {kept.n_kept} as they were.")
    except ModelError:
        if not any(_is_refused(one, data) for one in (*specs[:1], *answers)):
            raise
        # the step that fits says so, and the run stops there
        rows = []
        print("A headline can't be estimated, so nothing was simulated.")
    frame = pd.DataFrame(rows, columns=["correlations", *COLUMNS, "outcome", "drawn"])
    write_csv(out, neutral_frame(column_levels(frame, spec["levels"])))


def _of_scores(
    spec: dict[str, Any], specs: list[AnalysisSpec], data: AnalysisData, kept: KeptRates
) -> list[dict[str, Any]]:
    """Rates of the headline of the primary outcome and of what stands beside it, at its own and at assumed cells."""
    cells = [("assumed", cell) for cell in _assumed(specs)]
    if specs and specs[0].levels:
        # found once more, beside the step that fits: to wait for that took longer
        headline = estimate_alone(specs[0], data)
        if own := estimated_cell(headline.icc_trust, headline.icc_team):
            cells = [("estimated", own), *cells]
    of_scores = []
    with trained_kept_in(TrainedTests(kept.folder / TESTS, kept.source)):
        for group in same_fits(specs):
            settings = {
                "replicates": spec["replicates"],
                "seed": spec["seed"],
                "comparators": in_report(specs[0], data.participants) if group[0] is specs[0] else (),
                "level": specs[0].level,
            }
            of_scores.append(kept.of(simulate_cells, group, [cell for _, cell in cells], **settings))
    return [
        {"correlations": origin, "outcome": specs[0].outcome, "drawn": SCORES} | row
        for at, (origin, _) in enumerate(cells)
        for of_cells in of_scores
        for row in of_cells[at]
    ]


def _of_answers(spec: dict[str, Any], answers: list[AnalysisSpec], kept: KeptRates) -> list[dict[str, Any]]:
    """Rates of the headlines that are events, answers in order, bounded sums or counts, at assumed cells."""
    settings = {"replicates": spec["replicates"], "seed": spec["seed"], "minimum": spec["minimum_cell"]}
    return [
        {"correlations": "assumed", "outcome": one.outcome, "drawn": ANSWERS} | row
        for one in answers
        for found in kept.of(simulate_answers, [one], _assumed([one]), **settings)
        for row in found
    ]


def _is_refused(spec: AnalysisSpec, data: AnalysisData) -> bool:
    try:
        estimate_alone(spec, data)
    except ModelError:
        return True
    return False


def _assumed(specs: list[AnalysisSpec]) -> list[Cell]:
    """The cells at assumed correlations: one without any in a study without clusters, none without analyses."""
    if not specs:
        return []
    assumed = (((0.0, 0.0),), ASSUMED_ONE, ASSUMED)[len(specs[0].levels)]
    return [Cell(*correlations) for correlations in assumed]


if __name__ == "__main__":
    run_step(main, "spec", "participants", "interviews", "store", "out")
