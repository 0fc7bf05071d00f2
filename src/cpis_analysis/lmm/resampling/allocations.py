"""Which clusters could have had which arm: all ways, or a random part of them."""

from __future__ import annotations

from itertools import combinations, product
from math import comb, prod

import numpy as np

MOST = 20_000
"""Resamples up to which all are taken."""

DRAWN = 9_999
"""Random resamples where there are more, beside the observed data."""

_WEBB = np.array([-1.5, -1.0, -0.5, 0.5, 1.0, 1.5])
"""Squares of the six points, with their signs."""


def count_allocations(strata: np.ndarray, treated: np.ndarray) -> int:
    """In how many ways as many clusters of each stratum as have the arm can have it."""
    return prod(comb(int((strata == one).sum()), int(treated[strata == one].sum())) for one in np.unique(strata))


def allocations(strata: np.ndarray, treated: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Which clusters have the arm, by allocation.

    Parameters
    ----------
    strata : (K,)
        Of each cluster; the arms change places within strata.
    treated : (K,) bool
    random : Generator
        Used where there are more than `MOST` allocations.

    Returns
    -------
    (n, K) bool
        All allocations once, or the observed one and `DRAWN` random ones.
    """
    groups = [np.flatnonzero(strata == one) for one in np.unique(strata)]
    if count_allocations(strata, treated) <= MOST:
        ways = [list(combinations(own.tolist(), int(treated[own].sum()))) for own in groups]
        chosen = [[place for part in way for place in part] for way in product(*ways)]
        out = np.zeros((len(chosen), len(strata)), dtype=bool)
        for row, places in zip(out, chosen, strict=True):
            row[places] = True
        return out
    out = np.tile(treated, (DRAWN + 1, 1))
    for own in groups:
        out[1:, own] = random.permuted(out[1:, own], axis=1)
    return out


def draws_weights(count: int, kind: str) -> bool:
    """Whether the weights of so many clusters are drawn: there are too many for all of them."""
    return {"rademacher": 2, "webb": 6}[kind] ** count > MOST


def cluster_signs(count: int, random: np.random.Generator) -> np.ndarray:
    """Signs of clusters (n, count): all once, or `DRAWN` random ones after those that change nothing."""
    if not draws_weights(count, "rademacher"):
        return 1.0 - 2.0 * ((np.arange(2**count)[:, None] >> np.arange(count)) & 1)
    drawn = random.integers(0, 2, size=(DRAWN, count))
    return np.vstack([np.ones(count), 1.0 - 2.0 * drawn])


def cluster_weights(count: int, kind: str, random: np.random.Generator) -> np.ndarray:
    """Weights of the wild bootstrap (n, count): ``rademacher`` (signs) or ``webb`` (six points).

    Webb (2014), Queen's Economics Department Working Paper 1315: the roots of 1/2, 1 and 3/2 with either sign.
    """
    if kind == "rademacher":
        return cluster_signs(count, random)
    points = np.sign(_WEBB) * np.sqrt(np.abs(_WEBB))
    if not draws_weights(count, kind):
        return points[(np.arange(6**count)[:, None] // 6 ** np.arange(count)) % 6]
    return np.vstack([np.ones(count), points[random.integers(0, 6, size=(DRAWN, count))]])
