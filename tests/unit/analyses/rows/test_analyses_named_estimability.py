"""An effect that the other columns explain has no estimate, by any estimator and in any order."""

import itertools
import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from cpis_analysis.analyses.estimators.mixed import fit_mixed_model
from cpis_analysis.analyses.fitted import Around
from cpis_analysis.analyses.fitting.forecast import forecast
from cpis_analysis.analyses.fitting.run import run_analysis
from cpis_analysis.analyses.result_records import result_to_record
from cpis_analysis.analyses.rows.analysis_rows import analysis_rows
from cpis_analysis.analyses.rows.named_estimability import told_columns
from cpis_analysis.errors import ModelError
from cpis_analysis.plan.specification import ContrastSpec
from cpis_analysis.study.dataset import AnalysisData
from made_up_study import read_back, spec, study

pytestmark = pytest.mark.thorough

ESTIMATORS = ("mixed", "ols_cr2", "cluster_summary", "logit", "identity")


@pytest.fixture(scope="module")
def data():
    made = study(size=9)
    people = made.participants.assign(
        schooling=np.where(made.participants["arm"] == "i", 12.0, 9.0),
        event=(made.participants["y_6m"] > made.participants["y_6m"].median()).astype(float),
    )
    return AnalysisData(people, made.interviews)


def wanted(estimator, fixed):
    """One specification of each estimator for the same fixed part."""
    if estimator == "mixed":
        return spec(f"y_6m ~ {fixed} + (1 | trust:team)")
    if estimator in ("ols_cr2", "cluster_summary"):
        return spec(f"y_6m ~ {fixed}", estimator, cluster="team")
    return replace(
        spec(f"event ~ {fixed}", "ols_cr2"),
        estimator="gee",
        link=estimator,
        cluster="team",
        df_method="clusters-2",
        correlation="exchangeable",
        correction="mancl-derouen",
        outcome_type="binary",
    )


@pytest.mark.parametrize("estimator", ESTIMATORS)
@pytest.mark.parametrize("order", list(itertools.permutations(["arm", "age", "schooling"])))
def test_effect_explained_by_a_covariate_is_refused_in_any_order(data, estimator, order):
    with pytest.raises(ModelError, match="the arm can be computed from schooling, so no analysis can tell"):
        run_analysis(wanted(estimator, " + ".join(order)), data)


@pytest.mark.parametrize("estimator", ["ols_cr2", "logit", "identity"])
@pytest.mark.parametrize("names", [("North", "South"), ("South", "North"), ("Z", "A")])
def test_effect_beside_team_columns_is_refused_whatever_the_teams_names(data, estimator, names):
    people = data.participants.assign(
        team=data.participants["team"].map(dict(zip(("North", "South"), names, strict=True)))
    )
    for fixed in ("arm + y_0m + trust:team", "trust:team + y_0m + arm"):
        with pytest.raises(ModelError, match="the arm can be computed from trust:team"):
            run_analysis(wanted(estimator, fixed), AnalysisData(people, data.interviews))


@pytest.mark.parametrize("estimator", ["ols_cr2", "identity"])
def test_effect_of_an_arm_of_trusts_beside_trust_columns_is_refused(estimator):
    made = study([f"{t}/{n}/{a}" for t, a in zip("ABCDEF", "cicici", strict=True) for n in "12"], size=5)
    people = made.participants.assign(event=(made.participants["y_6m"] > 11.0).astype(float))
    with pytest.raises(ModelError, match="the arm can be computed from trust,"):
        run_analysis(
            replace(wanted(estimator, "arm + y_0m + trust"), cluster="trust"), AnalysisData(people, made.interviews)
        )


