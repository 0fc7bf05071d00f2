"""The tree of nested groups, and the recursion from the innermost groups outwards.

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
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cpis_analysis.lmm.designs.design import RandomPart
from cpis_analysis.lmm.designs.display import ShortRepr


def is_nested(parts: tuple[RandomPart, ...]) -> bool:
    """Whether all terms are random intercepts of which each is nested in the next."""
    return bool(parts) and all(part.columns is None for part in parts) and have_nested_groups(parts)


def have_nested_groups(parts: Sequence[RandomPart]) -> bool:
    """Whether the groups of each term lie within those of the next larger one, whatever varies over them."""
    ordered = sorted(parts, key=lambda part: -part.n_groups)
    return all(
        np.array_equal(parents(inner, outer)[inner.codes], outer.codes) for inner, outer in itertools.pairwise(ordered)
    )


def parents(inner: RandomPart, outer: RandomPart) -> np.ndarray:
    """Group of the outer term that each group of the inner one lies in."""
    first = np.empty(inner.n_groups, dtype=np.intp)
    first[inner.codes] = outer.codes
    return first


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


class NestedTree:
    """Groups of nested random intercepts, sorted so that children stand together.

    Parameters
    ----------
    parts : tuple of RandomPart
        In any order.
    row_weights : (n,) float or None

    Attributes
    ----------
    order : list of int
        Terms from the innermost outwards; level k is term ``order[k]``.
    codes : (n,) int
        Innermost group of each row.
    group_size : (groups,) float
        Rows of the innermost groups, or the sums of their weights.
    class_count, size_of_class : (C,)
        Innermost groups of one size and one parent are a class: how many groups it has, and its size as a position in
        `sizes`.
    class_of_group, sorted_groups, class_starts
        Class of each innermost group; the groups class by class, and where each class starts among them.
    groups_of_size : (sizes,) float
    spread_sizes : (U,) int
        Sizes of which some class has several groups.
    members, member_ends
        Groups of these classes, by size, and where each size ends.
    parent, starts, place
        By level: group of the next level, first child of each group of the next level, position of each group.
    """

    def __init__(self, parts: tuple[RandomPart, ...], row_weights: np.ndarray | None) -> None:
        self.order = sorted(range(len(parts)), key=lambda k: -parts[k].n_groups)
        self.n_levels = len(parts)
        self.row_weights = row_weights
        self._arrange([parts[k] for k in self.order])

    def _arrange(self, levels: list[RandomPart]) -> None:
        """Sort groups so that children stand together; join innermost groups of one size and parent."""
        self.codes = levels[0].codes
        groups = levels[0].n_groups
        self.group_size = np.bincount(self.codes, weights=self.row_weights, minlength=groups).astype(float)
        place = np.arange(levels[-1].n_groups)
        self.place = {self.n_levels - 1: place}
        self.starts: list[np.ndarray] = [np.zeros(0, np.intp)] * self.n_levels
        self.parent: list[np.ndarray] = [np.zeros(0, np.intp)] * self.n_levels
        self._gather: list[np.ndarray | None] = [None] * self.n_levels
        for k in range(self.n_levels - 2, 0, -1):
            above = place[parents(levels[k], levels[k + 1])]
            order = np.argsort(above, kind="stable")
            place = np.empty(len(order), dtype=np.intp)
            place[order] = np.arange(len(order))
            self.place[k] = place
            self._link(k, above[order])
        above = np.zeros(groups, dtype=np.intp)
        if self.n_levels > 1:
            above = place[parents(levels[0], levels[1])]
        order = np.lexsort((self.group_size, above))
        new = np.ones(groups, dtype=bool)
        inside, size = above[order], self.group_size[order]
        new[1:] = (inside[1:] != inside[:-1]) | (size[1:] != size[:-1])
        self.class_starts = new.nonzero()[0]
        self.sorted_groups = order
        self.class_of_group = np.empty(groups, dtype=np.intp)
        self.class_of_group[order] = new.cumsum() - 1
        first = order[self.class_starts]
        self.class_count = np.full(len(first), float(groups))
        self.class_count[:-1] = self.class_starts[1:]
        self.class_count -= self.class_starts
        class_size = self.group_size[first]
        if self.n_levels > 1:
            self._link(0, above[first])
        self.sizes = np.array(sorted(set(class_size.tolist())))
        self.size_of_class = np.searchsorted(self.sizes, class_size)
        self.groups_of_size = np.bincount(self.size_of_class, weights=self.class_count)
        # sizes for which some class has more than one group: their spread is not zero
        several = np.flatnonzero(np.bincount(self.size_of_class[self.class_count > 1], minlength=len(self.sizes)))
        self.spread_sizes = several
        member = np.flatnonzero(self.class_count[self.class_of_group] > 1)
        size_of_member = self.size_of_class[self.class_of_group[member]]
        sort = np.argsort(size_of_member, kind="stable")
        self.members = member[sort]
        self.member_ends = np.searchsorted(size_of_member[sort], several, side="right")

    def _link(self, level: int, parent: np.ndarray) -> None:
        self.parent[level] = parent
        new = np.ones(len(parent), dtype=bool)
        np.not_equal(parent[1:], parent[:-1], out=new[1:])
        self.starts[level] = new.nonzero()[0]
        # a product with a small 0/1 matrix beats reduceat, whose cost is one call a group
        small = len(parent) * len(self.starts[level]) <= 2500
        self._gather[level] = (np.arange(len(self.starts[level]))[:, None] == parent).astype(float) if small else None

    def add_up(self, level: int, values: np.ndarray) -> np.ndarray:
        """Sums over the children of each group of the next level; groups on the last axis but one."""
        gather = self._gather[level]
        if gather is not None:
            return gather @ values
        return np.add.reduceat(values, self.starts[level], axis=values.ndim - 2)

    def outwards(self, gamma: np.ndarray, columns: np.ndarray) -> Recursion:
        """Pass from the innermost level to the top for ratios (levels, B) and class means (P, C, B)."""
        by_size = 1.0 + gamma[0] * self.sizes[:, None]
        valid, below = np.ones(by_size.shape[1], dtype=bool), bool((gamma < 0.0).any())
        if below:
            valid = (by_size > 0).all(axis=0)
            by_size = np.where(by_size > 0, by_size, 1.0)
        log_det = self.groups_of_size @ np.log(by_size)
        factor = 1.0 / by_size
        size_weight = self.sizes[:, None] * factor
        weight = size_weight[self.size_of_class] * self.class_count[:, None]
        weights, factors, masses = [weight], [factor[self.size_of_class]], [self.sizes[self.size_of_class][:, None]]
        means, deviations = [columns], []
        for k in range(1, self.n_levels):
            mass = self.add_up(k - 1, weights[-1])
            mean = self.add_up(k - 1, weights[-1] * means[-1])
            mean /= mass
            deviations.append(means[-1] - mean[:, self.parent[k - 1]])
            bottom = 1.0 + gamma[k] * mass
            if below:
                valid = valid & (bottom > 0).all(axis=0)
                bottom = np.where(bottom > 0, bottom, 1.0)
            log_det = log_det + np.log(bottom).sum(axis=0)
            weights.append(mass / bottom)
            factors.append(1.0 / bottom)
            masses.append(mass)
            means.append(mean)
        deviations.append(means[-1])
        return Recursion(weights, factors, masses, means, deviations, size_weight[self.spread_sizes], log_det, valid)

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
                above = self.add_up(j, up.weights[j] * mean) / up.masses[j + 1]
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
        square = by_size * by_size
        dw = {0: -self.class_count[:, None] * square[self.size_of_class]}
        ddw = {(0, 0): 2.0 * self.class_count[:, None] * (square * by_size)[self.size_of_class]}
        for k in range(1, M):
            first = {i: self.add_up(k - 1, v) for i, v in dw.items()}
            second = {ij: self.add_up(k - 1, v) for ij, v in ddw.items()}
            f, w, g = up.factors[k], up.weights[k], gamma[k]
            T[k] = w.sum(axis=0)
            TT[k, k] = (w * w).sum(axis=0)
            ff, gf = f * f, g * f
            ww = w * w
            top = k == M - 1
            if not top:
                dw, ddw = {k: -ww}, {(k, k): 2.0 * ww * w}
            for i, si in first.items():
                T[i] += (gf * si).sum(axis=0)
                ffsi = ff * si
                TT[i, k] -= ffsi.sum(axis=0)
                if not top:
                    dw[i], ddw[i, k] = ffsi, -2.0 * w * ffsi
            for (i, j), sij in second.items():
                cross = gf * first[i] * first[j]
                TT[i, j] -= (gf * (sij - cross)).sum(axis=0)
                if not top:
                    ddw[i, j] = ff * (sij - 2.0 * cross)
        for i in range(M):
            for j in range(i):
                TT[i, j] = TT[j, i]
        return T, TT
