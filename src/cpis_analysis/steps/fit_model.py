"""One model of the plan, fitted to every outcome that uses it.

An analysis that the estimator refuses becomes a result that says why. A headline that is refused stops the step, so
that files of earlier runs stay; so does anything that is no refusal: a fault of data or program.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from cpis_analysis.analyses.estimate import result_to_record
from cpis_analysis.analyses.fitting.run import run_analysis
from cpis_analysis.analyses.leaving.released_diagnostics import diagnostics_fit_to_release
from cpis_analysis.analyses.refusal import not_estimable, refused_headlines
from cpis_analysis.errors import ModelError
from cpis_analysis.files import write_json
from cpis_analysis.plan.specification import specs_from_json
from cpis_analysis.runs.stored_frames import read_data
from cpis_analysis.steps.command import run_step


def main(spec: dict[str, Any], participants: str, interviews: str, out: str) -> None:
    data = read_data(participants, interviews)
    results, minimum, headlines = [], spec.get("minimum_cell", 0), spec.get("headlines", ())
    for analysis in specs_from_json(json.dumps(spec["analyses"])):
        try:
            result = run_analysis(analysis, data, spec["seed"], minimum)
        except ModelError as error:
            result = not_estimable(analysis, data, error, minimum)
        sigma = result.variance_components[-1]["std_dev"] if result.variance_components else None
        drawn = diagnostics_fit_to_release(result.diagnostics, sigma, result.estimate.n_obs)
        results.append(replace(result, diagnostics=drawn))
        for message in result.messages:
            print(f"{analysis.name}: {message}")
    refused = [result for result in results if not result.estimable and result.spec.name in headlines]
    if refused:
        raise refused_headlines(refused)
    write_json(out, [result_to_record(result) for result in results])


if __name__ == "__main__":
    run_step(main, "spec", "participants", "interviews", "out")
