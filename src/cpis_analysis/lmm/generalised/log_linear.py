"""Log-linear models of counts without random effects, many responses at once: Poisson's estimating equations.

McCullagh & Nelder (1989), Generalized Linear Models, 2nd ed., ch. 6.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

_ROUNDS = 100
_FARTHEST = 30.0
"""Linear predictors beyond this, beside the offset, are on the way to minus infinity."""
_LONGEST, _SHORTEST = 2.0, 1e-9
"""Of a step, on the scale of the logarithm: counts overshoot with longer ones, and shorter ones change nothing."""


def log_linear(X: Array, counts: Array, offset: Array) -> tuple[Array, Array]:
    """Coefficients, and their covariance under Poisson's variance.

    Parameters
    ----------
    X : (n, p)
        Independent columns, a constant in their span.
    counts : (n, B)
        Not negative.
    offset : (n,)
        Logarithms of what the counts are proportional to.

    Returns
    -------
    beta : (p, B)
        NaN where there is no finite estimate.
    covariance : (B, p, p)
    """
    many = counts.shape[1]
    start = np.log(counts + 0.5) - offset[:, None]
    beta = np.linalg.lstsq(X, start, rcond=None)[0].T
    moving, inverse = np.arange(many), np.full((many, X.shape[1], X.shape[1]), np.nan)
    done = np.zeros(many, dtype=bool)
    for _ in range(_ROUNDS):
        eta = beta[moving] @ X.T
        lost = ~(np.abs(eta).max(axis=1) < _FARTHEST)
        moving, eta = moving[~lost], eta[~lost]
        if not len(moving):
            break
        mean = np.exp(eta + offset)
        slope = (counts[:, moving].T - mean) @ X
        own = np.linalg.inv(np.einsum("bn,np,nq->bpq", mean, X, X, optimize=True))
        step = (own @ slope[:, :, None])[:, :, 0]
        inverse[moving] = own
        size = np.abs(step @ X.T).max(axis=1)
        beta[moving] += step * np.minimum(1.0, _LONGEST / np.maximum(size, 1e-300))[:, None]
        # on the way to minus infinity every step is as long as the last, while it gains less and less
        done[moving[size <= _SHORTEST]] = True
        moving = moving[size > _SHORTEST]
        if not len(moving):
            break
    return np.where(done, beta.T, np.nan), inverse
