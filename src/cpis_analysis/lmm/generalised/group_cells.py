"""Rows collapsed to cells: people of the same groups share their random effects.

With random intercepts a row's random effects are those of its cell (one group of every term), and the covariance
of the cells' effects is V = sum_k gamma_k J_k with J_k 1 where two cells share a group of term k. A slope whose column
does not vary within cells, as of groups that are in one arm only, has the product of the two cells' values there. Cells
of connected
groups make a block; blocks are independent. Blocks are padded with cells without rows to one size c, so that all of
them are one array (T, c, c), and what rows tell of random effects enters through sums by cell.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import cast

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from cpis_analysis.lmm.designs.design import RandomPart
from cpis_analysis.lmm.generalised.laplace import Model
from cpis_analysis.lmm.generalised.random_effects import PathEffects
from cpis_analysis.lmm.structures.connected import connected_blocks

Array = NDArray[np.float64]
Places = NDArray[np.intp]

_LARGEST_BLOCK = 120
_MOST_PAIRS = 400_000
"""Cells of a block, and pairs of cells of all blocks, up to which matrices of cells are worth it."""
_DENSE = 30_000
"""Elements of the matrix of sums up to which it is held as a dense one."""
_MOST_PRODUCTS = 1_000_000


@dataclass(frozen=True)
class Cells:
    """A design of random intercepts, or of slopes of columns that do not vary within cells, by cells.

    Attributes
    ----------
    X : (n, p)
        Orthonormal columns of the fixed part, times the root of n.
    root : (p, p)
        Coefficients of `X` are ``root @ beta``.
    offset : (n,)
    of_row : (n,) int
        Place of each row's cell among all T c.
    shared : (K, T, c, c)
        J_k.
    sums : (T c (1 + p), n)
        Sums by cell of a row's value, and of its value times each column of `X`.
    products : (n, p p) or None
        Products of columns, where they are small enough to be kept.
    """

    X: Array
    root: Array
    offset: Array
    of_row: Places
    shared: Array
    sums: Array | csr_array
    products: Array | None

    @cached_property
    def plain(self) -> Array | None:
        """(T c, n) sums of a row's value alone, where they are held as a dense matrix."""
        if not isinstance(self.sums, np.ndarray):
            return None
        return np.ascontiguousarray(self.sums.reshape(-1, 1 + self.X.shape[1], len(self.X))[:, 0])

    def covariance(self, gamma: Array) -> Array:
        """V (B, T, c, c) of variances (B, K)."""
        K = len(self.shared)
        return (gamma @ self.shared.reshape(K, -1)).reshape(-1, *self.shared.shape[1:])

    def share(self, cells: Array) -> Array:
        """J_k times values of cells (B, T, c), as (B, T, c, K)."""
        return (self.shared @ cells[:, None, :, :, None])[..., 0].transpose(0, 2, 3, 1)

    def by_cell(self, rows: Array) -> Array:
        """Sums (B, T, c, 1 + p) of values (B, n)."""
        if isinstance(self.sums, np.ndarray):
            found = rows @ self.sums.T
        elif len(rows) == 1:
            found = self.sums @ rows[0]
        else:
            found = np.ascontiguousarray((self.sums @ np.ascontiguousarray(rows.T)).T)
        _, blocks, size, _ = self.shared.shape
        return cast(Array, found.reshape(len(rows), blocks, size, -1))

    def totals(self, rows: Array) -> Array:
        """Sums (B, T, c) of values (B, n)."""
        _, blocks, size, _ = self.shared.shape
        if isinstance(self.plain, np.ndarray):
            found = rows @ self.plain.T
        else:
            found = np.array([np.bincount(self.of_row, weights=one, minlength=blocks * size) for one in rows])
        return cast(Array, found.reshape(len(rows), blocks, size))

    def to_rows(self, cells: Array) -> Array:
        """Values (B, T, c) of cells, by row."""
        return cells.reshape(len(cells), -1)[:, self.of_row]

    def quadratic(self, rows: Array) -> Array:
        """X' diag X (B, p, p) of values (B, n)."""
        p = self.X.shape[1]
        if self.products is not None:
            return (rows @ self.products).reshape(-1, p, p)
        return np.array([(self.X * one[:, None]).T @ self.X for one in rows]).reshape(-1, p, p)


