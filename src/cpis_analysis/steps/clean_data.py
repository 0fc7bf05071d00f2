"""Raw exports -> clean data, audit trail, queries, participant flow."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from cpis_analysis.files import write_bytes, write_csv, write_json, write_parquet
from cpis_analysis.intake.clean import clean
from cpis_analysis.intake.dictionary.dictionary import read_dictionary
from cpis_analysis.intake.flow import participant_flow
from cpis_analysis.intake.privacy.earlier_files import remove_files_naming
from cpis_analysis.intake.queries.correction import answer_remarks
from cpis_analysis.intake.queries.workbook_of_queries import queries_workbook
from cpis_analysis.intake.text_files.neutral_cells import neutral_frame
from cpis_analysis.plan.schema import Cleaning, Data
from cpis_analysis.plan.schema_design import Design, words_of
from cpis_analysis.runs.processed import last_answers
from cpis_analysis.runs.stored_levels import flow_levels
from cpis_analysis.steps.command import note, run_step

TABLES = ("audit", "queries", "set_aside", "reconciliation", "sources", "translations", "answers")


def main(spec: dict[str, Any], folder: str) -> None:
    root, out = Path.cwd(), Path(folder)
    data, design = Data.model_validate(spec["data"]), Design.model_validate(spec["design"])
    cleaning = Cleaning.model_validate(spec["cleaning"])
    dictionary = read_dictionary(root / data.dictionary, data.dictionary)
    cleaned = clean(data, design, cleaning, dictionary, root)
    flow = participant_flow(cleaned, design, data.stages)
    remarks = answer_remarks(cleaned.answers, last_answers(root, cleaned.withdrawal))
    frames = {
        "participants": cleaned.participants,
        "measurements": cleaned.interviews,
        "clusters": cleaned.teams,
        "themes": cleaned.themes,
    }
    for name, frame in frames.items():
        write_parquet(out / "clean" / f"{name}.parquet", pd.DataFrame() if frame is None else frame)
    for name in TABLES:
        write_csv(out / f"{name}.csv", neutral_frame(getattr(cleaned, name)))
    workbook = queries_workbook(
        cleaned.queries, cleaned.delivered, cleaned.participants, dictionary, design, cleaned.about
    )
    write_bytes(out / "queries.xlsx", workbook)
    write_json(out / "flow.json", flow_levels(flow.to_record(), design.clusters))
    for line in cleaned.sources.to_dict("records"):
        found = f"; {line['found']}" if line["found"] else ""
        print(f"{line['file']}: {line['format']}, {line['rows']} rows, {line['columns']} columns{found}.")
    print(f"{len(cleaned.audit)} changes, {len(cleaned.queries)} queries, {len(cleaned.set_aside)} rows set aside.")
    words = words_of(data, design)
    for remark in remarks:
        note(words(remark))
    if cleaned.withdrawal is not None:
        for remark in [*cleaned.withdrawal.remarks(), *remove_files_naming(root, cleaned.withdrawal)]:
            note(words(remark))


if __name__ == "__main__":
    run_step(main, "spec", "folder")
