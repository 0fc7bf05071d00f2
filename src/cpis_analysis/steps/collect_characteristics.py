"""Parts of all cells -> operating_characteristics.csv."""

from __future__ import annotations

from typing import Any

import pandas as pd

from cpis_analysis.files import write_csv
from cpis_analysis.intake.text_files.neutral_cells import neutral_frame
from cpis_analysis.operating.merge import merged
from cpis_analysis.operating.tested_effects.cell_rows import COLUMNS
from cpis_analysis.runs.stored_frames import read_json
from cpis_analysis.runs.stored_levels import column_levels
from cpis_analysis.steps.command import run_step


def main(spec: dict[str, Any], parts: list[str], out: str) -> None:
    rows = merged([row for path in parts for row in read_json(path)])
    left = [{"model": model, "replicates": 0, "not_simulated": why} for model, why in spec["not_simulated"].items()]
    frame = pd.DataFrame([*rows, *left], columns=[*COLUMNS, "not_simulated"])
    write_csv(out, neutral_frame(column_levels(frame, spec["levels"])))
    print(f"{len(rows)} rows of {len(parts)} parts; analyses that are not simulated: {len(left)}.")


if __name__ == "__main__":
    run_step(main, "spec", "parts*", "out")
