"""Binary outcomes: differences of risk, and plain words where there is nothing to compare."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from cpis_analysis.analyses.fitting.run import run_analysis
from cpis_analysis.errors import DataError, ModelError
from cpis_analysis.study.dataset import AnalysisData
from cpis_analysis.study.events import with_events
from cpis_analysis.study_words import plain
from made_up_study import spec, study

GEE = {
    "outcome_type": "binary",
    "cluster": "team",
    "df_method": "clusters-2",
    "correlation": "exchangeable",
    "correction": "mancl-derouen",
}


@pytest.fixture(scope="module")
def data():
    made = study(size=14, effect=2.0)
    return AnalysisData(
        made.participants.assign(y_6m=(made.participants["y_6m"] > 11.5).astype(float)), made.interviews
    )


def gee(formula, **changes):
    base = spec(formula, "ols_cr2", outcome_type="binary")
    return replace(base, **{"estimator": "gee", "link": "logit", **GEE, **changes})


@pytest.mark.parametrize("link", ["logit", "identity"])
def test_gee_without_covariates_in_equal_teams_is_the_difference_of_the_risks(data, link):
    """Oracle: equal clusters and no covariates, so every weight is the same."""
    result = run_analysis(gee("y_6m ~ arm", link=link), data)
    risks = data.participants.groupby("arm", observed=True)["y_6m"].mean()
    assert result.estimate.estimate == pytest.approx(risks["i"] - risks["c"])
    assert result.estimate.df == 8
    assert (result.estimate.measure, result.estimate.df_method) == ("risk difference", "clusters-2")
    assert [row["estimate"] for row in result.adjusted_means] == pytest.approx([risks["c"], risks["i"]])
    assert result.standardised["sd"] is None


def test_gee_mancl_derouen_in_equal_teams_matches_hand_count(data):
    """Oracle: team risks about their arm's, each residual divided by 1 - 1/5."""
    result = run_analysis(gee("y_6m ~ arm", link="identity", correlation="independence"), data)
    means = data.participants.groupby(["arm", "trust", "team"], observed=True)["y_6m"].mean()
    spread = sum((part - part.mean()).pow(2).sum() for _, part in means.groupby("arm", observed=True))
    assert result.estimate.se == pytest.approx(np.sqrt(spread) / 5 / (1 - 1 / 5))


def test_gee_corrections_are_ordered(data):
    small, large = (
        run_analysis(gee("y_6m ~ arm + age", correction=name), data).estimate.se
        for name in ("kauermann-carroll", "mancl-derouen")
    )
    assert small < large


def test_linear_probability_mixed_model_reports_a_risk_difference(data):
    result = run_analysis(spec("y_6m ~ arm + age + (1 | trust) + (1 | trust:team)", outcome_type="binary"), data)
    assert result.estimate.measure == "risk difference"
    assert result.estimate.df < 9


@pytest.mark.parametrize(("value", "who"), [(0.0, "nobody"), (1.0, "everybody")])
def test_binary_outcome_that_does_not_vary_says_so(data, value, who):
    same = AnalysisData(data.participants.assign(y_6m=value), data.interviews)
    for one in (gee("y_6m ~ arm"), spec("y_6m ~ arm + (1 | trust:team)", outcome_type="binary")):
        with pytest.raises(ModelError) as caught:
            run_analysis(one, same)
        assert f"{who} who was analysed had the event" in str(caught.value)


def test_binary_no_event_in_one_arm(data):
    people = data.participants
    one_sided = AnalysisData(people.assign(y_6m=people["y_6m"].where(people["arm"] == "i", 0.0)), data.interviews)
    with pytest.raises(ModelError) as caught:
        run_analysis(gee("y_6m ~ arm"), one_sided)
    assert "nobody in the arm 'c' had the event" in str(caught.value)
    result = run_analysis(spec("y_6m ~ arm + (1 | trust:team)", outcome_type="binary"), one_sided)
    assert any("Nobody in the arm 'c' had the event" in line for line in result.estimate.warnings)


def test_binary_separation_by_a_covariate_is_refused_in_words(data):
    people = data.participants
    told = AnalysisData(people.assign(sure=people["y_6m"] * 2 - 1), data.interviews)
    with pytest.raises(ModelError) as caught:
        run_analysis(gee("y_6m ~ arm + sure"), told)
    assert "separation" in str(caught.value) or "did not converge" in str(caught.value)


def test_binary_values_other_than_0_and_1_are_refused(data):
    with pytest.raises(DataError, match="can't be run") as caught:
        run_analysis(spec("age ~ arm + (1 | trust:team)", outcome_type="binary"), data)
    assert "0 and 1" in str(caught.value)


def test_bounded_count_outside_its_bounds_is_refused_and_ends_are_warned_of():
    made = study(size=12)
    people = made.participants
    counted = AnalysisData(people.assign(y_6m=people["y_6m"].round().clip(10, 27)), made.interviews)
    formula = "y_6m ~ arm + (1 | trust:team)"
    result = run_analysis(spec(formula, outcome_type="bounded_count", low=10.0, high=27.0), counted)
    assert any("lowest possible value" in line for line in result.estimate.warnings)
    with pytest.raises(DataError, match="can't be run") as caught:
        run_analysis(spec(formula, outcome_type="bounded_count", low=11.0, high=27.0), counted)
    assert "11 to 27" in str(caught.value)


def test_events_are_one_zero_or_missing():
    talks = pd.DataFrame({"got": pd.Categorical(["yes", "no", None, "unsure"])})
    made = with_events(talks, {"helped": ("got", ["yes", "unsure"])})["helped"]
    assert made.tolist()[:2] + made.tolist()[3:] == [1.0, 0.0, 1.0]
    assert np.isnan(made[2])
    with pytest.raises(DataError, match="can't be made"):
        with_events(talks, {"got": ("gt", ["yes"])})


LINEAR = "y_6m ~ arm + age + (1 | trust) + (1 | trust:team)"


def with_event(data, chosen):
    people = data.participants
    return AnalysisData(people.assign(y_6m=chosen(people).astype(float)), data.interviews)


def test_few_events_in_an_arm_leave_the_difference_and_nothing_that_tells_how_many(data):
    rare = with_event(
        data, lambda people: np.where(people["arm"] == "c", people.index % 23 == 1, people.index % 3 == 1)
    )
    events = rare.participants.groupby("arm", observed=True)["y_6m"].sum()
    assert 0 < events["c"] < 5 <= events["i"]
    full = run_analysis(spec(LINEAR, outcome_type="binary"), rare)
    found = run_analysis(spec(LINEAR, outcome_type="binary"), rare, 0, 5)
    assert found.estimate == full.estimate
    assert all((full.coefficients, full.adjusted_means, full.variance_components, full.diagnostics))
    assert (found.coefficients, found.adjusted_means, found.variance_components, found.diagnostics) == ([], [], [], {})
    assert any("fewer than 5 people with or without the event" in plain(text) for text in found.messages)
    assert run_analysis(spec(LINEAR, outcome_type="binary"), rare, 0, 1) == full


def test_few_events_in_a_team_leave_out_the_predicted_effects_of_teams(data):
    full = run_analysis(spec(LINEAR, outcome_type="binary"), data)
    found = run_analysis(spec(LINEAR, outcome_type="binary"), data, 0, 5)
    assert full.diagnostics["random_effects"]
    assert found.diagnostics["random_effects"] == []
    assert found.adjusted_means == full.adjusted_means
