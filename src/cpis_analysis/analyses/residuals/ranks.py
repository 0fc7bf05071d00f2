"""What is observed, ranked among data sets simulated from a model, and statistics that are compared in the same way.

The first column of each matrix is what was observed, the others are simulated. Where the model holds, all columns come
from one distribution, so every statistic of the first has a rank among all that is uniform, whatever depends on what
in the data: people of one cluster share its effect in each column.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

_FEW_VALUES = 16


def scaled_residuals(responses: Array, uniform: Array) -> Array:
    """Randomised quantile residuals of every column among all columns.

    Parameters
    ----------
    responses : (n, B + 1)
    uniform : (n, B + 1)
        Numbers between 0 and 1 that break ties.

    Returns
    -------
    ndarray (n, B + 1)
        (L + u E) / (B + 1), with L the number of columns that are lower in this row and E that of equal ones, the
        column itself among them: between 0 and 1, and uniform where the model holds.

    Notes
    -----
    Dunn & Smyth (1996), Journal of Computational and Graphical Statistics 5:236, with simulated distributions as in
    the R package DHARMa (Hartig). DHARMa ranks what was observed among the B others; the two differ by no more than
    1 / (B + 1).
    """
    lower, equal = _below_and_equal(responses)
    return np.asarray((lower + uniform * equal) / responses.shape[1])


def _below_and_equal(responses: Array) -> tuple[Array, Array]:
    """How many columns of its row are below each value, and how many equal it."""
    values = np.unique(responses)
    if len(values) > _FEW_VALUES:
        ranked = np.sort(responses, axis=1)
        lower, upper = (
            np.array([np.searchsorted(order, row, side) for order, row in zip(ranked, responses, strict=True)], float)
            for side in ("left", "right")
        )
        return lower, upper - lower
    # counting what few values there are takes a fraction of the time of sorting every row
    lower, equal = np.empty_like(responses), np.empty_like(responses)
    below = np.zeros(len(responses))
    for value in values:
        here = responses == value
        number = here.sum(axis=1).astype(float)
        np.copyto(lower, below[:, None], where=here)
        np.copyto(equal, number[:, None], where=here)
        below += number
    return lower, equal


def distances(residuals: Array) -> Array:
    """Kolmogorov and Smirnov's distance of each column from the uniform distribution."""
    n = len(residuals)
    ordered = np.sort(residuals, axis=0)
    step = np.arange(1, n + 1)[:, None] / n
    return np.asarray(np.maximum(step - ordered, ordered - (step - 1.0 / n)).max(axis=0))


def spreads(responses: Array, expected: Array) -> Array:
    """Variance of each column about what is expected of each row, (n,)."""
    return np.asarray((responses - expected[:, None]).var(axis=0, ddof=1))


def share_as_far(values: Array) -> float:
    """Share of all data sets whose value is at least that of the observed one, itself among them: a p-value."""
    return float((values >= values[0]).mean())


def two_sided(values: Array) -> float:
    """Twice the smaller share of data sets whose value is no larger, or no smaller, than that observed; at most 1."""
    return float(min(2.0 * min((values >= values[0]).mean(), (values <= values[0]).mean()), 1.0))
