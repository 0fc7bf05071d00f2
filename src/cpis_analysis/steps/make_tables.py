"""Every table, as HTML for the report and as CSV for a spreadsheet; nothing with rows of people."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import pandas as pd

from cpis_analysis.analyses.estimate import AnalysisResult
from cpis_analysis.chapters.cleaning.table import reconciliation_table, rules_table
from cpis_analysis.chapters.design.table import design_table
from cpis_analysis.chapters.experience.table import experience_table, experience_trust_table
from cpis_analysis.chapters.experience.table_themes import themes_table
from cpis_analysis.chapters.models.table import model_tables
from cpis_analysis.chapters.moderators.table import contrasts_table, moderators_table
from cpis_analysis.chapters.outcomes.table import outcomes_table
from cpis_analysis.chapters.people.table_baseline import baseline_table
from cpis_analysis.chapters.people.table_retention import retention_table
from cpis_analysis.chapters.robustness.table import robustness_table
from cpis_analysis.chapters.tipping.content import tipping_points
from cpis_analysis.chapters.tipping.table import tipping_table
from cpis_analysis.chapters.two_methods.content import all_anchors
from cpis_analysis.chapters.two_methods.table import anchors_table
from cpis_analysis.intake.account.reconciliation import published
from cpis_analysis.intake.dictionary.dictionary import read_dictionary
from cpis_analysis.plan.schema import PlanFile
from cpis_analysis.publish.html import table_html
from cpis_analysis.publish.table import Table
from cpis_analysis.report.exhibits import each_recorded, printed_numbers, write_exhibits
from cpis_analysis.report.printed import read_printed_results
from cpis_analysis.runs.stored_frames import read_estimates, read_summaries
from cpis_analysis.steps.command import run_step
from cpis_analysis.words.labels import Labels
from cpis_analysis.words.order_of_analyses import arm_differences, by_outcome


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
    described = read_summaries(summaries)
    results = read_printed_results(models, contrasts)
    tables = chain(
        _people(described, content, labels),
        _results(described, results, read_estimates(estimates), labels),
        _account(reconciliation, audit, queries, set_aside),
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
            for table, log in each_recorded(tables)
        ),
    )


def _account(reconciliation: str, *changes: str) -> Iterator[Table]:
    yield reconciliation_table(published(pd.read_csv(reconciliation)))
    yield rules_table(*(pd.read_csv(path, dtype=str) for path in changes))


def _people(described: dict[str, pd.DataFrame], content: PlanFile, labels: Labels) -> Iterator[Table]:
    yield design_table(described["team_list"], labels)
    if len(described["baseline"]):
        yield baseline_table(described["baseline"], described["teams"], labels)
    if len(described["retention"]):
        yield retention_table(described["retention"], labels)
    if len(described["experience"]):
        yield experience_table(described["experience"], labels, described.get("differences"))
        for variable in content.report.experience_by_trust:
            yield experience_trust_table(described["experience"], variable, labels)
    if len(described["themes"]):
        yield themes_table(described["themes"], labels)


def _results(
    described: dict[str, pd.DataFrame], results: list[AnalysisResult], estimates: pd.DataFrame, labels: Labels
) -> Iterator[Table]:
    yield outcomes_table(described["outcomes"], results, estimates, labels)
    analyses = by_outcome(results, labels)
    both = anchors_table(all_anchors({name: arm_differences(rows) for name, rows in analyses.items()}), labels)
    yield from [both] if both else []
    for of_outcome in analyses.values():
        if len(arm_differences(of_outcome)) > 1:
            yield robustness_table(arm_differences(of_outcome), labels)
        # one after the other: the numbers of a table are those printed since the one before it
        yield from filter(None, (make(of_outcome, labels) for make in (moderators_table, contrasts_table)))
    yield from (tipping_table(found, labels) for found in tipping_points(results, labels).values())
    yield from model_tables(results, labels)


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
