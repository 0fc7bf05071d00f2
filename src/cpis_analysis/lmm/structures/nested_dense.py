"""Nested models with few classes of groups: one small dense matrix, fewer NumPy calls than the recursion."""

from __future__ import annotations

import numpy as np

from cpis_analysis.lmm.structures.nested_sums import NestedSums
from cpis_analysis.lmm.structures.nested_tree import NestedTree
from cpis_analysis.lmm.structures.sufficient_moments import Moments

__all__ = ["DenseClasses"]


class DenseClasses:
    """The same moments for one response from one dense matrix over the classes.

    The mean of a class of N groups of size s has covariance ratio (1/s + gamma_0)/N of its own, and the
    outer levels' intercepts are shared: H_c = diag + sum gamma_k Z_k Z_k'. The spreads add what H has beyond.
    """

    def __init__(self, tree: NestedTree, n: int) -> None:
        s = tree
        C = len(s.class_count)
        self.inner, self.n = s.order[0], n
        # in the order of the terms, so that nothing is rearranged in an evaluation
        self.G = np.zeros((s.n_levels, C, C))
        self.G[self.inner][np.diag_indices(C)] = 1.0 / s.class_count
        at = np.arange(C)
        for k in range(1, s.n_levels):
            at = s.parent[0] if k == 1 else s.parent[k - 1][at]
            self.G[s.order[k]] = at[:, None] == at[None, :]
        self.G_flat = self.G.reshape(s.n_levels, -1)
        self.diagonal = np.diag_indices(C)
        self.own = 1.0 / (s.sizes[s.size_of_class] * s.class_count)
        self.log_scale = float(-np.log(self.own).sum())
        self.sizes = s.sizes
        self.beyond = s.groups_of_size - np.bincount(s.size_of_class, minlength=len(s.sizes))
        self.spread_sizes = s.spread_sizes

    def moments(self, psi: np.ndarray, sums: NestedSums) -> Moments:
        """All moments of the first response at psi."""
        M, C = self.G.shape[:2]
        inner = self.inner
        H = (psi @ self.G_flat).reshape(C, C)
        H[self.diagonal] += self.own
        root = np.linalg.cholesky(H)
        by_size = 1.0 + psi[inner] * self.sizes
        if not by_size.min() > 0:
            raise np.linalg.LinAlgError("H is not positive definite")
        log_det = 2.0 * np.log(root[self.diagonal]).sum() + self.log_scale + self.beyond @ np.log(by_size)
        w = self.sizes / by_size
        W = sums.means[:, :, 0].T
        dim = W.shape[1]
        inverse = np.linalg.inv(root)
        half = inverse @ W
        K = inverse.T @ inverse
        KW = inverse.T @ half
        KG = K @ self.G
        GKW = self.G @ KW
        KGKW = K @ GKW
        A = sums.within[:, :, 0] + half.T @ half
        P = KW.T @ GKW
        T = KG.trace(axis1=1, axis2=2)
        TT = KG.reshape(M, -1) @ KG.transpose(0, 2, 1).reshape(M, -1).T
        left = GKW.transpose(0, 2, 1).reshape(M * dim, C)
        Q = (left @ KGKW.transpose(1, 0, 2).reshape(C, M * dim)).reshape(M, dim, M, dim).transpose(0, 2, 1, 3).copy()
        T[inner] += self.beyond @ w
        TT[inner, inner] += self.beyond @ w**2
        if len(self.spread_sizes):
            sw = w[self.spread_sizes]
            spread = sums.spread[..., 0].reshape(len(sw), -1)
            extra = (np.array([sw, sw**2, sw**3]) @ spread).reshape(3, dim, dim)
            A += extra[0]
            P[inner] += extra[1]
            Q[inner, inner] += extra[2]
        return Moments(self.n, np.array(psi, dtype=float), float(log_det), A, T, P, TT, Q)
