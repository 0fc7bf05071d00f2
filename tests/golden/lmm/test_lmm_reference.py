"""The 19 reference models: R 4.2.2 with lme4 1.1-31, lmerTest 3.1-3, pbkrtest 0.5.2, clubSandwich 0.5.8.

Numbers and data stand in data/lmm with their origin (README.md there). Two kinds of tolerance:
1e-6 relative where the optimum is interior, 1e-5 elsewhere. R's optimum is itself only exact to about
1e-7 in the variances, which is why nothing tighter is asked of quantities that depend on them.
"""

import json
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from cpis_analysis.lmm import cluster_robust, lmer

DATA = Path(__file__).parents[1] / "data" / "lmm"
MODELS = {model["id"]: model for model in json.loads((DATA / "models.json").read_text())}
EXPECTED = json.loads((DATA / "expected.json").read_text())
FACTORS = {"cake": ["replicate"]}
IDS = sorted(MODELS)


@cache
def frame(name):
    data = pd.read_csv(DATA / "data" / f"{name}.csv")
    for column in FACTORS.get(name, ()):
        data[column] = data[column].astype(str)
    return data


@cache
def fitted(key, reml=True):
    model = MODELS[key]
    return lmer(model["fixed"] + " + " + " + ".join(model["re"]), frame(model["data"]), reml=reml)


def close(found, wanted, key, loose=1.0):
    tolerance = (1e-5 if EXPECTED[key]["singular"] else 1e-6) * loose
    np.testing.assert_allclose(
        np.ravel(np.asarray(found, float)), np.ravel(np.asarray(wanted, float)), rtol=tolerance, atol=1e-9
    )


def joint_rows(key, positions):
    return np.eye(len(fitted(key).term_names))[positions]


@pytest.mark.parametrize("key", IDS)
def test_fixed_effects_and_covariance_match_lme4(key):
    fit, expected = fitted(key), EXPECTED[key]
    close(fit.coefficients, expected["beta"], key)
    close(fit.summary("z")["std_error"], expected["se"], key)
    scale = np.sqrt(np.outer(np.ravel(expected["se"]), np.ravel(expected["se"])))
    gap = np.asarray(fit.vcov("satterthwaite")) - np.reshape(expected["vcov"], scale.shape)
    assert np.abs(gap / scale).max() < 1e-6


@pytest.mark.parametrize("key", IDS)
def test_log_likelihoods_match_lme4(key):
    close(fitted(key).log_likelihood, EXPECTED[key]["logLik"], key, 1e-3)
    close(fitted(key, False).log_likelihood, EXPECTED[key]["logLik_ml"], key, 1e-3)
    assert fitted(key).log_likelihood > EXPECTED[key]["logLik"] - 1e-9
    assert fitted(key, False).log_likelihood > EXPECTED[key]["logLik_ml"] - 1e-9


@pytest.mark.parametrize("reml", [True, False])
@pytest.mark.parametrize("key", IDS)
def test_variance_components_match_lme4(key, reml):
    fit = fitted(key, reml)
    table = EXPECTED[key]["vc" if reml else "vc_ml"]
    found = {
        (part.group, *sorted((a, b))): float(S.loc[a, b])
        for part, (_, S) in zip(fit.design.random, fit.random_covariances, strict=True)
        for a in S.index
        for b in S.index
    }
    found["Residual", "", ""] = fit.sigma2
    total = sum(value for value, second in zip(table["vcov"], table["var2"], strict=True) if second is None)
    for group, a, b, value in zip(table["grp"], table["var1"], table["var2"], table["vcov"], strict=True):
        pair = ("", "") if a is None else sorted((a, b or a))
        # lme4 stops up to 3e-6 short of the maximum; its log-likelihood is never above ours (see above)
        np.testing.assert_allclose(found[group, *pair], value, rtol=5e-6, atol=1e-7 * total)


@pytest.mark.parametrize("key", IDS)
def test_satterthwaite_matches_lmertest(key):
    fit, expected = fitted(key), EXPECTED[key]
    table = fit.summary("satterthwaite")
    close(table["df"], expected["satt_df"], key)
    close(table["statistic"], expected["t"], key)
    np.testing.assert_allclose(table["p_value"], np.ravel(expected["satt_p"]), rtol=1e-4, atol=1e-14)
    for positions, wanted in zip(MODELS[key]["joint"], expected["sattF"], strict=True):
        found = fit.joint_test(joint_rows(key, positions), "satterthwaite").iloc[0]
        close(found[["statistic", "df2"]], [wanted["F"], wanted["ddf"]], key)


@pytest.mark.parametrize("key", [key for key in IDS if "kr_df" in EXPECTED[key]])
def test_kenward_roger_matches_pbkrtest(key):
    fit, expected = fitted(key), EXPECTED[key]
    table = fit.summary("kenward-roger")
    close(table["std_error"], expected["kr_se"], key)
    close(table["df"], expected["kr_df"], key)
    for positions, wanted in zip(MODELS[key]["joint"], expected["krF"], strict=True):
        found = fit.joint_test(joint_rows(key, positions), "kenward-roger").iloc[0]
        close(found[["statistic", "df2", "scale"]], [wanted["F"], wanted["ddf"], wanted["scale"]], key)


@pytest.mark.parametrize("key", [key for key in IDS if "cr2" in EXPECTED[key]])
def test_cr2_matches_clubsandwich(key):
    fit, expected = fitted(key), EXPECTED[key]["cr2"]
    table = cluster_robust(fit, fit.design.random[0].group).summary()
    close(table["std_error"], expected["se"], key)
    close(table["df"], expected["df"], key)


@pytest.mark.parametrize("key", IDS)
def test_singular_fits_are_results(key):
    assert fitted(key).is_singular == EXPECTED[key]["singular"]
    assert bool([line for line in fitted(key).messages if "zero" in line]) == EXPECTED[key]["singular"]


@pytest.mark.parametrize("key", [key for key in IDS if "nested" in MODELS[key]])
def test_nested_notation_is_the_same_model(key):
    model = MODELS[key]
    fit = lmer(f"{model['fixed']} + {model['nested']}", frame(model["data"]))
    assert abs(fit.log_likelihood - fitted(key).log_likelihood) < 1e-8
