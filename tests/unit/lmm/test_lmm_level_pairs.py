"""Sums of products of levels that meet, against matrix products."""

import pickle

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from cpis_analysis.lmm.structures import level_pairs
from cpis_analysis.lmm.structures.level_pairs import LevelPairs


@pytest.mark.parametrize("most", [level_pairs._MOST_PAIRS, 0], ids=["listed", "sparse product"])
def test_weighted_products_equal_dense_ones(monkeypatch, most):
    monkeypatch.setattr(level_pairs, "_MOST_PAIRS", most)
    rng = np.random.default_rng(5)
    dense = rng.normal(size=(30, 12)) * (rng.random((30, 12)) < 0.3)
    dense[7] = 0.0
    # entries of a row in any order, as a product of sparse matrices leaves them
    shuffled = csr_matrix(dense[:, ::-1])
    shuffled.indices = 11 - shuffled.indices
    pairs = LevelPairs(csr_matrix((shuffled.data, shuffled.indices, shuffled.indptr), shape=dense.shape))
    for _ in range(2):
        w = rng.random(30)
        expected = np.triu(dense.T @ (w[:, None] * dense))
        np.testing.assert_allclose(pairs.weighted(w), expected, rtol=1e-12, atol=1e-13)
        np.testing.assert_allclose(pickle.loads(pickle.dumps(pairs)).weighted(w), expected, rtol=1e-12, atol=1e-13)
        G = rng.normal(size=(12, 12))
        G += G.T
        np.testing.assert_allclose(pairs.forms(np.triu(G)), ((dense @ G) * dense).sum(axis=1), rtol=1e-11, atol=1e-12)
