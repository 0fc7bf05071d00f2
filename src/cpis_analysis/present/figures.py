"""Every figure that a study has the numbers for, in the order of the report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from cpis_analysis.analyses.estimate import AnalysisResult
from cpis_analysis.present.figure_diagnostics import draw_diagnostics
from cpis_analysis.present.figure_flow import draw_flow
from cpis_analysis.present.figure_forest import draw_forest, draw_models_forest
from cpis_analysis.present.figure_missing import draw_missing
from cpis_analysis.present.figure_specifications import draw_specifications
from cpis_analysis.present.figure_spread import draw_spread
from cpis_analysis.present.figure_teams import draw_teams
from cpis_analysis.present.figure_trajectories import draw_trajectories, has_trajectory
from cpis_analysis.present.labels import Labels
from cpis_analysis.present.order import arm_differences, headline_results
from cpis_analysis.present.style import Figure

__all__ = ["all_figures"]


def all_figures(
    summaries: Mapping[str, pd.DataFrame], results: Sequence[AnalysisResult], flow: Mapping[str, Any], labels: Labels
) -> list[Figure]:
    """Draw every figure; one whose numbers the study does not have is left out.

    Parameters
    ----------
    summaries : mapping
        Frames of `protection.protect_summaries`.
    results : sequence of AnalysisResult
        All analyses, in any order.
    flow : mapping
        results/flow.json.
    labels : Labels

    Raises
    ------
    DataError
        If the flow does not add up.
    """
    headline = headline_results(results, labels)
    figures = [draw_flow(flow, summaries["team_list"], labels)]
    if any(result.estimate.measure != "risk difference" for result in headline):
        figures.append(draw_forest(results, labels))
    measured = set(summaries["team_means"]["outcome"])
    figures += [
        draw_teams(summaries["team_means"], outcome, labels) for outcome in labels.outcomes() if outcome in measured
    ]
    if "spreads" in summaries:
        means, spreads = summaries["observed_means"], summaries["spreads"]
        figures += [draw_trajectories(outcome, means, results, labels) for outcome in labels.outcomes()
                    if has_trajectory(outcome, means)]
        drawn = set(spreads["outcome"])
        figures += [draw_spread(outcome, spreads, summaries["outcomes"], labels) for outcome in labels.outcomes()
                    if outcome in drawn]
    for outcome in labels.outcomes():
        own = [result for result in arm_differences(results) if result.spec.outcome == outcome]
        if len(own) > 1 and labels.content.outcomes[outcome].role == "primary":
            figures.append(draw_models_forest(own, labels))
        if len(arm_differences(own, estimated=True)) > 2 and labels.content.outcomes[outcome].role == "primary":
            figures.append(draw_specifications(own, labels))
    if len(summaries["missing"]):
        figures.append(draw_missing(summaries["missing"], labels))
    figures += [draw_diagnostics(result, labels) for result in headline if result.diagnostics]
    return figures
