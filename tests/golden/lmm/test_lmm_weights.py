"""Prior weights, information criteria and a likelihood-ratio test against lme4 (data/lmm/weighted.json)."""

import json
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from cpis_analysis.lmm import likelihood_ratio_test, lmer

DATA = Path(__file__).parents[1] / "data" / "lmm"
WEIGHTED = json.loads((DATA / "weighted.json").read_text())


@cache
def trial():
    frame = pd.read_csv(DATA / "data" / "trialok.csv")
    row = np.arange(1, len(frame) + 1)
    return frame.assign(weight=0.5 + row % 7 / 4, whole=1.0 + row % 3, half=row % 5)


@pytest.mark.parametrize("formula", sorted(WEIGHTED["weights"]))
@pytest.mark.parametrize("weights", ["weight", "whole"])
def test_weighted_fits_and_their_criteria_match_lme4(formula, weights):
    expected = WEIGHTED["weights"][formula][weights]
    fit = lmer(formula, trial(), weights=weights)
    ml = lmer(formula, trial(), weights=weights, reml=False)
    table = fit.summary("satterthwaite")
    np.testing.assert_allclose(fit.coefficients, expected["beta"], rtol=1e-5)
    np.testing.assert_allclose(table["std_error"], expected["se"], rtol=1e-5)
    np.testing.assert_allclose(table["df"], expected["satterthwaite"], rtol=1e-4)
    # lme4 orders its terms by their number of levels
    found, wanted = np.sort(fit.variance_components["variance"]), np.sort(expected["variances"])
    np.testing.assert_allclose(found, wanted, rtol=1e-5, atol=1e-6 * fit.sigma2)
    np.testing.assert_allclose([fit.log_likelihood, ml.log_likelihood], [expected["logLik"], expected["logLik_ml"]])
    np.testing.assert_allclose([fit.aic, fit.bic], [expected["AIC"], expected["BIC"]])
    np.testing.assert_allclose([ml.aic, ml.bic], [expected["AIC_ml"], expected["BIC_ml"]])


def test_likelihood_ratio_matches_anova_of_lme4():
    smaller, larger = (lmer(f"y ~ {fixed} + (1 | team)", trial(), reml=False) for fixed in ("wave", "arm * wave"))
    found, expected = likelihood_ratio_test(smaller, larger), WEIGHTED["ratio"]
    assert found.df == expected["df"]
    np.testing.assert_allclose([found.statistic, found.p_value], [expected["statistic"], expected["p"]], rtol=1e-7)
