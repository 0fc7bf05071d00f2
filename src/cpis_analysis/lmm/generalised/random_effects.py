"""How random effects enter a linear predictor, and the penalised information H = I + L'Z'WZL of their modes.

Effects are held at unit scale: b = L u with u standard normal, L block-diagonal with one triangular factor a random
term. Row i has one value zeta_ia for each of the A effects on its path (one group of every term), at the place
index_ia of u; all that the likelihood needs of H are its determinant, solutions, and the rows H^-1 L'z_i on the path.

Nested terms make a tree: groups are eliminated from the innermost outwards, each as a small matrix, so one
factorisation costs the number of groups (`PathEffects`). Other designs are factorised as one matrix
(`JointEffects`).
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve
from scipy.sparse import csr_matrix

from cpis_analysis.errors import ModelError, Problem
from cpis_analysis.lmm.designs.design import RandomPart
from cpis_analysis.lmm.structures.covariance_parameters import Layout
from cpis_analysis.lmm.structures.nested_tree import have_nested_groups

Array = NDArray[np.float64]

_MOST_JOINT = 3000
"""Effects of a crossed design: their information is one dense matrix."""


class Factor(Protocol):
    """A factorisation of H."""

    log_determinant: float

    def solve(self, vector: Array) -> Array:
        """H^-1 vector, (Q,)."""

    def rows(self) -> Array:
        """(n, A) elements of H^-1 L'z_i at the effects on the path of each row."""


@dataclass(frozen=True)
class Loading:
    """zeta = z L for one value of the covariance parameters.

    Attributes
    ----------
    zeta : (n, A)
    index : (n, A) int
        Place of each effect in u.
    size : int
        Number of effects Q.
    """

    zeta: Array
    index: NDArray[np.intp]
    size: int

    def spread(self, u: Array) -> Array:
        """Z L u, (n,)."""
        # one column after the other is faster than a sum over the short axis
        out = self.zeta[:, 0] * u[self.index[:, 0]]
        for a in range(1, self.zeta.shape[1]):
            out += self.zeta[:, a] * u[self.index[:, a]]
        return out

    def collect(self, r: Array) -> Array:
        """L'Z'r, (Q,)."""
        both = (self.zeta * r[:, None]).reshape(-1)
        return np.asarray(np.bincount(self.index.reshape(-1), weights=both, minlength=self.size), dtype=float)


class _Effects:
    """Random terms of a design, outermost first; how H is factorised is left to those that know its shape.

    Attributes
    ----------
    layout : Layout
        Covariance parameters, in the order of `parts`.
    parts : tuple of RandomPart
    z : (n, A)
        What each effect on the path is multiplied by.
    index : (n, A) int
    size : int
    """

    def __init__(self, parts: Sequence[RandomPart]) -> None:
        self.parts = tuple(sorted(parts, key=lambda part: part.n_groups))
        self.layout = Layout(tuple(part.q for part in self.parts))
        n = len(self.parts[0].codes)
        self.z = np.hstack([np.ones((n, 1)) if part.columns is None else part.columns for part in self.parts])
        starts = np.concatenate([[0], np.cumsum([part.n_groups * part.q for part in self.parts])])
        self.size = int(starts[-1])
        self.index = np.ascontiguousarray(
            np.hstack([
                start + part.codes[:, None] * part.q + np.arange(part.q)
                for start, part in zip(starts, self.parts, strict=False)
            ])
        )  # fmt: skip
        self.columns = np.concatenate([[0], np.cumsum([part.q for part in self.parts])])

    def loading(self, factors: Sequence[Array]) -> Loading:
        """zeta for the triangular factors of the terms."""
        return Loading(self.zeta(factors, self.z), self.index, self.size)

    def zeta(self, factors: Sequence[Array], z: Array) -> Array:
        """What each effect on the path is multiplied by (n, A), were the rows' values `z` (n, A)."""
        if all(part.q == 1 for part in self.parts):
            return z * np.array([L[0, 0] for L in factors])
        return np.hstack([
            z[:, start:stop] @ L for L, (start, stop) in zip(factors, itertools.pairwise(self.columns), strict=True)
        ])  # fmt: skip


class PathEffects(_Effects):
    """Terms of which each is nested in the one before."""

    def __init__(self, parts: Sequence[RandomPart]) -> None:
        super().__init__(parts)
        # the path of every group: its own place and those of the groups around it
        self.paths: list[NDArray[np.intp]] = []
        self.parents: list[NDArray[np.intp]] = []
        for level, part in enumerate(self.parts):
            row = np.empty(part.n_groups, dtype=np.intp)
            row[part.codes] = np.arange(len(part.codes))
            self.paths.append(self.index[row, : self.columns[level + 1]])
            self.parents.append(self.parts[level - 1].codes[row] if level else np.zeros(part.n_groups, dtype=np.intp))

    def factorise(self, loading: Loading, weights: Array) -> PathFactor:
        """Factorise I + L'Z'WZL; a LinAlgError says that it is not positive definite."""
        return PathFactor(self, loading, weights)


