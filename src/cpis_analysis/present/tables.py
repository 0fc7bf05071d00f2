"""Every table that a study has the numbers for, in the order of the report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from cpis_analysis.analyses.estimate import AnalysisResult
from cpis_analysis.present.labels import Labels
from cpis_analysis.present.protected import panel_question
from cpis_analysis.present.table import Table
from cpis_analysis.present.table_baseline import baseline_table
from cpis_analysis.present.table_cleaning import reconciliation_table, rules_table
from cpis_analysis.present.table_design import design_table
from cpis_analysis.present.table_experience import experience_table, experience_trust_table
from cpis_analysis.present.table_models import model_tables
from cpis_analysis.present.table_outcomes import outcomes_table
from cpis_analysis.present.table_retention import retention_table
from cpis_analysis.present.table_robustness import robustness_table
from cpis_analysis.present.table_themes import themes_table

__all__ = ["all_tables", "in_plan_order"]


def all_tables(
    summaries: Mapping[str, pd.DataFrame],
    results: Sequence[AnalysisResult],
    estimates: pd.DataFrame,
    labels: Labels,
    *,
    reconciliation: pd.DataFrame | None = None,
    audit: pd.DataFrame | None = None,
    queries: pd.DataFrame | None = None,
    set_aside: pd.DataFrame | None = None,
) -> list[Table]:
    """Set every table; one whose numbers the study does not have is left out.

    Parameters
    ----------
    summaries : mapping
        Frames of `protected.protect_summaries`.
    results : sequence of AnalysisResult
        All analyses, in any order.
    estimates : DataFrame
        results/estimates.csv.
    labels : Labels
    reconciliation, audit, queries, set_aside : DataFrame, optional
        What cleaning did; only counts are shown.
    """
    ordered = in_plan_order(results, labels)
    tables = [design_table(summaries["team_list"], labels)]
    if len(summaries["baseline"]):
        tables.append(baseline_table(summaries["baseline"], summaries["teams"], labels))
    if len(summaries["retention"]):
        tables.append(retention_table(summaries["retention"], labels))
    tables.append(outcomes_table(summaries["outcomes"], ordered, estimates, labels))
    for outcome in labels.outcomes():
        own = [result for result in ordered if result.spec.outcome == outcome]
        if len(own) > 1:
            tables.append(robustness_table(own, labels))
    if len(summaries["experience"]):
        tables.append(experience_table(summaries["experience"], labels))
        question = panel_question(summaries, labels)
        if question:
            tables.append(experience_trust_table(summaries["experience"], question, labels))
    if len(summaries["themes"]):
        tables.append(themes_table(summaries["themes"], labels))
    tables += model_tables(ordered, labels)
    if reconciliation is not None and len(reconciliation):
        tables.append(reconciliation_table(reconciliation))
    if any(frame is not None and len(frame) for frame in (audit, queries, set_aside)):
        tables.append(rules_table(audit, queries, set_aside))
    return tables


def in_plan_order(results: Sequence[AnalysisResult], labels: Labels) -> list[AnalysisResult]:
    """Analyses by outcome, primary first, and within an outcome by the plan's list of models."""
    by_name = {result.spec.name: result for result in results}
    names = [
        f"{outcome}.{model}" for outcome in labels.outcomes() for model in labels.content.outcomes[outcome].models
    ]
    return [by_name[name] for name in names if name in by_name]
