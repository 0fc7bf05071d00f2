"""What the report is made of, read from the files of the steps before."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd

from cpis_analysis.analyses.checked_estimates import check_estimates
from cpis_analysis.chapters.cleaning.table import rows_counted
from cpis_analysis.chapters.content import ReportContent
from cpis_analysis.instruments import input_files
from cpis_analysis.intake.account.audit_trail import CONFIRMED
from cpis_analysis.intake.account.reconciliation import published
from cpis_analysis.intake.dictionary.dictionary import read_dictionary
from cpis_analysis.plan.schema import PlanFile
from cpis_analysis.provenance import checksums, versions
from cpis_analysis.report.exhibits import read_figures, read_tables
from cpis_analysis.report.printed import (
    read_lines,
    read_printed_audit,
    read_printed_error_rates,
    read_printed_estimates,
    read_printed_flow,
    read_printed_results,
    read_printed_summaries,
    with_sources,
)
from cpis_analysis.runs.locked.lock_history import LockHistory
from cpis_analysis.runs.locked.lock_status import lock_status
from cpis_analysis.study.factors import explained_variables

ARGUMENTS = (
    "spec",
    "tables",
    "figures",
    "summaries",
    "models*",
    "estimates",
    "contrasts",
    "tipping",
    "error_rates",
    "flow",
    "design",
    "scoring",
    "reconciliation",
    "audit",
    "queries",
    "raw*",
    "digest",
    "history",
)
"""Of every step that writes a report."""


def read_content(
    spec: dict[str, Any],
    tables: str,
    figures: str,
    summaries: str,
    models: list[str],
    estimates: str,
    contrasts: str,
    tipping: str,
    error_rates: str,
    flow: str,
    design: str,
    scoring: str,
    reconciliation: str,
    audit: str,
    queries: str,
    raw: list[str],
    digest: str,
    history: str,
) -> ReportContent:
    """Read the files that the arguments name; the estimates must be those of the fits."""
    content = PlanFile.model_validate(spec)
    account = published(with_sources(pd.read_csv(reconciliation), reconciliation))
    changes = read_lines(audit)
    root = Path.cwd()
    levels = content.design.clusters
    results, collected = (
        read_printed_results(models, contrasts),
        read_printed_estimates(estimates, levels),
    )
    check_estimates(collected, results, estimates)
    dictionary = read_dictionary(root / content.data.dictionary, content.data.dictionary)
    return ReportContent(
        plan=content,
        dictionary=dictionary,
        results=results,
        estimates=collected,
        tipping=with_sources(pd.read_csv(tipping), tipping),
        error_rates=read_printed_error_rates(error_rates, levels),
        design_audit=read_printed_audit(design, levels),
        summaries=read_printed_summaries(summaries, levels),
        flow=read_printed_flow(flow, levels),
        tables=read_tables(tables),
        figures=read_figures(figures),
        scoring=with_sources(pd.read_csv(scoring, keep_default_na=False), scoring),
        reconciliation=account,
        cleaning={
            "changes": rows_counted(changes[changes["rule"] != CONFIRMED], f"rule is not {CONFIRMED}"),
            "queries": rows_counted(read_lines(queries), ""),
            "rows set aside": account["rows_set_aside"].sum(),
        },
        versions=versions(),
        inputs=dict.fromkeys(sorted(set(raw)), "") | checksums(_public_files(content), root),
        plan_digest=digest,
        variables=explained_variables(content, dictionary),
        lock=lock_status(content, root, *(LockHistory(**known) for known in json.loads(history))),
    )


def _public_files(content: PlanFile) -> set[str]:
    """Input files that hold nothing of people: dictionary and value sets."""
    return {content.data.dictionary, *input_files(content.scoring_settings()).values()}
