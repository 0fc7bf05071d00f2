"""One model of the plan, fitted to every outcome that uses it."""

from __future__ import annotations

import json
from typing import Any

from cpis_analysis.analyses.estimate import result_to_record
from cpis_analysis.analyses.run import run_analysis
from cpis_analysis.errors import ModelError, Problem
from cpis_analysis.files import write_json
from cpis_analysis.plan.specification import specs_from_json
from cpis_analysis.steps.command import run_step
from cpis_analysis.steps.frames import read_data


def main(spec: dict[str, Any], participants: str, interviews: str, out: str) -> None:
    data = read_data(participants, interviews)
    records, problems = [], []
    for analysis in specs_from_json(json.dumps(spec["analyses"])):
        try:
            result = run_analysis(analysis, data, spec["seed"], spec.get("minimum_cell", 0))
        except ModelError as error:
            problems += [Problem(f"{analysis.name} ({analysis.formula}): {error.summary}"), *error.problems]
            continue
        records.append(result_to_record(result))
        for message in result.messages:
            print(f"{analysis.name}: {message}")
    if problems:
        raise ModelError("These analyses can't be carried out.", problems)
    write_json(out, records)


if __name__ == "__main__":
    run_step(main, "spec", "participants", "interviews", "out")
