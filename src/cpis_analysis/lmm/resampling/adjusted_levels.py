"""Levels at which a permutation of clusters that differ in spread holds its own: Table 1 of Hagemann.

Hagemann (2023), Permutation inference with a finite number of heterogeneous clusters, Rev Econ Stat (arXiv 1907.01049),
with the values that the author gives for it in R (hgmn.github.io/ap). Where the clusters' estimates are independent and
normal about one value, an ordinary permutation test of their mean difference rejects too often if some clusters vary
much more than others. For each level and numbers of clusters the table has at how many of the largest statistics a
one-sided test may reject, so that unlike variances do not make it reject more often. Some do, by little: what a search
found stands in docs/analyses.md.
"""

from __future__ import annotations

import math

FEWEST, MOST_CLUSTERS = 4, 12
"""Clusters of an arm for which the table has levels."""

_AS_DRAWN = 1500
"""Of designs with more allocations than this the table has shares of as many."""

TABLE: dict[float, tuple[tuple[float | None, ...], ...]] = {
    0.2: (
        (3,),
        (4, 15),
        (5, 20, 61),
        (6, 27, 75, 114),
        (8, 39, 74, 90, 122),
        (11, 37, 60, 87, 111, 135),
        (13, 33, 55, 75, 105, 124, 139),
        (21, 29, 47, 63, 91, 112, 128, 143),
        (20, 29, 39, 63, 87, 101, 120, 139, 143),
    ),
    0.1: (
        (None,),
        (None, 4),
        (None, 5, 21),
        (None, 7, 30, 38),
        (None, 8, 18, 35, 46),
        (None, 17, 18, 32, 45, 59),
        (None, 15, 17, 25, 43, 51, 63),
        (None, 15, 12, 23, 36, 47, 59, 66),
        (None, 11, 12, 23, 32, 40, 55, 66, 73.75),
    ),
    0.05: (
        (None,),
        (None, None),
        (None, None, 4),
        (None, None, 6, 13),
        (None, None, 4, 13, 23),
        (None, None, 4, 10, 15, 22),
        (None, None, 4, 7, 14, 22, 25),
        (None, None, 3, 5, 12, 16, 25, 27),
        (None, None, 3, 5, 11, 14, 18, 26, 31),
    ),
    0.02: (
        (None,),
        (None, None),
        (None, None, None),
        (None, None, None, 4),
        (None, None, None, 2, 4),
        (None, None, None, 2, 3, 5),
        (None, None, None, 2, 3, 5, 6),
        (None, None, None, 2, 3, 5, 6, 10),
        (None, None, None, 2, 2, 4, 5, 8, 10),
    ),
    0.01: (
        (None,),
        (None, None),
        (None, None, None),
        (None, None, None, None),
        (None, None, None, None, 0),
        (None, None, None, None, 0, 2),
        (None, None, None, None, 0, 2, 2),
        (None, None, None, None, 0, 1, 2, 3),
        (None, None, None, None, 0, 0, 2, 3, 5),
    ),
}
"""By two-sided level, larger number of clusters (rows) and smaller: allocations of the largest statistics at which one
side rejects, of all or of `_AS_DRAWN`; 0 where only the very largest will do, None where no test has the level."""


def adjusted_ranks(clusters: tuple[int, int], n: int) -> dict[float, int]:
    """Two-sided level -> the largest rank, from either end, at which the observed statistic is rejected.

    Parameters
    ----------
    clusters : (int, int)
        Of the arms, each from `FEWEST` to `MOST_CLUSTERS`.
    n : int
        Allocations, the observed one among them: all, or those drawn.

    Returns
    -------
    dict
        The levels that there is a test of, the largest first. With q the smaller number of clusters no level is below
        2 / 2^q: where only the clusters of one arm vary, all of them lie on one side with that probability.
    """
    few, many = sorted(clusters)
    out = {}
    for level, rows in TABLE.items():
        entry = rows[many - FEWEST][few - FEWEST]
        if entry is None:
            continue
        share = entry / min(math.comb(few + many, few), _AS_DRAWN)
        # as the author counts: the order statistic above which a statistic is rejected, rounded up
        out[level] = max(1, n - math.ceil(round((1.0 - share) * n, 4)))
    return out
