"""The primary analysis, with imbalanced characteristics added and with complete answers only, against R's lme4 and
pbkrtest; data/confounding/make_reference.R."""

import json
from pathlib import Path

import pandas as pd
import pytest

from cpis_analysis.analyses.fitting.run import run_analysis
from cpis_analysis.plan.reading.load import load_plan
from cpis_analysis.study.dataset import AnalysisData

DATA = Path(__file__).parent / "data" / "confounding"
EXPECTED = json.loads((DATA / "expected.json").read_text())
CASES = [name for name in EXPECTED if name != "program"]


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
    return load_plan(Path(__file__).parents[2] / "config.yaml")


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
