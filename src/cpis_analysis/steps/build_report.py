"""The findings report: one page that needs nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from cpis_analysis.files import write_text
from cpis_analysis.intake.dictionary import read_dictionary
from cpis_analysis.plan.schema import PlanFile
from cpis_analysis.provenance import checksums, versions
from cpis_analysis.report.build import build_report
from cpis_analysis.report.content import ReportContent
from cpis_analysis.steps.command import run_step
from cpis_analysis.steps.exhibits import read_figures, read_tables
from cpis_analysis.steps.frames import read_estimates, read_json, read_results, read_summaries


def main(
    spec: dict[str, Any], tables: str, figures: str, summaries: str, models: list[str], estimates: str, flow: str,
    design: str, scoring: str, reconciliation: str, audit: str, queries: str, raw: list[str], digest: str, out: str,
) -> None:
    content = PlanFile.model_validate(spec)
    account = pd.read_csv(reconciliation)
    page = build_report(
        ReportContent(
            plan=content,
            dictionary=read_dictionary(Path.cwd() / content.data.dictionary, content.data.dictionary),
            results=read_results(models),
            estimates=read_estimates(estimates),
            design_audit=read_json(design),
            summaries=read_summaries(summaries),
            flow=read_json(flow),
            tables=read_tables(tables),
            figures=read_figures(figures),
            scoring=pd.read_csv(scoring, keep_default_na=False),
            reconciliation=account,
            cleaning={
                "changes": len(pd.read_csv(audit, dtype=str)),
                "queries": len(pd.read_csv(queries, dtype=str)),
                "rows set aside": int(account["rows_set_aside"].sum()),
            },
            versions=versions(),
            inputs=checksums(sorted(set(raw)), Path.cwd()),
            plan_digest=digest,
        )
    )
    write_text(out, page)


if __name__ == "__main__":
    run_step(
        main, "spec", "tables", "figures", "summaries", "models*", "estimates", "flow", "design", "scoring",
        "reconciliation", "audit", "queries", "raw*", "digest", "out",
    )
