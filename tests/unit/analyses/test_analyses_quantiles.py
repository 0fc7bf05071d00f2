"""Quantiles of many columns, against those of numpy."""

from __future__ import annotations

import numpy as np
import pytest

from cpis_analysis.analyses.diagnostics import PROBABILITIES, bins_along
from cpis_analysis.analyses.quantiles import quantiles


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


@pytest.mark.parametrize("n", [3, 44, 46, 127, 400])
def test_bins_are_told_as_each_alone(n: int) -> None:
    rng = np.random.default_rng(n)
    fitted, residual = rng.normal(size=n), rng.normal(size=n)
    bins = np.array_split(np.argsort(fitted, kind="stable"), int(np.clip(n // 15, 1, 10)))
    assert bins_along(fitted, residual) == [
        {
            "fitted_mid": np.median(fitted[members]),
            "n": len(members),
            **dict(zip(("q10", "q50", "q90"), np.quantile(residual[members], [0.1, 0.5, 0.9]), strict=True)),
        }
        for members in bins
    ]
