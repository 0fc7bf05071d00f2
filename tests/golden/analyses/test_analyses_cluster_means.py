"""Two-stage comparisons of cluster means against R's lm and t.test; data/cluster_summary/make_reference.R."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from cpis_analysis.analyses.fitting.run import run_analysis
from cpis_analysis.study.dataset import AnalysisData
from explain_cases import case_spec, stored_data

EXPECTED = json.loads((Path(__file__).parents[1] / "data" / "cluster_summary" / "expected.json").read_text())
PLAIN = "y_6m ~ arm + y_0m + age + gender"
CASES = {
    "unpaired": (PLAIN, False),
    "unpaired_staff": (PLAIN + " + staff", False),
    "unpaired_trust": (PLAIN + " + trust", False),
    "paired": (PLAIN, True),
    "paired_staff": (PLAIN + " + staff", True),
}


@pytest.fixture(scope="module")
def data():
    stored = stored_data()
    people = stored.participants
    staff = people["trust"].astype(str).map({"A": 4.0, "B": 7.0, "C": 5.0, "D": 9.0, "E": 6.0})
    staff += 2.0 * ((people["team"] == "South") & people["trust"].isin(["B", "D"]))
    return AnalysisData(people.assign(staff=staff), stored.interviews)


@pytest.mark.parametrize("name", CASES)
def test_cluster_t_matches_r(name, data):
    formula, pairs = CASES[name]
    result = run_analysis(replace(case_spec("cluster_t"), formula=formula, pairs=pairs), data)
    expected = EXPECTED[name]
    assert result.estimate.df == expected["df"]
    found = [getattr(result.estimate, key) for key in expected]
    assert found == pytest.approx(list(expected.values()), rel=1e-9)
    comparison, other = result.adjusted_means
    assert other["estimate"] - comparison["estimate"] == pytest.approx(expected["estimate"])


def test_cluster_t_golden_numbers_name_the_program():
    assert EXPECTED["program"].startswith("R ")
    assert set(EXPECTED) == {"program", *CASES}
