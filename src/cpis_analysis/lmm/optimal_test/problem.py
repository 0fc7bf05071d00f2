"""A mixed model's design as a test of one contrast sees it: a handful of numbers a response, whatever its length.

Notation: y = X0 b + a d + sum_k Z_k u_k + e with variances sigma^2 (lambda_1, ..., lambda_K, 1). N projects on the
complement of X0, which has m dimensions. What the responses say about lambda and d lies in the span U of the columns
of N Z_k and a; outside it they say how large sigma is.

=========  =================================================================  ============
z          U'N y                                                              (r, B)
S          |N y|^2 - |z|^2                                                    (B,)
M(lambda)  (I + sum_k lambda_k R_k'R_k)^-1 with N Z_k = U R_k'                (r, r)
A(lambda)  y'P0 y = z'M z + S, P0 the REML projection without the contrast    (B,)
B(lambda)  a'P0 y = r_a'M z with a = U r_a                                    (B,)
k(lambda)  a'P0 a = r_a'M r_a
ldet       log|V| + log|X0'V^-1 X0| = -log|M| + constant
=========  =================================================================  ============
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from cpis_analysis.errors import ModelError, Problem
from cpis_analysis.lmm.designs.basis import Basis
from cpis_analysis.lmm.designs.design import RandomPart
from cpis_analysis.lmm.designs.display import ShortRepr

MOST_DIMENSIONS = 100
"""Beyond so many clusters training would take long, and degrees of freedom are no problem any more."""
_DIGITS = 11
"""Digits of the design that count; the rest depends on the order of the rows."""
_RANK = 1e-9


@dataclass(frozen=True, repr=False)
class Forms(ShortRepr):
    """A design at J points of lambda.

    Attributes
    ----------
    log_det : (J,)
        Half of it is taken from the log density of a response.
    gain : (J, r)
        r_a'M.
    k : (J,)
    parts : tuple of (slice of J, (r, r) axes, (some, r + 1) along)
        Neighbours that differ in the last ratio only: M = axes' diag(along) axes. Behind each is a one, for what a
        quadratic form has beside z'M z.
    """

    log_det: np.ndarray
    gain: np.ndarray
    k: np.ndarray
    parts: tuple[tuple[slice, np.ndarray, np.ndarray], ...]

    @cached_property
    def M(self) -> np.ndarray:
        """M(lambda), (J, r, r)."""
        return np.concatenate([(axes.T * along[:, None, :-1]) @ axes for _, axes, along in self.parts])

    @cached_property
    def _in_products(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """z'M z as weights of products of two of z: which two, and (J, products)."""
        i, j = np.triu_indices(self.gain.shape[1])
        return i, j, self.M[:, i, j] * np.where(i == j, 1.0, 2.0)

    def quadratic(self, z: np.ndarray, rest: np.ndarray) -> np.ndarray:
        """A(lambda), (J, B), of responses z (r, B) with rest S (B,)."""
        J, r = self.gain.shape
        out = np.empty((J, z.shape[1]))
        if 2 * (r * len(self.parts) + J) < J * r:
            squares = np.empty((r + 1, z.shape[1]))
            squares[r] = rest
            for points, axes, along in self.parts:
                np.square(np.matmul(axes, z, out=squares[:r]), out=squares[:r])
                np.matmul(along, squares, out=out[points])
            return out
        # one product for all points: z'Mz is linear in the products of z
        i, j, weights = self._in_products
        # a portion at a time, so that the products stay in the cache
        width = max(100_000 // len(i), 64)
        for start in range(0, z.shape[1], width):
            part = z[:, start : start + width]
            np.matmul(weights, part[i] * part[j], out=out[:, start : start + width])
        out += rest
        return out

    def linear(self, z: np.ndarray) -> np.ndarray:
        """B(lambda), (J, B)."""
        return self.gain @ z


@dataclass(frozen=True, repr=False)
class ReducedDesign(ShortRepr):
    """The design of one contrast, whose scale does not matter.

    Attributes
    ----------
    R : tuple of (g_k, r)
        Columns of each random term in U.
    arm : (r,)
        r_a, of the contrast's column at unit length.
    m : int
        Rows less the fixed effects without the contrast.
    groups : tuple of str
        Grouping factors.
    sign : float
        -1 where the column is that of the negative contrast, so that a contrast and its negative are one design.
    """

    R: tuple[np.ndarray, ...]
    arm: np.ndarray
    m: int
    groups: tuple[str, ...]
    sign: float
    _to_z: np.ndarray

    @property
    def r(self) -> int:
        """Dimensions of U."""
        return len(self.arm)

    def digest(self) -> str:
        """SHA-256 of the design: the same for rows in another order, for another response, for a scaled contrast."""
        whole = np.vstack([*self.R, self.arm])
        sizes = np.array([self.m, *(len(R) for R in self.R)], dtype="<f8")
        # adding zero makes one zero of the two
        products = (np.round(whole @ whole.T, 8) + 0.0).astype("<f8")
        return hashlib.sha256(sizes.tobytes() + products.tobytes()).hexdigest()

    def seed(self) -> list[int]:
        """Seed of the draws: the numbers of rows and clusters, which no rounding can touch."""
        return [self.m, self.r, *(len(R) for R in self.R)]

    def at(self, ratios: np.ndarray) -> Forms:
        """What tests need at variance ratios (J, K)."""
        squares = np.array([R.T @ R for R in self.R])
        others, parts = ratios[:, :-1], []
        log_det, gain = np.empty(len(ratios)), np.empty((len(ratios), self.r))
        starts = [0, *(np.flatnonzero((others[1:] != others[:-1]).any(axis=1)) + 1), len(ratios)]
        for points in map(slice, starts[:-1], starts[1:]):
            root = np.linalg.cholesky(np.eye(self.r) + np.einsum("k,kab->ab", others[points.start], squares[:-1]))
            half = np.linalg.solve(root, np.linalg.solve(root, squares[-1]).T)
            sizes, vectors = np.linalg.eigh((half + half.T) / 2.0)
            axes = np.linalg.solve(root.T, vectors).T
            along = 1.0 / (1.0 + np.outer(ratios[points, -1], np.maximum(sizes, 0.0)))
            log_det[points] = 2.0 * np.log(np.diag(root)).sum() - np.log(along).sum(axis=1)
            gain[points] = (axes @ self.arm * along) @ axes
            parts.append((points, axes, np.column_stack([along, np.ones(len(along))])))
        return Forms(log_det, gain, gain @ self.arm, tuple(parts))

    def draws(
        self, ratios: np.ndarray, count: int, shift: np.ndarray, rng: np.random.Generator
    ) -> tuple[np.ndarray, np.ndarray]:
        """Responses in units of the residual SD: `count` at each point, with effects of `shift` (J,).

        Returns
        -------
        z : (r, J * count)
        rest : (J * count,)
        """
        J = len(ratios)
        squares = np.array([R.T @ R for R in self.R])
        roots = np.linalg.cholesky(np.eye(self.r) + np.einsum("jk,kab->jab", ratios, squares))
        z = np.empty((self.r, J, count))
        for at, (root, moved) in enumerate(zip(roots, shift, strict=True)):
            z[:, at] = root @ rng.standard_normal((self.r, count)) + (self.arm * moved)[:, None]
        left = self.m - self.r
        rest = rng.chisquare(left, J * count) if left else np.zeros(J * count)
        return z.reshape(self.r, -1), rest

    def reduce(self, sums: np.ndarray, squares: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """z (r, B) and S (B,) from the sums Z'N y and a'N y (g + 1, B) and the squares |N y|^2 (B,)."""
        z = self._to_z @ sums
        return z, np.maximum(squares - np.einsum("rb,rb->b", z, z), 0.0)


def reduced_design(basis: Basis, parts: tuple[RandomPart, ...], row: np.ndarray) -> ReducedDesign:
    """Reduce a design to what a test of one contrast needs.

    1. The contrast l'b in the orthonormal basis Q has the column Q l / l'l, at unit length a = Q l / |l|; X0 is what
       of Q is orthogonal to it.
    2. The Gram matrix of N Z and a follows from sums over groups. It is rounded, so that the order of the rows does
       not show.
    3. Its eigenvectors give U; directions that hold less than 1e-9 of it are no directions.

    Parameters
    ----------
    basis : Basis
    parts : tuple of RandomPart
        Random intercepts, nested or crossed.
    row : (p,) float
        Weights of the contrast on the kept coefficients.

    Raises
    ------
    ModelError
        For random slopes, no random term, or more dimensions than `MOST_DIMENSIONS`.
    """
    problems = [
        Problem("the test is for random intercepts", variable=part.group, hint="use Kenward-Roger for this model")
        for part in parts
        if part.columns is not None
    ]
    if not parts:
        problems.append(Problem("the model has no random term; its t test is exact", hint="use df: residual"))
    if sum(part.n_groups for part in parts) > MOST_DIMENSIONS:
        problems.append(
            Problem(
                "with so many clusters Kenward-Roger holds its size, and this test is not needed",
                count=sum(part.n_groups for part in parts),
                allowed=f"at most {MOST_DIMENSIONS}",
            )
        )
    if problems:
        raise ModelError("The nearly optimal test can't be made.", problems)
    Q = basis.Q if basis.root_weights is None else basis.Q * basis.root_weights[:, None]
    weights = np.ones(len(Q)) if basis.root_weights is None else basis.root_weights
    l = row @ basis.back
    unit = l / np.linalg.norm(l)
    to_groups = [_sums(part, Q * weights[:, None]) for part in parts]
    both = np.vstack([*to_groups, np.zeros((1, basis.p))])
    along = both @ unit
    # the first cluster that the contrast touches is on its positive side
    touched = np.flatnonzero(np.abs(along) > 1e-6 * max(np.abs(along).max(), 1e-6))
    sign = -1.0 if len(touched) and along[touched[0]] < 0 else 1.0
    along = sign * along
    # products of N Z: those of Z less those of their part in X0, which is Q without the contrast's direction
    gram = -(both @ both.T) + np.outer(along, along)
    gram[:-1, :-1] += _crossed(parts, weights)
    gram[:-1, -1] = gram[-1, :-1] = along[:-1]
    gram[-1, -1] = 1.0
    size = np.sqrt(np.diag(gram).max())
    gram = np.round(gram / size**2, _DIGITS) * size**2
    values, vectors = np.linalg.eigh(gram)
    kept = values > _RANK * values[-1]
    roots = vectors[:, kept] * np.sqrt(values[kept])
    ends = np.cumsum([part.n_groups for part in parts])
    R = tuple(np.split(roots[:-1], ends[:-1]))
    to_z = (vectors[:, kept] / np.sqrt(values[kept])).T
    return ReducedDesign(R, roots[-1], len(Q) - basis.p + 1, tuple(part.group for part in parts), sign, to_z)


def _sums(part: RandomPart, columns: np.ndarray) -> np.ndarray:
    return np.array([np.bincount(part.codes, column, part.n_groups) for column in columns.T]).T


def _crossed(parts: tuple[RandomPart, ...], weights: np.ndarray) -> np.ndarray:
    """Z'W Z of all random terms."""
    starts = np.cumsum([0, *(part.n_groups for part in parts)])
    squares = weights**2
    out = np.zeros((starts[-1], starts[-1]))
    for i, one in enumerate(parts):
        for j, other in enumerate(parts[i:], start=i):
            shape = one.n_groups, other.n_groups
            both = np.bincount(one.codes * other.n_groups + other.codes, squares, shape[0] * shape[1]).reshape(shape)
            rows, columns = slice(starts[i], starts[i + 1]), slice(starts[j], starts[j + 1])
            out[rows, columns], out[columns, rows] = both, both.T
    return out
