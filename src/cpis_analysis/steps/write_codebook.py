"""Dictionary and clean data -> the codebook page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from cpis_analysis.files import read_parquet, write_text
from cpis_analysis.intake.codebook import describe_variables
from cpis_analysis.intake.dictionary.dictionary import read_dictionary
from cpis_analysis.plan.schema import Data, Study
from cpis_analysis.plan.schema_design import Design
from cpis_analysis.report.codebook_page import codebook_page
from cpis_analysis.steps.command import run_step


def main(spec: dict[str, Any], participants: str, interviews: str, audit: str, out: str) -> None:
    data, design = Data.model_validate(spec["data"]), Design.model_validate(spec["design"])
    dictionary = read_dictionary(Path.cwd() / data.dictionary, data.dictionary)
    trail = pd.read_csv(
        audit, dtype=dict.fromkeys(("after", "rule", "reason", "variable", "source"), "object"), keep_default_na=False
    )
    described = describe_variables(read_parquet(participants), read_parquet(interviews), trail, dictionary, design)
    write_text(out, codebook_page(described, Study.model_validate(spec["study"]), design, spec["minimum_cell"]))
    print(f"{len(described)} variables described.")


if __name__ == "__main__":
    run_step(main, "spec", "participants", "interviews", "audit", "out")
