"""The effect without each cluster in turn."""

import pytest

from cpis_analysis.analyses.fitting.run import run_analysis
from cpis_analysis.study.dataset import AnalysisData
from made_up_study import read_back, spec, study

FORMULA = "y_6m ~ arm + y_0m + (1 | trust) + (1 | trust:team)"


@pytest.fixture(scope="module")
def data():
    return study(size=[4, 9, 5, 7, 6, 8, 6, 6, 7, 5])


@pytest.fixture(scope="module")
def found(data):
    return run_analysis(spec(FORMULA, leave_one_out=True), data, minimum_cell=5)


def test_influence_is_the_analysis_of_everybody_else(data, found):
    rows = {(row["level"], row["cluster"]): row for row in found.influence}
    people = data.participants
    for (level, cluster), inside in {
        ("trust", "C"): people["trust"] == "C",
        ("team", "D / South"): (people["trust"] == "D") & (people["team"] == "South"),
    }.items():
        rest = AnalysisData(people[~inside], data.interviews)
        alone = run_analysis(spec(FORMULA), rest).estimate
        row = rows[level, cluster]
        ours = [row[name] for name in ("estimate", "ci_low", "ci_high", "p_value")]
        assert ours == [alone.estimate, alone.ci_low, alone.ci_high, alone.p_value]


def test_influence_does_not_tell_about_clusters_of_few_people(found):
    assert [row["cluster"] for row in found.influence[:5]] == list("ABCDE")
    teams = [row["cluster"] for row in found.influence[5:]]
    # four people of North in A
    assert len(teams) == 9
    assert "A / North" not in teams


def test_influence_says_why_the_rest_can_not_be_analysed():
    teams = ("A/N/c", "A/S/i", "B/N/c", "B/S/i")
    one = run_analysis(spec("y_6m ~ arm + (1 | trust:team)", leave_one_out=True), study(teams))
    assert len(one.influence) == 6
    assert all(row["estimate"] is None and "one team" in row["reason"] for row in one.influence)
    assert read_back(one).influence == one.influence


def test_influence_is_made_where_it_is_asked_for(data):
    assert run_analysis(spec(FORMULA), data).influence == []
