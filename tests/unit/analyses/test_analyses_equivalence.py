"""Equivalence: two one-sided tests and the interval say the same."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from cpis_analysis.analyses.equivalence import two_one_sided_tests

NUMBERS = st.floats(-5, 5)
ERRORS = st.floats(0.05, 3)
DFS = st.one_of(st.floats(1, 60), st.just(math.inf))


@given(NUMBERS, ERRORS, DFS, st.floats(0.1, 6), st.floats(0.1, 6))
def test_tost_rejects_exactly_where_the_interval_lies_inside(estimate, se, df, low, high):
    found = two_one_sided_tests(estimate, se, df, 0.05, -low, high)
    gap = min(found.ci_low + low, high - found.ci_high)
    if abs(gap) > 1e-9:
        assert (found.p_value < 0.05) == (gap > 0)


@given(NUMBERS, ERRORS, DFS)
def test_tost_smallest_margin_is_where_p_equals_alpha(estimate, se, df):
    margin = two_one_sided_tests(estimate, se, df, 0.05).smallest_margin
    assert two_one_sided_tests(estimate, se, df, 0.05, -margin, margin).p_value == pytest.approx(0.05, rel=1e-6)


def test_tost_p_matches_scipy():
    found = two_one_sided_tests(0.4, 0.5, 7.3, 0.05, -1.0, 1.5)
    expected = max(stats.t.sf(1.4 / 0.5, 7.3), stats.t.cdf(-1.1 / 0.5, 7.3))
    assert found.p_value == pytest.approx(expected, rel=1e-12)
    assert (found.ci_low, found.ci_high) == pytest.approx(stats.t.interval(0.9, 7.3, 0.4, 0.5))


def test_tost_without_margins_has_an_interval_and_no_p():
    found = two_one_sided_tests(1.0, 0.5, math.inf)
    assert math.isnan(found.p_value)
    assert found.smallest_margin == pytest.approx(1 + stats.norm.ppf(0.95) * 0.5)
