"""Test by sign changes of estimates that clusters give independently of each other.

Canay, Romano & Shaikh (2017), Econometrica 85:1013: where each of q clusters gives an estimate that is symmetric about
the tested value, the signs of their distances from it are as good as any others. The statistic is Student's t of the
distances.
"""

from __future__ import annotations

import math

import numpy as np

from cpis_analysis.lmm.resampling.inversion import TIE, Resampled

_AT_ONCE = 4_000_000
"""Numbers of a temporary array."""


def changed_signs(estimates: np.ndarray, signs: np.ndarray) -> Resampled:
    """The statistics of all changes of signs.

    Parameters
    ----------
    estimates : (q,) float
        One a cluster, not all alike.
    signs : (n, q) float
        See `allocations.cluster_signs`.
    """
    q = len(estimates)
    mean = float(estimates.mean())
    above = np.column_stack([signs @ estimates, signs.sum(axis=1)]) / q
    squares = np.array([(estimates**2).sum(), estimates.sum(), float(q)])
    lost = q * np.column_stack([above[:, 0] ** 2, above[:, 0] * above[:, 1], above[:, 1] ** 2])
    below = (squares - lost) / (q * (q - 1))
    se = float(estimates.std(ddof=1)) / math.sqrt(q)
    return Resampled(mean, se, above, below, extreme=np.zeros(len(signs), dtype=bool))


def changed_signs_many(estimates: np.ndarray, signs: np.ndarray) -> np.ndarray:
    """Two-sided p-values of no difference for many sets of estimates.

    Parameters
    ----------
    estimates : (q, B) float
    signs : (n, q) float

    Returns
    -------
    (B,) float
        The shares of changes whose statistic at zero is as extreme, which is what `changed_signs` gives for each.
    """
    q, B = estimates.shape
    squares = (estimates**2).sum(axis=0)
    mean = estimates.mean(axis=0)
    own = mean**2 / (squares - q * mean**2)
    share = np.zeros(B)
    for part in np.array_split(signs, max(1, len(signs) * B // _AT_ONCE)):
        changed = (part @ estimates / q) ** 2
        share += (changed >= own * (squares - q * changed) * (1.0 - TIE)).sum(axis=0)
    return np.asarray(share / len(signs))
