"""Nested random intercepts by recursion from the innermost groups outwards.

Notes
-----
Groups of level k (0 the innermost) have variance ratio gamma_k. Let s be the weight of a group (rows, or
the sum of the prior weights) and m the weighted mean of its columns. Woodbury's identity at each level gives

w = s / (1 + gamma s)            weight of the group as one row of the next level
s' = sum w,  m' = sum w m / s'   weight and mean of the parent
log|H| = sum log(1 + gamma s)    over all groups of all levels
A = W'H^-1W = within groups + sum w (m - m')(m - m')' over all groups of all levels (m' = 0 above the top)
d = w (m - U)                    = 1_g' H^-1 W, with U the sum of gamma d over the group's ancestors
P_k = sum d d' over level k      and gamma d is the conditional mode of the group

Q_kl repeats the recursion with the columns Z_k d_k, which are constant within groups of level k and so
enter at that level. Traces are derivatives of log|H|, carried along as derivatives of s. Every sum is a
sum of squares, so nothing cancels. One evaluation costs the number of groups.

Innermost groups of one size in one parent differ only by a rotation: their mean is one row (weight N w)
and their spread one sum of squares for each size. V is never formed, rows are used once.

Arrays are (columns, groups, responses): many responses, each with its own ratios, are one array operation.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar, cast

import numpy as np

from cpis_analysis.lmm.basis import Basis
from cpis_analysis.lmm.design import RandomPart
from cpis_analysis.lmm.display import ShortRepr
from cpis_analysis.lmm.structures.covariance_parameters import Layout
from cpis_analysis.lmm.sufficient_moments import Moments

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

__all__ = ["NestedStructure", "NestedSums", "Recursion", "is_nested"]


Kept = TypeVar("Kept")
_FEW_CLASSES = 60


def is_nested(parts: tuple[RandomPart, ...]) -> bool:
    """Whether all terms are random intercepts of which each is nested in the next."""
    if not parts or any(part.columns is not None for part in parts):
        return False
    ordered = sorted(parts, key=lambda part: -part.n_groups)
    for inner, outer in itertools.pairwise(ordered):
        if not np.array_equal(_parents(inner, outer)[inner.codes], outer.codes):
            return False
    return True


def _parents(inner: RandomPart, outer: RandomPart) -> np.ndarray:
    first = np.empty(inner.n_groups, dtype=np.intp)
    first[inner.codes] = outer.codes
    return first


@dataclass(frozen=True, repr=False)
class NestedSums(ShortRepr):
    """What one or more responses contribute; the last axis counts responses.

    Attributes
    ----------
    means : (P, C, B) float
        Means of the classes of innermost groups.
    spread : (U, P, P, B) float
        Sums of squares and products of group means around their class mean, by group size.
    within : (P, P, B) float
        Sums of squares and products within innermost groups.
    known : (B,) float, optional
        Residual variances, where they are known.
    """

    means: np.ndarray
    spread: np.ndarray
    within: np.ndarray
    known: np.ndarray | None = None

    @property
    def count(self) -> int:
        """Number of responses."""
        return self.means.shape[2]

    def take(self, columns: np.ndarray) -> NestedSums:
        """The sums of some responses."""
        known = None if self.known is None else self.known[columns]
        return NestedSums(self.means[:, :, columns], self.spread[..., columns], self.within[..., columns], known)

    def with_known(self, known: np.ndarray | None) -> NestedSums:
        """The same with known residual variances (B,)."""
        return replace(self, known=known)


@dataclass(frozen=True, repr=False)
class Recursion(ShortRepr):
    """Result of one pass outwards; lists run over the levels, the innermost first.

    Attributes
    ----------
    weights : list of (G, B)
        w of the groups, times the number of groups in the class at level 0.
    factors : list of (G, B)
        1 / (1 + gamma s).
    masses : list of (G, B)
        s.
    deviations : list of (P, G, B)
        Mean of a group less that of its parent.
    size_weights : (U, B)
        w by size of innermost group, for the sizes in ``spread``.
    log_det : (B,)
    valid : (B,) bool
        Whether H is positive definite (always, unless variances may be negative).
    """

    weights: list[np.ndarray]
    factors: list[np.ndarray]
    masses: list[np.ndarray]
    means: list[np.ndarray]
    deviations: list[np.ndarray]
    size_weights: np.ndarray
    log_det: np.ndarray
    valid: np.ndarray


class NestedStructure:
    """The recursion for one design.

    Parameters
    ----------
    parts : tuple of RandomPart
        Nested random intercepts in any order.
    basis : Basis
    """

    def __init__(self, parts: tuple[RandomPart, ...], basis: Basis) -> None:
        self.parts = parts
        self.layout = Layout((1,) * len(parts))
        self.scales = [np.ones(1)] * len(parts)
        self.n, self.p = basis.Q.shape
        self.order = sorted(range(len(parts)), key=lambda k: -parts[k].n_groups)
        self.n_levels = len(parts)
        self._row_weights = None if basis.root_weights is None else basis.root_weights**2
        self._Q = basis.Q
        self._kept: dict[object, object] = {}
        self._arrange([parts[k] for k in self.order])
        self._project_basis()
        # few classes are one small dense matrix: fewer NumPy calls than the recursion
        self._dense = DenseClasses(self) if len(self.class_count) <= _FEW_CLASSES else None

    def remember(self, key: object, make: Callable[[], Kept]) -> Kept:
        """Keep what depends on the design alone, such as the likelihood's forms on the grid of starts."""
        if key not in self._kept:
            self._kept[key] = make()
        return cast(Kept, self._kept[key])

    def __getstate__(self) -> dict[str, object]:
        """Without what can be made again from the design."""
        return self.__dict__ | {"_kept": {}}

    # -- the tree and the reduction of rows ------------------------------------------------------------

    def _arrange(self, levels: list[RandomPart]) -> None:
        """Sort groups so that children stand together; join innermost groups of one size and parent."""
        self._codes = levels[0].codes
        groups = levels[0].n_groups
        self._size = np.bincount(self._codes, weights=self._row_weights, minlength=groups).astype(float)
        place = np.arange(levels[-1].n_groups)
        self._place = {self.n_levels - 1: place}
        self.starts: list[np.ndarray] = [np.zeros(0, np.intp)] * self.n_levels
        self.parent: list[np.ndarray] = [np.zeros(0, np.intp)] * self.n_levels
        self.gather: list[np.ndarray | None] = [None] * self.n_levels
        for k in range(self.n_levels - 2, 0, -1):
            above = place[_parents(levels[k], levels[k + 1])]
            order = np.argsort(above, kind="stable")
            place = np.empty(len(order), dtype=np.intp)
            place[order] = np.arange(len(order))
            self._place[k] = place
            self._link(k, above[order])
        above = np.zeros(groups, dtype=np.intp)
        if self.n_levels > 1:
            above = place[_parents(levels[0], levels[1])]
        order = np.lexsort((self._size, above))
        new = np.ones(groups, dtype=bool)
        new[1:] = (np.diff(above[order]) != 0) | (np.diff(self._size[order]) != 0)
        self._class_starts = np.flatnonzero(new)
        self._sorted_groups = order
        self._class_of_group = np.empty(groups, dtype=np.intp)
        self._class_of_group[order] = np.cumsum(new) - 1
        first = order[self._class_starts]
        self.class_count = np.diff(np.append(self._class_starts, groups)).astype(float)
        class_size = self._size[first]
        if self.n_levels > 1:
            self._link(0, above[first])
        self.sizes, self.size_of_class = np.unique(class_size, return_inverse=True)
        self.groups_of_size = np.bincount(self.size_of_class, weights=self.class_count)
        # sizes for which some class has more than one group: their spread is not zero
        several = np.unique(self.size_of_class[self.class_count > 1])
        self.spread_sizes = several
        member = np.flatnonzero(self.class_count[self._class_of_group] > 1)
        size_of_member = self.size_of_class[self._class_of_group[member]]
        sort = np.argsort(size_of_member, kind="stable")
        self._members = member[sort]
        self._member_ends = np.searchsorted(size_of_member[sort], several, side="right")

    def _link(self, level: int, parent: np.ndarray) -> None:
        self.parent[level] = parent
        self.starts[level] = np.flatnonzero(np.append(True, np.diff(parent) != 0))
        # a product with a small 0/1 matrix beats reduceat, whose cost is one call a group
        small = len(parent) * len(self.starts[level]) <= 2500
        self.gather[level] = (np.arange(len(self.starts[level]))[:, None] == parent).astype(float) if small else None

    def _add_up(self, level: int, values: np.ndarray) -> np.ndarray:
        """Sums over the children of each group of the next level; groups on the last axis but one."""
        gather = self.gather[level]
        if gather is not None:
            return gather @ values
        return np.add.reduceat(values, self.starts[level], axis=values.ndim - 2)

    @cached_property
    def _averaging(self) -> csr_matrix:
        from scipy.sparse import csr_matrix  # takes longer to load than a small model to fit

        weights = np.ones(self.n) if self._row_weights is None else self._row_weights
        weights = weights / self._size[self._codes]
        return csr_matrix((weights, (self._codes, np.arange(self.n))), shape=(len(self._size), self.n))

    def _group_means(self, V: np.ndarray) -> np.ndarray:
        """Means over innermost groups of the columns of V (n, B): (groups, B)."""
        if V.shape[1] > 8:
            return self._averaging @ V
        out = np.empty((len(self._size), V.shape[1]))
        for j in range(V.shape[1]):
            column = V[:, j] if self._row_weights is None else V[:, j] * self._row_weights
            out[:, j] = np.bincount(self._codes, weights=column, minlength=len(self._size))
        out /= self._size[:, None]
        return out

    def _class_means(self, group_means: np.ndarray) -> np.ndarray:
        sums = np.add.reduceat(group_means[self._sorted_groups], self._class_starts, axis=0)
        return sums / self.class_count[:, None]

    def _reduce(self, V: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        means = self._group_means(V)
        within = V - means[self._codes]
        classes = self._class_means(means)
        around = means[self._members] - classes[self._class_of_group[self._members]]
        return means, classes, around, within

    def _project_basis(self) -> None:
        self._means_x, self.class_means_x, self._around_x, within = self._reduce(self._Q)
        self._within_x = within if self._row_weights is None else within * self._row_weights[:, None]
        self.within_xx = self._within_x.T @ within
        self.spread_xx = np.array([a.T @ a for a in self._by_size(self._around_x)]).reshape(-1, self.p, self.p)

    def _by_size(self, around: np.ndarray) -> list[np.ndarray]:
        return np.split(around, self._member_ends[:-1]) if len(self._member_ends) else []

    def outside(self) -> list[float]:
        """Share of each term's columns that lies outside the fixed part."""
        shares = [0.0] * self.n_levels
        sums = self._means_x * self._size[:, None]
        total = float(self._size.sum())
        for level, k in enumerate(self.order):
            part = self.parts[k]
            if level:
                inner = self.parts[self.order[0]]
                to = _parents(inner, part)
                here = np.array([np.bincount(to, weights=column, minlength=part.n_groups) for column in sums.T])
            else:
                here = sums.T
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
        if self._row_weights is None:
            inside[p, p] = np.einsum("nb,nb->b", within, within)
        else:
            inside[p, p] = np.einsum("nb,nb,n->b", within, within, self._row_weights)
        return NestedSums(means, spread, inside)

    # -- the recursion ---------------------------------------------------------------------------------

    def outwards(self, gamma: np.ndarray, columns: np.ndarray) -> Recursion:
        """Pass from the innermost level to the top for ratios (levels, B) and class means (P, C, B)."""
        by_size = 1.0 + gamma[0] * self.sizes[:, None]
        valid = (by_size > 0).all(axis=0)
        by_size = np.where(by_size > 0, by_size, 1.0) if not valid.all() else by_size
        log_det = self.groups_of_size @ np.log(by_size)
        factor = 1.0 / by_size
        size_weight = self.sizes[:, None] * factor
        weight = size_weight[self.size_of_class] * self.class_count[:, None]
        weights, factors, masses = [weight], [factor[self.size_of_class]], [self.sizes[self.size_of_class][:, None]]
        means, deviations = [columns], []
        for k in range(1, self.n_levels):
            mass = self._add_up(k - 1, weights[-1])
            mean = self._add_up(k - 1, weights[-1] * means[-1])
            mean /= mass
            deviations.append(means[-1] - mean[:, self.parent[k - 1]])
            bottom = 1.0 + gamma[k] * mass
            good = (bottom > 0).all(axis=0)
            if not good.all():
                valid = valid & good
                bottom = np.where(bottom > 0, bottom, 1.0)
            log_det = log_det + np.log(bottom).sum(axis=0)
            weights.append(mass / bottom)
            factors.append(1.0 / bottom)
            masses.append(mass)
            means.append(mean)
        deviations.append(means[-1])
        return Recursion(weights, factors, masses, means, deviations, size_weight[self.spread_sizes], log_det, valid)

    def cross_products(self, up: Recursion, sums: NestedSums) -> np.ndarray:
        """A = W'H^-1W, (P, P, B)."""
        A = sums.within + np.einsum("ub,upqb->pqb", up.size_weights, sums.spread)
        for weight, deviation in zip(up.weights, up.deviations, strict=True):
            A += np.einsum("pgb,qgb->pqb", weight * deviation, deviation)
        return A

    def inwards(self, gamma: np.ndarray, up: Recursion) -> list[np.ndarray]:
        """d = 1_g'H^-1W of the groups of each level, (P, G, B); of one group of the class at level 0."""
        out: list[np.ndarray] = [np.zeros(0)] * self.n_levels
        above = None
        for k in range(self.n_levels - 1, -1, -1):
            weight = up.weights[k] if k else up.weights[0] / self.class_count[:, None]
            mean = up.means[k]
            if above is not None:
                mean = mean - above[:, self.parent[k]]
            out[k] = weight * mean
            if k:
                above = gamma[k] * out[k] if above is None else gamma[k] * out[k] + above[:, self.parent[k]]
        return out

    def again(self, up: Recursion, d: list[np.ndarray]) -> list[list[np.ndarray]]:
        """Deviations of the columns Z_k d_k at level k and above: out[k][j - k], (P, G_j, B)."""
        out = []
        for k in range(self.n_levels):
            mean, here = d[k], []
            for j in range(k, self.n_levels - 1):
                above = self._add_up(j, up.weights[j] * mean) / up.masses[j + 1]
                here.append(mean - above[:, self.parent[j]])
                mean = above
            here.append(mean)
            out.append(here)
        return out

    def traces(self, gamma: np.ndarray, up: Recursion) -> tuple[np.ndarray, np.ndarray]:
        """T (levels, B) and TT (levels, levels, B): first and minus second derivatives of log|H|."""
        M, B = self.n_levels, up.log_det.shape[0]
        T, TT = np.zeros((M, B)), np.zeros((M, M, B))
        by_size = self.sizes[:, None] / (1.0 + gamma[0] * self.sizes[:, None])
        T[0] = self.groups_of_size @ by_size
        TT[0, 0] = self.groups_of_size @ by_size**2
        # derivatives of the weights w of the level below, already summed into the parents
        first: dict[int, np.ndarray] = {}
        second: dict[tuple[int, int], np.ndarray] = {}
        w = up.weights[0] / self.class_count[:, None]
        dw = {0: -self.class_count[:, None] * w**2}
        ddw = {(0, 0): 2.0 * self.class_count[:, None] * w**3}
        for k in range(1, M):
            first = {i: self._add_up(k - 1, v) for i, v in dw.items()}
            second = {ij: self._add_up(k - 1, v) for ij, v in ddw.items()}
            f, w, g = up.factors[k], up.weights[k], gamma[k]
            T[k] = w.sum(axis=0)
            TT[k, k] = (w * w).sum(axis=0)
            ff, gf = f * f, g * f
            dw, ddw = {k: -w * w}, {(k, k): 2.0 * w**3}
            for i, si in first.items():
                T[i] += (gf * si).sum(axis=0)
                ffsi = ff * si
                TT[i, k] -= ffsi.sum(axis=0)
                dw[i] = ffsi
                ddw[i, k] = -2.0 * w * ffsi
            for (i, j), sij in second.items():
                cross = gf * first[i] * first[j]
                TT[i, j] -= (gf * sij - gf * cross).sum(axis=0)
                ddw[i, j] = ff * (sij - 2.0 * cross)
        for i in range(M):
            for j in range(i):
                TT[i, j] = TT[j, i]
        return T, TT

    # -- one response, all moments -----------------------------------------------------------------------

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
            out[self.order[k]] = u[self._place[k]][:, None]
            above = u + (above[self.parent[k]] if k < self.n_levels - 1 else 0.0)
        U = above[self.parent[0][self._class_of_group]] if self.n_levels > 1 else 0.0
        out[self.order[0]] = (gamma[0, 0] * self._size / (1.0 + gamma[0, 0] * self._size) * (means - U))[:, None]
        return out


class DenseClasses:
    """The same moments for one response from one dense matrix over the classes.

    The mean of a class of N groups of size s has covariance ratio (1/s + gamma_0)/N of its own, and the
    outer levels' intercepts are shared: H_c = diag + sum gamma_k Z_k Z_k'. The spreads add what H has beyond.
    """

    def __init__(self, structure: NestedStructure) -> None:
        s = structure
        C = len(s.class_count)
        self.inner, self.n = s.order[0], s.n
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
