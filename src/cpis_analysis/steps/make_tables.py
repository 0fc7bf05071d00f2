"""Every table, as HTML for the report and as CSV for a spreadsheet; nothing with rows of people.

A table of one analysis or one outcome stays from an earlier run where nothing that it shows has changed.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from cpis_analysis.chapters.chapter import Material
from cpis_analysis.intake.account.reconciliation import published
from cpis_analysis.intake.dictionary.dictionary import read_dictionary
from cpis_analysis.plan.schema import PlanFile
from cpis_analysis.publish.html import table_html
from cpis_analysis.publish.sources.ledger import Ledger, texts_in, unmarked, with_texts
from cpis_analysis.publish.table import Table
from cpis_analysis.report.exhibits import Entry, Files, numbers_of, write_exhibits
from cpis_analysis.report.keeping import Keeping
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
    dictionary = Path.cwd() / content.data.dictionary
    labels = Labels(content, read_dictionary(dictionary, content.data.dictionary))
    material = Material(
        labels,
        read_printed_summaries(summaries, levels),
        read_printed_results(models, contrasts),
        estimates=read_printed_estimates(estimates, levels),
        reconciliation=published(with_sources(pd.read_csv(reconciliation), reconciliation)),
        error_rates=read_printed_error_rates(error_rates, levels),
        changes=[read_lines(path) for path in (audit, queries, set_aside)],
    )
    keeping = Keeping(out, "cpis_analysis.steps.make_tables", dictionary, cells_as_written(levels))
    made = keeping.exhibits(all_tables(material), table_entry)
    write_exhibits(out, ((one.entry, one.numbers | _written(one.exhibit)) for one in made))


def table_entry(table: Table, ledger: Ledger) -> tuple[Entry, dict[str, Any]]:
    """What the index says of a table, and its numbers."""
    record = table.record()
    entry = {
        "id": table.id,
        "caption": unmarked(table.caption),
        "table": with_texts(record, lambda texts: map(unmarked, texts)),
        "parts": table.parts(),
    }
    return entry, numbers_of(ledger, {"table": texts_in(record)})


def _written(table: Table | None) -> Files:
    return {} if table is None else {f"{table.id}.html": table_html(table.block()), f"{table.id}.csv": table.to_csv()}


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
