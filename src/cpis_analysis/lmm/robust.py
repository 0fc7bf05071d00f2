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
from cpis_analysis.lmm.columns import encode_groups, read_column
from cpis_analysis.lmm.contrasts import contrast_row, inference_frame
from cpis_analysis.lmm.design import RandomPart
from cpis_analysis.lmm.display import ShortRepr
from cpis_analysis.lmm.fit import LinearMixedFit

__all__ = ["VANISHING", "ClusterRobust", "cluster_robust"]

VANISHING = 1e-6
"""Share of the standard error that independent rows would give, below which a robust one is rounding, no evidence."""

_LARGEST_CLUSTER = 4000
_MOST_CLUSTERS = 5000


@dataclass(frozen=True, eq=False, repr=False)
class ClusterRobust(ShortRepr):
    """Cluster-robust inference for one fit.

    Attributes
    ----------
    fit : LinearMixedFit
    kind : str
        ``CR2`` or ``CR3``.
    cluster_name : str
    n_clusters : int
    messages : tuple of str
    """

    fit: LinearMixedFit
    kind: str
    cluster_name: str
    n_clusters: int
    messages: tuple[str, ...]
    _G: list[np.ndarray]
    _scores: np.ndarray
    _rows: list[np.ndarray]
    _working: _WorkingCovariance

    def vcov(self) -> pd.DataFrame:
        """Robust covariance matrix of the coefficients."""
        names = pd.Index(self.fit.term_names, dtype=object)
        back = self.fit.basis.back
        return pd.DataFrame(back @ self._covariance @ back.T, index=names, columns=names)

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

    def contrast(
        self, weights: Mapping[str, float] | Sequence[float], *, level: float = 0.95, label: str = "contrast"
    ) -> pd.DataFrame:
        """One linear contrast, as one row with the columns of `summary`."""
        row = contrast_row(weights, self.fit.design, self.fit.basis, label)
        return self._inference(row[None], [label], level, "contrast")

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
                [Problem(f"{self.n_clusters} clusters are too few to test {q} coefficients together")],
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
                [
                    Problem(
                        f"the {self.n_clusters} clusters leave these {len(B)} coefficients, or a combination "
                        f"of them, no "
                        "variance to be estimated"
                    )
                ],
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

    Raises
    ------
    ModelError
        For unknown clusters, missing labels, fewer than two clusters, or clusters beyond 4,000 rows when V is
        not diagonal.
    """
    if kind not in ("CR2", "CR3"):
        raise ModelError("Unknown robust covariance.", [Problem("kind", value=str(kind), allowed="CR2, CR3")])
    codes, name = _clusters(fit, cluster, data)
    count = int(codes.max()) + 1
    if count < 2:
        raise ModelError("Robust errors need clusters.", [Problem("there is one cluster only", variable=name)])
    order = np.argsort(codes, kind="stable")
    rows = np.split(order, np.cumsum(np.bincount(codes))[:-1])
    working = _WorkingCovariance(fit, codes)
    messages = []
    if not working.independent:
        messages.append(
            f"the model has effects shared between clusters of {name}: the robust errors take them as known"
        )
    G, scores = [], np.empty((count, fit.basis.p))
    e = fit.marginal_residuals
    for j, here in enumerate(rows):
        A_R = working.adjusted(here, kind)
        G.append(A_R)
        scores[j] = e[here] @ A_R
    return ClusterRobust(fit, kind, name, count, tuple(messages), G, scores, rows, working)


class _WorkingCovariance:
    """V of a fit in the data's units, by rows; M is the covariance of the coefficients in the basis."""

    def __init__(self, fit: LinearMixedFit, codes: np.ndarray) -> None:
        self.X, self.codes = fit.basis.Q, codes
        self.M = fit.optimum.likelihood.Phi * fit.mean_sigma2
        root = fit.basis.root_weights
        self.residual = np.full(fit.n_obs, fit.sigma2) if root is None else fit.mean_sigma2 / root**2
        self.parts = list(zip(fit.design.random, fit.variances.covariances, strict=True))
        self.diagonal = not self.parts
        self.independent = all(
            np.array_equal(_representative(part.codes, codes)[part.codes], codes) for part, _ in self.parts
        )
        psi, structure = fit.optimum.psi, fit.structure
        R = self.X.copy()
        if self.parts:
            for a in range(fit.basis.p):
                c = np.zeros(fit.basis.p + 1)
                c[a] = 1.0
                modes = structure.modes(psi, fit.y_scaled, c)
                for (part, _), mode, z in zip(self.parts, modes, structure.scales, strict=True):
                    u = (mode / z)[part.codes]
                    R[:, a] -= u[:, 0] if part.columns is None else np.einsum("ij,ij->i", part.columns, u)
        # H^-1 w = W (w - Z modes(w)), and R = V^-1 X M
        self.R = (R if root is None else R * root[:, None] ** 2) / fit.mean_sigma2 @ self.M

    def block(self, rows: np.ndarray) -> np.ndarray:
        """V of some rows."""
        V = np.diag(self.residual[rows])
        for part, S in self.parts:
            same = part.codes[rows][:, None] == part.codes[rows][None, :]
            z = np.ones((len(rows), 1)) if part.columns is None else part.columns[rows]
            V += np.where(same, z @ S @ z.T, 0.0)
        return V

    def adjusted(self, rows: np.ndarray, kind: str) -> np.ndarray:
        """A_j' R_j, (rows, p)."""
        X, R = self.X[rows], self.R[rows]
        if kind == "CR3":
            # (I - X R')^-T R = R (I - X'R)^-1, a p by p inverse
            return R @ np.linalg.pinv(np.eye(R.shape[1]) - X.T @ R, rcond=1e-12)
        if self.diagonal and np.ptp(self.residual[rows]) == 0.0:
            # Phi = s I: A = I on the complement of X, (I - U)^(-1/2) on its span
            s = self.residual[rows[0]]
            XM = X @ np.linalg.cholesky(self.M / s)
            left, singular, _ = np.linalg.svd(XM, full_matrices=False)
            shrink = 1.0 - singular**2
            factor = np.where(shrink > 1e-10, 1.0 / np.sqrt(np.maximum(shrink, 1e-10)), 0.0)
            return R + left @ ((factor - 1.0)[:, None] * (left.T @ R))
        if len(rows) > _LARGEST_CLUSTER:
            raise ModelError(
                "Robust errors are too large to compute.",
                [Problem(f"a cluster has {len(rows)} rows; CR2 on a mixed model works up to {_LARGEST_CLUSTER}",
                         hint="use CR3 or a finer clustering")],
            )  # fmt: skip
        V = self.block(rows)
        D = np.linalg.cholesky(V).T
        B = D @ (V - X @ self.M @ X.T) @ D.T
        values, vectors = np.linalg.eigh(0.5 * (B + B.T))
        good = values > 1e-10 * values[-1]
        half = (vectors[:, good] / np.sqrt(values[good])) @ vectors[:, good].T
        return D.T @ (half @ (D @ R))

    def pairs(self, g: list[np.ndarray], h: list[np.ndarray], rows: list[np.ndarray]) -> np.ndarray:
        """g_j' (Phi_jk - X_j M X_k') h_k, (J, J)."""
        if len(rows) > _MOST_CLUSTERS:
            raise ModelError(
                "Robust errors are too large to compute.",
                [Problem(f"{len(rows)} clusters, of at most {_MOST_CLUSTERS} for a joint test or shared effects")],
            )
        Xg = np.array([gj @ self.X[here] for gj, here in zip(g, rows, strict=True)])
        Xh = np.array([hj @ self.X[here] for hj, here in zip(h, rows, strict=True)])
        out = -Xg @ self.M @ Xh.T
        at = np.arange(len(rows))
        out[at, at] += [gj @ (self.residual[here] * hj) for gj, hj, here in zip(g, h, rows, strict=True)]
        for part, S in self.parts:
            Zg, Zh = (self._group_sums(part, side, rows) for side in (g, h))
            out += np.einsum("jga,ab,kgb->jk", Zg, S, Zh)
        return out

    def independent_df(self, g: list[np.ndarray], rows: list[np.ndarray]) -> float:
        """(sum p_jj)^2 / sum p_jk^2 without the J by J matrix, as Phi_jk is zero for other clusters."""
        a = np.empty(len(self.X))
        for gj, here in zip(g, rows, strict=True):
            a[here] = gj
        J = len(rows)
        own = np.bincount(self.codes, weights=self.residual * a * a, minlength=J)
        for part, S in self.parts:
            columns = [a] if part.columns is None else list((part.columns * a[:, None]).T)
            t = np.array([np.bincount(part.codes, weights=column, minlength=part.n_groups) for column in columns])
            each = np.einsum("ag,ab,bg->g", t, S, t)
            own += np.bincount(_representative(part.codes, self.codes), weights=each, minlength=J)
        Xg = np.array([np.bincount(self.codes, weights=a * column, minlength=J) for column in self.X.T]).T
        diagonal = np.einsum("ja,ab,jb->j", Xg, self.M, Xg)
        MXX = self.M @ (Xg.T @ Xg)
        squares = (own**2).sum() - 2.0 * own @ diagonal + np.trace(MXX @ MXX)
        return float((own - diagonal).sum() ** 2 / squares)

    def _group_sums(self, part: RandomPart, side: list[np.ndarray], rows: list[np.ndarray]) -> np.ndarray:
        out = np.zeros((len(rows), part.n_groups, part.q))
        for j, (v, here) in enumerate(zip(side, rows, strict=True)):
            for a in range(part.q):
                z = v if part.columns is None else v * part.columns[here, a]
                out[j, :, a] = np.bincount(part.codes[here], weights=z, minlength=part.n_groups)
        return out