class PathFactor:
    """Elimination of the groups of a tree from the innermost outwards."""

    def __init__(self, effects: PathEffects, loading: Loading, weights: Array) -> None:
        self.effects, self.loading = effects, loading
        inner = effects.parts[-1]
        zeta, size = loading.zeta, loading.zeta.shape[1]
        weighted = zeta * weights[:, None]
        total = np.empty((inner.n_groups, size, size))
        for a in range(size):
            for b in range(a + 1):
                sums = np.bincount(inner.codes, weights=weighted[:, a] * zeta[:, b], minlength=inner.n_groups)
                total[:, a, b] = total[:, b, a] = sums
        self.pivots: list[Array] = []
        self.links: list[Array] = []
        log_determinant = 0.0
        for level in range(len(effects.parts) - 1, -1, -1):
            start = int(effects.columns[level])
            own = total[:, start:, start:] + np.eye(total.shape[1] - start)
            inverse, log_pivot = _invert(own)
            log_determinant += log_pivot
            above = total[:, start:, :start]
            link = inverse @ above if start else np.zeros((len(total), own.shape[1], 0))
            self.pivots.append(inverse)
            self.links.append(link)
            if level:
                rest = total[:, :start, :start] - np.swapaxes(above, 1, 2) @ link
                total = _sum_by(rest, effects.parents[level], effects.parts[level - 1].n_groups)
        self.pivots.reverse()
        self.links.reverse()
        self.log_determinant = float(log_determinant)

    def solve(self, vector: Array) -> Array:
        out = np.array(vector, dtype=float)
        effects = self.effects
        for level in range(len(effects.parts) - 1, 0, -1):
            start = int(effects.columns[level])
            path = effects.paths[level]
            passed = np.einsum("gqa,gq->ga", self.links[level], out[path[:, start:]])
            for a in range(start):
                out -= np.bincount(path[:, a], weights=passed[:, a], minlength=len(out))
        for level, part in enumerate(effects.parts):
            start = int(effects.columns[level])
            path = effects.paths[level]
            own = np.einsum("gab,gb->ga", self.pivots[level], out[path[:, start:]])
            if start:
                own -= np.einsum("gqa,ga->gq", self.links[level], out[path[:, :start]])
            out[path[:, start:].reshape(part.n_groups * part.q)] = own.reshape(-1)
        return out

    def rows(self) -> Array:
        block = self.pivots[0]
        for level in range(1, len(self.effects.parts)):
            around = block[self.effects.parents[level]]
            link, pivot = self.links[level], self.pivots[level]
            cross = -link @ around
            own = pivot - cross @ np.swapaxes(link, 1, 2)
            block = np.concatenate(
                [np.concatenate([around, np.swapaxes(cross, 1, 2)], axis=2), np.concatenate([cross, own], axis=2)],
                axis=1,
            )
        inner = self.effects.parts[-1].codes
        return np.einsum("nab,nb->na", block[inner], self.loading.zeta)


class JointEffects(_Effects):
    """Terms that cross: one matrix for all of them."""

    def __init__(self, parts: Sequence[RandomPart]) -> None:
        super().__init__(parts)
        if self.size > _MOST_JOINT:
            problem = Problem(
                f"crossed random terms with {self.size:,} effects",
                allowed=f"at most {_MOST_JOINT:,}; nested terms have no limit",
            )
            raise ModelError("The model is too large.", problem)

    def factorise(self, loading: Loading, weights: Array) -> JointFactor:
        """Factorise I + L'Z'WZL; a LinAlgError says that it is not positive definite."""
        return JointFactor(loading, weights)


class JointFactor:
    """Cholesky factorisation of the whole of H."""

    def __init__(self, loading: Loading, weights: Array) -> None:
        n, per_row = loading.zeta.shape
        starts = np.arange(0, n * per_row + 1, per_row)
        matrix = csr_matrix((loading.zeta.reshape(-1), loading.index.reshape(-1), starts), shape=(n, loading.size))
        information = (matrix.T @ matrix.multiply(weights[:, None]).tocsr()).toarray()
        information[np.diag_indices(loading.size)] += 1.0
        self.loading = loading
        self.factor = cho_factor(information, lower=True, check_finite=False)
        self.log_determinant = float(2.0 * np.log(np.diag(self.factor[0])).sum())

    def solve(self, vector: Array) -> Array:
        return np.asarray(cho_solve(self.factor, vector, check_finite=False))

    def rows(self) -> Array:
        inverse = cho_solve(self.factor, np.eye(self.loading.size), check_finite=False)
        index, zeta = self.loading.index, self.loading.zeta
        out = np.zeros_like(zeta)
        for a, b in itertools.product(range(zeta.shape[1]), repeat=2):
            out[:, a] += inverse[index[:, a], index[:, b]] * zeta[:, b]
        return out


Effects = PathEffects | JointEffects


def effects_of(parts: Sequence[RandomPart]) -> Effects:
    """The cheapest way to hold the random terms of a design."""
    return PathEffects(parts) if have_nested_groups(parts) else JointEffects(parts)


def _invert(blocks: Array) -> tuple[Array, float]:
    """Inverses of small positive definite matrices (G, q, q), and the sum of their log determinants."""
    if blocks.shape[1] == 1:
        if not (blocks > 0).all():
            raise np.linalg.LinAlgError
        return 1.0 / blocks, float(np.log(blocks).sum())
    root = np.linalg.cholesky(blocks)
    half = np.linalg.inv(root)
    return np.swapaxes(half, 1, 2) @ half, float(2.0 * np.log(np.diagonal(root, axis1=1, axis2=2)).sum())


def _sum_by(blocks: Array, parent: NDArray[np.intp], groups: int) -> Array:
    size = blocks.shape[1]
    out = np.empty((groups, size, size))
    for a in range(size):
        for b in range(a + 1):
            out[:, a, b] = out[:, b, a] = np.bincount(parent, weights=blocks[:, a, b], minlength=groups)
    return out
