"""Every table, as HTML for the report and as CSV for a spreadsheet; nothing with rows of people."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from cpis_analysis.chapters.chapter import Material
from cpis_analysis.intake.account.reconciliation import published
from cpis_analysis.intake.dictionary.dictionary import read_dictionary
from cpis_analysis.plan.schema import PlanFile
from cpis_analysis.publish.html import table_html
from cpis_analysis.publish.sources.ledger import Ledger, open_ledger, texts_in, unmarked, with_texts
from cpis_analysis.publish.table import Table
from cpis_analysis.report.exhibits import numbers_of, write_exhibits
from cpis_analysis.report.printed import (
    read_lines,
    read_printed_error_rates,
    read_printed_estimates,
    read_printed_results,
    read_printed_summaries,
    with_sources,
)
from cpis_analysis.report.tables import all_tables
from cpis_analysis.runs.stored_levels import cells_as_written
from cpis_analysis.steps.command import run_step
from cpis_analysis.steps.quick_texts import quick_texts
from cpis_analysis.words.labels import Labels


@quick_texts
def main(
    spec: dict[str, Any],
    summaries: str,
    models: list[str],
    estimates: str,
    contrasts: str,
    error_rates: str,
    reconciliation: str,
    audit: str,
    queries: str,
    set_aside: str,
    out: str,
) -> None:
    content = PlanFile.model_validate(spec)
    levels = content.design.clusters
    labels = Labels(content, read_dictionary(Path.cwd() / content.data.dictionary, content.data.dictionary))
    material = Material(
        labels,
        read_printed_summaries(summaries, levels),
        read_printed_results(models, contrasts),
        estimates=read_printed_estimates(estimates, levels),
        reconciliation=published(with_sources(pd.read_csv(reconciliation), reconciliation)),
        error_rates=read_printed_error_rates(error_rates, levels),
        changes=[read_lines(path) for path in (audit, queries, set_aside)],
    )
    with open_ledger(cells_as_written(levels)) as ledger:
        write_exhibits(out, (_stored(table, ledger) for table in all_tables(material)))


def _stored(table: Table, ledger: Ledger) -> tuple[dict[str, Any], dict[str, str | bytes]]:
    record = table.record()
    entry = {
        "id": table.id,
        "caption": unmarked(table.caption),
        "numbers": numbers_of(ledger, {"table": texts_in(record)}),
        "table": with_texts(record, lambda texts: map(unmarked, texts)),
        "parts": table.parts(),
    }
    return entry, {f"{table.id}.html": table_html(table.block()), f"{table.id}.csv": table.to_csv()}


if __name__ == "__main__":
    run_step(
        main,
        "spec",
        "summaries",
        "models*",
        "estimates",
        "contrasts",
        "error_rates",
        "reconciliation",
        "audit",
        "queries",
        "set_aside",
        "out",
    )
