"""Adjusted permutation of ten and of twelve clusters that differ in spread: it holds its size where others do not."""

import numpy as np
import pytest

from cpis_analysis.lmm.resampling.adjusted import adjusted_permutation
from cpis_analysis.lmm.resampling.adjusted_levels import adjusted_ranks
from cpis_analysis.lmm.resampling.allocations import allocations

SPREADS = {
    "alike": ([1.0], [1.0]),
    "arms": ([10.0], [1.0]),
    "one cluster": ([10.0, 1.0], [1.0]),
    "worst found": ([1e-5, 1.0], [1e-5, 1e-4]),
}
"""Standard deviations of the clusters of either arm, the last for all others."""


def drawn(clusters, spread, count):
    sd = [np.array(own + own[-1:] * (clusters - len(own))) for own in SPREADS[spread]]
    return np.random.default_rng(11).normal(size=(count, 2 * clusters)) * np.concatenate(sd)


@pytest.mark.parametrize("spread", SPREADS)
@pytest.mark.parametrize(("clusters", "size"), [(5, 0.1), (6, 0.05)])
def test_adjusted_permutation_holds_its_size_whatever_the_spread(clusters, size, spread):
    """4,000 replicates: the Monte Carlo error of a size of 10% is 0.5 points, and the gate three of them."""
    values = drawn(clusters, spread, 4_000)
    treated = np.arange(2 * clusters) < clusters
    every = allocations(np.zeros(2 * clusters), treated, np.random.default_rng())
    # ranks of the observed difference among all, from either end; every 40th through the test itself
    sides = np.where(every, 1.0, -1.0) @ values.T
    own = sides[(every == treated).all(axis=1)]
    ranks = np.minimum((sides >= own).sum(axis=0), (sides <= own).sum(axis=0))
    rejected = ranks <= adjusted_ranks((clusters, clusters), len(every))[size]
    tested = [adjusted_permutation(one, treated, every).test().p_value <= size for one in values[::40]]
    assert tested == rejected[::40].tolist()
    assert rejected.mean() <= size + 3 * np.sqrt(size * (1 - size) / len(values))
    ordinary = ranks <= size / 2 * len(every)
    assert ordinary.mean() >= rejected.mean()
    if spread == "worst found":  # without this the test could not see that it matters
        assert ordinary.mean() > 1.25 * size
