"""Every table, as HTML for the report and as CSV for a spreadsheet; nothing with rows of people."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from cpis_analysis.chapters.chapter import Material
from cpis_analysis.chapters.tables import all_tables
from cpis_analysis.intake.account.reconciliation import published
from cpis_analysis.intake.dictionary.dictionary import read_dictionary
from cpis_analysis.plan.schema import PlanFile
from cpis_analysis.publish.html import table_html
from cpis_analysis.report.exhibits import each_recorded, printed_numbers, write_exhibits
from cpis_analysis.runs.stored_frames import read_estimates, read_results, read_summaries
from cpis_analysis.runs.stored_names import read_names
from cpis_analysis.steps.command import run_step
from cpis_analysis.words.labels import Labels


def main(
    spec: dict[str, Any],
    summaries: str,
    models: list[str],
    estimates: str,
    contrasts: str,
    reconciliation: str,
    audit: str,
    queries: str,
    set_aside: str,
    out: str,
) -> None:
    content = PlanFile.model_validate(spec)
    labels = Labels(content, read_dictionary(Path.cwd() / content.data.dictionary, content.data.dictionary))
    material = Material(
        labels,
        read_summaries(summaries),
        read_results(models, read_names(contrasts)),
        estimates=read_estimates(estimates),
        reconciliation=published(pd.read_csv(reconciliation)),
        changes=[pd.read_csv(path, dtype=str) for path in (audit, queries, set_aside)],
    )
    write_exhibits(
        out,
        (
            (
                {
                    "id": table.id,
                    "caption": table.caption,
                    "numbers": printed_numbers(log, table.to_text()),
                    "table": table.record(),
                },
                {f"{table.id}.html": table_html(table.block()), f"{table.id}.csv": table.to_csv()},
            )
            for table, log in each_recorded(all_tables(material))
        ),
    )


if __name__ == "__main__":
    run_step(
        main,
        "spec",
        "summaries",
        "models*",
        "estimates",
        "contrasts",
        "reconciliation",
        "audit",
        "queries",
        "set_aside",
        "out",
    )
