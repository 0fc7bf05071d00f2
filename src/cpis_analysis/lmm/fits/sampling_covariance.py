"""Cluster-robust errors of least squares whose weights say for how many a row stands, not how exact it is.

Rows count by their weights, and their errors are taken to vary equally: Phi = s I in the notes of `robust`, while the
estimate is (X'WX)^-1 X'Wy. With H = X (X'WX)^-1 X'W the residuals have covariance s (I - H)(I - H)', and

CR2  A_j = [((I - H)(I - H)')_jj]^(-1/2).

This is what clubSandwich does for `lm` with weights where nothing else is said (Pustejovsky & Tipton 2018, section 2).
"""

from __future__ import annotations

import numpy as np

from cpis_analysis.errors import ModelError, Problem
from cpis_analysis.lmm.fits.fit import LinearMixedFit

_MOST_ROWS = 4000


class SamplingCovariance:
    """The same questions as `WorkingCovariance` answers, of such a fit; X is the basis with X'WX = I.

    Parameters
    ----------
    fit : LinearMixedFit
        Without random effects.
    codes : (n,) int
        Cluster of each row.

    Raises
    ------
    ModelError
        For a model with random effects.
    """

    independent = True

    def __init__(self, fit: LinearMixedFit, codes: np.ndarray) -> None:
        if fit.design.random:
            raise ModelError(
                "Weights of this kind are for least squares.",
                Problem("the model has random effects", value="random", hint="fit by ols()"),
            )
        root = fit.basis.root_weights
        self.X, self.codes, self.s = fit.basis.Q, codes, fit.mean_sigma2
        self.R = self.X if root is None else self.X * root[:, None] ** 2
        self.S = self.R.T @ self.R

    def adjusted(self, rows: np.ndarray, kind: str) -> np.ndarray:
        """A_j' R_j, (rows, p)."""
        X, R = self.X[rows], self.R[rows]
        if kind == "CR3":
            return R @ np.linalg.pinv(np.eye(R.shape[1]) - X.T @ R, rcond=1e-12)
        if len(rows) > _MOST_ROWS:
            raise ModelError(
                "Robust errors are too large to compute.",
                Problem(f"a cluster has {len(rows)} rows; with weights CR2 works up to {_MOST_ROWS}", hint="use CR3"),
            )
        XR = X @ R.T
        values, vectors = np.linalg.eigh(np.eye(len(rows)) - XR - XR.T + X @ self.S @ X.T)
        good = values > 1e-10 * max(values[-1], 1.0)
        root: np.ndarray = (vectors[:, good] / np.sqrt(values[good])) @ (vectors[:, good].T @ R)
        return root

    def pairs(self, g: list[np.ndarray], h: list[np.ndarray], rows: list[np.ndarray]) -> np.ndarray:
        """g_j' ((I - H)(I - H)')_jk h_k in the units of the residual variance, (J, J)."""
        (ag, bg), (ah, bh) = (self._sums(side, rows) for side in (g, h))
        out = ag @ self.S @ ah.T - ag @ bh.T - bg @ ah.T
        at = np.arange(len(rows))
        out[at, at] += [gj @ hj for gj, hj in zip(g, h, strict=True)]
        paired: np.ndarray = self.s * out
        return paired

    def independent_df(self, g: list[np.ndarray], rows: list[np.ndarray]) -> float:
        """(sum p_jj)^2 / sum p_jk^2 without the J by J matrix."""
        a, b = self._sums(g, rows)
        own = np.array([gj @ gj for gj in g])
        U = np.hstack([a, b])
        p = a.shape[1]
        C = np.block([[self.S, -np.eye(p)], [-np.eye(p), np.zeros((p, p))]])
        diagonal = np.einsum("ja,ab,jb->j", U, C, U)
        CUU = C @ (U.T @ U)
        squares = (own**2).sum() + 2.0 * own @ diagonal + np.trace(CUU @ CUU)
        return float((own + diagonal).sum() ** 2 / squares)

    def _sums(self, side: list[np.ndarray], rows: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
        pairs = [(v @ self.X[here], v @ self.R[here]) for v, here in zip(side, rows, strict=True)]
        return np.array([a for a, _ in pairs]), np.array([b for _, b in pairs])
