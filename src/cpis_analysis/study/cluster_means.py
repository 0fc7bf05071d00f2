"""Means of clusters that formulas name: over everybody of an analysis's population whose value is known."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from cpis_analysis.errors import ModelError, Problem
from cpis_analysis.formula.parse import ClusterPart, Formula
from cpis_analysis.lmm.designs.cluster_parts import with_cluster_parts
from cpis_analysis.plan.specification import AnalysisSpec
from cpis_analysis.study.coding import other_arms


def with_cluster_means(spec: AnalysisSpec, formula: Formula, people: pd.DataFrame) -> pd.DataFrame:
    """Add the means of clusters, and what varies about them, to people.

    A mean is over the people of the population whose value is known, whether or not they have the outcome: a team's
    mean at baseline is known from everybody who was interviewed then, and the loss of some does not make it another
    team. Each person counts once, however many interviews are rows. Of the arm it is the share of people who are not in
    the reference arm.

    Parameters
    ----------
    spec : AnalysisSpec
    formula : Formula
    people : DataFrame
        Everybody of the population, one row a person; columns that are there already stay.

    Raises
    ------
    ModelError
        Clusters that are no level of the design, or a variable that has no mean.
    """
    parts = [part for part in formula.cluster_parts if str(part) not in people and part.variable in people]
    if not parts:
        return people
    _levels_only(spec, parts)
    numbers = people
    if any(part.variable == spec.arm for part in parts):
        numbers = people.assign(**{spec.arm: _in_other_arm(spec, people)})
    made = with_cluster_parts(numbers, parts, keys=cluster_keys(spec))
    return people.assign(**{str(part): made[str(part)] for part in parts})


def cluster_keys(spec: AnalysisSpec) -> Mapping[str, tuple[str, ...]]:
    """Variables that tell the clusters of each level apart: labels of inner ones may repeat in outer ones."""
    return {level: spec.keys_of(level) for level in spec.levels}


def _levels_only(spec: AnalysisSpec, parts: list[ClusterPart]) -> None:
    allowed = [{level} for level in spec.levels] + [set(spec.keys_of(level)) for level in spec.levels]
    problems = [
        Problem(
            "a mean is over clusters of the design",
            value=str(part),
            allowed=", ".join(spec.levels) or "none: the study has no clusters",
        )
        for part in parts
        if set(part.groups) not in allowed
    ]
    if problems:
        raise ModelError(f"The analysis {spec.name} can't be run.", problems)


def _in_other_arm(spec: AnalysisSpec, people: pd.DataFrame) -> np.ndarray:
    arms = other_arms(people[spec.arm], spec.reference, spec.primary_arm)
    if len(arms) > 1:
        problem = Problem(
            "of several arms there is no one share",
            variable=spec.arm,
            value=", ".join(arms),
            hint="take the mean of a yes/no variable of one arm (derived)",
        )
        raise ModelError(f"The analysis {spec.name} can't be run.", problem)
    known = people[spec.arm].notna().to_numpy()
    return np.where(known, (people[spec.arm].astype(str) != spec.reference).to_numpy(dtype=float), np.nan)
