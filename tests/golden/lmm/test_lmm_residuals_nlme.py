"""Residuals with a covariance within the person or variances by arm, against nlme (data/lmm/residuals.json).

R 4.2.2 with nlme 3.1-162, `gls` and `lme`: estimates, standard errors, variances and both likelihoods. nlme has no
Kenward-Roger; that is compared with brute force in tests/identities/test_lmm_residuals.py.
"""

import json
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from cpis_analysis.lmm import lmer

DATA = Path(__file__).parents[1] / "data" / "lmm"
EXPECTED = json.loads((DATA / "residuals.json").read_text())

ORTHO = {"formula": "distance ~ factor(age) * sex", "within": "subject", "occasion": "occasion"}
VISITS = {"formula": "y ~ arm * factor(wave) + x + ", "within": "pid", "occasion": "wave"}
CASES = {
    "ortho unstructured": ("unstructured", None, None),
    "ortho ar1": ("ar1", None, None),
    "ortho compound-symmetry": ("compound-symmetry", None, None),
    "ortho heterogeneous-ar1": ("heterogeneous-ar1", None, None),
    "ortho independent by sex": ("independent", "sex", None),
    "visits ar1 team": ("ar1", None, "(1 | team)"),
    "visits unstructured team": ("unstructured", None, "(1 | team)"),
    "visits unstructured trust/team": ("unstructured", None, "(1 | trust/team)"),
    "visits ar1 person": ("ar1", None, "(1 | pid)"),
    "visits independent by arm": ("independent", "arm", "(1 | team)"),
    "visits partially nested": ("independent", "arm", "(0 + treated | team)"),
}


@cache
def frame(name):
    return pd.read_csv(DATA / "data" / ("orthodont.csv" if name.startswith("ortho") else "visits.csv"))


@cache
def fitted(name, reml):
    covariance, by, random = CASES[name]
    options = dict(ORTHO if random is None else VISITS)
    formula = options.pop("formula") + (random or "")
    if covariance == "independent":
        options = {}
    # nlme's data set has boys first
    reference = {"sex": "Male"} if random is None else {}
    return lmer(formula, frame(name), residual=covariance, residual_by=by, reml=reml, reference=reference, **options)


def _ordered(fit, values=None):
    """In nlme's order: x before the products of arm and wave."""
    values = (fit.coefficients if values is None else values).to_numpy()
    names = fit.term_names
    return values[np.argsort([":" in name for name in names], kind="stable")]


@pytest.mark.parametrize("name", CASES)
def test_estimates_errors_and_likelihoods_match_nlme(name):
    fit, ml = fitted(name, True), fitted(name, False)
    reml, full = EXPECTED[name]["REML"], EXPECTED[name]["ML"]
    # never below nlme's maximum, and above it by no more than its distance from the top
    for mine, theirs in ((fit, reml), (ml, full)):
        assert -1e-8 < mine.log_likelihood - theirs["logLik"] < 1e-6
    # in standard errors; beside unstructured residuals and clusters nlme ends 1e-5 of one from the top
    loose = 5e-5 if "unstructured t" in name else 1e-5
    error = np.array(reml["se"])
    np.testing.assert_allclose(_ordered(fit) / error, np.array(reml["beta"]) / error, atol=loose)
    np.testing.assert_allclose(_ordered(ml) / error, np.array(full["beta"]) / error, atol=loose)
    np.testing.assert_allclose(_ordered(fit, fit.summary("z")["std_error"]), error, rtol=loose)
    rows = fit.variance_components["group"] == "Residual"
    found = np.sort(fit.variance_components["variance"][rows])
    np.testing.assert_allclose(found, np.atleast_1d(reml["variances"]), rtol=1e-4)
    if reml["random"] is not None:
        found = np.sort(fit.variance_parameters)
        np.testing.assert_allclose(found, np.sort(np.atleast_1d(reml["random"])), rtol=2e-4, atol=1e-5)
