"""The numbers behind the descriptive tables and figures."""

from __future__ import annotations

from typing import Any

import pandas as pd

from cpis_analysis.instruments import required_items
from cpis_analysis.plan.schema import PlanFile
from cpis_analysis.steps.command import run_step
from cpis_analysis.steps.frames import read_optional, write_summaries
from cpis_analysis.study.describe import summaries


def main(spec: dict[str, Any], participants: str, interviews: str, themes: str, out: str) -> None:
    content = PlanFile.model_validate(spec)
    write_summaries(
        out,
        summaries(
            content,
            pd.read_parquet(participants),
            themes=read_optional(themes),
            interviews=pd.read_parquet(interviews),
            items=required_items(content.scoring_settings()),
        ),
    )


if __name__ == "__main__":
    run_step(main, "spec", "participants", "interviews", "themes", "out")
