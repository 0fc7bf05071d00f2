"""Weights, robust errors by any level, profile intervals, predictions: numbers of R in data/lmm/more.json.

Made by data/lmm/make_reference.R with the versions that more.json names.
"""

import json
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from cpis_analysis.lmm import cluster_robust, lmer, ols, predict, variance_intervals

DATA = Path(__file__).parents[1] / "data" / "lmm"
MORE = json.loads((DATA / "more.json").read_text())


@cache
def frame(name):
    return pd.read_csv(DATA / "data" / f"{name}.csv")


@cache
def trial(reml=True):
    return lmer("y ~ arm*wave + (1 | trust/team/id)", frame("trialok"), reml=reml)


@pytest.mark.parametrize("formula", sorted(MORE["weighted"]))
def test_weighted_fits_match_lme4(formula):
    data = frame("sleepstudy")
    weights = 0.5 + (np.arange(1, len(data) + 1) % 7) / 4
    fit, expected = lmer(formula, data, weights=weights), MORE["weighted"][formula]
    np.testing.assert_allclose(fit.coefficients, expected["beta"], rtol=1e-6)
    np.testing.assert_allclose(fit.summary("satterthwaite")["std_error"], expected["se"], rtol=2e-6)
    np.testing.assert_allclose(fit.summary("satterthwaite")["df"], expected["satt_df"], rtol=2e-5)
    np.testing.assert_allclose(fit.log_likelihood, expected["logLik"], rtol=1e-9)
    wanted = [v for v, second in zip(expected["vc"]["vcov"], expected["vc"]["var2"], strict=True) if second is None]
    np.testing.assert_allclose(fit.variance_components["variance"], wanted, rtol=2e-5)


@pytest.mark.parametrize("by", ["trust", "team", "id"])
@pytest.mark.parametrize("kind", ["CR2", "CR3"])
def test_robust_least_squares_matches_clubsandwich(kind, by):
    fit = ols("y ~ arm*wave + age", frame("trialok"))
    expected = MORE["robust"]["lm"][kind][by]
    table = cluster_robust(fit, by, kind, data=frame("trialok")).summary()
    np.testing.assert_allclose(table["std_error"], expected["se"], rtol=1e-7)
    np.testing.assert_allclose(table["df"], expected["df"], rtol=1e-7)


@pytest.mark.parametrize("kind", ["CR2", "CR3"])
def test_robust_mixed_model_matches_clubsandwich(kind):
    expected = MORE["robust"]["lmer"][kind]
    table = cluster_robust(trial(), "trust", kind).summary()
    np.testing.assert_allclose(table["std_error"], expected["se"], rtol=1e-5)
    np.testing.assert_allclose(table["df"], expected["df"], rtol=1e-5)


@pytest.mark.parametrize("kind", ["CR2", "CR3"])
def test_robust_joint_test_matches_clubsandwich_htz(kind):
    fit = ols("y ~ arm*wave + age", frame("trialok"))
    expected = MORE["robust"]["HTZ"][kind]
    found = cluster_robust(fit, "team", kind, data=frame("trialok")).joint_test(["arm", "arm:wave"]).iloc[0]
    wanted = [expected["F"], expected["df2"], expected["p"]]
    np.testing.assert_allclose(found[["statistic", "df2", "p_value"]], wanted, rtol=1e-6)


def test_profile_intervals_match_lme4():
    expected = MORE["profile"]
    table = variance_intervals(trial(False))
    table = table[table["quantity"] == "std_dev"].set_index("group")
    groups = {"id": "trust:team:id", "team": "trust:team", "trust": "trust", "Residual": "Residual"}
    for name, low, high in zip(expected["names"], expected["low"], expected["high"], strict=True):
        # lme4 interpolates its profile with splines, which is good to about three digits
        np.testing.assert_allclose(table.loc[groups[name], ["ci_low", "ci_high"]].astype(float), [low, high], rtol=2e-3)


def test_predictions_match_lme4():
    new = pd.DataFrame(
        {"arm": [1, 1], "wave": [1, 1], "trust": ["T1", "T9"], "team": ["t1", "t99"], "id": ["p1", "p999"]}
    )
    np.testing.assert_allclose(predict(trial(), new), MORE["predict"]["conditional"], rtol=1e-6)
    np.testing.assert_allclose(predict(trial(), new, kind="marginal"), MORE["predict"]["marginal"], rtol=1e-6)


def test_conditional_modes_match_lme4():
    fit = lmer("Reaction ~ Days + (1 + Days | Subject)", frame("sleepstudy"))
    modes = fit.random_effects["Subject"]
    expected = MORE["modes"]
    found = [modes.loc[group, term] for group, term in zip(expected["group"], expected["term"], strict=True)]
    np.testing.assert_allclose(found, expected["value"], rtol=1e-4, atol=1e-5)
