"""Random slopes, most of them singular: never below the best of three lme4 optimisers (data/lmm/make_slopes.R)."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from cpis_analysis.lmm import lmer

pytestmark = pytest.mark.thorough

DATA = Path(__file__).parents[1] / "data" / "lmm"
BEST = json.loads((DATA / "slopes.json").read_text())["log_likelihood"]
FRAME = pd.read_csv(DATA / "slopes.csv", dtype={"g": str, "h": str})


@pytest.mark.parametrize("formula", sorted(BEST))
def test_slopes_reach_the_best_of_lme4(formula):
    singular = 0
    for i, best in enumerate(BEST[formula]):
        fit = lmer(formula, FRAME[FRAME["i"] == i])
        assert fit.log_likelihood > best - 1e-6, (i, fit.log_likelihood - best)
        for ddf in ("kenward-roger", "satterthwaite"):
            assert np.isfinite(fit.summary(ddf)).all(axis=None)
        singular += fit.is_singular
    assert singular > 5


def test_slopes_do_not_depend_on_the_unit_or_origin_of_time_when_correlated():
    frame = FRAME[FRAME["i"] == 3]
    a = lmer("y ~ t + (1 + t | g)", frame)
    b = lmer("y ~ t + (1 + t | g)", frame.assign(t=365.25 * frame["t"] + 2000))
    np.testing.assert_allclose(a.log_likelihood - b.log_likelihood, np.log(365.25), atol=1e-6)
    np.testing.assert_allclose(a.summary("satterthwaite").loc["t", "p_value"],
                               b.summary("satterthwaite").loc["t", "p_value"], rtol=1e-5)  # fmt: skip


def test_slopes_of_a_factor_are_a_block_of_its_levels():
    frame = FRAME[FRAME["i"].isin([1, 5, 9])].copy()
    frame["late"] = np.where(frame["t"] > 1, "yes", "no")
    frame["g"] = frame["i"].astype(str) + frame["g"]
    one = lmer("y ~ late + (1 + late | g)", frame)
    two = lmer("y ~ late + (0 + late | g)", frame)
    np.testing.assert_allclose(one.log_likelihood, two.log_likelihood, atol=1e-6)
    assert two.variance_components["name"].tolist() == ["late[no]", "late[yes]", ""]
