"""Adjusted p-values against statsmodels."""

import numpy as np
import pytest

from cpis_analysis.analyses.multiplicity import METHODS, adjust_p_values
from cpis_analysis.errors import ModelError

pytestmark = pytest.mark.thorough

THEIRS = {"holm": "holm", "hochberg": "simes-hochberg", "bonferroni": "bonferroni", "benjamini-hochberg": "fdr_bh"}


@pytest.mark.parametrize("method", METHODS)
def test_adjusted_p_matches_statsmodels(method):
    from statsmodels.stats.multitest import multipletests

    rng = np.random.default_rng(3)
    for p in (rng.uniform(size=7), rng.uniform(size=6) ** 3, np.array([0.04, 0.01, 0.01, 1.0, 0.0]), np.array([0.3])):
        np.testing.assert_allclose(adjust_p_values(p, method), multipletests(p, method=THEIRS[method])[1], rtol=1e-13)


def test_adjusted_p_refuses_missing_values_and_unknown_methods():
    with pytest.raises(ModelError, match="missing"):
        adjust_p_values([0.1, float("nan")], "holm")
    with pytest.raises(ModelError, match="did you mean 'holm'"):
        adjust_p_values([0.1], "holmes")
