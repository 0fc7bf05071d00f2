"""All results -> estimates.csv, tipping.csv, contrasts.json, and the participant flow with the numbers analysed."""

from __future__ import annotations

import json
from typing import Any

import pandas as pd

from cpis_analysis.analyses.collect import collect_estimates
from cpis_analysis.analyses.known_names import KnownNames
from cpis_analysis.analyses.leaving.flow_cells import flow_cells
from cpis_analysis.analyses.tipping import tipping_analyses, tipping_frame
from cpis_analysis.disclosure.counts import merge_reasons
from cpis_analysis.files import write_csv, write_json
from cpis_analysis.intake.text_files.neutral_cells import neutral_frame
from cpis_analysis.plan.schema import Family
from cpis_analysis.plan.schema_design import Design
from cpis_analysis.plan.specification_records import specs_from_json
from cpis_analysis.runs.stored_frames import read_data, read_json, read_results
from cpis_analysis.runs.stored_levels import column_levels, flow_levels
from cpis_analysis.runs.stored_names import write_names
from cpis_analysis.steps.command import run_step
from cpis_analysis.steps.quick_texts import quick_texts
from cpis_analysis.study.flow_of_analyses import complete_flow


@quick_texts
def main(
    spec: dict[str, Any],
    models: list[str],
    flow: str,
    participants: str,
    interviews: str,
    estimates: str,
    tipping: str,
    contrasts: str,
    out_flow: str,
) -> None:
    data = read_data(participants, interviews)
    results = read_results(models, KnownNames(data).of)
    families = {name: Family.model_validate(family) for name, family in spec["families"].items()}
    margins = {
        outcome: {scale: (low, high) for scale, (low, high) in of.items()} for outcome, of in spec["margins"].items()
    }
    design = Design.model_validate(spec["design"])
    joint: dict[str, float] = {}
    if "seed" in spec:  # of families that are adjusted by permutation
        from cpis_analysis.analyses.fitting.joint_permutation import joint_p_values

        joint = joint_p_values(families, results, spec["order"], data, spec["seed"])
    collected = collect_estimates(
        results, families, spec["order"], margins, design.arm.multiplicity, joint, design.people.noun
    )
    write_csv(estimates, neutral_frame(column_levels(collected, design.clusters)))
    by_name = {result.spec.name: result for result in results}
    settings = {outcome: (part["deltas"], part["important"]) for outcome, part in spec["tipping"].items()}
    analyses = tipping_analyses([by_name[name] for name in spec["order"]], settings)
    write_names(contrasts, results)
    write_csv(tipping, neutral_frame(tipping_frame(analyses)))
    groups = {result.spec.name: result.groups for result in results}
    primary = specs_from_json(json.dumps(spec["primary"]))[0]
    # numbers that are not given are not given by team either
    cells = flow_cells(primary, data) if groups.get(primary.name) else []
    counted = flow_levels(read_json(flow), design.clusters, back=True)
    complete = complete_flow(counted, groups, primary.name, design, cells, primary.imputation is not None)
    leaving = _fit_to_leave(complete, spec["report"]["minimum_cell"])
    write_json(out_flow, flow_levels(leaving, design.clusters))


def _fit_to_leave(flow: dict[str, Any], minimum: int) -> dict[str, Any]:
    """Reasons why people were not recruited or were lost: not by team, nor where few people gave them."""
    leaving = flow | {"losses": _merged(pd.DataFrame(flow["losses"]), minimum)}
    if "screening" in flow:
        screening = flow["screening"]
        refused = pd.DataFrame(screening["not_recruited"]).assign(arm="", stage="screening")
        reasons = [{"reason": row["reason"], "n": row["n"]} for row in _merged(refused, minimum)]
        leaving["screening"] = screening | {"not_recruited": reasons}
    if "withdrawn" in flow:
        leaving["withdrawn"] = None if 0 < flow["withdrawn"] < minimum else flow["withdrawn"]
    return leaving


def _merged(losses: pd.DataFrame, minimum: int) -> list[dict[str, Any]]:
    columns = ["arm", "stage", "reason", "n"]
    merged = merge_reasons(losses.reindex(columns=columns), minimum).frames["losses"]
    return [record | {"n": int(record["n"])} for record in merged.to_dict("records")]


if __name__ == "__main__":
    run_step(
        main, "spec", "models*", "flow", "participants", "interviews", "estimates", "tipping", "contrasts", "out_flow"
    )
