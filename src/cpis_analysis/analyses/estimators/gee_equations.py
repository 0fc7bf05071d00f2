"""Estimating equations of risks: the solution, and covariances that are corrected for few clusters."""

from __future__ import annotations

import warnings

import numpy as np

__all__ = ["Equations", "risk_equations"]

_MOST_SHARE = 0.75
"""Bound of Fay and Graubard on the share of a coefficient's information that a cluster is said to have."""


class Equations:
    """Solved estimating equations.

    Attributes
    ----------
    coefficients : (p,) float
    covariance : (p, p) float
        With the small-sample correction.
    risk : (n,) float
        Fitted values.
    correlation : float
        Working correlation within clusters; 0 for independence.
    independent : (p, p) float
        Covariance of the coefficients were all people independent.
    """

    def __init__(
        self,
        coefficients: np.ndarray,
        covariance: np.ndarray,
        risk: np.ndarray,
        correlation: float,
        independent: np.ndarray,
    ) -> None:
        self.independent = independent
        self.coefficients = coefficients
        self.covariance = covariance
        self.risk = risk
        self.correlation = correlation


def risk_equations(
    y: np.ndarray, X: np.ndarray, clusters: np.ndarray, link: str, correlation: str, correction: str
) -> Equations | None:
    """Solve the equations and correct the covariance; None if they do not converge.

    Parameters
    ----------
    y : (n,) float
        0 and 1.
    X : (n, p) float
        Of full rank.
    clusters : (n,) int
    link : str
        ``logit`` (variance mu (1 - mu)) or ``identity`` (constant variance).
    correlation : str
        ``exchangeable`` or ``independence``.
    correction : str
        ``mancl-derouen``, ``kauermann-carroll``, ``fay-graubard``, ``morel-bokossa-neerchal`` or ``none`` (the robust
        covariance of Liang and Zeger).

    Notes
    -----
    With D = dmu/dbeta, V the working covariance, U_j = D_j'V_j^-1 e_j and M = (sum D'V^-1 D)^-1, the covariance is
    M (sum U_j U_j') M, in which

    - Mancl-DeRouen: e_j becomes (I - H_j)^-1 e_j, H_j = D_j M D_j' V_j^-1;
    - Kauermann-Carroll: its symmetric root through V;
    - Fay-Graubard: U_j is multiplied by (1 - min(3/4, q))^(-1/2), q the diagonal of D_j'V_j^-1 D_j M;
    - Morel-Bokossa-Neerchal: the covariance of Liang and Zeger times (n - 1) K / ((n - p) (K - 1)), plus
      min(1/2, p / (K - p)) max(1, tr(M sum U_j U_j') / p) M.

    Fay & Graubard (2001), Biometrics 57:1198; Morel, Bokossa & Neerchal (2003), Biometrical Journal 45:395, with the
    scale as in the R package geesmv.
    """
    from statsmodels.genmod import cov_struct, families
    from statsmodels.genmod.generalized_estimating_equations import GEE

    order = np.argsort(clusters, kind="stable")
    y, X, clusters = y[order], X[order], clusters[order]
    size = np.maximum(np.abs(X).max(axis=0), 1e-300)
    family = families.Binomial() if link == "logit" else families.Gaussian()
    working = cov_struct.Exchangeable() if correlation == "exchangeable" else cov_struct.Independence()
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            fit = GEE(y, X / size, groups=clusters, family=family, cov_struct=working).fit(maxiter=200, ctol=1e-10)
        except (ValueError, np.linalg.LinAlgError, FloatingPointError):
            return None
    if not fit.converged or not np.isfinite(fit.params).all():
        return None
    rho = float(working.dep_params) if correlation == "exchangeable" else 0.0
    mu = np.asarray(fit.fittedvalues)
    spread = mu * (1 - mu) if link == "logit" else np.ones_like(mu)
    D = X / size * (spread[:, None] if link == "logit" else 1.0)
    parts = np.split(np.arange(len(y)), np.flatnonzero(np.diff(clusters)) + 1)
    roots = np.sqrt(spread)
    try:
        inverses = [
            np.linalg.inv((np.full((len(p), len(p)), rho) + (1 - rho) * np.eye(len(p))) * np.outer(roots[p], roots[p]))
            for p in parts
        ]
        M = np.linalg.inv(sum(D[p].T @ V @ D[p] for p, V in zip(parts, inverses, strict=True)))
        scores = np.array([_score(D[p], V, M, (y - mu)[p], correction) for p, V in zip(parts, inverses, strict=True)])
    except np.linalg.LinAlgError:
        return None
    covariance = M @ scores.T @ scores @ M / np.outer(size, size)
    if correction == "morel-bokossa-neerchal":
        K, n, p = len(parts), len(y), X.shape[1]
        inflation = min(0.5, p / (K - p)) if K > p else 0.5
        spread_of_scores = max(1.0, float(np.trace(M @ scores.T @ scores)) / p)
        covariance *= (n - 1) * K / ((n - p) * (K - 1))
        covariance += inflation * spread_of_scores * M / np.outer(size, size)
    dispersion = ((y - mu) ** 2 / spread).sum() / max(len(y) - X.shape[1], 1)
    independent = dispersion * np.linalg.inv(D.T @ (D / spread[:, None])) / np.outer(size, size)
    back = np.empty(len(y))
    back[order] = mu
    return Equations(np.asarray(fit.params) / size, covariance, back, rho, independent)


def _score(D: np.ndarray, V: np.ndarray, M: np.ndarray, e: np.ndarray, correction: str) -> np.ndarray:
    """D'V^-1 A e of one cluster."""
    if correction in ("none", "morel-bokossa-neerchal"):
        return D.T @ V @ e
    if correction == "fay-graubard":
        share = np.diag(D.T @ V @ D @ M)
        return D.T @ V @ e / np.sqrt(1.0 - np.minimum(_MOST_SHARE, share))
    left = np.eye(len(e)) - D @ M @ D.T @ V
    if correction == "mancl-derouen":
        return D.T @ V @ np.linalg.solve(left, e)
    root = np.linalg.cholesky(V).T  # V = root' root, so root (I - H) root^-1 is symmetric
    symmetric = root @ left @ np.linalg.inv(root)
    values, vectors = np.linalg.eigh((symmetric + symmetric.T) / 2)
    half = vectors / np.sqrt(np.clip(values, 1e-12, None)) @ vectors.T
    return D.T @ V @ np.linalg.solve(root, half @ root @ e)
