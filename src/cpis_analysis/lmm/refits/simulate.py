"""New responses from a fitted model."""

from __future__ import annotations

import numpy as np

from cpis_analysis.errors import ModelError, Problem
from cpis_analysis.lmm.fits.fit import LinearMixedFit


def simulate(
    fit: LinearMixedFit,
    n: int = 1,
    *,
    seed: int | np.random.Generator,
    beta: np.ndarray | None = None,
    covariances: list[np.ndarray] | None = None,
    sigma2: float | None = None,
) -> np.ndarray:
    """Draw responses for the fitted rows: new random effects and new errors.

    Parameters
    ----------
    fit : LinearMixedFit
    n : int
        Number of responses.
    seed : int or Generator
    beta : (p,) float, optional
        Coefficients instead of the estimates.
    covariances : list of (q, q) float, optional
        Covariance matrix of each random term instead of the estimates.
    sigma2 : float, optional
        Residual variance instead of the estimate.

    Returns
    -------
    (rows, n) float

    Raises
    ------
    ModelError
        When a covariance is not positive semi-definite (an unbounded fit), or `sigma2` is given for residuals that
        have a covariance of their own.
    """
    rng = np.random.default_rng(seed)
    sigma2 = fit.sigma2 if sigma2 is None else sigma2
    matrices = fit.variances.covariances if covariances is None else covariances
    X = fit.design.X[:, list(fit.basis.kept)]
    mean = fit.fitted("marginal").to_numpy() if beta is None else X @ np.asarray(beta, dtype=float)
    out = np.repeat(mean[:, None], n, axis=1)
    for part, S in zip(fit.design.random, matrices, strict=True):
        values, vectors = np.linalg.eigh(np.atleast_2d(S))
        if values[0] < -1e-12 * max(values[-1], 1e-300):
            raise ModelError(
                "The model cannot be simulated.",
                Problem("a variance is negative", variable=part.group, hint="fit with bounded=True"),
            )
        root = vectors * np.sqrt(np.maximum(values, 0.0))
        for a in range(part.q):
            u = np.zeros((part.n_groups, n))
            if a == 0:
                draws = rng.standard_normal((part.q, part.n_groups, n))
            for b in range(part.q):
                u += root[a, b] * draws[b]
            out += u[part.codes] if part.columns is None else part.columns[:, a, None] * u[part.codes]
    residual = fit.design.residual
    if residual is not None:
        if sigma2 != fit.sigma2:
            raise ModelError(
                "The model cannot be simulated.",
                Problem("residuals have more than one variance", hint="fit with one residual variance"),
            )
        roots = np.array([np.linalg.cholesky(S) for S in fit.residual_matrices])[residual.group]
        draws = rng.standard_normal((residual.n_persons, len(residual.occasion_labels), n))
        out += (roots @ draws)[residual.person, residual.occasion]
        return out
    spread = np.sqrt(sigma2) / (1.0 if fit.design.weights is None else np.sqrt(fit.design.weights)[:, None])
    out += spread * rng.standard_normal(out.shape)
    return out
