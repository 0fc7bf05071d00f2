"""Generalised estimating equations, solved, with the covariance of few clusters and its degrees of freedom."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from cpis_analysis.analyses.estimators.gee_search import LINKS, solve_equations

_MOST_SHARE = 0.75
"""Bound of Fay and Graubard on the share of a coefficient's information that a cluster is said to have."""


@dataclass(frozen=True)
class Equations:
    """Solved estimating equations.

    Attributes
    ----------
    coefficients : (p,) float
    covariance : (p, p) float
        With the small-sample correction.
    mean : (n,) float
        Fitted values: risks, or expected counts.
    correlation : float
        Working correlation within clusters; 0 for independence.
    independent : (p, p) float
        Covariance of the coefficients were all people independent.
    """

    coefficients: np.ndarray
    covariance: np.ndarray
    mean: np.ndarray
    correlation: float
    independent: np.ndarray
    _working: _Working = field(repr=False)

    def degrees_of_freedom(self, weights: np.ndarray, arms: np.ndarray | None = None) -> float:
        """Satterthwaite's degrees of freedom of a combination (p,) of the coefficients.

        Those of Kauermann and Carroll's covariance, whichever correction was asked for.

        Parameters
        ----------
        weights : (p,) float
        arms : (clusters,) int, optional
            Arm of each cluster, in the order of their codes: then clusters of each arm have a variance of their own.

        Notes
        -----
        The variance of a combination l is a sum of squares s_j = g_j'e_j over clusters, g_j = A_j'V_j^-1 D_j M l. Were
        the working covariance right, the s_j would have the covariances p_jk = g_j'(V_jk - D_j M D_k')g_k, and the
        degrees of freedom are (sum p_jj)^2 / sum p_jk^2 (Bell & McCaffrey 2002, Survey Methodology 28:169, eq 8;
        McCaffrey & Bell 2006, Stat Med 25:4081, for generalised linear models).

        By arm: V_a, the part of the corrected variance that is a sum over clusters of arm a, has the degrees of freedom
        nu_a that the formula gives for these clusters alone, and the whole has (sum V_a)^2 / sum (V_a^2 / nu_a), as of
        two means with variances of their own (Welch 1938, Biometrika 29:350; Satterthwaite 1946, Biometrics 2:110).
        Without covariates nu_a are the clusters of an arm less one.
        """
        return self._working.degrees_of_freedom(weights, arms)


@dataclass(frozen=True)
class _Working:
    """Working covariance of solved equations by cluster; columns of D have unit size."""

    D: list[np.ndarray]
    inverses: list[np.ndarray]
    M: np.ndarray
    size: np.ndarray
    scores: np.ndarray

    @cached_property
    def reduced(self) -> list[np.ndarray]:
        """D'V^-1 A (p, people) of each cluster, by Kauermann and Carroll."""
        return [_bias_reduced(D, inverse, self.M) for D, inverse in zip(self.D, self.inverses, strict=True)]

    def degrees_of_freedom(self, weights: np.ndarray, arms: np.ndarray | None) -> float:
        Ml = self.M @ (weights / self.size)
        own, crossed = np.empty(len(self.D)), np.empty((len(self.D), len(Ml)))
        for j, (D, inverse, reduced) in enumerate(zip(self.D, self.inverses, self.reduced, strict=True)):
            g = reduced.T @ Ml
            own[j] = g @ np.linalg.solve(inverse, g)
            crossed[j] = g @ D
        if arms is None:
            return self._of(own, crossed)
        parts = [arms == arm for arm in np.unique(arms)]
        variances = np.array([((self.scores[part] @ Ml) ** 2).sum() for part in parts])
        freedom = np.array([self._of(own[part], crossed[part]) for part in parts])
        # an arm without a part in the combination has no variance, and no degrees of freedom, to add
        held = variances > 1e-12 * variances.sum()
        return float(variances[held].sum() ** 2 / (variances[held] ** 2 / freedom[held]).sum())

    def _of(self, own: np.ndarray, crossed: np.ndarray) -> float:
        """Degrees of freedom of the sum of squares over some clusters."""
        within = np.einsum("ja,ab,jb->j", crossed, self.M, crossed)
        between = self.M @ (crossed.T @ crossed)
        squares = (own**2).sum() - 2.0 * own @ within + np.trace(between @ between)
        return float((own - within).sum() ** 2 / squares)


def estimating_equations(
    y: np.ndarray,
    X: np.ndarray,
    clusters: np.ndarray,
    link: str,
    correlation: str,
    correction: str,
    offset: np.ndarray | None = None,
) -> Equations | None:
    """Solve the equations and correct the covariance; None if they do not converge.

    Parameters
    ----------
    y : (n,) float
        0 and 1, or counts.
    X : (n, p) float
        Of full rank.
    clusters : (n,) int
    link : str
        ``logit`` (variance mu (1 - mu)), ``log`` (variance mu) or ``identity`` (constant variance).
    correlation : str
        ``exchangeable`` or ``independence``.
    correction : str
        ``mancl-derouen``, ``kauermann-carroll``, ``fay-graubard``, ``morel-bokossa-neerchal`` or ``none`` (the robust
        covariance of Liang and Zeger).
    offset : (n,) float, optional
        Added to the linear predictor, as the logarithm of an exposure.

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
    order = np.argsort(clusters, kind="stable")
    y, X, clusters = y[order], X[order], clusters[order]
    shift = None if offset is None else offset[order]
    size = np.maximum(np.abs(X).max(axis=0), 1e-300)
    parts = np.split(np.arange(len(y)), np.flatnonzero(np.diff(clusters)) + 1)
    with np.errstate(all="ignore"):
        try:
            found = solve_equations(y, X / size, parts, LINKS[link], correlation == "exchangeable", shift)
        except np.linalg.LinAlgError:
            return None
    if found is None:
        return None
    mu, rho = found.mean, found.correlation
    spread = {"logit": mu * (1 - mu), "log": mu, "identity": np.ones_like(mu)}[link]
    D = X / size * (1.0 if link == "identity" else spread[:, None])
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
    working_parts = _Working([D[p] for p in parts], inverses, M, size, scores)
    return Equations(found.coefficients / size, covariance, back, rho, independent, working_parts)


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
    root, half = _half(left, V)
    return D.T @ V @ np.linalg.solve(root, half @ root @ e)


def _bias_reduced(D: np.ndarray, V: np.ndarray, M: np.ndarray) -> np.ndarray:
    """D'V^-1 A (p, people) of one cluster by Kauermann and Carroll."""
    root, half = _half(np.eye(len(D)) - D @ M @ D.T @ V, V)
    return D.T @ V @ np.linalg.solve(root, half @ root)


def _half(left: np.ndarray, V: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """A root of V^-1, and the symmetric inverse root of I - H through it."""
    root = np.linalg.cholesky(V).T  # V = root' root, so root (I - H) root^-1 is symmetric
    symmetric = root @ left @ np.linalg.inv(root)
    values, vectors = np.linalg.eigh((symmetric + symmetric.T) / 2)
    return root, vectors / np.sqrt(np.clip(values, 1e-12, None)) @ vectors.T
