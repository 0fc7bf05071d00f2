"""Levels of some factors that meet in a level of another: sums of their products with weights of the latter."""

from __future__ import annotations

from functools import cached_property

import numpy as np
from scipy.sparse import coo_matrix, csr_matrix

_MOST_PAIRS = 6_000_000
"""A list of more pairs would take more memory than it is worth."""


class LevelPairs:
    """C' diag(w) C of a fixed sparse matrix C for one w after another, and c G c' of each row c of C for one G.

    Parameters
    ----------
    C : (L, R) sparse
        A row for each level whose weight changes.

    Notes
    -----
    Which entries of C meet in a row stays, so their products are made once, as a matrix of a row for each place in the
    upper triangle and a column for each row of C: one w is a product with it, and so is one G. A product of sparse
    matrices finds the places anew each time.
    """

    def __init__(self, C: csr_matrix) -> None:
        self._C = C
        counts = np.diff(C.indptr).astype(np.intp)
        self._listed = int((counts * (counts + 1) // 2).sum()) <= _MOST_PAIRS

    def __getstate__(self) -> dict[str, object]:
        """Without the products, which are made again where they are needed."""
        return {name: value for name, value in self.__dict__.items() if name != "_pairs"}

    @cached_property
    def _pairs(self) -> csr_matrix:
        """Products of the entries of a row of C (column), by their place (row)."""
        C, size = self._C, self._C.shape[1]
        row = np.repeat(np.arange(C.shape[0], dtype=np.int32), np.diff(C.indptr))
        # each entry with those before it in its row, and with itself
        times = np.arange(C.nnz) - C.indptr[row] + 1
        first = np.repeat(np.arange(C.nnz, dtype=np.int32), times)
        second = np.arange(len(first)) - np.repeat(np.cumsum(times) - times - C.indptr[row], times)
        one, other = C.indices[first], C.indices[second]
        place = np.minimum(one, other) * np.int32(size) + np.maximum(one, other)
        pairs = coo_matrix((C.data[first] * C.data[second], (place, row[first])), shape=(size * size, C.shape[0]))
        # no two entries of a row share a place, so nothing has to be summed
        pairs.has_canonical_format = True
        return pairs.tocsr()

    def weighted(self, weights: np.ndarray) -> np.ndarray:
        """C' diag(weights) C for weights (L,): its upper triangle, (R, R), zeros below."""
        size = self._C.shape[1]
        if not self._listed:
            return np.triu((self._C.T.tocsr() @ self._C.multiply(weights[:, None]).tocsr()).toarray())
        return np.asarray(self._pairs @ weights).reshape(size, size)

    def forms(self, G: np.ndarray) -> np.ndarray:
        """c G c' of each row c of C, (L,), for a symmetric G (R, R) given as its upper triangle with zeros below."""
        twice = 2.0 * G
        twice[np.diag_indices(len(G))] *= 0.5
        if not self._listed:
            return np.asarray(self._C.multiply(self._C @ twice).sum(axis=1)).ravel()
        return np.asarray(twice.ravel() @ self._pairs)
