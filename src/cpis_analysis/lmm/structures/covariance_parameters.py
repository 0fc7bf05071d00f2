"""The variance parameters: which exist, how they make up covariance matrices, how they are searched.

``psi`` are variances and covariances as ratios to the residual variance, in which H is linear.
``theta`` is what the optimiser moves: psi itself for a single variance (an exact zero is a bound), the
Cholesky factor for a correlated block (so that the block stays positive semi-definite).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np


@dataclass(frozen=True)
class Layout:
    """Parameters of the random terms.

    Attributes
    ----------
    sizes : tuple of int
        Number of effects of each random term.
    """

    sizes: tuple[int, ...]

    @cached_property
    def entries(self) -> list[tuple[int, int, int]]:
        """(term, row, column) of each parameter, row >= column."""
        return [(k, a, b) for k, q in enumerate(self.sizes) for b in range(q) for a in range(b, q)]

    @cached_property
    def slices(self) -> list[slice]:
        """Positions of each term's parameters."""
        ends = np.cumsum([q * (q + 1) // 2 for q in self.sizes])
        return [slice(int(e - q * (q + 1) // 2), int(e)) for e, q in zip(ends, self.sizes, strict=True)]

    @property
    def curved(self) -> bool:
        """Whether theta differs from psi, which it does for correlated effects."""
        return max(self.sizes, default=1) > 1

    @cached_property
    def bounded(self) -> np.ndarray:
        """Which elements of theta must not be negative: single variances.

        A Cholesky factor has no bounds: L and L with a column negated give the same covariance, and a bound on
        the diagonal would close the way from a positive to a negative correlation.
        """
        return np.array([self.sizes[k] == 1 for k, _, _ in self.entries], dtype=bool)

    @cached_property
    def variances(self) -> np.ndarray:
        """Which elements of psi are variances."""
        return np.array([a == b for _, a, b in self.entries], dtype=bool)

    def matrix(self, psi: np.ndarray, term: int) -> np.ndarray:
        """Covariance matrix of one term (as ratio)."""
        q = self.sizes[term]
        out = np.empty((q, q))
        for value, (_, a, b) in zip(psi[self.slices[term]], self.entries[self.slices[term]], strict=True):
            out[a, b] = out[b, a] = value
        return out

    def zeros(self, psi: np.ndarray) -> list[int]:
        """Positions of the variances that are exactly zero."""
        return [
            i for i, ((_, a, b), value) in enumerate(zip(self.entries, psi, strict=True)) if a == b and value == 0.0
        ]

    def lost_rank(self, psi: np.ndarray) -> list[int]:
        """Terms of several effects whose covariance matrix is singular."""
        out = []
        for k, q in enumerate(self.sizes):
            if q > 1:
                values = np.linalg.eigvalsh(self.matrix(psi, k))
                if values[0] <= 1e-9 * max(values[-1], 1e-12):
                    out.append(k)
        return out

    def vector(self, matrices: list[np.ndarray]) -> np.ndarray:
        """Parameters from covariance matrices."""
        return np.array([matrices[k][a, b] for k, a, b in self.entries])

    def factors(self, theta: np.ndarray) -> list[np.ndarray]:
        """Lower triangular factors L with L L' the covariance matrix of each term."""
        out = []
        for k, q in enumerate(self.sizes):
            part = theta[self.slices[k]]
            if q == 1:
                out.append(np.sqrt(np.maximum(part, 0.0)).reshape(1, 1))
                continue
            L = np.zeros((q, q))
            for value, (_, a, b) in zip(part, self.entries[self.slices[k]], strict=True):
                L[a, b] = value
            out.append(L)
        return out

    def psi(self, theta: np.ndarray) -> np.ndarray:
        """Variances and covariances from theta."""
        if max(self.sizes, default=1) == 1:
            return np.array(theta, dtype=float)
        out = np.array(theta, dtype=float)
        for k, L in enumerate(self.factors(theta)):
            if self.sizes[k] > 1:
                S = L @ L.T
                out[self.slices[k]] = [S[a, b] for _, a, b in self.entries[self.slices[k]]]
        return out

    def theta(self, psi: np.ndarray) -> np.ndarray:
        """Theta from variances and covariances (positive semi-definite)."""
        out = np.array(psi, dtype=float)
        for k, q in enumerate(self.sizes):
            if q > 1:
                L = _semidefinite_cholesky(self.matrix(psi, k))
                out[self.slices[k]] = [L[a, b] for _, a, b in self.entries[self.slices[k]]]
        return out

    def jacobian(self, theta: np.ndarray) -> np.ndarray:
        """d psi / d theta, (R, R)."""
        J = np.eye(len(theta))
        for k, L in enumerate(self.factors(theta)):
            q = self.sizes[k]
            if q == 1:
                continue
            here = range(self.slices[k].start, self.slices[k].stop)
            for j in here:
                _, a, b = self.entries[j]
                dL = np.zeros((q, q))
                dL[a, b] = 1.0
                dS = dL @ L.T + L @ dL.T
                for i in here:
                    J[i, j] = dS[self.entries[i][1], self.entries[i][2]]
        return J

    def curvature(self, theta: np.ndarray, gradient: np.ndarray) -> np.ndarray:
        """sum_r gradient_r d2 psi_r / d theta2, (R, R): here the same at every theta, as psi is quadratic in it."""
        out = np.zeros((len(gradient), len(gradient)))
        for k, q in enumerate(self.sizes):
            if q == 1:
                continue
            G = self.gradient_matrix(gradient, k)
            here = range(self.slices[k].start, self.slices[k].stop)
            for i in here:
                for j in here:
                    (_, a, b), (_, c, d) = self.entries[i], self.entries[j]
                    if b == d:
                        out[i, j] = 2.0 * G[a, c]
        return out

    def gradient_matrix(self, gradient: np.ndarray, term: int) -> np.ndarray:
        """The gradient of one term as a symmetric matrix: d value = tr(G dS)."""
        q = self.sizes[term]
        G = np.empty((q, q))
        for value, (_, a, b) in zip(gradient[self.slices[term]], self.entries[self.slices[term]], strict=True):
            G[a, b] = G[b, a] = value if a == b else value / 2.0
        return G


def _semidefinite_cholesky(S: np.ndarray) -> np.ndarray:
    values, vectors = np.linalg.eigh(S)
    root = vectors * np.sqrt(np.maximum(values, 0.0))
    L = np.linalg.qr(root.T)[1].T
    signs = np.where(np.diag(L) < 0, -1.0, 1.0)
    return np.tril(L * signs)
