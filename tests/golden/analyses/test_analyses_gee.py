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
from cpis_analysis.analyses.estimators.gee_search import LINKS, solve_equations

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


@pytest.mark.parametrize("correlation", ["exchangeable", "independence"])
@pytest.mark.parametrize("link", ["logit", "log", "identity"])
def test_gee_search_ends_where_statsmodels_ends(link, correlation):
    from statsmodels.genmod import cov_struct, families
    from statsmodels.genmod.generalized_estimating_equations import GEE

    for seed in range(5):
        y, X, teams, shift = random_answers(np.random.default_rng(seed), link)
        family = {"logit": families.Binomial, "log": families.Poisson, "identity": families.Gaussian}[link]()
        working = cov_struct.Exchangeable() if correlation == "exchangeable" else cov_struct.Independence()
        other = GEE(y, X, groups=teams, family=family, cov_struct=working, offset=shift).fit(maxiter=200, ctol=1e-10)
        parts = [np.flatnonzero(teams == team) for team in np.unique(teams)]
        found = solve_equations(y, X, parts, LINKS[link], correlation == "exchangeable", shift)
        assert found.coefficients == pytest.approx(other.params, rel=1e-11, abs=1e-13)
        assert found.mean == pytest.approx(other.fittedvalues, rel=1e-11)
        assert found.correlation == pytest.approx(float(working.dep_params or 0.0), abs=1e-13)


def random_answers(random, link):
    """Events or counts of 90 people in nine teams that differ, and an offset for counts."""
    teams = np.sort(np.arange(90) % 9)
    X = np.column_stack([np.ones(90), random.random(90) < 0.5, random.uniform(-1, 1, 90)]).astype(float)
    z = X @ random.normal(0, 0.5, 3) + random.normal(0, 0.5, 9)[teams]
    if link == "log":
        shift = random.normal(0, 0.3, 90)
        return random.poisson(np.exp(z + shift)).astype(float), X, teams, shift
    return (random.random(90) < 1 / (1 + np.exp(-z))).astype(float), X, teams, None


def test_gee_search_of_separated_answers_ends_at_risks_of_zero_or_one_or_nowhere():
    y, X, teams, _ = random_answers(np.random.default_rng(1), "logit")
    y = X[:, 1].copy()
    found = estimating_equations(y, X[:, :2], teams, "logit", "exchangeable", "none")
    assert found is None or min(found.mean.min(), 1 - found.mean.max()) < 1e-6


@pytest.mark.parametrize("size", [1, 2])
def test_gee_pairs_that_tell_no_correlation(size):
    # six people alone, or in three pairs with three coefficients: there was a division by zero
    y, codes = np.array([0.0, 1, 1, 0, 1, 1]), np.arange(6) // size
    X = np.column_stack([np.ones(6), [0, 0, 0, 1, 1, 1], [1, 2, 3, 1, 2, 4]]).astype(float)
    rows = [np.flatnonzero(codes == code) for code in range(codes[-1] + 1)]
    found = solve_equations(y, X, rows, LINKS["identity"], True, None)
    if size == 2:
        assert found is None
        return
    alone = solve_equations(y, X, rows, LINKS["identity"], False, None)
    assert found.correlation == 0.0
    assert found.coefficients == pytest.approx(alone.coefficients, abs=1e-12)