def cells_of(model: Model) -> Cells | None:
    """The cells of a model; None where slopes that vary within cells or large blocks make them no help."""
    parts = model.effects.parts
    if any(part.q != 1 for part in parts):
        return None
    nested = isinstance(model.effects, PathEffects)
    if nested:
        # the innermost group tells all others, and the outermost is the block
        cell_of_row, count = np.asarray(parts[-1].codes, dtype=np.intp), parts[-1].n_groups
    else:
        codes = np.ravel_multi_index([part.codes for part in parts], [part.n_groups for part in parts])
        _, inverse = np.unique(codes, return_inverse=True)
        cell_of_row, count = np.asarray(inverse, dtype=np.intp), int(inverse.max()) + 1
    a_row = np.empty(count, dtype=np.intp)
    a_row[cell_of_row] = np.arange(len(cell_of_row))
    values = [np.ones(count) if part.columns is None else part.columns[a_row, 0] for part in parts]
    if any((value[cell_of_row] != part.columns[:, 0]).any() for value, part in zip(values, parts, strict=True)
           if part.columns is not None):  # fmt: skip
        return None
    groups = [part.codes[a_row] for part in parts]
    block = groups[0] if nested else _blocks(parts)[groups[0]]
    sizes = np.bincount(block)
    largest = int(sizes.max())
    if largest > _LARGEST_BLOCK or len(sizes) * largest**2 > _MOST_PAIRS:
        return None
    order = np.argsort(block, kind="stable")
    place = np.empty(count, dtype=np.intp)
    place[order] = block[order] * largest + np.arange(count) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    shared = np.zeros((len(parts), len(sizes), largest, largest))
    for k, (group, value) in enumerate(zip(groups, values, strict=True)):
        of_place = np.full(len(sizes) * largest, -1, dtype=np.intp)
        of_place[place] = group
        table = of_place.reshape(len(sizes), largest)
        of_cell = np.zeros(len(sizes) * largest)
        of_cell[place] = value
        z = of_cell.reshape(len(sizes), largest)
        same = (table[:, :, None] == table[:, None, :]) & (table[:, :, None] >= 0)
        shared[k] = same * (z[:, :, None] * z[:, None, :])
    of_row = place[cell_of_row]
    n, p = model.X.shape
    Q, root = np.linalg.qr(model.X)
    X = Q * np.sqrt(n)
    products = (X[:, :, None] * X[:, None, :]).reshape(n, p * p) if n * p * p <= _MOST_PRODUCTS else None
    slots = len(sizes) * largest
    return Cells(X, root / np.sqrt(n), model.offset, of_row, shared, _sums(X, of_row, slots), products)


def _blocks(parts: tuple[RandomPart, ...]) -> Places:
    """Block of each group of the first term, counted from 0 without gaps."""
    block, _ = connected_blocks(parts)
    return np.unique(block[: parts[0].n_groups], return_inverse=True)[1].astype(np.intp)


def _sums(X: Array, of_row: Places, slots: int) -> Array | csr_array:
    n, p = X.shape
    where = (of_row[:, None] * (1 + p) + np.arange(1 + p)).reshape(-1)
    rows = np.repeat(np.arange(n), 1 + p)
    values = np.hstack([np.ones((n, 1)), X]).reshape(-1)
    if n * slots * (1 + p) <= _DENSE:
        dense = np.zeros((slots * (1 + p), n))
        dense[where, rows] = values
        return dense
    return csr_array((values, (where, rows)), shape=(slots * (1 + p), n))
