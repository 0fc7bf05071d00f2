"""Sums over persons and over blocks of persons, of which the likelihood with structured residuals is made.

Notation as in `structures.residual`: E_r is the derivative of the residual covariance of a group, K_i the block of
H^-1 of person i, L_i = F_i M F_i' what the random effects take from R_i^-1, D_i the person's rows of H^-1 W.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from cpis_analysis.lmm.designs.display import ShortRepr
from cpis_analysis.lmm.structures.joint_parameters import JointLayout
from cpis_analysis.lmm.structures.residual_blocks import PersonBlocks


@dataclass(frozen=True, repr=False)
class PersonSums(ShortRepr):
    """What persons add.

    Attributes
    ----------
    pattern : (N,) int
        Pattern of visits of each person, in ascending order.
    pattern_group : (patterns,) int
    groups : int
    count : (patterns,) int
        Persons of each pattern.
    R : (patterns, T, T) float
        R^-1 of a person of each pattern, zero where a visit is missing.
    inverse, lost : (N, T, T) float
        R^-1 and L of each person.
    D : (N, T, P) float
    """

    pattern: np.ndarray
    pattern_group: np.ndarray
    groups: int
    count: np.ndarray
    R: np.ndarray
    inverse: np.ndarray
    lost: np.ndarray
    D: np.ndarray

    @cached_property
    def _starts(self) -> np.ndarray:
        return np.concatenate([[0], np.cumsum(self.count)[:-1]])

    @cached_property
    def group(self) -> np.ndarray:
        """Group of each person, (N,)."""
        return self.pattern_group[self.pattern]

    def _by_pattern(self, X: np.ndarray) -> np.ndarray:
        """Sums over the persons of each pattern."""
        return np.add.reduceat(X, self._starts, axis=0)

    @cached_property
    def _lost_by_pattern(self) -> np.ndarray:
        return self._by_pattern(self.lost)

    @cached_property
    def _cross(self) -> list[np.ndarray]:
        T, P = self.D.shape[1:]
        out = []
        for g in range(self.groups):
            mine = (self.D if self.groups == 1 else self.D[self.group == g]).reshape(-1, T * P)
            out.append((mine.T @ mine).reshape(T, P, T, P))
        return out

    def cross(self, g: int) -> np.ndarray:
        """Sum of the products of D at every two occasions over a group, (T, P, T, P)."""
        return self._cross[g]

    def of_group(self, g: int, by_pattern: np.ndarray) -> np.ndarray:
        """Sum over the patterns of a group."""
        return np.asarray(by_pattern[self.pattern_group == g].sum(axis=0))

    def total(self, g: int) -> np.ndarray:
        """Sum of K over a group, (T, T)."""
        return self.of_group(g, self.R * self.count[:, None, None] - self._lost_by_pattern)

    def forms(self, root: np.ndarray) -> np.ndarray:
        """Sums of D S D' by pattern with S = root root' (P, P), (patterns, T, T)."""
        half = self.D @ root
        return self._by_pattern(half @ half.transpose(0, 2, 1))

    def first_order(self, g: int, E: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """tr(H^-1 G_r) and W'H^-1 G_r H^-1 W of a group's parameters."""
        return np.einsum("rab,ab->r", E, self.total(g)), np.einsum("rab,apbq->rpq", E, self.cross(g))

    def _chain(self, g: int, E: np.ndarray, X: np.ndarray) -> np.ndarray:
        """Sums of tr(R^-1 E_r X E_s) over a group, of X summed by pattern, (R, R)."""
        mine = self.pattern_group == g
        R, X = self.R[mine], X[mine]
        # R^-1 depends on the pattern alone: as matrices of pairs (a, b) by (c, d)
        T = R.shape[1]
        RX = (R.reshape(len(R), -1).T @ X.reshape(len(X), -1)).reshape(T, T, T, T)
        half = np.tensordot(E, RX, axes=([1, 2], [1, 2]))
        # half[r, a, d] = sum R^-1[a, b] E_r[b, c] X[c, d]
        return np.einsum("rad,sda->rs", half, E)

    def traces(self, g: int, E: np.ndarray) -> np.ndarray:
        """The persons' part of tr(H^-1 G_r H^-1 G_s)."""
        whole = self._chain(g, E, self.R * self.count[:, None, None])
        return whole - 2.0 * self._chain(g, E, self._lost_by_pattern)

    def second_order(self, g: int, E: np.ndarray, outer: np.ndarray, residuals: np.ndarray) -> np.ndarray:
        """Persons' parts of tr(H^-1 G_r H^-1 G_s), and of D'G_r H^-1 G_s D under two forms, (3, R, R)."""
        return np.array([self.traces(g, E), self._chain(g, E, outer), self._chain(g, E, residuals)])

    def products(self, g: int, E: np.ndarray) -> np.ndarray:
        """Persons' part of D'G_r R^-1 G_s D, (R, R, P, P)."""
        mine = self.group == g
        D, inverse = self.D[mine], self.inverse[mine]
        N, T, P = D.shape
        out = np.empty((len(E), len(E), P, P))
        flat = D.reshape(N, T * P).T
        for s, one in enumerate(E):
            right = (inverse @ (one @ D)).reshape(N, T * P)
            out[:, s] = np.einsum("rab,apbq->rpq", E, (flat @ right).reshape(T, P, T, P))
        return out


