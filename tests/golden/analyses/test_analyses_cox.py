"""Hazard ratios with clusters against R's survival: coxph with cluster, cox.zph, survfit."""

import json
import math
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from cpis_analysis.analyses.fitting.forecast import forecast
from cpis_analysis.analyses.fitting.run import run_analysis
from cpis_analysis.analyses.survival_times.cox_residuals import score_residuals
from cpis_analysis.analyses.survival_times.survival_curves import kaplan_meier, survival_curves
from cpis_analysis.errors import ModelError
from cpis_analysis.study.dataset import AnalysisData
from cpis_analysis.study_words import plain
from cpis_analysis.translate.notation.translation import Variables, explained_model
from cpis_analysis.translate.r import r_code
from made_up_study import read_back, spec

FOLDER = Path(__file__).parents[1] / "data" / "cox"
EXPECTED = json.loads((FOLDER / "expected.json").read_text(encoding="utf-8"))
ARMS = ("usual", "letter (1)", "home: visit")
SPEC = spec("event_6m ~ arm + age", "cox", cluster="team", outcome="event", outcome_type="time_to_event",
            exposure="days_6m", family="hazards", followup="event_6m", reference=ARMS[0])  # fmt: skip


@pytest.fixture(scope="module")
def people() -> pd.DataFrame:
    found = pd.read_csv(FOLDER / "people.csv")
    found["arm"] = pd.Categorical(found["arm"], categories=ARMS)
    return found.assign(has_0m=True, has_6m=True)


@pytest.fixture(scope="module")
def result(people):
    return run_analysis(SPEC, AnalysisData(people, people.iloc[:0]), minimum_cell=5)


def columns(people):
    return (people["days_6m"].to_numpy(float), people["event_6m"].to_numpy() == 1, people["arm"].astype(str).to_numpy())


def test_cox_hazard_ratios_and_robust_errors_match_coxph(result):
    assert [one.contrast.arm for one in result.effects] == list(ARMS[1:])
    for place, one in enumerate(result.effects):
        assert (one.estimate, one.se, one.p_value) == pytest.approx(
            tuple(EXPECTED[name][place] for name in ("estimate", "se", "p")), rel=1e-6
        )
        assert (one.df, one.measure) == (EXPECTED["df"], "log hazard difference")
    age = next(row for row in result.coefficients if row["term"] == "age")
    assert (age["estimate"], age["std_error"]) == pytest.approx((EXPECTED["estimate"][2], EXPECTED["se"][2]), rel=1e-6)
    assert result.scale.difference == "hazard ratio"
    assert result.scale.shown(result.estimate.estimate) == pytest.approx(math.exp(EXPECTED["estimate"][0]), rel=1e-6)


def test_cox_joint_test_of_the_arms_matches_walds(result):
    joint = result.joint_of_arms
    assert (joint.statistic, joint.p_value) == pytest.approx((EXPECTED["joint"]["f"], EXPECTED["joint"]["p"]), rel=1e-6)


def test_cox_proportional_hazards_match_zph(result):
    found, gold = result.checks["proportional_hazards"], EXPECTED["zph"]["arm"]
    assert (found["statistic"], found["df"], found["p_value"]) == pytest.approx(tuple(gold), rel=1e-6)


def test_cox_few_clusters_are_warned_of(result):
    assert any("tends to be too small" in line for line in result.estimate.warnings)


def test_cox_result_survives_its_file(result):
    again = read_back(result)
    assert (again.effects, again.checks) == (result.effects, result.checks)


def test_cox_score_residuals_add_up_to_nothing_at_the_optimum(people):
    time, event, arm = columns(people)
    X = np.column_stack([arm == ARMS[1], arm == ARMS[2], people["age"]]).astype(float)
    assert np.abs(score_residuals(time, event, X, np.array(EXPECTED["estimate"])).sum(axis=0)).max() < 1e-6


def test_kaplan_meier_matches_survfit(people):
    time, event, arm = columns(people)
    km = EXPECTED["km"]
    for code in ARMS:
        own = [i for i, name in enumerate(km["arm"]) if name == f"arm={code}"]
        at = [km["time"][i] for i in own]
        found = kaplan_meier(time[arm == code], event[arm == code], at)
        assert found == pytest.approx([km["survival"][i] for i in own], rel=1e-9)


def test_survival_curves_tell_of_no_few_people(people):
    """Between two times that are given every arm had no event, or five at least; the same of those not watched on."""
    time, event, arm = columns(people)
    curves = survival_curves(time, event, arm, ARMS, 5)
    times = curves["times"]
    assert len(times) > 2
    for one in curves["arms"]:
        own, happened = time[arm == one["arm"]], event[arm == one["arm"]]
        assert min(one["at_risk"]) >= 5
        for first, last in pairwise([*times, np.inf]):
            within = (own > first) & (own <= last)
            assert all(n == 0 or n >= 5 for n in ((within & happened).sum(), (within & ~happened).sum()))


def test_cox_an_arm_without_events_is_refused(people):
    none = people.assign(event_6m=people["event_6m"].where(people["arm"] != ARMS[1], 0))
    with pytest.raises(ModelError, match=r"nobody in the arm 'letter \(1\)' had the event"):
        run_analysis(SPEC, AnalysisData(none, none.iloc[:0]))


def test_cox_few_events_are_foretold_from_all_arms_together(people):
    kept = people[people["event_6m"] == 1].groupby("arm", observed=True).head(4).index
    few = people.assign(event_6m=people.index.isin(kept).astype(float))
    data = AnalysisData(few, few.iloc[:0])
    with pytest.raises(ModelError, match="can't leave the study"):
        run_analysis(SPEC, data, minimum_cell=5)
    said = [line for line in forecast(SPEC, data, 5).remarks if "can't leave the study" in line]
    assert list(map(plain, said)) == [
        "In all arms together fewer than 15 people had the event: if an arm has some of them, but fewer than 5, its "
        "ratio can't leave the study and the analysis is refused."
    ]
    assert not any("leave the study" in line for line in forecast(SPEC, data).remarks)
    whole = AnalysisData(people, people.iloc[:0])
    assert not any("leave the study" in line for line in forecast(SPEC, whole, 5).remarks)


def test_cox_a_covariate_that_tells_the_event_is_refused(people):
    told = people.assign(age=people["event_6m"] * 1.0)
    with pytest.raises(ModelError, match="no finite estimate"):
        run_analysis(SPEC, AnalysisData(told, told.iloc[:0]))


def test_cox_code_for_r_is_that_of_the_reference():
    levels = {"arm": ARMS, "trust": tuple("ABCDEFGH"), "team": ("T0", "T1", "T2")}
    code = r_code(explained_model(SPEC, Variables(levels)))
    assert 'coxph(Surv(days_6m, event_6m) ~ arm + age, data = rows, cluster = cluster, ties = "efron")' in code
    assert "nlevels(rows$cluster) - nlevels(rows$arm)" in code
