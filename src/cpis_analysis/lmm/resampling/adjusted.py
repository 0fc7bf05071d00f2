"""Permutation of clusters whose estimates are independent but differ in spread, at adjusted levels (Hagemann 2023).

With the value d taken from the clusters with the arm, T(d) is the difference of mean estimates between the arms, and
T_g(d) that of another allocation g. One side rejects where few allocations have T_g(d) >= T(d): no more than
`adjusted_levels` lets it, which is fewer than in a permutation test of clusters that are alike. Two-sided is either
side at half the level.

T_g(d) >= T(d) holds from one value of d on: the mean estimate of the clusters that lose the arm in g less that of as
many that gain it. So the ends of the interval are order statistics of such differences, and need no search.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from cpis_analysis.lmm.designs.display import ShortRepr
from cpis_analysis.lmm.resampling.adjusted_levels import adjusted_ranks
from cpis_analysis.lmm.resampling.inversion import TIE, ResamplingTest

_ROOM = 1e-9
"""Relative to a level, by how much another may lie above it and count as equal."""


@dataclass(frozen=True, eq=False)
class AdjustedPermutation(ShortRepr):
    """Where allocations become as extreme as the observed one.

    Attributes
    ----------
    estimate, se : float
        Difference of the arms' mean estimates, and Welch's standard error, by which nothing is tested.
    places : (m,) float
        Of the other allocations, in order: the values from which on T_g(d) >= T(d).
    same : int
        Allocations drawn that are the observed one, itself among them.
    ranks : mapping of two-sided level to int
        As `adjusted_levels.adjusted_ranks` has them, without levels that nothing can reach.
    """

    estimate: float
    se: float
    places: np.ndarray
    same: int
    ranks: Mapping[float, int]

    def test(self, level: float = 0.95, null: float = 0.0) -> ResamplingTest:
        """Test one value.

        The p-value is the smallest of the table's levels at which the value is rejected, and 1 where it is at none. The
        interval holds what is not rejected at the largest level of the table that is no larger than 1 - `level`.
        """
        room = TIE * self.se
        above, below = (
            self.same + int(np.count_nonzero(found))
            for found in (self.places <= null + room, self.places >= null - room)
        )
        held = [alpha for alpha, rank in self.ranks.items() if min(above, below) <= rank]
        usable = [alpha for alpha in self.ranks if alpha <= (1.0 - level) * (1.0 + _ROOM)]
        low, high = -math.inf, math.inf
        if usable:
            place = self.ranks[max(usable)] - self.same
            low, high = float(self.places[place]), float(self.places[-1 - place])
        return ResamplingTest(
            self.estimate,
            self.se,
            (self.estimate - null) / self.se,
            min(held, default=1.0),
            low,
            high,
            min(self.ranks, default=1.0),
            self.same + len(self.places),
            level,
        )


def adjusted_permutation(estimates: np.ndarray, treated: np.ndarray, allocations: np.ndarray) -> AdjustedPermutation:
    """The test of some clusters' estimates.

    Parameters
    ----------
    estimates : (K,) float
        One a cluster, independent of each other.
    treated : (K,) bool
        Clusters with the arm.
    allocations : (n, K) bool
        Those of `allocations.allocations` without strata, the observed one among them.
    """
    kept = allocations @ treated.astype(int)
    moved = kept < int(treated.sum())
    change = treated.astype(float) - allocations[moved]
    # the clusters that lose the arm less those that gain it
    places = np.sort(change @ estimates / np.maximum(change, 0.0).sum(axis=1))
    arms = [estimates[treated], estimates[~treated]]
    se = math.sqrt(sum(float(arm.var(ddof=1)) / len(arm) for arm in arms))
    same = int(np.count_nonzero(~moved))
    ranks = adjusted_ranks((len(arms[0]), len(arms[1])), len(allocations))
    reachable = {level: rank for level, rank in ranks.items() if rank >= same}
    return AdjustedPermutation(float(arms[0].mean() - arms[1].mean()), se, places, same, reachable)
