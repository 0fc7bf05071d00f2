"""Quantiles of many columns at once, told from sorted values."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def quantiles(values: np.ndarray, probabilities: Sequence[float] | np.ndarray) -> np.ndarray:
    """Quantiles over the first axis, straight lines between order statistics: type 7 of Hyndman & Fan (1996).

    Parameters
    ----------
    values : (n, ...) float
    probabilities : (q,) float

    Returns
    -------
    (q, ...) float
        NaN where a value is NaN.

    Notes
    -----
    Number for number `numpy.quantile`, which parts the values at each place anew: of a hundred rows it takes ten times
    as long as to sort them.
    """
    ordered = np.sort(np.moveaxis(values, 0, -1), axis=-1)
    last = ordered.shape[-1] - 1
    at = last * np.asarray(probabilities, dtype=float)
    below = np.floor(at).astype(np.intp)
    low, high, part = ordered[..., below], ordered[..., np.minimum(below + 1, last)], at - below
    step = high - low
    # from the nearer of the two, as there rounding is least
    found = np.where(part >= 0.5, high - step * (1.0 - part), low + step * part)
    return np.moveaxis(np.where(np.isnan(ordered[..., -1:]), np.nan, found), -1, 0)