def _representative(inner: np.ndarray, outer: np.ndarray) -> np.ndarray:
    first = np.empty(int(inner.max()) + 1, dtype=outer.dtype)
    first[inner] = outer
    return first


def _clusters(
    fit: LinearMixedFit, cluster: str | Sequence[object] | np.ndarray | pd.Series, data: pd.DataFrame | None
) -> tuple[np.ndarray, str]:
    design = fit.design
    if isinstance(cluster, str):
        if data is not None:
            columns = []
            for name in cluster.split(":"):
                if name not in data:
                    raise ModelError("The clusters are not known.", [Problem("no such column", variable=name)])
                columns.append(read_column(data, name))
            if len(columns[0].missing) != design.n_frame:
                raise ModelError("The clusters are not known.", [Problem("data is not the frame of the fit")])
            every = encode_groups(columns, design.rows) if not any(
                c.missing[slice(None) if design.rows is None else design.rows].any() for c in columns
            ) else None  # fmt: skip
            if every is None:
                raise ModelError("The clusters are not known.", [Problem("missing labels", variable=cluster)])
            return every.codes, cluster
        for part in design.random:
            if cluster == part.group:
                return part.codes, cluster
        for operand, values in design.values.items():
            if operand.variable == cluster:
                return np.unique(values, return_inverse=True)[1], cluster
        known = sorted({part.group for part in design.random} | {o.variable for o in design.values})
        raise ModelError(
            "The clusters are not known.",
            [Problem("neither a grouping factor nor a column of the formula", variable=cluster,
                     allowed=", ".join(known), hint="give data= or one label a row")],
        )  # fmt: skip
    labels = pd.Series(np.asarray(cluster, dtype=object) if not isinstance(cluster, pd.Series) else cluster.to_numpy())
    if len(labels) == design.n_frame and design.rows is not None:
        labels = labels.iloc[design.rows]
    if len(labels) != design.n:
        raise ModelError(
            "The clusters are not known.",
            [Problem("one label a row is needed", value=str(len(labels)), allowed=str(design.n))],
        )
    codes, _ = pd.factorize(labels)
    if (codes < 0).any():
        raise ModelError("The clusters are not known.", [Problem("missing labels", count=int((codes < 0).sum()))])
    return codes, getattr(cluster, "name", None) or "cluster"