def test_effect_at_team_level_beside_random_teams_is_told(data):
    result = run_analysis(wanted("mixed", "arm + trust"), data)
    assert np.isfinite(result.estimate.estimate)
    assert result.dropped_columns == ()


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_columns_left_out_are_listed_by_every_estimator(data, estimator):
    people = data.participants.assign(months=12 * data.participants["age"])
    repeated = AnalysisData(people, data.interviews)
    result = run_analysis(wanted(estimator, "arm + age + months"), repeated)
    alone = run_analysis(wanted(estimator, "arm + age"), data)
    assert result.dropped_columns == ("months",)
    assert "Left out because they repeat other columns: months." in result.messages
    assert result.estimate.estimate == pytest.approx(alone.estimate.estimate, rel=1e-7)
    assert result.estimate.se == pytest.approx(alone.estimate.se, rel=1e-7)
    record = result_to_record(result)
    assert record["dropped_columns"] == ["months"]
    assert read_back(result).dropped_columns == ("months",)
    shown = {row["term"]: row["estimate"] for row in result.coefficients}
    # a slope that two columns share is nobody's number
    assert np.isnan(shown.get("age", np.nan))


def test_change_between_waves_is_told_beside_team_columns(data):
    """The arm is the teams', but its change over time is not: the one is refused, the other reported."""
    fixed = "y ~ arm * wave + trust:team"
    change = run_analysis(spec(fixed, "ols_cr2", cluster="team", effect="arm:wave"), data)
    plain = run_analysis(spec("y ~ arm * wave", "ols_cr2", cluster="team", effect="arm:wave"), data)
    assert change.estimate.estimate == pytest.approx(plain.estimate.estimate)
    assert change.adjusted_means == []
    assert np.isnan({row["term"]: row["estimate"] for row in change.coefficients}["arm[i]"])
    with pytest.raises(ModelError, match="can be computed from trust:team"):
        run_analysis(spec(fixed, "ols_cr2", cluster="team", effect="arm"), data)


def test_joint_test_explained_by_other_terms_is_refused(data):
    part = spec(
        "y_6m ~ arm * gender + schooling",
        "ols_cr2",
        cluster="team",
        effect="arm:gender",
        contrasts=(ContrastSpec("joint", ("arm",)),),
    )
    with pytest.raises(ModelError, match="can be computed from schooling"):
        run_analysis(part, data)


def test_risk_of_a_cell_without_people_is_refused(data):
    people = data.participants.copy()
    men = people["gender"] == "m"
    people["group"] = pd.Categorical(np.where(men, np.where(people["arm"] == "i", "x", "w"), "v"))
    # nobody of the group x is in the reference arm
    with pytest.raises(ModelError, match="can't tell"):
        run_analysis(wanted("logit", "arm * group"), AnalysisData(people, data.interviews))


def test_forecast_says_so_before_anything_is_fitted(data):
    found = forecast(wanted("ols_cr2", "arm + trust:team"), data)
    assert "the arm can be computed from trust:team" in found.refused[0].message
    people = data.participants.assign(months=12 * data.participants["age"])
    remarks = forecast(wanted("identity", "arm + age + months"), AnalysisData(people, data.interviews)).remarks
    assert "Left out because they repeat other columns: months." in remarks


def test_columns_told_of_rows_are_kept_for_them_and_for_no_others():
    data, asked = study(size=6), spec("y_6m ~ arm + y_0m + (1 | trust)")
    rows = analysis_rows(asked, data)
    first = told_columns(asked, rows)
    assert told_columns(asked, rows) is first
    fewer = replace(rows, frame=rows.frame.iloc[:-1])
    assert len(told_columns(asked, fewer).design.X) == len(first.design.X) - 1
    assert told_columns(replace(asked, level=0.9), rows) is not first


def test_mixed_model_of_columns_that_were_told_before_is_the_same():
    data, asked = study(size=6), spec("y_6m ~ arm + y_0m + (1 | trust) + (1 | trust:team)")
    around = Around(np.random.default_rng(1), 0, data.participants)
    rows = analysis_rows(asked, data)
    alone = fit_mixed_model(asked, rows, around)
    told_columns(asked, rows)
    around = replace(around, random=np.random.default_rng(1))
    told = fit_mixed_model(asked, rows, around)
    assert replace(told, diagnostics={}) == replace(alone, diagnostics={})
    assert json.dumps(told.diagnostics) == json.dumps(alone.diagnostics)
