"""Which analyses and cells are simulated: a few in every run, all of the declared grid on request."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from cpis_analysis.operating.drawn_outcomes import DEPARTURES
from cpis_analysis.operating.grid_cell import Cell, simulable, simulable_answers
from cpis_analysis.plan.specification import AnalysisSpec

if TYPE_CHECKING:
    from cpis_analysis.plan.reading.load import Plan

ASSUMED = ((0.02, 0.05), (0.05, 0.10))
"""Correlations of trust and team that stand beside the estimated ones."""
ASSUMED_ONE = ((0.05, 0.0), (0.10, 0.0))
"""The same where there is one level of clusters."""
_CORRELATIONS = ((0.0, 0.0), (0.02, 0.05), (0.05, 0.10), (0.05, 0.20), (0.20, 0.05))
_HIGHEST = 0.4
"""Beyond this an estimated share is that of a handful of clusters and not worth simulating."""

GRID = (
    *(
        Cell(*correlations, loss, allocation)
        for allocation in ("observed", "within", "between")
        for loss in (0.0, 0.25)
        for correlations in _CORRELATIONS
    ),
    *(
        Cell(*correlations, departure=departure)
        for departure in DEPARTURES
        if departure != "normal"
        for correlations in _CORRELATIONS[:2]
    ),
)
"""The declared grid of `snakemake operating_characteristics`."""


def cell_named(name: str) -> Cell:
    """A cell of the grid by its name.

    Raises
    ------
    KeyError
        If the grid has none.
    """
    return {cell.name: cell for cell in GRID}[name]


def primary_analyses(plan: Plan) -> list[AnalysisSpec]:
    """Analyses of the primary outcome, the headline first; none where some arms only have clusters.

    The grid, and other studies than this one, have their clusters in every arm.
    """
    return [] if plan.content.design.one_sided is not None else _of_primary(plan)


def analyses_in_run(plan: Plan) -> list[AnalysisSpec]:
    """Analyses of the primary outcome that every run simulates on the study's own design."""
    return headline_and_others(_of_primary(plan))


def _of_primary(plan: Plan) -> list[AnalysisSpec]:
    outcomes = plan.content.outcomes
    primary = next(name for name, part in outcomes.items() if part.role == "primary")
    order = {model: place for place, model in enumerate(outcomes[primary].models)}
    specs = [one for one in plan.specifications() if one.outcome == primary]
    return sorted(specs, key=lambda one: order[one.model])


def answered_headlines(plan: Plan) -> list[AnalysisSpec]:
    """The headline of every outcome that is an event, an answer in order, a bounded sum or a count."""
    first = {name: part.models[0] for name, part in plan.content.outcomes.items()}
    return simulable_answers(one for one in plan.specifications() if one.model == first[one.outcome])


def headline_and_others(specs: Sequence[AnalysisSpec]) -> list[AnalysisSpec]:
    """The headline of an outcome and, of each other estimator, its first analysis of the same response and people.

    Parameters
    ----------
    specs : sequence of AnalysisSpec
        Analyses of one outcome, the headline first.

    Returns
    -------
    list
        Without those that can't be simulated; empty where the headline can't.
    """
    of_arm = [one for one in simulable(specs) if one.effect == one.arm]
    if not of_arm or of_arm[0] != specs[0]:
        return []
    first = specs[0]
    response = first.formula.split("~")[0].strip()
    chosen = {(first.estimator, first.cluster, first.pairs): first}
    for one in of_arm:
        same = (one.population, one.formula.split("~")[0].strip()) == (first.population, response)
        if same and one.estimator != first.estimator:
            chosen.setdefault((one.estimator, one.cluster, one.pairs), one)
    return list(chosen.values())


def estimated_cell(icc_trust: float | None, icc_team: float | None) -> Cell | None:
    """The cell at the correlations that an analysis has estimated; None where it has none.

    Parameters
    ----------
    icc_trust, icc_team : float or None
        Of `Estimate`: that of the team is the correlation of two people of one team, so the trusts' share is in it.
        None, or nan, where there is none.
    """
    of_trust, within = (0.0 if icc is None or math.isnan(icc) else icc for icc in (icc_trust, icc_team))
    if all(icc is None or math.isnan(icc) for icc in (icc_trust, icc_team)):
        return None
    of_team = max(within - of_trust, 0.0)
    return replace(Cell(0.0, 0.0), icc_trust=min(of_trust, _HIGHEST), icc_team=min(of_team, _HIGHEST))
