"""Every figure that a study has the numbers for, in the order of the report."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from cpis_analysis.analyses.estimate import AnalysisResult
from cpis_analysis.chapters.experience.figure import draw_experience, drawn_differences
from cpis_analysis.chapters.flow.figure import draw_flow
from cpis_analysis.chapters.models.figure import draw_diagnostics
from cpis_analysis.chapters.moderators.figure import draw_moderators, has_levels
from cpis_analysis.chapters.outcomes.figure_forest import draw_forest, draw_models_forest
from cpis_analysis.chapters.outcomes.figure_risks import draw_risk_differences
from cpis_analysis.chapters.outcomes.figure_spread import draw_spread
from cpis_analysis.chapters.outcomes.figure_teams import draw_risks, draw_teams, enough_risks
from cpis_analysis.chapters.outcomes.figure_trajectories import draw_trajectories, has_trajectory, longitudinal_result
from cpis_analysis.chapters.pending_figure import FigureOrder, order
from cpis_analysis.chapters.people.figure import draw_missing
from cpis_analysis.chapters.robustness.figure import draw_specifications
from cpis_analysis.chapters.tipping.content import tipping_points
from cpis_analysis.chapters.tipping.figure import draw_tipping
from cpis_analysis.publish.style import Figure
from cpis_analysis.words.labels import Labels
from cpis_analysis.words.order_of_analyses import arm_differences, headline_results
from cpis_analysis.words.scales import one_scale

__all__ = ["all_figures", "figure_orders"]


def all_figures(
    summaries: Mapping[str, pd.DataFrame], results: Sequence[AnalysisResult], flow: Mapping[str, Any], labels: Labels
) -> list[Figure]:
    """Draw every figure; arguments and errors are those of `figure_orders` and of the figures."""
    return [figure.draw() for figure in figure_orders(summaries, results, flow, labels)]


def figure_orders(
    summaries: Mapping[str, pd.DataFrame], results: Sequence[AnalysisResult], flow: Mapping[str, Any], labels: Labels
) -> Iterator[FigureOrder]:
    """Order every figure; one whose numbers the study does not have is left out.

    Parameters
    ----------
    summaries : mapping
        Frames of `protection.protect_summaries`.
    results : sequence of AnalysisResult
        All analyses, in any order.
    flow : mapping
        results/flow.json.
    labels : Labels
    """
    headline = headline_results(results, labels)
    yield order(draw_flow, flow, summaries["team_list"], labels=labels, outcomes=())
    if any(result.scale.natural and result.scale.unit != "risk" for result in headline):
        yield order(draw_forest, headline, labels=labels)
    if any(result.estimate.measure == "risk difference" for result in headline):
        yield order(draw_risk_differences, headline, labels=labels)
    yield from _of_summaries(summaries, results, labels)
    yield from _of_models(results, labels)
    if len(summaries["missing"]):
        yield order(draw_missing, summaries["missing"], labels=labels)
    for outcome, found in tipping_points(results, labels).items():
        yield order(draw_tipping, found[0], labels=labels, outcomes=[outcome])
    for result in headline:
        if result.diagnostics:
            yield order(draw_diagnostics, result, labels=labels, outcomes=[result.spec.outcome])


def _of_summaries(
    summaries: Mapping[str, pd.DataFrame], results: Sequence[AnalysisResult], labels: Labels
) -> Iterator[FigureOrder]:
    """Figures of one outcome each: teams, trajectories, spread."""
    team_means = summaries["team_means"]
    for outcome in _present(team_means, labels):
        yield order(draw_teams, _own(team_means, outcome), outcome, labels=labels, outcomes=[outcome])
    risks = summaries.get("team_risks", team_means.iloc[:0])
    for outcome in _present(risks, labels):
        if enough_risks(_own(risks, outcome)):
            yield order(draw_risks, _own(risks, outcome), outcome, labels=labels, outcomes=[outcome])
    if "differences" in summaries:
        answers, counted = summaries["differences"], summaries["experience"]
        for arm in dict.fromkeys(key[2] for key in drawn_differences(answers)):
            yield order(draw_experience, answers, counted, arm, labels=labels, outcomes=())
    if "spreads" not in summaries:
        return
    means, spreads = summaries["observed_means"], summaries["spreads"]
    for outcome in labels.outcomes():
        if has_trajectory(outcome, means):
            model = longitudinal_result(outcome, results, labels)
            yield order(
                draw_trajectories,
                outcome,
                _own(means, outcome),
                [model] if model else [],
                labels=labels,
                outcomes=[outcome],
            )
    for outcome in _present(spreads, labels):
        yield order(
            draw_spread,
            outcome,
            _own(spreads, outcome),
            _own(summaries["outcomes"], outcome),
            labels=labels,
            outcomes=[outcome],
        )


def _of_models(results: Sequence[AnalysisResult], labels: Labels) -> Iterator[FigureOrder]:
    """All models of the primary outcome, beside each other; the moderators of every outcome."""
    for outcome in labels.outcomes():
        if labels.content.outcomes[outcome].role != "primary":
            continue
        own = arm_differences([result for result in results if result.spec.outcome == outcome])
        same, _ = one_scale(own, labels)
        if len(same) > 1:
            yield order(draw_models_forest, own, labels=labels, outcomes=[outcome])
        if len(arm_differences(same, estimated=True)) > 2:
            yield order(draw_specifications, own, labels=labels, outcomes=[outcome])
    for outcome in labels.outcomes():
        moderated = [result for result in results if result.spec.outcome == outcome and has_levels(result)]
        if any(result.scale.natural for result in moderated):
            yield order(draw_moderators, moderated, labels=labels, outcomes=[outcome])


def _present(frame: pd.DataFrame, labels: Labels) -> list[str]:
    seen = set(frame["outcome"])
    return [outcome for outcome in labels.outcomes() if outcome in seen]


def _own(frame: pd.DataFrame, outcome: str) -> pd.DataFrame:
    return frame[frame["outcome"] == outcome]
