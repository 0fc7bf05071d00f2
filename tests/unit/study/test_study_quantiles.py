"""Quantiles of many columns, against those of numpy."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from cpis_analysis.study.outcome_summaries import moments
from cpis_analysis.study.quantiles import quantiles

PROBABILITIES = (0.0, 0.01, 0.25, 0.5, 0.65, 0.975, 1.0)


@pytest.mark.parametrize("n", [1, 2, 5, 12, 127, 1000])
def test_quantiles_are_those_of_numpy_to_the_last_bit(n: int) -> None:
    values = np.random.default_rng(n).normal(size=(n, 7))
    values[: n // 3] = np.round(values[: n // 3], 1)
    for given in (values, values[:, 0]):
        found = quantiles(given, PROBABILITIES)
        assert found.shape == (len(PROBABILITIES), *given.shape[1:])
        assert np.array_equal(found, np.quantile(given, PROBABILITIES, axis=0))


def test_a_column_with_a_missing_value_has_no_quantiles() -> None:
    values = np.arange(12.0).reshape(6, 2)
    values[3, 1] = np.nan
    assert np.array_equal(quantiles(values, [0.0, 0.3]), np.quantile(values, [0.0, 0.3], axis=0), equal_nan=True)


@pytest.mark.parametrize("n", [0, 1, 2, 17, 300])
def test_moments_are_those_of_pandas_to_the_last_bit(n: int) -> None:
    values = pd.Series(np.random.default_rng(n).normal(50, 10, n))
    for given in (values, pd.concat([values, pd.Series([np.nan] * 3)]), values.round().astype("Int64")):
        known = given.astype(float).dropna()
        low, middle, high = known.quantile([0.25, 0.5, 0.75]) if n else [np.nan] * 3
        theirs = {"mean": known.mean(), "sd": known.std(ddof=1), "median": middle, "q1": low, "q3": high}
        found = moments(given)
        assert found.pop("n") == n
        assert np.array_equal([found[name] for name in theirs], list(theirs.values()), equal_nan=True)
