"""At which level the arm varies: the one fact about a design that decides which inference is valid."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from cpis_analysis.errors import Problem
from cpis_analysis.plan.naming import natural_order, plural
from cpis_analysis.study.coding import cluster_label

__all__ = ["MIXED_CLUSTERS", "MIXED_SHARE", "Allocation", "allocation_of", "allocation_problems"]

MIXED_SHARE = 0.1
"""Share of people in the other arm than most of their cluster, up to which the arm still counts as the cluster's."""

MIXED_CLUSTERS = 1 / 3
"""Share of clusters of two or more people with people of both arms, below which it still does."""


@dataclass(frozen=True)
class Allocation:
    """How the arm relates to trusts and teams.

    Attributes
    ----------
    level : str
        ``individual`` (the arm varies among the people of a cluster), ``team`` or ``trust``.
    regime : str
        ``individual``; for teams ``A`` (every trust has teams of every arm) or ``B`` (some trusts have teams of
        several); ``C`` (the arm is a property of the trust).
    clusters : tuple of (arm, int)
        Clusters of each arm at `level`; for ``individual``: outer clusters in which the arm occurs.
    n_trusts, n_split_trusts : int
        Trusts, and those in which both arms, or several of more, occur.
    n_clusters : int
        Clusters at `level`; for ``individual`` trusts.
    mixed : tuple of str
        Clusters in which a few people are recorded in the other arm, although the arm is the cluster's.
    """

    level: str
    regime: str
    clusters: tuple[tuple[str, int], ...]
    n_trusts: int
    n_split_trusts: int
    n_clusters: int
    mixed: tuple[str, ...]


def allocation_of(people: pd.DataFrame, arm: str, trust: str, team: str | None) -> Allocation:
    """Work out the level of allocation from the people themselves.

    1. A cluster (team within trust; the trust where there are no teams) has the arm of most of its people.
    2. If more than a tenth of all people have another arm than their cluster, and a third of the clusters have people
       of both arms, the arm varies among individuals. Otherwise they are taken for errors of the log, and the clusters
       are named: the reading that gives fewer degrees of freedom is the safe one.
    3. Otherwise the arm belongs to the trust if no trust has clusters of two arms, and to the team if any has.

    Parameters
    ----------
    people : DataFrame
        One row a person, without missing arm, trust or team.
    arm, trust : str
        Variables.
    team : str or None
        Variable; labels may repeat across trusts.
    """
    # counted without pandas, which takes twenty times as long for a few hundred people
    columns = [[str(value) for value in people[name].tolist()] for name in (trust, *([team] if team else []), arm)]
    of_person = list(zip(*columns, strict=True))
    arms = sorted(set(columns[-1]))
    counts: dict[tuple[str, ...], Counter[str]] = {key: Counter() for key in sorted({key[:-1] for key in of_person})}
    in_trust: dict[str, Counter[str]] = {key[0]: Counter() for key in counts}
    for *cluster, own in of_person:
        counts[tuple(cluster)][own] += 1
        in_trust[cluster[0]][own] += 1
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
    arms_of_trust: dict[str, list[str]] = {}
    for key, own in of_cluster.items():
        arms_of_trust.setdefault(key[0], []).append(own)
    split = sum(len(set(found)) > 1 for found in arms_of_trust.values())
    if split == 0:
        units = [found[0] for found in arms_of_trust.values()]
        level, regime = "trust", "C"
    else:
        units = list(of_cluster.values())
        whole = all(len(set(found)) == len(set(units)) for found in arms_of_trust.values())
        level, regime = "team", "A" if whole else "B"
    clusters = tuple((one, units.count(one)) for one in arms)
    return Allocation(level, regime, clusters, len(arms_of_trust), split, len(units), mixed)


def allocation_problems(
    allocation: Allocation, arms: Sequence[str], reference: str, trust_label: str = "trust", team_label: str = "team"
) -> list[Problem]:
    """Reasons why no analysis of this design can be valid; none if one can.

    Parameters
    ----------
    allocation : Allocation
    arms : sequence of str
        Arms in which there are people.
    reference : str
        The reference arm of the plan.
    trust_label, team_label : str
        What clusters are called.
    """
    if reference not in arms:
        return [Problem("nobody is in the reference arm", value=reference, allowed=", ".join(arms) or "none")]
    if len(arms) < 2:
        return [Problem("everybody is in one arm, so there is nothing to compare it with", value=", ".join(arms))]
    if allocation.level == "individual":
        if allocation.n_split_trusts == 0:
            return [Problem(f"no {trust_label} has people of {'both' if len(arms) == 2 else 'several'} arms")]
        return []
    unit = team_label if allocation.level == "team" else trust_label
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
