"""Rubin's rules: R 4.2 with mice 3.15.0, pool.scalar (data/imputation/pooled.R)."""

import numpy as np
import pytest

from cpis_analysis.imputation.rubin import pool

Q = np.array([1.21, 0.84, 1.50, 1.02, 0.67, 1.33, 0.95, 1.18, 0.74, 1.40])
SE = np.array([0.96, 0.91, 1.02, 0.88, 0.94, 1.05, 0.99, 0.90, 0.93, 1.01])


@pytest.mark.parametrize(("complete", "df"), [(np.inf, 1157.85111863), (3.9, 2.5198911099154), (8.0, 5.9377688723115)])
def test_pool_estimate_variance_and_df_match_mice(complete, df):
    found = pool(Q, SE, complete)
    assert (found.estimate, found.within) == (pytest.approx(1.084), pytest.approx(0.92257))
    assert found.between == pytest.approx(0.0810933333333, rel=1e-11)
    assert found.se**2 == pytest.approx(1.01177266666667, rel=1e-11)
    assert found.df == pytest.approx(df, rel=1e-11)


def test_pool_missing_information_matches_mice_where_clusters_are_many():
    assert pool(Q, SE, np.inf).missing_information == pytest.approx(0.0897357097666, rel=1e-11)
