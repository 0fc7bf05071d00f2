"""The second opinion: what it compares, and what it calls a difference."""

import math

import numpy as np
import pandas as pd
import pytest

from cpis_analysis.analyses.collect import collect_estimates
from cpis_analysis.analyses.fitting.cross_check import CROSS_CHECK_COLUMNS, cross_check, second_opinion, verdict
from cpis_analysis.analyses.fitting.run import run_analysis
from cpis_analysis.errors import DataError
from cpis_analysis.lmm import lmer
from made_up_study import spec, study

ANCOVA = spec("y_6m ~ arm + y_0m + (1 | trust) + (1 | trust:team)", name="y.ancova")
TEAM = spec("y_6m ~ arm + (1 | trust:team)", name="y.team")
SLOPE = spec("y_6m ~ arm + age + (1 + age | trust:team)", name="y.slope")
TWO_STAGE = spec("y_6m ~ arm", "cluster_summary", cluster="team", name="y.t")


@pytest.fixture(scope="module")
def data():
    return study(size=9, trust_sd=2.0, team_sd=2.0, seed=3)


def test_cross_check_nested_models_agree_with_statsmodels(data):
    table = cross_check([ANCOVA, TWO_STAGE, TEAM, SLOPE], data).set_index("analysis")
    assert table.index.tolist() == ["y.ancova", "y.team", "y.slope"]
    assert tuple(cross_check([], data).columns) == CROSS_CHECK_COLUMNS
    assert table.loc["y.team", "verdict"] == "agrees"
    assert table["verdict"].str.startswith("agrees").tolist() == [True, True, False]
    assert table.loc["y.slope", "verdict"] == "not compared: random slopes"
    assert table.loc[["y.ancova", "y.team"], "loglik_difference"].abs().max() < 1e-4


def test_cross_check_crossed_factors_are_one_group_of_components(data):
    wide = data.participants.assign(rater=np.arange(len(data.participants)) % 4)
    wide["y_6m"] += wide["rater"] * 1.5
    fit = lmer("y_6m ~ arm + (1 | rater) + (1 | trust)", wide, reference={"arm": "c"})
    assert second_opinion(fit).log_likelihood == pytest.approx(fit.log_likelihood, abs=1e-3)


def test_cross_check_refuses_estimates_of_other_data(data):
    estimates = collect_estimates([run_analysis(TEAM, data)], {})
    assert len(cross_check([TEAM], data, estimates)) == 1
    with pytest.raises(DataError, match="out of date"):
        cross_check([TEAM], study(seed=9), estimates)
    with pytest.raises(DataError, match="out of date"):
        cross_check([TEAM], data, pd.DataFrame({"analysis": [], "estimate": []}))


@pytest.mark.parametrize(
    ("numbers", "words"),
    [
        ((1e-6, 0.0, 1.0), "agrees"),
        ((0.5, 0.2, 1.3), "statsmodels stopped below the optimum"),
        ((-0.5, 0.2, 1.3), "this package stopped below the optimum"),
        ((0.0, 0.001, 1.26), "agrees, but statsmodels has another standard error"),
        ((0.0, 0.5, 1.0), "same optimum, different estimate"),
        ((math.nan, math.nan, math.nan), "statsmodels failed"),
    ],
)
def test_cross_check_verdict_names_the_difference(numbers, words):
    assert verdict(*numbers) == words
