"""Step-down adjustment by resampling: what must hold of any statistics, and of clusters that an outcome lacks."""

from itertools import permutations

import numpy as np
import pytest

from cpis_analysis.lmm.resampling.allocations import allocations
from cpis_analysis.lmm.resampling.step_down import permuted_squares, step_down
from cpis_analysis.lmm.resampling.two_stage import TwoStages


@pytest.fixture(scope="module")
def drawn():
    """Statistics of five outcomes in 200 resamples, the first of them observed."""
    random = np.random.default_rng(2)
    every = random.normal(size=(200, 5)) ** 2
    every[0] += [0.5, 6.0, 2.0, 0.0, 1.0]
    return every


def alone(every):
    return (every >= every[0] * (1 - 1e-9)).mean(axis=0)


def test_step_down_of_one_outcome_and_of_one_many_times_is_its_own_p(drawn):
    for k in range(5):
        own = drawn[:, [k]]
        assert step_down(own[0], own) == alone(own)
        same = np.repeat(own, 4, axis=1)
        np.testing.assert_array_equal(step_down(same[0], same), np.repeat(alone(own), 4))


def test_step_down_is_monotone_no_smaller_than_alone_and_the_order_changes_nothing(drawn):
    found = step_down(drawn[0], drawn)
    assert (found >= alone(drawn)).all()
    assert (np.diff(found[np.argsort(-drawn[0])]) >= 0).all()
    for order in map(list, permutations(range(5))):
        np.testing.assert_array_equal(step_down(drawn[0, order], drawn[:, order]), found[order])


def test_step_down_is_that_of_westfall_and_young_by_hand():
    """The second step leaves out the outcome that was judged: 4 of 4 become 2 of 4."""
    every = np.array([[9.0, 4.0], [9.5, 1.0], [5.0, 2.0], [1.0, 4.5]])
    np.testing.assert_array_equal(step_down(every[0], every), [0.5, 0.5])
    every = np.array([[9.0, 4.0], [8.5, 1.0], [5.0, 4.2], [4.1, 4.5]])
    # the largest of both is at least 4 in all four, the second alone in three
    np.testing.assert_array_equal(step_down(every[0], every), [0.25, 0.75])


def stages(treated, strata=None):
    random = np.random.default_rng(6)
    cluster = np.repeat(np.arange(len(treated)), 4)
    y = random.normal(size=len(cluster)) + treated[cluster]
    return TwoStages(
        y, np.ones((len(cluster), 1)), np.zeros(1, dtype=bool), cluster, treated, np.zeros((len(treated), 0)), strata
    )


@pytest.mark.parametrize(
    ("treated", "strata"),
    [([1, 0, 0, 0, 0, 0], None), ([1, 0, 0, 1, 0, 0], [0, 0, 1, 1, 1, 1]), ([1, 0, 1, 0, 0, 1], [0, 0, 1, 1, 2, 2])],
)
def test_allocations_that_leave_an_outcome_without_an_arm_count_as_extreme(treated, strata):
    """Of six clusters an outcome lacks the last: where that has the only arm of its kind there is no statistic."""
    treated = np.array(treated, dtype=bool)
    places = np.zeros(6, dtype=int) if strata is None else np.array(strata)
    every = allocations(places, treated, np.random.default_rng())
    own = stages(treated[:5], None if strata is None else places[:5])
    observed, squares = permuted_squares(own, every[:, :5])
    one_arm = every[:, 5] if strata != [0, 0, 1, 1, 2, 2] else np.zeros(len(every), dtype=bool)
    assert one_arm.any() == (strata != [0, 0, 1, 1, 2, 2])
    assert np.isfinite(squares[~one_arm]).all()
    assert np.isinf(squares[one_arm]).all()
    assert squares[(every[:, :5] == treated[:5]).all(axis=1)] == pytest.approx(observed)
