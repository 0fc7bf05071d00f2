"""Jackknife over clusters of a least-squares fit.

Notes
-----
Without cluster j the coefficients are b_j; where the rest of the rows can't tell all of them, the smallest ones that
fit (Moore-Penrose inverse), so that what cluster j alone tells counts as error. Which these are depends on how the
columns are coded.

V5   sum_j (b_j - b)(b_j - b)'. On average never too small, whatever the errors within clusters, singular designs
     included (Hansen). Where every b_j exists it is CR3. Degrees of freedom as for CR2 and CR3: with
     c'(b_j - b) = h_j'y, df = (sum h_j'h_j)^2 / sum_jk (h_j'h_k)^2, those of independent normal errors.
CV3  (J - 1) / J times that, with t on J - 1 (MacKinnon, Nielsen & Webb).

Hansen BE, Jackknife standard errors for clustered regression, Review of Economic Studies, in press,
doi:10.1093/restud/rdag050. MacKinnon JG, Nielsen MO, Webb MD (2023), Journal of Applied Econometrics 38:671.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from cpis_analysis.errors import ModelError, Problem
from cpis_analysis.lmm.designs.clusters import rows_by_cluster
from cpis_analysis.lmm.designs.contrasts import inference_frame
from cpis_analysis.lmm.designs.leaving_out import lost_without
from cpis_analysis.lmm.fits.by_cluster import ClusterInference, several_clusters
from cpis_analysis.lmm.fits.fit import LinearMixedFit
from cpis_analysis.lmm.fits.plain_residuals import need_plain_residuals

_MOST = 100_000_000
"""Clusters times rows times coefficients up to which degrees of freedom are computed."""


@dataclass(frozen=True, eq=False, repr=False)
class ClusterJackknife(ClusterInference):
    """Coefficients without each cluster, and inference from them.

    Attributes
    ----------
    fit : LinearMixedFit
    kind : str
        ``V5`` or ``CV3``.
    cluster_name : str
    coefficients : (J, p) float
        Without each cluster.
    lost : tuple
        Terms that can't be told without a cluster, for each cluster.
    """

    fit: LinearMixedFit
    kind: str
    cluster_name: str
    coefficients: np.ndarray
    lost: tuple[tuple[str, ...], ...]
    _influence: np.ndarray

    @property
    def n_clusters(self) -> int:
        """Number of clusters J."""
        return len(self.coefficients)

    @property
    def messages(self) -> tuple[str, ...]:
        """What leaving a cluster out makes impossible to tell."""
        names = list(dict.fromkeys(name for one in self.lost for name in one))
        count = sum(bool(one) for one in self.lost)
        if not names:
            return ()
        return (
            f"without one of {count} of the {self.n_clusters} clusters of {self.cluster_name} the data can't tell "
            f"{', '.join(names)}: what that cluster alone tells of them counts as error",
        )

    @property
    def _covariance(self) -> np.ndarray:
        change = self.coefficients - self.fit.beta
        J = self.n_clusters
        return change.T @ change * (1.0 if self.kind == "V5" else (J - 1) / J)

    def influence(self, row: np.ndarray) -> np.ndarray:
        """By how much each response moves what leaving out each cluster changes of a row of weights; (J, n)."""
        return np.asarray(np.einsum("p,jpn->jn", row, self._influence))

    def vcov(self) -> pd.DataFrame:
        """Covariance matrix of the coefficients."""
        return self._of_coefficients(self._covariance)

    def summary(self, *, level: float = 0.95) -> pd.DataFrame:
        """Coefficients with jackknife standard error, df, t, p-value and interval."""
        return self._inference(np.eye(len(self.fit.beta)), self.fit.term_names, level, "term")

    def _inference(self, rows: np.ndarray, labels: Sequence[str], level: float, index: str) -> pd.DataFrame:
        std_error = np.sqrt(np.einsum("ia,ab,ib->i", rows, self._covariance, rows))
        return inference_frame(labels, rows @ self.fit.beta, std_error, self._df(rows), level, index)

    def _df(self, rows: np.ndarray) -> np.ndarray:
        if self.kind == "CV3":
            return np.full(len(rows), float(self.n_clusters - 1))
        out = []
        for row in rows:
            h = self.influence(row)
            pairs = h @ h.T
            out.append(float(np.trace(pairs) ** 2 / (pairs**2).sum()))
        return np.array(out)


def cluster_jackknife(
    fit: LinearMixedFit,
    cluster: str | Sequence[object] | np.ndarray | pd.Series,
    kind: str = "V5",
    *,
    data: pd.DataFrame | None = None,
) -> ClusterJackknife:
    """Leave out one cluster after the other.

    Parameters
    ----------
    fit : LinearMixedFit
        Of `ols`.
    cluster : str or array
        As for `cluster_robust`.
    kind : str
        ``V5`` or ``CV3``.
    data : DataFrame, optional
        As for `cluster_robust`.

    Raises
    ------
    ModelError
        For mixed models, unknown clusters, missing labels, fewer than two clusters, or data too large.
    """
    if kind not in ("V5", "CV3"):
        raise ModelError("Unknown jackknife.", Problem("kind", value=str(kind), allowed="V5, CV3"))
    need_plain_residuals(fit, "the jackknife over clusters")
    if fit.design.random:
        problem = Problem("the jackknife over clusters is for least squares", hint="use cluster_robust")
        raise ModelError("The jackknife cannot be computed.", problem)
    codes, name, count = several_clusters(fit, cluster, data, "The jackknife needs clusters.")
    n, p = fit.n_obs, fit.basis.p
    if count * n * p > _MOST:
        problem = Problem(
            f"{count} clusters, {n} rows and {p} coefficients are too many", hint='use cluster_robust with kind="CR2"'
        )
        raise ModelError("The jackknife cannot be computed.", problem)
    rows = rows_by_cluster(codes)
    basis = fit.basis
    root = np.ones(n) if basis.root_weights is None else basis.root_weights
    Q, e = basis.Q * root[:, None], fit.marginal_residuals * root
    X = fit.design.X[:, list(basis.kept)] * root[:, None]
    lost = lost_without(basis, fit.term_names, rows)
    left = np.empty((count, p))
    influence = np.empty((count, p, n))
    for j, here in enumerate(rows):
        if lost[j]:
            rest = np.setdiff1d(np.arange(n), here)
            influence[j] = -basis.back @ Q.T
            influence[j][:, rest] += np.linalg.pinv(X[rest], rcond=1e-9)
            left[j] = fit.beta + influence[j] @ (X @ fit.beta + e)
            continue
        # b_j - b = -(I - Q_j'Q_j)^-1 Q_j'e_j in the basis
        inside = np.linalg.solve(np.eye(p) - Q[here].T @ Q[here], Q[here].T)
        influence[j] = basis.back @ (inside @ Q[here]) @ Q.T
        influence[j][:, here] -= basis.back @ inside
        left[j] = fit.beta - basis.back @ (inside @ e[here])
    return ClusterJackknife(fit, kind, name, left, tuple(lost), influence)
