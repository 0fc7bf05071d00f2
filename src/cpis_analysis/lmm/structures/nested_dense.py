"""Nested models with few classes of groups: one small dense matrix, fewer NumPy calls than the recursion."""

from __future__ import annotations

import itertools
from functools import cached_property

import numpy as np

from cpis_analysis.lmm.structures.nested_sums import NestedSums
from cpis_analysis.lmm.structures.nested_tree import NestedTree
from cpis_analysis.lmm.structures.sufficient_moments import Moments


class DenseClasses:
    """The same moments for one response from one dense matrix over the classes.

    The mean of a class of N groups of size s has covariance ratio (1/s + gamma_0)/N of its own, and the
    outer levels' intercepts are shared: H_c = diag + sum gamma_k Z_k Z_k'. The spreads add what H has beyond.
    With H_c = LL' and Z all columns of the random part side by side, everything is inner products of L^-1 W and L^-1 Z.
    """

    def __init__(self, tree: NestedTree, n: int) -> None:
        s = tree
        C = len(s.class_count)
        self.inner, self.n = s.order[0], n
        # in the order of the terms, so that nothing is rearranged in an evaluation
        blocks = [np.zeros((0, 0))] * s.n_levels
        blocks[self.inner] = np.diag(1.0 / np.sqrt(s.class_count))
        at = np.arange(C)
        for k in range(1, s.n_levels):
            at = s.parent[k - 1][at]
            blocks[s.order[k]] = (at[:, None] == np.arange(len(s.starts[k - 1]))).astype(float)
        self._blocks = blocks
        self.Z = np.concatenate(blocks, axis=1)
        # the columns of each term, and Z in units in which the means of all classes have the residual variance
        ends = list(itertools.accumulate(Z.shape[1] for Z in blocks))
        self.columns = [slice(end - Z.shape[1], end) for end, Z in zip(ends, blocks, strict=True)]
        mass = s.sizes[s.size_of_class] * s.class_count
        self.own = 1.0 / mass
        self.root_mass = np.sqrt(mass)
        self.scaled_Z = self.Z * self.root_mass[:, None]
        self.diagonal = np.diag_indices(C)
        self.sizes = s.sizes
        self.beyond = s.groups_of_size - np.bincount(s.size_of_class, minlength=len(s.sizes))
        self.spread_sizes = s.spread_sizes

    @cached_property
    def log_scale(self) -> float:
        """What the masses of the classes add to log|H|."""
        return float(-np.log(self.own).sum())

    @cached_property
    def G_flat(self) -> np.ndarray:
        """Z_k Z_k' of each term, a row each."""
        return np.array([(Z @ Z.T).ravel() for Z in self._blocks])

    @cached_property
    def owned(self) -> np.ndarray:
        """Which term each column of Z belongs to, as columns of ones and zeros."""
        return np.repeat(np.eye(len(self._blocks)), [Z.shape[1] for Z in self._blocks], axis=0)

    def moments(self, psi: np.ndarray, sums: NestedSums) -> Moments:
        """All moments of the first response at psi."""
        inner, owned = self.inner, self.owned
        M, C = owned.shape[1], len(self.own)
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
        V = inverse @ self.Z
        S = V.T @ V
        D = V.T @ half
        # the rows of Z'H^-1W of one term in columns of their own
        by_term = (D[:, None] * owned[:, :, None]).reshape(len(D), M * dim)
        A = sums.within[:, :, 0] + half.T @ half
        P = (by_term.T @ D).reshape(M, dim, dim)
        T = S.diagonal() @ owned
        TT = owned.T @ (S * S) @ owned
        Q = (by_term.T @ (S @ by_term)).reshape(M, dim, M, dim).transpose(0, 2, 1, 3).copy()
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
