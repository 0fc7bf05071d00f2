"""At which level the arm varies: the one fact about a design that decides which inference is valid."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pandas as pd

from cpis_analysis.errors import Problem
from cpis_analysis.plan.naming import natural_order, noun_of, plural
from cpis_analysis.study.coding import cluster_label
from cpis_analysis.study_words import PEOPLE

MIXED_SHARE = 0.1
"""Share of people in the other arm than most of their cluster, up to which the arm still counts as the cluster's."""

MIXED_CLUSTERS = 1 / 3
"""Share of clusters of two or more people with people of both arms, below which it still does."""


@dataclass(frozen=True)
class Allocation:
    """How the arm relates to clusters.

    Attributes
    ----------
    level : str
        ``individual`` (the arm varies among the people of a cluster, or there are no clusters), ``team`` (it belongs to
        clusters within the largest) or ``trust`` (to the largest).
    regime : str
        ``individual``; for clusters within the largest ``A`` (every one of the largest has every arm) or ``B`` (some
        have several); ``C`` (the arm is a property of the largest).
    clusters : tuple of (arm, int)
        Clusters of each arm at `level`; for ``individual``: largest clusters in which the arm occurs, or people where
        there are no clusters.
    n_trusts, n_split_trusts : int
        Largest clusters, and those in which both arms, or several of more, occur; a study without clusters is one.
    n_clusters : int
        Clusters at `level`; for ``individual`` the largest.
    mixed : tuple of str
        Clusters in which a few people are recorded in the other arm, although the arm is the cluster's.
    variable : str
        Of the level: the largest clusters of which each has one arm; empty for ``individual``.
    """

    level: str
    regime: str
    clusters: tuple[tuple[str, int], ...]
    n_trusts: int
    n_split_trusts: int
    n_clusters: int
    mixed: tuple[str, ...]
    variable: str = ""


def allocation_of(people: pd.DataFrame, arm: str, levels: Sequence[str]) -> Allocation:
    """Work out the level of allocation from the people themselves.

    1. A smallest cluster has the arm of most of its people.
    2. If more than a tenth of all people have another arm than their cluster, and a third of the clusters have people
       of both arms, the arm varies among individuals. Otherwise they are taken for errors of the log, and the clusters
       are named: the reading that gives fewer degrees of freedom is the safe one.
    3. Otherwise the arm belongs to the largest clusters of which none has smaller ones of two arms.

    Parameters
    ----------
    people : DataFrame
        One row a person, without missing arm or clusters.
    arm : str
        Variable.
    levels : sequence of str
        Variables of the clusters, the largest first; labels of smaller ones may repeat in larger ones. Empty: people
        were given the arm one by one.
    """
    # counted without pandas, which takes twenty times as long for a few hundred people
    columns = [texts_of(people[name]) for name in (*levels, arm)]
    of_person = list(zip(*columns, strict=True))
    arms = sorted(set(columns[-1]))
    counts: dict[tuple[str, ...], Counter[str]] = {key: Counter() for key in sorted({key[:-1] for key in of_person})}
    in_trust: dict[tuple[str, ...], Counter[str]] = {key[:1]: Counter() for key in counts}
    for *cluster, own in of_person:
        counts[tuple(cluster)][own] += 1
        in_trust[tuple(cluster[:1])][own] += 1
    if not levels:
        of_arm = in_trust[()]
        return Allocation("individual", "individual", tuple((one, of_arm[one]) for one in arms), 1, 1, 1, ())
    in_other = {key: found.total() - max(found.values()) for key, found in counts.items()}
    several = sum(found.total() > 1 for found in counts.values())
    both = sum(len(found) > 1 for found in counts.values())
    if sum(in_other.values()) > MIXED_SHARE * len(of_person) and both >= MIXED_CLUSTERS * several:
        present = tuple((one, sum(one in found for found in in_trust.values())) for one in arms)
        split = sum(len(found) > 1 for found in in_trust.values())
        return Allocation("individual", "individual", present, len(in_trust), split, len(in_trust), ())

    mixed = tuple(sorted((cluster_label(key) for key, other in in_other.items() if other), key=natural_order))
    # of as many people in two arms, the first arm
    of_cluster = {key: max(arms, key=lambda one: found[one]) for key, found in counts.items()}
    by_level = [_arms_of(of_cluster, depth) for depth in range(1, len(levels) + 1)]
    split = sum(len(found) > 1 for found in by_level[0].values())
    depth = next(i for i, units in enumerate(by_level) if all(len(found) == 1 for found in units.values()))
    units = [next(iter(found)) for found in by_level[depth].values()]
    whole = all(len(found) == len(set(units)) for found in by_level[0].values())
    level, regime = ("team", "A" if whole else "B") if split else ("trust", "C")
    clusters = tuple((one, units.count(one)) for one in arms)
    return Allocation(level, regime, clusters, len(by_level[0]), split, len(units), mixed, levels[depth])


