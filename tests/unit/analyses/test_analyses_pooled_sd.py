"""The standard deviation within arms, against that of pandas's groups."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from cpis_analysis.analyses.standardise import pooled_sd


@pytest.mark.parametrize("seed", range(6))
def test_pooled_sd_is_that_of_groups_to_the_last_bit(seed: int) -> None:
    rng = np.random.default_rng(seed)
    values = pd.Series(rng.normal(50, 10, 200).round(seed))
    values[rng.random(200) < 0.1] = np.nan
    arm = pd.Series(rng.choice(["b", "a", "c"], 200)).astype("category").where(rng.random(200) > 0.05)
    groups = values.groupby(arm, observed=True)
    counts, variances = groups.count(), groups.var(ddof=1)
    freedom = int((counts - 1).sum())
    squares = sum(variances[code] * (counts[code] - 1) for code in sorted(counts.index))
    assert pooled_sd(values, arm) == math.sqrt(squares / freedom)
    assert pooled_sd(values, arm.astype(object)) == pooled_sd(values, arm)


def test_pooled_sd_of_single_values_is_none() -> None:
    assert math.isnan(pooled_sd(pd.Series([1.0, 2.0, np.nan]), pd.Series(["a", "b", "b"])))
    assert pooled_sd(pd.Series([1.0, 3.0, 9.0]), pd.Series(["a", "a", "b"])) == pytest.approx(math.sqrt(2.0))
