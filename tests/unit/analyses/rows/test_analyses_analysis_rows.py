"""Which rows an analysis uses, and what it refuses before fitting."""

import numpy as np
import pytest

from cpis_analysis.analyses.rows.analysis_rows import analysis_rows
from cpis_analysis.errors import DataError, ModelError
from cpis_analysis.study_words import PEOPLE
from made_up_study import PAIRED, spec, study


def test_rows_left_out_are_counted():
    data = study()
    data.participants.loc[[0, 1], "y_6m"] = np.nan
    data.participants.loc[[1, 2], "age"] = np.nan
    rows = analysis_rows(spec("y_6m ~ arm + age + (1 | trust:team)"), data)
    assert len(rows.frame) == 57
    assert rows.messages == (
        f"57 of 60 {PEOPLE} of the population were analysed; 3 were left out because a variable of the model is "
        "missing. Missing values: age 2, y_6m 2.",
    )
    assert sum(cell["n_participants"] for cell in rows.groups(spec("y_6m ~ arm"))) == 57


def test_rows_long_formula_may_use_wide_variables():
    data = study(lost=["A/North"])
    rows = analysis_rows(spec("y ~ arm * wave + y_0m + (1 | trust:team)"), data)
    assert len(rows.frame) == 60 + 54
    assert "y_0m" in rows.frame
    assert sum(cell["n_obs"] for cell in rows.groups(spec("y ~ arm * wave"))) == 114
    assert sum(cell["n_participants"] for cell in rows.groups(spec("y ~ arm * wave"))) == 60


def test_rows_population_restricts_people_of_both_shapes():
    data = study()
    where = (("gender", ("f",)),)
    women = (data.participants["gender"] == "f").sum()
    assert len(analysis_rows(spec("y_6m ~ arm", where=where), data).frame) == women
    assert len(analysis_rows(spec("y ~ arm + wave", where=where), data).frame) == 2 * women


@pytest.mark.parametrize("formula", ["y_6m ~ arm + (1 | team)", "y_6m ~ arm + team + (1 | trust)"])
def test_rows_formula_that_merges_repeated_labels_is_refused(formula):
    with pytest.raises(ModelError, match="trust:team"):
        analysis_rows(spec(formula), study())


def test_rows_unique_labels_may_stand_alone():
    teams = [f"{team.split('/')[0]}/{i}/{team.split('/')[2]}" for i, team in enumerate(PAIRED)]
    assert len(analysis_rows(spec("y_6m ~ arm + (1 | team)"), study(teams)).frame) == 60


def test_rows_unknown_variable_is_named_with_a_suggestion():
    with pytest.raises(DataError, match="did you mean 'gender'"):
        analysis_rows(spec("y_6m ~ arm + gendr"), study())


def test_rows_three_arms_are_in_the_dictionarys_order_the_plans_first_one_first():
    teams = ("A/1/c", "A/2/i", "B/1/x", "B/2/c", "C/1/i", "C/2/x")
    assert analysis_rows(spec("y_6m ~ arm"), study(teams)).other_arms == ("i", "x")
    assert analysis_rows(spec("y_6m ~ arm", primary_arm="x"), study(teams)).other_arms == ("x", "i")


def test_rows_an_arm_that_comes_first_and_has_nobody_is_refused():
    teams = ("A/1/c", "A/2/i", "B/1/x", "B/2/c", "C/1/i", "C/2/x")
    with pytest.raises(ModelError, match=r"nobody is in the arm that is compared first \(found 'i'\)"):
        analysis_rows(spec("y_6m ~ arm"), study(teams, lost=("A/2", "C/1")))


def test_rows_one_cluster_an_arm_is_refused():
    with pytest.raises(ModelError, match="one team"):
        analysis_rows(spec("y_6m ~ arm"), study(("A/1/c", "A/2/i", "B/1/c")))
    with pytest.raises(ModelError, match="one team"):
        analysis_rows(spec("y_6m ~ arm"), study(("A/1/c", "A/2/i", "B/1/c", "B/2/i"), lost=["B/2"]))


def test_rows_nobody_complete_is_refused():
    data = study()
    data.participants["y_6m"] = np.nan
    with pytest.raises(ModelError, match="nobody has all variables"):
        analysis_rows(spec("y_6m ~ arm"), data)
