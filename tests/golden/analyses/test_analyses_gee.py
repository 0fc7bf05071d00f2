"""Estimating equations against R: geepack (coefficients, robust covariance) and clubSandwich (corrections).

Coefficients under an exchangeable working correlation agree to four figures only: statsmodels and geepack divide the
sum behind the correlation by different counts. Under independence there is nothing to choose, and everything agrees.
"""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from cpis_analysis.analyses.estimators.gee_equations import estimating_equations

FOLDER = Path(__file__).parents[1] / "data" / "gee"
EXPECTED = json.loads((FOLDER / "expected.json").read_text())
CORRECTED = json.loads((FOLDER / "corrections.json").read_text())


def trial():
    data = pd.read_csv(FOLDER / "trialglmm.csv")
    X = np.column_stack([np.ones(len(data)), data["arm"], data["wave"], data["arm"] * data["wave"]]).astype(float)
    return data["bin"].to_numpy(float), X, pd.factorize(data["team"], sort=True)[0]


def ohio():
    data = pd.read_csv(FOLDER / "ohio.csv")
    X = np.column_stack([np.ones(len(data)), data["age"], data["smoke"], data["age"] * data["smoke"]]).astype(float)
    return data["resp"].to_numpy(float), X, pd.factorize(data["id"], sort=True)[0]


@pytest.mark.parametrize(
    ("correction", "name"),
    [("none", "trial_indep_CR0"), ("kauermann-carroll", "trial_indep_CR2"), ("mancl-derouen", "trial_indep_CR3")],
)
def test_gee_corrections_under_independence_match_clubsandwich(correction, name):
    """Kauermann-Carroll is CR2 and Mancl-DeRouen is CR3 where the working covariance is diagonal."""
    found = estimating_equations(*trial(), "logit", "independence", correction)
    assert np.sqrt(np.diag(found.covariance)) == pytest.approx(EXPECTED[name]["se"], rel=1e-6)


@pytest.mark.parametrize("correction", ["fay-graubard", "morel-bokossa-neerchal"])
def test_gee_corrections_match_the_published_formulas_written_out(correction):
    found = estimating_equations(*trial(), "logit", "independence", correction)
    assert np.sqrt(np.diag(found.covariance)) == pytest.approx(CORRECTED[correction.replace("-", "_")], rel=1e-7)


def test_gee_corrections_do_not_depend_on_units_and_widen_the_robust_errors():
    y, X, teams = trial()
    plain = np.sqrt(np.diag(estimating_equations(y, X, teams, "logit", "exchangeable", "none").covariance))
    for correction in ("fay-graubard", "morel-bokossa-neerchal"):
        found = np.sqrt(np.diag(estimating_equations(y, X, teams, "logit", "exchangeable", correction).covariance))
        scaled = estimating_equations(y, X * [1.0, 10.0, 1.0, 1.0], teams, "logit", "exchangeable", correction)
        assert np.sqrt(np.diag(scaled.covariance)) * [1.0, 10.0, 1.0, 1.0] == pytest.approx(found, rel=1e-6)
        assert (found > plain).all()


def test_gee_independence_matches_geepack():
    found = estimating_equations(*ohio(), "logit", "independence", "none")
    assert found.coefficients == pytest.approx(EXPECTED["ohio_in"]["beta"], rel=1e-6)
    assert np.sqrt(np.diag(found.covariance)) == pytest.approx(EXPECTED["ohio_in"]["se"], rel=1e-6)


@pytest.mark.parametrize(("data", "name", "tolerance"), [(ohio, "ohio_ex", 1e-5), (trial, "trial_gee", 2e-3)])
def test_gee_exchangeable_matches_geepack(data, name, tolerance):
    found = estimating_equations(*data(), "logit", "exchangeable", "none")
    expected = EXPECTED[name]
    assert found.correlation == pytest.approx(expected["alpha"], abs=1e-3)
    assert found.coefficients == pytest.approx(expected["beta"], rel=tolerance)
    assert np.sqrt(np.diag(found.covariance)) == pytest.approx(expected["se"], rel=max(tolerance, 1e-4))


def test_gee_mancl_derouen_exchangeable_matches_statsmodels():
    from statsmodels.genmod import cov_struct, families
    from statsmodels.genmod.generalized_estimating_equations import GEE

    y, X, teams = trial()
    order = np.argsort(teams, kind="stable")
    other = GEE(
        y[order], X[order], groups=teams[order], family=families.Binomial(), cov_struct=cov_struct.Exchangeable()
    ).fit(cov_type="bias_reduced", maxiter=200, ctol=1e-10)
    found = estimating_equations(y, X, teams, "logit", "exchangeable", "mancl-derouen")
    assert np.sqrt(np.diag(found.covariance)) == pytest.approx(other.bse, rel=1e-6)
