"""Nested random intercepts: rows are reduced once to sums over groups, and the tree of the groups does the rest."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar, cast

import numpy as np

from cpis_analysis.lmm.designs.basis import Basis
from cpis_analysis.lmm.designs.design import RandomPart
from cpis_analysis.lmm.structures.covariance_parameters import Layout
from cpis_analysis.lmm.structures.error_contrasts import ErrorContrasts
from cpis_analysis.lmm.structures.nested_dense import DenseClasses
from cpis_analysis.lmm.structures.nested_sums import NestedSums
from cpis_analysis.lmm.structures.nested_tree import NestedTree, Recursion
from cpis_analysis.lmm.structures.sufficient_moments import Moments

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

Kept = TypeVar("Kept")
_FEW_CLASSES = 60
_FEW_ROWS = 60
"""With more the sums over groups take less time than error contrasts."""
_FEW_RESPONSES = 40
"""So few are a matrix product each; more are sums over groups, side by side."""


class NestedStructure(NestedTree):
    """The tree of one design with what its fixed part contributes.

    Parameters
    ----------
    parts : tuple of RandomPart
        Nested random intercepts in any order.
    basis : Basis
    """

    def __init__(self, parts: tuple[RandomPart, ...], basis: Basis) -> None:
        super().__init__(parts, None if basis.root_weights is None else basis.root_weights**2)
        self.parts = parts
        self.layout = Layout((1,) * len(parts))
        self.scales = [np.ones(1)] * len(parts)
        self.n, self.p = basis.Q.shape
        self._Q = basis.Q
        self._kept: dict[object, object] = {}
        self._project_basis()
        self._dense = DenseClasses(self, self.n) if len(self.class_count) <= _FEW_CLASSES else None

    def remember(self, key: object, make: Callable[[], Kept]) -> Kept:
        """Keep what depends on the design alone, such as the likelihood's forms on the grid of starts."""
        if key not in self._kept:
            self._kept[key] = make()
        return cast(Kept, self._kept[key])

    def __getstate__(self) -> dict[str, object]:
        """Without what can be made again from the design."""
        return self.__dict__ | {"_kept": {}}

    # -- the reduction of rows -------------------------------------------------------------------------

    @cached_property
    def _averaging(self) -> csr_matrix:
        from scipy.sparse import csr_matrix  # takes longer to load than a small model to fit

        weights = np.ones(self.n) if self.row_weights is None else self.row_weights
        weights = weights / self.group_size[self.codes]
        return csr_matrix((weights, (self.codes, np.arange(self.n))), shape=(len(self.group_size), self.n))

    def _group_means(self, V: np.ndarray) -> np.ndarray:
        """Means over innermost groups of the columns of V (n, B): (groups, B)."""
        if V.shape[1] > 8:
            return self._averaging @ V
        out = np.empty((len(self.group_size), V.shape[1]))
        for j in range(V.shape[1]):
            column = V[:, j] if self.row_weights is None else V[:, j] * self.row_weights
            out[:, j] = np.bincount(self.codes, weights=column, minlength=len(self.group_size))
        out /= self.group_size[:, None]
        return out

    def _class_means(self, group_means: np.ndarray) -> np.ndarray:
        sums = np.add.reduceat(group_means[self.sorted_groups], self.class_starts, axis=0)
        return sums / self.class_count[:, None]

    def _reduce(self, V: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        means = self._group_means(V)
        within = V - means[self.codes]
        classes = self._class_means(means)
        around = means[self.members] - classes[self.class_of_group[self.members]]
        return means, classes, around, within

    def _project_basis(self) -> None:
        self._means_x, self.class_means_x, self._around_x, within = self._reduce(self._Q)
        self._within_x = within if self.row_weights is None else within * self.row_weights[:, None]
        self.within_xx = self._within_x.T @ within
        self.spread_xx = np.array([a.T @ a for a in self._by_size(self._around_x)]).reshape(-1, self.p, self.p)

    def _by_size(self, around: np.ndarray) -> list[np.ndarray]:
        ends = self.member_ends.tolist()
        return [around[first:end] for first, end in zip([0, *ends], ends, strict=False)]

    def outside(self) -> list[float]:
        """Share of each term's columns that lies outside the fixed part."""
        shares = [0.0] * self.n_levels
        total = float(self.group_size.sum())
        shares[self.order[0]] = float(1.0 - ((self._means_x * self.group_size[:, None]) ** 2).sum() / total)
        mass = self.sizes[self.size_of_class] * self.class_count
        here = self.class_means_x * mass[:, None]
        for level, k in enumerate(self.order[1:]):
            here = self.add_up(level, here)
            shares[k] = float(1.0 - (here**2).sum() / total)
        return shares

    def sums(self, y: np.ndarray) -> NestedSums:
        """Sums of scaled residual outcomes (n,) or (n, B), orthogonal to the basis."""
        Y = y[:, None] if y.ndim == 1 else y
        p, B = self.p, Y.shape[1]
        _, classes, around, within = self._reduce(Y)
        means = np.empty((p + 1, len(self.class_count), B))
        means[:p] = self.class_means_x.T[:, :, None]
        means[p] = classes
        spread = np.empty((len(self.spread_sizes), p + 1, p + 1, B))
        for u, (ax, ay) in enumerate(zip(self._by_size(self._around_x), self._by_size(around), strict=True)):
            spread[u, :p, :p] = self.spread_xx[u][:, :, None]
            spread[u, p, :p] = spread[u, :p, p] = ax.T @ ay
            spread[u, p, p] = np.einsum("gb,gb->b", ay, ay)
        inside = np.empty((p + 1, p + 1, B))
        inside[:p, :p] = self.within_xx[:, :, None]
        inside[p, :p] = inside[:p, p] = self._within_x.T @ within
        if self.row_weights is None:
            inside[p, p] = np.einsum("nb,nb->b", within, within)
        else:
            inside[p, p] = np.einsum("nb,nb,n->b", within, within, self.row_weights)
        return NestedSums(means, spread, inside)

    # -- one response, all moments -----------------------------------------------------------------------

    def cross_products(self, up: Recursion, sums: NestedSums) -> np.ndarray:
        """A = W'H^-1W, (P, P, B); of many responses only half of the symmetric products is formed."""
        A = sums.within + np.einsum("ub,upqb->pqb", up.size_weights, sums.spread)
        if A.shape[2] <= _FEW_RESPONSES:
            for weight, deviation in zip(up.weights, up.deviations, strict=True):
                of_each = deviation.transpose(2, 0, 1)
                A += np.matmul((weight * deviation).transpose(2, 0, 1), of_each.transpose(0, 2, 1)).transpose(1, 2, 0)
            return A
        for weight, deviation in zip(up.weights, up.deviations, strict=True):
            weighted = weight * deviation
            for i in range(len(A)):
                A[i, : i + 1] += np.einsum("gb,qgb->qb", weighted[i], deviation[: i + 1])
        for i in range(len(A)):
            A[i, i + 1 :] = A[i + 1 :, i]
        return A

    def error_contrasts(self, sums: NestedSums, known: float | None) -> ErrorContrasts | None:
        """The first response as its error contrasts, where these are few."""
        if self._dense is None or len(self.class_count) + (self.p + 1) * len(self.spread_sizes) > _FEW_ROWS:
            return None
        return ErrorContrasts(self._dense, sums, known)

    def gamma(self, psi: np.ndarray) -> np.ndarray:
        """Ratios by level from ratios by term."""
        return psi[self.order]

    def value(self, psi: np.ndarray, sums: NestedSums) -> tuple[float, np.ndarray]:
        """log|H| and A of the first response."""
        up = self.outwards(self.gamma(psi)[:, None], sums.means)
        if not up.valid[0]:
            raise np.linalg.LinAlgError("H is not positive definite")
        return float(up.log_det[0]), self.cross_products(up, sums)[:, :, 0]

    def moments(self, psi: np.ndarray, sums: NestedSums) -> Moments:
        """All moments of the first response at psi."""
        if self._dense is not None:
            return self._dense.moments(psi, sums)
        gamma = self.gamma(psi)[:, None]
        up = self.outwards(gamma, sums.means)
        if not up.valid[0]:
            raise np.linalg.LinAlgError("H is not positive definite")
        A = self.cross_products(up, sums)[:, :, 0]
        d = self.inwards(gamma, up)
        again = self.again(up, d)
        T, TT = self.traces(gamma, up)
        M, dim = self.n_levels, len(A)
        P, Q = np.empty((M, dim, dim)), np.empty((M, M, dim, dim))
        spread, sw = sums.spread[..., 0], up.size_weights[:, 0]
        for k in range(M):
            dk = d[k][:, :, 0]
            P[k] = (dk * (self.class_count if k == 0 else 1.0)) @ dk.T
            if k == 0:
                P[0] += np.einsum("u,upq->pq", sw**2, spread)
            for l in range(k, M):
                total = np.zeros((dim, dim))
                for j in range(l, M):
                    total += (again[k][j - k][:, :, 0] * up.weights[j][:, 0]) @ again[l][j - l][:, :, 0].T
                if k == l == 0:
                    total += np.einsum("u,upq->pq", sw**3, spread)
                Q[k, l], Q[l, k] = total, total.T
        at = np.argsort(self.order)
        return Moments(
            self.n, np.array(psi, dtype=float), float(up.log_det[0]), A, T[at, 0], P[at],
            TT[np.ix_(at, at)][:, :, 0], Q[np.ix_(at, at)],
        )  # fmt: skip

    def modes(self, psi: np.ndarray, y: np.ndarray, c: np.ndarray) -> list[np.ndarray]:
        """Conditional modes Psi Z'H^-1 W c of each term, (groups, 1), for one scaled residual outcome (n,)."""
        gamma = self.gamma(psi)[:, None]
        means = self._means_x @ c[:-1]
        if c[-1] != 0.0:
            means = means + c[-1] * self._group_means(y[:, None])[:, 0]
        up = self.outwards(gamma, self._class_means(means[:, None])[None])
        d = self.inwards(gamma, up)
        out: list[np.ndarray] = [np.zeros(0)] * self.n_levels
        above = np.zeros(1)
        for k in range(self.n_levels - 1, 0, -1):
            u = gamma[k, 0] * d[k][0, :, 0]
            out[self.order[k]] = u[self.place[k]][:, None]
            above = u + (above[self.parent[k]] if k < self.n_levels - 1 else 0.0)
        U = above[self.parent[0][self.class_of_group]] if self.n_levels > 1 else 0.0
        out[self.order[0]] = (gamma[0, 0] * self.group_size / (1.0 + gamma[0, 0] * self.group_size) * (means - U))[
            :, None
        ]
        return out
