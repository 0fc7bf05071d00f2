"""Covariates that belong to clusters: each takes one of the few degrees of freedom between them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from cpis_analysis.analyses.rows.analysis_rows import AnalysisRows
from cpis_analysis.analyses.rows.effect import coefficient_parts
from cpis_analysis.formula.effects import effect_variables
from cpis_analysis.lmm.designs.between_within import constant_within_groups
from cpis_analysis.lmm.designs.design import Design
from cpis_analysis.lmm.designs.estimability import RowSpace
from cpis_analysis.plan.naming import counted_noun, is_alone, noun_of, plural
from cpis_analysis.plan.specification import AnalysisSpec
from cpis_analysis.study_words import PEOPLE

FEW_LEFT = 3
"""Degrees of freedom between clusters below which a model is called crowded."""


FEW_DF = 4.0
"""Below this many degrees of freedom CR2 intervals are not reliable (Pustejovsky & Tipton 2018, section 4)."""


COUNTS_OF_FEW = (
    "Counts vary between clusters of one arm only in a skewed way, by which this test finds differences that are not "
    "there too often."
)
"""Of tests of counts with one variance for clusters and single people (benchmarks/one_arm_clusters.py)."""


def has_single_people(spec: AnalysisSpec, frame: pd.DataFrame) -> bool:
    """Whether some of the clusters by which the estimator works are single people."""
    return bool(frame[list(spec.cluster_keys)[-1]].map(is_alone).any())


def cluster_numbers(spec: AnalysisSpec, frame: pd.DataFrame) -> np.ndarray:
    """Number of the cluster of each row by which the estimator works (rows,), in the order of their labels as text."""
    keys = list(spec.cluster_keys)
    return frame[keys].astype(str).groupby(keys, sort=True).ngroup().to_numpy()


def number_of_clusters(spec: AnalysisSpec, frame: pd.DataFrame) -> int:
    """Clusters by which the estimator works, single people of arms that have none left out."""
    keys = list(spec.cluster_keys)
    return len(frame.loc[~frame[keys[-1]].map(is_alone).astype(bool), keys].astype(str).drop_duplicates())


def constant_within(X: np.ndarray, clusters: Sequence[pd.Series | np.ndarray]) -> list[int]:
    """Columns, other than constants, that do not vary within any cluster.

    Parameters
    ----------
    X : (n, p) float
    clusters : sequence of Series or (n,) int
        Variables whose combinations are the clusters.
    """
    return _constant_in(X, _numbers(clusters))


def _constant_in(X: np.ndarray, codes: np.ndarray) -> list[int]:
    within = constant_within_groups(X, codes, int(codes.max()) + 1)
    overall = constant_within_groups(X, np.zeros(len(X), dtype=np.intp), 1)
    return [int(j) for j in np.flatnonzero(within & ~overall)]


def _numbers(clusters: Sequence[pd.Series | np.ndarray]) -> np.ndarray:
    """Number of the combination of values that each row has (n,), in no order that means anything."""
    numbers = np.zeros(len(clusters[0]), dtype=np.intp)
    for part in clusters:
        codes, n = _codes(part)
        numbers = pd.factorize(numbers * n + codes)[0]
    return numbers


def _codes(part: pd.Series | np.ndarray) -> tuple[np.ndarray, int]:
    """A number from zero on for each value, and how many there can be."""
    if isinstance(part, pd.Series) and isinstance(part.dtype, pd.CategoricalDtype):
        # one more for what is missing, whose code is -1
        return part.array.codes.astype(np.intp) + 1, len(part.dtype.categories) + 1
    codes, values = pd.factorize(part, use_na_sentinel=False)
    return codes, len(values)


def level_columns(spec: AnalysisSpec, design: Design, constant: Iterable[int]) -> list[int]:
    """Of columns that do not vary within clusters (`constant_within`) those that are covariates, not the arm."""
    parts = coefficient_parts(design)
    return [j for j in constant if all(part.operand != spec.arm for part in parts[design.term_names[j]])]


def level_of_grouping(spec: AnalysisSpec, frame: pd.DataFrame, groups: Sequence[str]) -> str | None:
    """Which level of the design a random effect's groups are, by whatever name the formula calls them.

    Returns
    -------
    str or None
        ``trust`` (largest clusters), ``middle``, ``team`` (smallest) or ``person``, with ``-by-wave`` where the groups
        are waves of these; None for other groups.
        A variable that divides the rows as trusts, teams or people do is one of them: ``(1 | school_id)`` where the
        plan's teams are the schools.
    """
    names = {name for name in groups if name != "wave"}
    levels = {
        **{name: set(spec.keys_of(level)) for name, level in levels_of(spec).items()},
        "person": {spec.participant},
    }
    level = next((name for name, variables in levels.items() if names == variables), None)
    if level is None:
        level = next((name for name, variable in levels_of(spec).items() if names == {variable}), None)
    if level is None and names:
        own = _parts(frame, names)
        level = next((name for name, variables in levels.items() if _same_parts(own, _parts(frame, variables))), None)
    return level if level is None or "wave" not in groups else f"{level}-by-wave"


def levels_of(spec: AnalysisSpec) -> dict[str, str]:
    """Variables of the levels by what results call them: ``trust`` (the largest), ``middle``, ``team``."""
    names = {1: ("trust",), 2: ("trust", "team"), 3: ("trust", "middle", "team")}
    return dict(zip(names.get(len(spec.levels), ()), spec.levels, strict=True))


def _parts(frame: pd.DataFrame, variables: Iterable[str]) -> np.ndarray:
    return frame.groupby(sorted(variables), observed=True, sort=False).ngroup().to_numpy()


def _same_parts(one: np.ndarray, other: np.ndarray) -> bool:
    pairs = len(np.unique(np.stack([one, other]), axis=1).T)
    return pairs == len(np.unique(one)) == len(np.unique(other))


def crowded_clusters(spec: AnalysisSpec, rows: AnalysisRows, design: Design) -> tuple[str, ...]:
    """Warning where the arm and cluster-level covariates leave hardly anything to compare clusters by."""
    level = rows.allocation.level
    # a difference in change is a comparison within clusters: what is constant there takes nothing from it
    if level == "individual" or "wave" in effect_variables(spec.effect):
        return ()
    keys = list(spec.keys_of(rows.allocation.variable))
    numbers = _numbers([rows.frame[key] for key in keys])
    constant = _constant_in(design.X, numbers)
    _, first = np.unique(numbers, return_index=True)
    by_cluster = design.X[first][:, constant]
    left = len(by_cluster) - RowSpace.of(np.hstack([np.ones((len(by_cluster), 1)), by_cluster])).rank
    if left >= FEW_LEFT:
        return ()
    units = plural(noun_of(keys[-1]))
    return (
        f"Covariates that are constant within {units} leave {left} {counted_noun(left, 'degree of freedom')} "
        f"between {units}: inference fragile.",
    )


def units_of(spec: AnalysisSpec, group: str) -> str:
    """What a grouping factor's groups are, in the plural."""
    names = group.split(":")
    if set(names) == {spec.participant}:
        return PEOPLE
    word = {"wave": "waves"} | {level: plural(noun_of(level)) for level in spec.levels}
    for level in spec.levels:
        if set(names) == set(spec.keys_of(level)):
            return word[level]
    if "wave" in names and len(names) > 1:
        return f"waves within {units_of(spec, ':'.join(name for name in names if name != 'wave'))}"
    return word.get(group, f"groups of {group}")
