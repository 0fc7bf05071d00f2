"""Rubin's rules: identities, Monte Carlo errors by simulation, and what is refused."""

import numpy as np
import pytest
from scipy import stats

from cpis_analysis.errors import ModelError
from cpis_analysis.imputation.rubin import pool

RANDOM = np.random.default_rng(5)


def test_pool_equal_results_are_the_result_and_nothing_is_missing():
    found = pool(np.full(5, 2.0), np.full(5, 0.5), np.inf)
    low, high = stats.norm.interval(0.95, 2.0, 0.5)
    assert (found.estimate, found.se, found.between) == (2.0, 0.5, 0.0)
    assert (found.ci_low, found.ci_high) == pytest.approx((low, high))
    assert found.missing_information == pytest.approx(0.0, abs=1e-12)
    assert (found.estimate_error, found.p_value_error) == (0.0, 0.0)


def test_pool_few_clusters_stay_as_few_as_they_are():
    q, se = RANDOM.normal(1, 1e-6, 30), np.full(30, 0.5)
    # hardly anything is missing: four degrees of freedom stay four, of which Barnard and Rubin leave 20/7
    assert pool(q, se, 4.0, observed_df=4.0).df == pytest.approx(4.0, rel=1e-6)
    assert pool(q, se, 4.0).df == pytest.approx(20 / 7, rel=1e-6)
    # never more than the completed data sets have, nor than the observed ones
    assert pool(q, se, 4.0, observed_df=50.0).df == pytest.approx(4.0, rel=1e-6)
    assert pool(q, se, 4.0, observed_df=3.0).df == pytest.approx(3.0, rel=1e-6)
    assert pool(q, se, 4.0, observed_df=float("nan")) == pool(q, se, 4.0)


def test_pool_few_imputations_take_degrees_of_freedom_as_rubin_says():
    q, se = RANDOM.normal(1, 0.4, 6), RANDOM.uniform(0.4, 0.6, 6)
    found = pool(q, se, 4.0, observed_df=3.5)
    share = 7 / 6 * found.between / found.se**2
    assert 1 / found.df == pytest.approx(share**2 / 5 + 1 / 3.5)


def test_pool_interval_and_p_value_agree():
    q, se = RANDOM.normal(1, 0.4, 30), RANDOM.uniform(0.8, 1.2, 30)
    first = pool(q, se, 9.0)
    at_zero = pool(q, se, 9.0, level=1 - first.p_value)
    assert at_zero.ci_low == pytest.approx(0.0, abs=1e-9)


def test_pool_jackknife_of_the_p_value_is_that_of_leaving_out_each():
    q, se = RANDOM.normal(1, 0.4, 12), RANDOM.uniform(0.8, 1.2, 12)
    df = RANDOM.uniform(5, 9, 12)
    keep = ~np.eye(12, dtype=bool)
    for observed in (None, 6.0):
        left = np.array([pool(q[one], se[one], df.mean(), observed_df=observed).p_value for one in keep])
        expected = np.sqrt(11 / 12 * ((left - left.mean()) ** 2).sum())
        assert pool(q, se, df, observed_df=observed).p_value_error == pytest.approx(expected, rel=1e-9)


def test_pool_monte_carlo_errors_are_the_spread_over_other_imputations():
    sets = [pool(RANDOM.normal(1.5, 0.4, 40), np.full(40, 0.8), 8.0) for _ in range(400)]
    for value, error in (("estimate", "estimate_error"), ("p_value", "p_value_error")):
        spread = np.std([getattr(one, value) for one in sets], ddof=1)
        # 400 sets know a standard deviation to 3.5%
        assert np.mean([getattr(one, error) for one in sets]) == pytest.approx(spread, rel=0.12)


@pytest.mark.parametrize("case", [([1.0], [1.0], 3.0), ([1.0, np.nan], [1.0, 1.0], 3.0), ([1, 2], [1, 1], np.nan)])
def test_pool_refuses_what_it_can_not_pool(case):
    with pytest.raises(ModelError, match="can't be pooled"):
        pool(*map(np.array, case))