def texts_of(column: pd.Series) -> list[str]:
    """Values as texts; of codes without a text of each row's own, which takes a tenth of the time."""
    if not isinstance(column.dtype, pd.CategoricalDtype):
        return [str(value) for value in column.tolist()]
    # the code of a missing value is -1
    of_code = [*map(str, column.array.categories.tolist()), str(math.nan)]
    return [of_code[code] for code in column.array.codes.tolist()]


def level_of_one_arm(
    people: Sequence[tuple[str, tuple[str, ...]]], levels: int
) -> tuple[int, dict[tuple[str, ...], str]] | None:
    """The largest level whose clusters are all, or nearly all, of one arm; None where people of a cluster have several.

    For rows that nobody has cleaned: unlike `allocation_of`, it takes people without an arm or a cluster, and leaves
    them out.

    Parameters
    ----------
    people : sequence of (str, tuple of str)
        Arm, and the cluster of each level, the largest first; empty where none is known.
    levels : int

    Returns
    -------
    depth : int
        Place of the level.
    arms : dict of tuple of str to str
        Arm that most people of each cluster have, by its names down to that level.
    """
    for depth in range(levels):
        found: dict[tuple[str, ...], Counter[str]] = {}
        for arm, clusters in people:
            key = tuple(clusters[: depth + 1])
            if arm and all(key):
                found.setdefault(key, Counter())[arm] += 1
        known = sum(arms.total() for arms in found.values())
        in_other = sum(arms.total() - max(arms.values()) for arms in found.values())
        if len(found) < known and in_other <= MIXED_SHARE * known:
            return depth, {key: max(arms, key=lambda one: arms[one]) for key, arms in found.items()}
    return None


def _arms_of(of_cluster: dict[tuple[str, ...], str], depth: int) -> dict[tuple[str, ...], set[str]]:
    """Arms in each unit of a level, from those of the smallest clusters."""
    found: dict[tuple[str, ...], set[str]] = {}
    for key, own in of_cluster.items():
        found.setdefault(key[:depth], set()).add(own)
    return found


def allocation_problems(
    allocation: Allocation,
    arms: Sequence[str],
    reference: str,
    outermost: str = "",
    noun: Callable[[str], str] = noun_of,
) -> list[Problem]:
    """Reasons why no analysis of this design can be valid; none if one can.

    Parameters
    ----------
    allocation : Allocation
    arms : sequence of str
        Arms in which there are people.
    reference : str
        The reference arm of the plan.
    outermost : str
        Variable of the largest clusters.
    noun : callable
        Variable of a level -> what its clusters are called.
    """
    if reference not in arms:
        return [Problem("nobody is in the reference arm", value=reference, allowed=", ".join(arms) or "none")]
    if len(arms) < 2:
        return [
            Problem(
                "everybody is in one arm, so there is nothing to compare it with",
                value=", ".join(arms),
                hint="look whether design.arm.variable is the right column, and whether the file of the other arm "
                "is there",
            )
        ]
    if allocation.level == "individual":
        if allocation.n_split_trusts == 0:
            return [
                Problem(
                    f"no {noun(outermost)} has {PEOPLE} of {'both' if len(arms) == 2 else 'several'} arms",
                    hint="choose df and cluster of the larger clusters, or describe the arms without a test",
                )
            ]
        return []
    unit = noun(allocation.variable)
    return [
        Problem(
            f"the arm was allocated by {unit} and this arm has one {unit}: the effect of the arm can't be told apart "
            f"from the difference between two {plural(unit)}",
            value=arm,
            allowed=f"at least two {plural(unit)} in each arm",
        )
        for arm, clusters in allocation.clusters
        if clusters < 2
    ]
