"""All results -> estimates.csv, tipping.csv, and the participant flow with the numbers analysed."""

from __future__ import annotations

from typing import Any

import pandas as pd

from cpis_analysis.analyses.collect import collect_estimates
from cpis_analysis.analyses.tipping import tipping_analyses, tipping_frame
from cpis_analysis.files import write_csv, write_json
from cpis_analysis.plan.schema import Design, Family
from cpis_analysis.present.disclosure import merge_reasons
from cpis_analysis.steps.command import run_step
from cpis_analysis.steps.frames import read_json, read_results
from cpis_analysis.study.flow import complete_flow


def main(spec: dict[str, Any], models: list[str], flow: str, estimates: str, tipping: str, out_flow: str) -> None:
    results = read_results(models)
    families = {name: Family.model_validate(family) for name, family in spec["families"].items()}
    margins = {outcome: {scale: (low, high) for scale, (low, high) in of.items()}
               for outcome, of in spec["margins"].items()}
    write_csv(estimates, collect_estimates(results, families, spec["order"], margins))
    by_name = {result.spec.name: result for result in results}
    settings = {outcome: (part["deltas"], part["important"]) for outcome, part in spec["tipping"].items()}
    write_csv(tipping, tipping_frame(tipping_analyses([by_name[name] for name in spec["order"]], settings)))
    groups = {result.spec.name: result.groups for result in results}
    design = Design.model_validate(spec["design"])
    complete = complete_flow(read_json(flow), groups, spec["primary"], design)
    # Results leave the house: reasons for loss are not given by team, nor where few people gave them.
    losses = pd.DataFrame(complete["losses"], columns=["arm", "stage", "reason", "n"])
    merged = merge_reasons(losses, spec["report"]["minimum_cell"]).frames["losses"]
    reasons = [record | {"n": int(record["n"])} for record in merged.to_dict("records")]
    write_json(out_flow, complete | {"losses": reasons})


if __name__ == "__main__":
    run_step(main, "spec", "models*", "flow", "estimates", "tipping", "out_flow")
