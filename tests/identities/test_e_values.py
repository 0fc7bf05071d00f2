"""E-values against published ones and against R's package EValue as its documentation computes them.

VanderWeele & Ding (2017), Ann Intern Med 167:268: smoking and lung cancer RR 10.73 (8.02 to 14.36), breastfeeding and
respiratory death 3.9 (1.8 to 8.7), breastfeeding and childhood leukaemia 0.80 (0.71 to 0.91); printed to two figures
or three. The formulas for common odds and hazards and for standardised differences are those of EValue 4.1.3 written
out by hand, with its example HR 0.56.
"""

import math
from dataclasses import replace

import numpy as np
import pytest

from cpis_analysis.analyses.collect import collect_estimates
from cpis_analysis.analyses.fitting.run import run_analysis
from cpis_analysis.analyses.unmeasured.e_values import as_risk_ratio, e_value, e_value_of_limit, e_values
from made_up_study import spec, study


@pytest.mark.parametrize(
    ("ratio", "low", "high", "expected", "limit"),
    [(10.73, 8.02, 14.36, 20.95, 15.52), (3.9, 1.8, 8.7, 7.26, 3.0), (0.80, 0.71, 0.91, 1.81, 1.43)],
)
def test_e_values_of_risk_ratios_are_the_published_ones(ratio, low, high, expected, limit):
    assert e_value(ratio) == pytest.approx(expected, abs=0.005)
    assert e_value_of_limit(ratio, low, high) == pytest.approx(limit, abs=0.005)


def test_e_values_by_the_definition_of_the_bound():
    """Two risk ratios of the E-value's size give exactly the bias, by Ding & VanderWeele's bounding factor."""
    for ratio in (1.01, 1.7, 4.2, 30.0):
        e = e_value(ratio)
        assert e * e / (e + e - 1) == pytest.approx(ratio, rel=1e-12)
        assert e_value(1 / ratio) == pytest.approx(e, rel=1e-12)
    assert (e_value(1.0), e_value_of_limit(1.3, 0.9, 1.9)) == (1.0, 1.0)
    assert e_value_of_limit(0.5, 0.3, 0.8) == pytest.approx(e_value(0.8))
    assert e_value(0.0) == math.inf


def test_e_values_of_other_measures_by_their_formulas():
    assert as_risk_ratio("odds", 5.0, rare=True) == 5.0
    assert as_risk_ratio("odds", 5.0) == pytest.approx(math.sqrt(5))
    assert as_risk_ratio("rate", 0.3) == 0.3
    assert as_risk_ratio("hazard", 0.56, rare=True) == 0.56
    # 1 - 2^-sqrt(0.56) = 0.40471..., 1 - 2^-1/sqrt(0.56) = 0.60397...
    assert as_risk_ratio("hazard", 0.56) == pytest.approx(0.40471 / 0.60397, abs=2e-5)
    assert e_value(as_risk_ratio("hazard", 0.56)) == pytest.approx(2.35, abs=0.005)
    assert as_risk_ratio("hazard", 1 / 0.56) == pytest.approx(1 / as_risk_ratio("hazard", 0.56))
    d, se = 0.5, 0.25
    assert as_risk_ratio("smd", d) == pytest.approx(math.exp(0.455))
    # the published 1.78 standard errors are 0.91 times the normal quantile
    for sign in (-1, 1):
        published = math.exp(0.91 * d + sign * 1.78 * se)
        assert as_risk_ratio("smd", d + sign * 1.959964 * se) == pytest.approx(published, rel=1e-3)


@pytest.fixture(scope="module")
def data():
    made = study(size=9, effect=2.5)
    people = made.participants
    people["event_6m"] = (people["y_6m"] > people["y_6m"].quantile(0.9)).astype(float)
    people["often_6m"] = (people["y_6m"] > people["y_6m"].median()).astype(float)
    return made


def test_e_values_stand_on_the_right_of_the_estimates(data):
    plain = run_analysis(spec("y_6m ~ arm + y_0m + (1 | trust:team)", name="y.model"), data)
    rare = run_analysis(
        spec("event_6m ~ arm + (1 | trust:team)", "glmm", name="event.odds", outcome="event", baseline=None,
             followup="event_6m", outcome_type="binary", family="binomial"), data,
    )  # fmt: skip
    more = {"outcome": "often", "formula": "often_6m ~ arm + (1 | trust:team)", "followup": "often_6m"}
    often = run_analysis(replace(rare.spec, name="often.odds", **more), data)
    risk = run_analysis(
        spec("often_6m ~ arm", "ols_cr2", cluster="team", name="often.risk", outcome="often", baseline=None,
             followup="often_6m", outcome_type="binary"), data,
    )  # fmt: skip
    frame = collect_estimates([plain, rare, often, risk], {})
    first = frame[frame["analysis"] == "y.model"].iloc[0]
    ratio, low, high = np.exp(0.91 * first[["standardised", "std_ci_low", "std_ci_high"]].astype(float))
    assert (first["risk_ratio"], first["risk_ratio_ci_low"]) == pytest.approx((ratio, low))
    assert first["e_value"] == pytest.approx(e_value(ratio))
    assert first["e_value_limit"] == pytest.approx(e_value_of_limit(ratio, low, high))
    kinds = frame.groupby("analysis")["risk_ratio_by"].first()
    assert (kinds["y.model"], kinds["event.odds"]) == ("smd", "odds ratio, rare")
    assert kinds["often.odds"] == "odds ratio, common"
    assert frame.loc[frame["analysis"] == "often.risk", "e_value"].isna().all()
    ratios = frame[(frame["analysis"] == "often.odds") & (frame["scale"] == "risk_ratio")]
    assert (ratios["risk_ratio"] == ratios["ratio"]).all()
    assert list(frame.columns[-6:]) == ["risk_ratio", "risk_ratio_ci_low", "risk_ratio_ci_high", "risk_ratio_by",
                                        "e_value", "e_value_limit"]  # fmt: skip


def test_e_values_are_of_differences_between_arms_for_everybody(data):
    moderated = run_analysis(spec("y_6m ~ arm * age + (1 | trust:team)", effect="arm:age"), data)
    assert collect_estimates([moderated], {})["e_value"].isna().all()
    assert e_values("points", (1.0, 0.5, 1.5)) is None
    assert e_values("points", (math.nan, 0.5, 1.5), 2.0) is None
    assert e_values("sqrt", (1.0, 0.5, 1.5), 2.0) is None
