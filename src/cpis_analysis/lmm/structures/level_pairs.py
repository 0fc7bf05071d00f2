"""Levels of some factors that meet in a level of another: sums of their products with weights of the latter."""

from __future__ import annotations

from functools import cached_property

import numpy as np
from scipy.sparse import csr_matrix

_MOST_PAIRS = 6_000_000
"""A list of more pairs would take more memory than it is worth."""


class LevelPairs:
    """C' diag(w) C of a fixed sparse matrix C for one w after another.

    Parameters
    ----------
    C : (L, R) sparse
        A row for each level whose weight changes.

    Notes
    -----
    Which entries of C meet in a row stays, so their products are made once; for one w they are then summed by place. A
    product of sparse matrices finds the places anew each time.
    """

    def __init__(self, C: csr_matrix) -> None:
        self._C = C
        counts = np.diff(C.indptr).astype(np.intp)
        self._listed = int((counts * (counts + 1) // 2).sum()) <= _MOST_PAIRS

    def __getstate__(self) -> dict[str, object]:
        """Without the list, which is made again where it is needed."""
        return {name: value for name, value in self.__dict__.items() if name != "_pairs"}

    @cached_property
    def _pairs(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Row of C, place in the lower triangle and product of each pair of entries of a row."""
        C, size = self._C, self._C.shape[1]
        row = np.repeat(np.arange(C.shape[0]), np.diff(C.indptr))
        # each entry with those before it in its row, and with itself
        times = np.arange(C.nnz) - C.indptr[row] + 1
        first = np.repeat(np.arange(C.nnz), times)
        second = np.arange(len(first)) - np.repeat(np.cumsum(times) - times, times) + C.indptr[row[first]]
        one, other = C.indices[first].astype(np.intp), C.indices[second].astype(np.intp)
        return row[first], np.maximum(one, other) * size + np.minimum(one, other), C.data[first] * C.data[second]

    def weighted(self, weights: np.ndarray) -> np.ndarray:
        """C' diag(weights) C, (R, R), dense, for weights (L,)."""
        if not self._listed:
            return np.asarray((self._C.T.tocsr() @ self._C.multiply(weights[:, None]).tocsr()).toarray())
        size = self._C.shape[1]
        row, place, product = self._pairs
        out = np.bincount(place, weights=product * weights[row], minlength=size * size).reshape(size, size)
        diagonal = out.diagonal().copy()
        out += out.T
        out[np.diag_indices(size)] = diagonal
        return out
