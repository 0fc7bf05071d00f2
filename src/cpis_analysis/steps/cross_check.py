"""Every mixed model refitted with statsmodels: a second opinion, never a result."""

from __future__ import annotations

import json
from typing import Any

from cpis_analysis.analyses.fitting.cross_check import cross_check
from cpis_analysis.files import write_csv
from cpis_analysis.intake.text_files.neutral_cells import neutral_frame
from cpis_analysis.plan.specification_records import specs_from_json
from cpis_analysis.runs.stored_frames import read_data, read_estimates
from cpis_analysis.steps.command import run_step


def main(spec: dict[str, Any], participants: str, interviews: str, estimates: str, out: str) -> None:
    specs = specs_from_json(json.dumps(spec["analyses"]))
    levels = specs[0].levels if specs else ()
    table = cross_check(specs, read_data(participants, interviews), read_estimates(estimates, levels))
    write_csv(out, neutral_frame(table))
    print(table.to_string(index=False))


if __name__ == "__main__":
    run_step(main, "spec", "participants", "interviews", "estimates", "out")
