"""Three arms against one reference, through whole analyses, against R: lme4, pbkrtest, emmeans, clubSandwich, lm."""

import json
import math
from pathlib import Path

import pandas as pd
import pytest

from cpis_analysis.analyses.collect import collect_estimates
from cpis_analysis.analyses.fitting.run import run_analysis
from cpis_analysis.study.dataset import AnalysisData
from made_up_study import read_back, spec

pytestmark = pytest.mark.thorough

FOLDER = Path(__file__).parents[1] / "data" / "arms"
EXPECTED = json.loads((FOLDER / "expected.json").read_text(encoding="utf-8"))
ARMS = ("usual care", "group: A+B", "téléphone (1 - 2)")
SPECS = {
    "mixed": spec("y_6m ~ y_0m + arm + (1 | trust) + (1 | trust:team)", df_method="kenward-roger"),
    "ols_cr2": spec("y_6m ~ y_0m + arm", "ols_cr2", cluster="team"),
    "cluster_summary": spec("y_6m ~ y_0m + arm", "cluster_summary", cluster="team"),
    "paired": spec("y_6m ~ y_0m + arm", "cluster_summary", cluster="team", pairs=True),
    "glmm": spec("better_6m ~ arm + (1 | trust:team)", "glmm", outcome="better", outcome_type="binary",
                 family="binomial", quadrature=15, df_method="z", followup="better_6m"),
}  # fmt: skip


def of_three(one, **changes):
    values = {"reference": ARMS[0], "name": f"y.{one.estimator}"} | changes
    return type(one)(**{field: values.get(field, getattr(one, field)) for field in one.__dataclass_fields__})


@pytest.fixture(scope="module")
def data() -> AnalysisData:
    people = pd.read_csv(FOLDER / "people.csv")
    people["arm"] = pd.Categorical(people["arm"], categories=ARMS)
    people["has_0m"], people["has_6m"] = True, people["y_6m"].notna()
    return AnalysisData(people, people.iloc[:0])


@pytest.fixture(scope="module")
def results(data):
    return {name: run_analysis(of_three(one), data) for name, one in SPECS.items()}


@pytest.mark.parametrize("name", SPECS)
def test_arms_each_contrast_matches_r(results, name):
    found = results[name].effects
    assert [one.contrast.arm for one in found] == list(ARMS[1:])
    tolerance = 1e-4 if name == "glmm" else 1e-6
    for one, gold in zip(found, EXPECTED[name]["contrasts"], strict=True):
        assert (one.contrast.arm, one.contrast.reference) == (gold["arm"], ARMS[0])
        assert (one.estimate, one.se, one.p_value) == pytest.approx(
            (gold["estimate"], gold["se"], gold["p"]), rel=tolerance
        )
        assert one.df == (pytest.approx(gold["df"], rel=1e-5) if "df" in gold else math.inf)


@pytest.mark.parametrize("name", ["mixed", "ols_cr2", "cluster_summary", "glmm"])
def test_arms_joint_test_matches_r(results, name):
    one, gold = results[name].joint_of_arms, EXPECTED[name]["joint"]
    assert str(one.contrast) == "joint test of arm"
    assert (one.statistic, one.num_df, one.p_value) == pytest.approx(
        (gold["f"], gold["df1"], gold["p"]), rel=5e-4 if name == "glmm" else 1e-6
    )
    assert one.df == (pytest.approx(gold["df2"], rel=1e-5) if "df2" in gold else math.inf)


def test_arms_paired_comparison_says_why_there_is_no_joint_test(results):
    assert results["paired"].joint_of_arms is None
    assert any("no joint test of the arms" in line for line in results["paired"].messages)


def test_arms_adjusted_means_match_emmeans(results):
    found = {one["arm"]: one for one in results["mixed"].adjusted_means}
    for gold in EXPECTED["means"]:
        one = found[gold["arm"]]
        assert (one["estimate"], one["std_error"], one["df"]) == pytest.approx(
            (gold["estimate"], gold["se"], gold["df"]), rel=1e-5
        )


@pytest.mark.parametrize("method", ["holm", "hochberg"])
def test_arms_p_values_are_adjusted_within_an_analysis_as_p_adjust_does(results, method):
    frame = collect_estimates([results["mixed"]], {}, arms=method).set_index("contrast")
    gold = dict(zip(ARMS[1:], EXPECTED["mixed"][method], strict=True))
    rows = {arm: frame.loc[f"{arm} - {ARMS[0]}"] for arm in ARMS[1:]}
    assert {arm: row["p_arms"] for arm, row in rows.items()} == pytest.approx(gold, rel=1e-6)
    assert {row["arms_adjustment"] for row in rows.values()} == {method}
    assert math.isnan(frame.loc["joint test of arm", "p_arms"])


def test_arms_results_survive_their_file(results):
    for one in results.values():
        assert read_back(one).effects == one.effects


def test_arms_the_plan_puts_first_is_the_result(data, results):
    found = run_analysis(of_three(SPECS["mixed"], primary_arm=ARMS[2]), data)
    first = {one.contrast.arm: one.estimate for one in results["mixed"].effects}
    assert [one.contrast.arm for one in found.effects] == [ARMS[2], ARMS[1]]
    assert {one.contrast.arm: one.estimate for one in found.effects} == pytest.approx(first, rel=1e-9)


def test_arms_two_of_three_are_the_analysis_of_two(data):
    """Two arms have no further rows and no joint test, whatever the plan says of several."""
    two = AnalysisData(data.participants[data.participants["arm"] != ARMS[2]].copy(), data.interviews)
    found = run_analysis(of_three(SPECS["mixed"], primary_arm=ARMS[1]), two)
    assert found.contrasts == ()
    assert "p_arms" not in collect_estimates([found], {})


@pytest.mark.parametrize(
    "one",
    [
        spec("y_6m ~ y_0m + arm", "permutation"),
        spec("y_6m ~ y_0m + arm", "sign_changes", cluster="trust"),
        spec("y_6m ~ y_0m + arm", "wild_bootstrap", cluster="team", weights="webb"),
        spec("y_6m ~ y_0m + arm", "ols_jackknife", cluster="team"),
        spec("better_6m ~ arm", "gee", cluster="team", outcome_type="binary", link="logit", outcome="better",
             correlation="exchangeable", correction="mancl-derouen", followup="better_6m"),
    ],
    ids=lambda one: one.estimator,
)  # fmt: skip
def test_arms_every_estimator_reports_each_arm_whichever_comes_first(data, one):
    found = {arm: run_analysis(of_three(one, primary_arm=arm), data) for arm in ARMS[1:]}
    first, second = ({other.contrast.arm: other for other in result.effects} for result in found.values())
    assert set(first) == set(second) == set(ARMS[1:])
    for arm in ARMS[1:]:
        assert first[arm].estimate == pytest.approx(second[arm].estimate, rel=1e-9)
        assert first[arm].p_value == pytest.approx(second[arm].p_value, rel=1e-9)
    joint = found[ARMS[1]].joint_of_arms
    assert (joint is not None) or any("no joint test of the arms" in line for line in found[ARMS[1]].messages)


def test_arms_a_permutation_is_that_of_the_two_arms(data):
    one = of_three(spec("y_6m ~ y_0m + arm", "permutation"))
    two = AnalysisData(data.participants[data.participants["arm"] != ARMS[2]].copy(), data.interviews)
    three, alone = run_analysis(one, data).estimate, run_analysis(one, two).estimate
    assert (three.estimate, three.p_value) == pytest.approx((alone.estimate, alone.p_value), rel=1e-9)
