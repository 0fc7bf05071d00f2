"""Test by sign changes of estimates that clusters give independently of each other.

Canay, Romano & Shaikh (2017), Econometrica 85:1013: where each of q clusters gives an estimate that is symmetric about
the tested value, the signs of their distances from it are as good as any others. The statistic is Student's t of the
distances.
"""

from __future__ import annotations

import math

import numpy as np

from cpis_analysis.lmm.resampling.inversion import Resampled


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
