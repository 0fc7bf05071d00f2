"""Cluster-robust covariance of the fixed effects with Satterthwaite (Bell-McCaffrey) df.

Notes
-----
With the model's working covariance Phi (V of the mixed model, sigma^2 I for least squares), M = (X'Phi^-1X)^-1,
R = Phi^-1 X M and residuals e = y - X beta, the estimator is sum_j R_j' A_j e_j e_j' A_j' R_j over clusters j.

CR2  A_j = D_j' (D_j (Phi_j - X_j M X_j') D_j')^(-1/2) D_j with Phi_j = D_j' D_j, so that it is unbiased when
     the working covariance is right (bias-reduced linearisation).
CR3  A_j = (I - X_j R_j')^-1, close to the jackknife over clusters.

For a contrast l with g_j = A_j' R_j l, p_jk = g_j' (Phi_jk - X_j M X_k') g_k and df = (sum_j p_jj)^2 / sum_jk p_jk^2.

References
----------
Bell RM, McCaffrey DF (2002). Survey Methodology 28:169-181.
Pustejovsky JE, Tipton E (2018). J Bus Econ Stat 36:672-683; the numbers agree with R's clubSandwich.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from cpis_analysis.errors import ModelError, Problem
from cpis_analysis.lmm.designs.clusters import rows_by_cluster
from cpis_analysis.lmm.designs.contrasts import inference_frame
from cpis_analysis.lmm.designs.leaving_out import lost_without
from cpis_analysis.lmm.fits.by_cluster import ClusterInference, several_clusters
from cpis_analysis.lmm.fits.fit import LinearMixedFit
from cpis_analysis.lmm.fits.plain_residuals import need_plain_residuals
from cpis_analysis.lmm.fits.sampling_covariance import SamplingCovariance
from cpis_analysis.lmm.fits.working_covariance import WorkingCovariance

VANISHING = 1e-6
"""Share of the standard error that independent rows would give, below which a robust one is rounding, no evidence."""


@dataclass(frozen=True, eq=False, repr=False)
class ClusterRobust(ClusterInference):
    """Cluster-robust inference for one fit.

    Attributes
    ----------
    fit : LinearMixedFit
    kind : str
        ``CR2`` or ``CR3``.
    cluster_name : str
    n_clusters : int
    messages : tuple of str
    lost : mapping of str to int
        Terms that can't be told when one cluster is left out, and of how many clusters that is so. Their robust errors
        may be far too small.
    """

    fit: LinearMixedFit
    kind: str
    cluster_name: str
    n_clusters: int
    messages: tuple[str, ...]
    lost: Mapping[str, int]
    _G: list[np.ndarray]
    _scores: np.ndarray
    _rows: list[np.ndarray]
    _working: WorkingCovariance | SamplingCovariance

    def vcov(self) -> pd.DataFrame:
        """Robust covariance matrix of the coefficients."""
        back = self.fit.basis.back
        return self._of_coefficients(back @ self._covariance @ back.T)

    @cached_property
    def _covariance(self) -> np.ndarray:
        return self._scores.T @ self._scores

    def _pairs(self, l: np.ndarray, other: np.ndarray) -> np.ndarray:
        """g_j' (Phi_jk - X_j M X_k') h_k for two contrasts in the basis, (J, J)."""
        g = [G @ l for G in self._G]
        h = [G @ other for G in self._G]
        return self._working.pairs(g, h, self._rows)

    def _df(self, l: np.ndarray) -> float:
        if self._working.independent:
            return self._working.independent_df([G @ l for G in self._G], self._rows)
        pairs = self._pairs(l, l)
        return float(np.trace(pairs) ** 2 / (pairs**2).sum())

    def standard_errors(self, row: np.ndarray, residuals: np.ndarray) -> np.ndarray:
        """Standard errors (B,) of a contrast for other residuals (n, B) of the same fixed part, of least squares.

        For one design the standard error is the length of a fixed linear map of the residuals. `row` is the contrast
        on the kept coefficients.
        """
        l = row @ self.fit.basis.back
        scores = np.array([(G @ l) @ residuals[here] for G, here in zip(self._G, self._rows, strict=True)])
        return np.sqrt((scores**2).sum(axis=0))

    def summary(self, *, level: float = 0.95) -> pd.DataFrame:
        """Fixed effects with robust standard error, Satterthwaite df, t, p-value and interval.

        Everything but the estimate is NaN where clusters say nothing of a coefficient: its column is zero in all of
        them but one (a column of a cluster's own), or their totals do not vary in its direction (an outcome without
        differences between clusters), so that the standard error would be rounding.
        """
        table = self._inference(np.eye(self.fit.basis.p), self.fit.term_names, level, "term")
        used = self.fit.design.X[:, list(self.fit.basis.kept)] != 0.0
        clusters = sum(used[here].any(axis=0).astype(int) for here in self._rows)
        table.loc[clusters == 1, table.columns != "estimate"] = np.nan
        return table

    def joint_test(self, terms: Sequence[str] | np.ndarray) -> pd.DataFrame:
        """Approximate Hotelling test (HTZ of Pustejovsky and Tipton) that several coefficients are zero."""
        from scipy.special import fdtrc

        L, label = self.fit.inference.joint_rows(terms)
        q = len(L)
        B = L @ self.fit.basis.back
        raw = np.array([[np.trace(self._pairs(a, b)) for b in B] for a in B])
        self._refuse_vanishing(B, raw)
        values, vectors = np.linalg.eigh(raw)
        root = vectors / np.sqrt(values) @ vectors.T
        rows = root @ B
        pairs = [[self._pairs(a, b) for b in rows] for a in rows]
        spread = sum(
            (pairs[s][t] * pairs[s][t].T).sum() + (pairs[s][s] * pairs[t][t]).sum() for s in range(q) for t in range(q)
        )
        eta = q * (q + 1) / spread
        effect = L @ self.fit.beta
        df2 = eta - q + 1.0
        if df2 <= 0:
            raise ModelError(
                "The joint test cannot be computed.",
                Problem(
                    f"{self.n_clusters} clusters are too few to test {q} coefficients together",
                    hint="test fewer coefficients together, or name a level with more clusters",
                ),
            )
        self._refuse_vanishing(B, B @ self._covariance @ B.T)
        wald = float(effect @ np.linalg.solve(B @ self._covariance @ B.T, effect))
        scale = df2 / (eta * q)
        return pd.DataFrame(
            {"statistic": [scale * wald], "df1": [q], "df2": [df2],
             "p_value": [float(fdtrc(q, df2, scale * wald))], "scale": [scale * q]},
            index=pd.Index([label], name="terms", dtype=object),
        )  # fmt: skip

    def _refuse_vanishing(self, B: np.ndarray, covariance: np.ndarray) -> None:
        """Refuse a joint test in a direction in which the clusters leave rounding only."""
        unit = np.linalg.inv(np.linalg.qr(B.T, mode="r")).T
        sizes = np.linalg.eigvalsh(unit @ covariance @ unit.T)
        if not sizes[0] > (VANISHING * self._independent_error(np.eye(1, B.shape[1]))[0]) ** 2:
            raise ModelError(
                "The joint test cannot be computed.",
                Problem(
                    f"the {self.n_clusters} clusters leave these {len(B)} coefficients, or a combination "
                    f"of them, no "
                    "variance to be estimated",
                    hint="leave covariates of clusters out, or choose a level with more clusters",
                ),
            )

    def _independent_error(self, B: np.ndarray) -> np.ndarray:
        """Standard errors of rows (q, p) in the basis were all rows of the data independent."""
        e, root = self.fit.marginal_residuals, self.fit.basis.root_weights
        scale = np.sqrt(((e if root is None else e * root) ** 2).sum() / max(self.fit.df_residual, 1))
        return scale * np.sqrt((B**2).sum(axis=1))

    def _inference(self, rows: np.ndarray, labels: Sequence[str], level: float, index: str) -> pd.DataFrame:
        B = rows @ self.fit.basis.back
        std_error = np.sqrt(np.maximum(np.einsum("ia,ab,ib->i", B, self._covariance, B), 0.0))
        std_error = np.where(std_error > VANISHING * self._independent_error(B), std_error, np.nan)
        df = np.array([self._df(l) if here else np.nan for l, here in zip(B, std_error == std_error, strict=True)])
        return inference_frame(labels, rows @ self.fit.beta, std_error, df, level, index)


def cluster_robust(
    fit: LinearMixedFit,
    cluster: str | Sequence[object] | np.ndarray | pd.Series,
    kind: str = "CR2",
    *,
    data: pd.DataFrame | None = None,
    sampling: bool = False,
) -> ClusterRobust:
    """Cluster-robust covariance of a mixed model or of least squares.

    Parameters
    ----------
    fit : LinearMixedFit
    cluster : str or array
        A grouping factor of the fit (``trust``, ``trust:team``), a factor of its formula, a column of `data`,
        or one label a row: of the fitted rows or of the whole frame.
    kind : str
        ``CR2`` or ``CR3``.
    data : DataFrame, optional
        Where to find `cluster` when the formula does not use it; ``trust:team`` crosses columns.
    sampling : bool
        Of least squares with weights: these say for how many a row stands, and errors vary equally
        (`sampling_covariance`). Without it a row's error variance is sigma^2 / weight, as in the fit.

    Raises
    ------
    ModelError
        For unknown clusters, missing labels, fewer than two clusters, or clusters beyond 4,000 rows when V is
        not diagonal.
    """
    if kind not in ("CR2", "CR3"):
        raise ModelError("Unknown robust covariance.", Problem("kind", value=str(kind), allowed="CR2, CR3"))
    need_plain_residuals(fit, "cluster-robust errors")
    codes, name, count = several_clusters(fit, cluster, data, "Robust errors need clusters.")
    rows = rows_by_cluster(codes)
    working = SamplingCovariance(fit, codes) if sampling else WorkingCovariance(fit, codes)
    messages = []
    if not working.independent:
        messages.append(
            f"the model has effects shared between clusters of {name}: the robust errors take them as known"
        )
    without = [name for one in lost_without(fit.basis, fit.term_names, rows) for name in one]
    lost = {name: without.count(name) for name in dict.fromkeys(without)}
    if lost:
        messages.append(
            f"one cluster of {name} alone tells {', '.join(lost)}: such robust errors may be far too small; "
            "the jackknife V5 is not"
        )
    G, scores = [], np.empty((count, fit.basis.p))
    e = fit.marginal_residuals
    for j, here in enumerate(rows):
        A_R = working.adjusted(here, kind)
        G.append(A_R)
        scores[j] = e[here] @ A_R
    return ClusterRobust(fit, kind, name, count, tuple(messages), lost, G, scores, rows, working)
