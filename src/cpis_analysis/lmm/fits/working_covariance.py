"""V of a fit by rows and clusters, as cluster-robust errors need it."""

from __future__ import annotations

import numpy as np

from cpis_analysis.errors import ModelError, Problem
from cpis_analysis.lmm.designs.design import RandomPart
from cpis_analysis.lmm.fits.fit import LinearMixedFit

_LARGEST_CLUSTER = 4000
_MOST_CLUSTERS = 5000


class WorkingCovariance:
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
                Problem(f"a cluster has {len(rows)} rows; CR2 on a mixed model works up to {_LARGEST_CLUSTER}",
                         hint="use CR3 or a finer clustering"),
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
                Problem(
                    f"{len(rows)} clusters, of at most {_MOST_CLUSTERS} for a joint test or shared effects",
                    hint='use cluster_robust with kind="CR2"',
                ),
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
