"""What is done about confounding, against R.

The primary analysis, with imbalanced characteristics added and with complete answers only, against lme4 and pbkrtest
(data/confounding/make_reference.R); overlap weights and entropy balancing against glm, optim and clubSandwich
(data/balance/make_reference.R).
"""

import json
from pathlib import Path

import pandas as pd
import pytest

from cpis_analysis.analyses.fitting.run import run_analysis
from cpis_analysis.plan.reading.load import load_plan
from cpis_analysis.plan.specification import BalanceSpec
from cpis_analysis.study.dataset import AnalysisData
from made_up_study import spec

pytestmark = pytest.mark.thorough

DATA = Path(__file__).parents[1] / "data" / "confounding"
EXPECTED = json.loads((DATA / "expected.json").read_text())
CASES = [name for name in EXPECTED if name != "program"]
WEIGHTED = json.loads((DATA.parent / "balance" / "expected.json").read_text())
FORMULAS = {"plain": "rguk_6m ~ arm", "adjusted": "rguk_6m ~ arm + rguk_0m + age + gender"}
ON = ("age", "gender", "relationship", "rguk_0m")


@pytest.fixture(scope="module")
def data():
    people = pd.read_csv(DATA / "people.csv", keep_default_na=False, na_values=[""])
    people["arm"] = pd.Categorical(people["arm"], ["comparison", "implementation"])
    texts = people.select_dtypes(exclude="number").columns.difference(["arm"])
    people[texts] = people[texts].astype("category")
    people["participant_id"] = [f"P{place:03d}" for place in range(len(people))]
    return AnalysisData(people, pd.DataFrame())


@pytest.fixture(scope="module")
def plan():
    return load_plan(Path(__file__).parents[3] / "config.yaml")


@pytest.mark.parametrize("name", CASES)
def test_confounding_models_of_the_plan_match_r(name, data, plan):
    found = run_analysis(plan.specification("rguk", name), data).estimate
    expected = EXPECTED[name]
    assert found.n_participants == expected["n"]
    ours = [found.estimate, found.se, found.df, found.ci_low, found.ci_high, found.p_value, found.reml_loglik]
    theirs = [expected[key] for key in ("estimate", "se", "df", "low", "high", "p", "reml")]
    assert ours == pytest.approx(theirs, rel=1e-6)


def test_confounding_interval_of_complete_answers_is_more_than_twice_as_wide():
    def width(name):
        return EXPECTED[name]["high"] - EXPECTED[name]["low"]

    assert EXPECTED["program"].startswith("R ")
    assert (EXPECTED["complete_answers"]["n"], EXPECTED["ancova"]["n"]) == (57, 122)
    assert width("complete_answers") / width("ancova") == pytest.approx(2.12, abs=0.01)


def analysed(data, weights, formula, cluster):
    asked = BalanceSpec("overlap", ON) if weights == "overlap" else BalanceSpec("entropy", ON, weights)
    names = {"outcome": "rguk", "name": "rguk.model", "baseline": "rguk_0m", "followup": "rguk_6m"}
    wanted = spec(formula, "ols_cr2", cluster=cluster, balance=asked, reference="comparison", **names)
    return run_analysis(wanted, data)


@pytest.mark.parametrize("weights", ["overlap", "everyone", "reference", "compared"])
@pytest.mark.parametrize("formula", FORMULAS)
@pytest.mark.parametrize(("cluster", "name"), [("trust", "trust"), ("team", "cluster")])
def test_balance_weighted_differences_match_r(data, weights, formula, cluster, name):
    found, expected = analysed(data, weights, FORMULAS[formula], cluster), WEIGHTED[weights]
    ours = [found.estimate.estimate, found.estimate.se, found.estimate.df]
    assert ours == pytest.approx([expected[f"{formula}_{name}_{key}"] for key in ("estimate", "se", "df")], rel=1e-8)
    assert found.balance["n_reference"] + found.balance["n_other"] == expected["n"]
    sizes = [found.balance["effective_n_reference"], found.balance["effective_n_other"]]
    assert sizes == pytest.approx([expected["kish_reference"], expected["kish_compared"]], rel=1e-8)
    rows = {row["variable"]: row for row in found.balance["differences"]}
    assert rows["age"]["people_after"] == pytest.approx(0, abs=1e-8)
    assert rows["age"]["clusters_after"] == pytest.approx(expected["team_smd_age"], rel=1e-8)
    assert rows["rguk_0m"]["clusters_after"] == pytest.approx(expected["team_smd_rguk_0m"], abs=1e-8)


def test_balance_differences_before_weighting_match_r(data):
    rows = {row["variable"]: row for row in analysed(data, "overlap", "rguk_6m ~ arm", "team").balance["differences"]}
    expected = WEIGHTED["none"]
    assert rows["age"]["people_before"] == pytest.approx(expected["smd_age"], rel=1e-8)
    assert rows["age"]["clusters_before"] == pytest.approx(expected["team_smd_age"], rel=1e-8)
    assert rows["rguk_0m"]["clusters_before"] == pytest.approx(expected["team_smd_rguk_0m"], rel=1e-8)