@dataclass(frozen=True, repr=False)
class BlockSums(ShortRepr):
    """What blocks with random effects add.

    Attributes
    ----------
    blocks : PersonBlocks
    F : (blocks, I, T, m) float
        R^-1 Z.
    root : (blocks, m, m) float
        M = root' root.
    K : (blocks, m, m) float
        Z'H^-1 Z.
    ZD : (blocks, m, P) float
        Z'H^-1 W.
    left : (blocks, m, m) float
        I - M C, so that H^-1 Z = F left.
    weights : (blocks, m, P) float
        M Z'R^-1 W.
    log_det : float
        log |I + L'CL| of all blocks.
    explained : (P, P) float
        What W'R^-1 W loses.
    """

    blocks: PersonBlocks
    F: np.ndarray
    root: np.ndarray
    K: np.ndarray
    ZD: np.ndarray
    left: np.ndarray
    weights: np.ndarray
    log_det: float
    explained: np.ndarray

    @classmethod
    def of(
        cls, blocks: PersonBlocks, layout: JointLayout, theta: np.ndarray, inverse: np.ndarray, RW: np.ndarray
    ) -> BlockSums:
        """Solve the blocks at theta of the random terms, with R^-1 (N, T, T) and R^-1 W (N, T, P) of all persons."""
        count, most, T, m = blocks.Z.shape
        F = inverse[blocks.persons] @ blocks.Z
        Zt = blocks.Z.reshape(count, most * T, m).transpose(0, 2, 1)
        C = Zt @ F.reshape(count, most * T, m)
        S = Zt @ RW[blocks.persons].reshape(count, most * T, -1)
        factor = blocks.factor(layout, theta)
        inner = np.linalg.cholesky(np.eye(m) + factor.transpose(0, 2, 1) @ C @ factor)
        root = np.linalg.solve(inner, factor.transpose(0, 2, 1))
        half = root @ S
        log_det = 2.0 * float(np.log(np.diagonal(inner, axis1=1, axis2=2)).sum())
        weights = root.transpose(0, 2, 1) @ half
        CM = C @ root.transpose(0, 2, 1) @ root
        K = C - CM @ C
        return cls(
            blocks, F, root, 0.5 * (K + K.transpose(0, 2, 1)), S - C @ weights, np.eye(m) - CM.transpose(0, 2, 1),
            weights, log_det, np.einsum("bmp,bmq->pq", half, half),
        )  # fmt: skip

    def residual_columns(self, RW: np.ndarray) -> np.ndarray:
        """H^-1 W of the blocks' persons, (blocks, I, T, P)."""
        return RW[self.blocks.persons] - self.F @ self.weights[:, None]

    @property
    def lost(self) -> np.ndarray:
        """L of the blocks' persons, (blocks, I, T, T)."""
        half = self.F @ self.root.transpose(0, 2, 1)[:, None]
        return half @ half.swapaxes(-1, -2)

    @cached_property
    def T(self) -> np.ndarray:
        """tr(H^-1 G_k) of the random part's parameters, (K,)."""
        return np.einsum("kbmn,bmn->k", self.blocks.symmetric, self.K)

    @cached_property
    def _AZD(self) -> np.ndarray:
        """A_k Z'H^-1 W, (K, blocks, m, P)."""
        return self.blocks.symmetric @ self.ZD

    @cached_property
    def P(self) -> np.ndarray:
        """W'H^-1 G_k H^-1 W, (K, P, P)."""
        return np.einsum("bmp,kbmq->kpq", self.ZD, self._AZD)

    def of_residuals(self, persons: PersonSums, g: int, E: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """F'G_r F (R, blocks, m, m) and F'G_r D (R, blocks, m, P) of a group's parameters."""
        count, most, T, m = self.F.shape
        F = self.F
        if persons.groups > 1:
            F = F * (persons.group[self.blocks.persons] == g)[:, :, None, None]
        flat = F.reshape(count, most, T * m)
        D = persons.D[self.blocks.persons]
        FF = (flat.transpose(0, 2, 1) @ flat).reshape(count, T, m, T, m)
        FD = (flat.transpose(0, 2, 1) @ D.reshape(count, most, -1)).reshape(count, T, m, T, -1)
        return np.einsum("rac,bamcn->rbmn", E, FF), np.einsum("rac,bamcp->rbmp", E, FD)

    def pairs(self, B: np.ndarray, Y: np.ndarray, outer: np.ndarray, c: np.ndarray) -> np.ndarray:
        """Blocks' parts of tr(H^-1 G_r H^-1 G_s) and of D'G_r H^-1 G_s D under two forms, (3, R, R).

        Parameters of the random part come first. The forms are those of outer outer' and of c c'.
        """
        forms = [self._forms(Y @ root, self._AZD @ root) for root in (outer, c[:, None])]
        return np.stack([self._traces(B), *forms])

    def _traces(self, B: np.ndarray) -> np.ndarray:
        A, k = self.blocks.symmetric, len(self.blocks.symmetric)
        out = np.empty((k + len(B), k + len(B)))
        AK = A @ self.K
        out[:k, :k] = np.einsum("kbmn,lbnm->kl", AK, AK)
        inside = self.root @ B @ self.root.transpose(0, 2, 1)
        flat = inside.reshape(len(B), -1)
        out[k:, k:] = flat @ flat.T
        through = self.left.transpose(0, 2, 1) @ B @ self.left
        out[:k, k:] = A.reshape(k, -1) @ through.reshape(len(B), -1).T
        out[k:, :k] = out[:k, k:].T
        return out

    def _forms(self, Y: np.ndarray, AZD: np.ndarray) -> np.ndarray:
        """The parts of columns (R, blocks, m, f) and (K, blocks, m, f)."""
        k, r = len(AZD), len(Y)
        out = np.empty((k + r, k + r))
        flat = AZD.reshape(k, -1)
        out[:k, :k] = flat @ (self.K @ AZD).reshape(k, -1).T
        half = (self.root @ Y).reshape(r, -1)
        out[k:, k:] = -(half @ half.T)
        out[:k, k:] = flat @ (self.left.transpose(0, 2, 1) @ Y).reshape(r, -1).T
        out[k:, :k] = out[:k, k:].T
        return out

    def second(self, B: np.ndarray, Y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Blocks' parts of tr(H^-1 G_r H^-1 G_s) (R, R) and of D'G_r H^-1 G_s D (R, R, P, P)."""
        k, r = len(self._AZD), len(Y)
        out = np.empty((k + r, k + r, Y.shape[-1], Y.shape[-1]))
        AZD = self._AZD
        out[:k, :k] = np.einsum("kbmp,lbmq->klpq", AZD, self.K @ AZD)
        half = self.root @ Y
        out[k:, k:] = -np.tensordot(half, half, axes=([1, 2], [1, 2])).transpose(0, 2, 1, 3)
        through = self.left.transpose(0, 2, 1) @ Y
        out[:k, k:] = np.tensordot(AZD, through, axes=([1, 2], [1, 2])).transpose(0, 2, 1, 3)
        out[k:, :k] = out[:k, k:].transpose(1, 0, 3, 2)
        return self._traces(B), out

    def modes(self, psi: np.ndarray, c: np.ndarray) -> np.ndarray:
        """Psi Z'H^-1 W c of each column, (blocks, m)."""
        covariance = np.tensordot(psi, self.blocks.symmetric, 1)
        return np.asarray(np.einsum("bmn,bnp,p->bm", covariance, self.ZD, c))
