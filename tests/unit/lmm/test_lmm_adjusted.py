"""Adjusted permutation of clusters: against enumeration by hand, its bound, and what must not matter."""

import math
from itertools import combinations

import numpy as np
import pytest

from cpis_analysis.lmm.resampling.adjusted import AdjustedPermutation, adjusted_permutation
from cpis_analysis.lmm.resampling.adjusted_levels import FEWEST, MOST_CLUSTERS, TABLE, adjusted_ranks
from cpis_analysis.lmm.resampling.allocations import allocations


def permuted(estimates, with_arm) -> AdjustedPermutation:
    treated = np.arange(len(estimates)) < with_arm
    every = allocations(np.zeros(len(estimates)), treated, np.random.default_rng(1))
    return adjusted_permutation(np.asarray(estimates, dtype=float), treated, every)


def test_four_and_four_clusters_by_hand():
    """70 allocations, of which a side may reject at the three largest: the only level that four clusters have."""
    values = np.array([3.0, 1.2, 2.5, 0.8, 0.1, 0.9, -1.4, 0.5])
    found = permuted(values, 4)
    assert found.ranks == {0.2: 3}
    swaps = [
        values[list(lose)].mean() - values[list(gain)].mean()
        for k in range(1, 5)
        for lose in combinations(range(4), k)
        for gain in combinations(range(4, 8), k)
    ]
    np.testing.assert_allclose(found.places, sorted(swaps))
    test = found.test(level=0.8)
    # the observed allocation is the largest at every value below the smallest swap, so the third swap ends the interval
    assert (test.ci_low, test.ci_high) == pytest.approx((sorted(swaps)[2], sorted(swaps)[-3]))
    assert (test.n, test.smallest_p, test.estimate) == (70, 0.2, pytest.approx(1.875 - 0.025))
    assert test.p_value == (0.2 if sorted(swaps)[2] > 0 else 1.0)
    assert found.test(level=0.95).ci_low == -math.inf


def test_p_value_and_interval_agree_at_every_value_and_level_of_the_table():
    random = np.random.default_rng(3)
    found = permuted(random.normal(size=15) * np.exp(random.normal(size=15)), 7)
    assert sorted(found.ranks) == [0.02, 0.05, 0.1, 0.2]
    for level in (0.8, 0.85, 0.9, 0.95, 0.96, 0.98):
        test = found.test(level)
        for value in np.linspace(test.ci_low - 1, test.ci_high + 1, 61):
            held = found.test(level, value).p_value > (1 - level) * (1 + 1e-9)
            assert held == (test.ci_low <= value <= test.ci_high)


def test_shift_scale_order_and_the_other_sign_change_nothing():
    random = np.random.default_rng(4)
    values = random.normal(size=13)
    plain, moved = permuted(values, 6).test(0.9), permuted(7.0 - 3.0 * values, 6).test(0.9, null=-0.3)
    assert permuted(values, 6).test(0.9, null=0.1).p_value == moved.p_value
    assert (moved.ci_low, moved.ci_high) == pytest.approx((-3 * plain.ci_high, -3 * plain.ci_low))
    mixed = np.concatenate([random.permutation(values[:6]), random.permutation(values[6:])])
    assert permuted(mixed, 6).test(0.9).ci_low == pytest.approx(plain.ci_low)
    other = permuted(np.concatenate([values[6:], values[:6]]), 7).test(0.9)
    assert (other.ci_low, other.ci_high) == pytest.approx((-plain.ci_high, -plain.ci_low))


def test_levels_are_below_those_of_clusters_that_are_alike_and_as_few_as_signs_allow():
    """If only the clusters of one arm vary, the largest allocation is observed where all of them lie on one side."""
    for few in range(FEWEST, MOST_CLUSTERS + 1):
        for many in range(few, MOST_CLUSTERS + 1):
            n = math.comb(few + many, few)
            ranks = adjusted_ranks((many, few), n)
            assert ranks == adjusted_ranks((few, many), n)
            assert set(ranks) == {level for level in TABLE if 2.0 / 2**few <= level}
            assert all(1 <= rank <= level / 2 * n for level, rank in ranks.items())
            assert sorted(ranks.values(), reverse=True) == list(ranks.values())


def test_drawn_allocations_test_like_all_of_them():
    random = np.random.default_rng(5)
    values, treated = random.normal(size=20) + np.repeat([1.0, 0.0], 10), np.repeat([True, False], 10)
    drawn = allocations(np.zeros(20), treated, random)
    assert len(drawn) == 10_000
    every = np.zeros((math.comb(20, 10), 20), dtype=bool)
    for row, chosen in zip(every, combinations(range(20), 10), strict=True):
        row[list(chosen)] = True
    whole, part = (adjusted_permutation(values, treated, one).test(0.9) for one in (every, drawn))
    assert (part.ci_low, part.ci_high) == pytest.approx((whole.ci_low, whole.ci_high), abs=0.1 * whole.se)
