"""The parametric bootstrap as degrees of freedom of a mixed model."""

import math

import pytest

from cpis_analysis.analyses.fitting.forecast import forecast
from cpis_analysis.analyses.fitting.run import run_analysis
from cpis_analysis.lmm import bootstrap_test, lmer, ols
from cpis_analysis.lmm.refits.bootstrap_interval import bootstrap_interval
from made_up_study import read_back, spec, study

pytestmark = pytest.mark.thorough

FORMULA = "y_6m ~ arm + y_0m + (1 | trust:team)"


@pytest.fixture(scope="module")
def data():
    return study(effect=1.6, size=[4, 9, 5, 7, 6, 8, 3, 6, 7, 5])


@pytest.fixture(scope="module")
def found(data):
    return run_analysis(spec(FORMULA, df_method="parametric bootstrap"), data)


def test_bootstrap_p_is_that_of_the_engine_and_kenward_roger_stands_beside_it(data, found):
    plain = run_analysis(spec(FORMULA), data)
    (beside,) = found.contrasts
    assert str(beside.contrast) == "i - c (Kenward-Roger)"
    assert (beside.p_value, beside.df) == (plain.estimate.p_value, plain.estimate.df)
    assert found.coefficients == plain.coefficients
    one = found.estimate
    assert one.estimate == plain.estimate.estimate
    assert math.isnan(one.df)
    assert (one.ci_low <= 0 <= one.ci_high) == (one.p_value > 0.05)
    assert found.resampling["n"] == 2000
    assert read_back(found).resampling == found.resampling
    again = run_analysis(spec(FORMULA, df_method="parametric bootstrap"), data)
    assert again.estimate.ci_low == one.ci_low


def test_bootstrap_interval_is_where_the_test_begins_to_reject(data):
    people = data.participants
    fit = lmer(FORMULA, people, reference={"arm": "c"})
    weights = {"arm[i]": 1.0}
    found = bootstrap_interval(fit, weights, n=399, seed=3)
    at_zero = bootstrap_test(fit, weights, n=399, seed=3, ddf="z")
    assert (found.p_value, found.mc_error) == (at_zero.p_value, at_zero.mc_error)
    shifted = people["arm"] == "i"
    for end, outward in ((found.ci_low, -1.0), (found.ci_high, 1.0)):
        for step, rejected in ((outward * 1e-3, True), (-outward * 1e-3, False)):
            moved = people.assign(y_6m=people["y_6m"] - (end + step * found.std_error) * shifted)
            p = bootstrap_test(lmer(FORMULA, moved, reference={"arm": "c"}), weights, n=399, seed=3, ddf="z").p_value
            assert (p <= 0.05) == rejected


def test_bootstrap_of_a_balanced_design_is_the_t_distribution():
    """Without a variance between clusters to estimate, t of simulated responses is Student's: p within its error."""
    data = study(team_sd=0.0, effect=0.9)
    fit = lmer("y_6m ~ arm + y_0m + (1 | trust:team)", data.participants, reference={"arm": "c"})
    plain = ols("y_6m ~ arm + y_0m", data.participants, reference={"arm": "c"})
    found = bootstrap_interval(fit, {"arm[i]": 1.0}, n=1999, seed=1)
    exact = plain.contrast({"arm[i]": 1.0}).iloc[0]
    assert fit.is_singular
    assert found.estimate == pytest.approx(exact["estimate"], rel=1e-6)
    # fits of simulated responses have a variance above zero now and then, which widens the interval a little
    width = (found.ci_high - found.ci_low) / (exact["ci_high"] - exact["ci_low"])
    assert 0.95 < width < 1.15


def test_forecast_draws_nothing(data):
    ahead = forecast(spec(FORMULA, df_method="parametric bootstrap"), data)
    assert not ahead.refused
    assert ahead.df == 8
