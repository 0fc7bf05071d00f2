"""Numbers of people in a population that an answer makes: given as far as they tell of nobody."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from cpis_analysis.analyses.fitting.run import run_analysis
from cpis_analysis.analyses.leaving.flow_cells import flow_cells
from cpis_analysis.analyses.leaving.small_populations import answers_behind
from cpis_analysis.analyses.result_records import result_to_record
from cpis_analysis.errors import ModelError
from cpis_analysis.plan.condition_parser import parse_condition
from cpis_analysis.study_words import PERSON
from made_up_study import spec, study

pytestmark = pytest.mark.thorough

FORMULA = "y_6m ~ arm + y_0m + age + (1 | trust) + (1 | trust:team)"
ASKED = 'arm == "c" or told == "yes"'


def asked(*yes, others=("no",)):
    """The made-up study with an answer: `yes` people of each implementation team gave it, by team."""
    data = study(size=12, team_sd=3.0)
    people = data.participants
    told = pd.Series("no", index=people.index)
    for n, (_, team) in zip(yes, people[people["arm"] == "i"].groupby("trust", observed=True), strict=True):
        told.loc[team.index[:n]] = "yes"
        told.loc[team.index[n:]] = [others[i % len(others)] for i in range(len(team) - n)]
    codes = ["yes", *dict.fromkeys(["no", *others])]
    return replace(data, participants=people.assign(told=pd.Categorical(told, categories=codes)))


def model(condition, formula=FORMULA, estimator="mixed", **more):
    return spec(formula, estimator, population="some", condition=str(parse_condition(condition)), **more)


@pytest.mark.parametrize(
    ("condition", "derived", "found"),
    [
        ('arm == "c" or told == "yes"', (), ("told",)),
        ("has_0m and has_6m", (), ()),
        ('trust != "C"', (), ()),
        ("trained", (), ()),
        ("told is not missing", (), ()),
        ("keen and age > 30", (("keen", 'told == "yes" and not old'), ("old", "y_0m > age")), ("age", "told", "y_0m")),
    ],
)
def test_answers_behind_a_population(condition, derived, found):
    people = asked(6, 6, 6, 6, 6).participants.assign(trained=lambda frame: frame["trust"].astype(str) == "B")
    assert answers_behind(model(condition, derived=derived), people) == found


def test_answers_behind_the_older_way_to_write_a_population():
    people = asked(6, 6, 6, 6, 6).participants
    assert answers_behind(spec(FORMULA, where=(("told", ("yes",)), ("arm", ("c",)))), people) == ("told",)


def test_population_small_in_teams_is_counted_by_arm_and_has_no_team_effects():
    """Standard errors of the teams' predicted effects depend on how many people a team has."""
    data = asked(3, 4, 2, 4, 4)
    result = run_analysis(model(ASKED), data, minimum_cell=5)
    assert result.groups == [
        {"arm": "c", "n_participants": 60, "n_obs": 60},
        {"arm": "i", "n_participants": 17, "n_obs": 17},
    ]
    assert result.estimate.n_participants == 77
    assert result.diagnostics["random_effects"] == []
    assert result.diagnostics["residual_by_fitted"]
    assert run_analysis(model(ASKED), data).diagnostics["random_effects"]


def test_population_with_one_person_of_a_cluster_does_not_name_it():
    data = asked(6, 1, 6, 6, 6)
    named, bare = run_analysis(model(ASKED), data), run_analysis(model(ASKED), data, minimum_cell=5)
    assert any(f"one {PERSON} was analysed in: B / South" in text for text in named.estimate.warnings)
    assert not any("B / South" in text for text in (*bare.estimate.warnings, *bare.messages))
    assert any("Some clusters" in text for text in bare.estimate.warnings)


def test_population_with_nobody_analysed_of_a_cluster_does_not_name_it():
    """One person of the team said yes and has no outcome: a team by name would tell of one or two."""
    data = asked(6, 1, 6, 6, 6)
    people = data.participants
    there = (people["trust"] == "B") & (people["told"] == "yes") & (people["arm"] == "i")
    data = replace(data, participants=people.assign(y_6m=people["y_6m"].mask(there)))
    named, bare = run_analysis(model(ASKED), data), run_analysis(model(ASKED), data, minimum_cell=5)
    assert any("Nobody was analysed in: B / South" in text for text in named.estimate.warnings)
    assert not any("B / South" in text for text in (*bare.estimate.warnings, *bare.messages))
    assert any("Some clusters of the population have nobody" in text for text in bare.estimate.warnings)
    assert bare.estimate.n_teams == 9


def test_population_by_which_nobody_is_told_of_is_left_as_it_is():
    result = run_analysis(model(ASKED), asked(6, 6, 6, 6, 6), minimum_cell=5)
    assert result == run_analysis(model(ASKED), asked(6, 6, 6, 6, 6))


@pytest.mark.parametrize(
    ("yes", "others"),
    [
        ((1, 1, 1, 1, 0), ("no",)),  # four people are in it
        ((12, 12, 11, 11, 11), ("no",)),  # three are out of it
        ((9, 9, 9, 9, 9), ("no", "no", "perhaps")),  # five are out of it by "perhaps"; see below
        (
            (9, 9, 9, 9, 8),
            ("no", "no", "no", "perhaps"),
        ),  # one said "perhaps": beside "no" in a table it could be found
    ],
)
def test_population_of_few_or_all_but_few_tells_no_number(yes, others):
    data = asked(*yes, others=others)
    small = (data.participants.loc[data.participants["arm"] == "i", "told"].value_counts().between(1, 4)).any()
    result = run_analysis(model(ASKED), data, minimum_cell=5)
    full = run_analysis(model(ASKED), data)
    assert result.estimate.estimate == full.estimate.estimate
    if not small:
        assert result.estimate.n_participants == full.estimate.n_participants
        return
    assert (result.estimate.n_obs, result.estimate.n_participants, result.groups) == (None, None, [])
    assert any("is not given" in text for text in result.estimate.warnings)
    record = result_to_record(replace(result, spec=replace(result.spec, level=0.5)))
    numbers = {n for n in _numbers(record) if n in (full.estimate.n_participants, 60, sum(yes), 60 - sum(yes))}
    assert numbers == set()
    assert not any(str(full.estimate.n_participants) in text for text in result.messages)


def test_population_is_told_from_those_who_could_have_been_analysed_but_for_it():
    """Sixteen people are out of it, but only three of them have what the model needs: another analysis counts those."""
    data = asked(8, 9, 9, 9, 9)
    people = data.participants.copy()
    out = people.index[(people["arm"] == "i") & (people["told"] == "no")]
    people.loc[out[3:], "y_0m"] = np.nan
    assert run_analysis(model(ASKED), replace(data, participants=people), minimum_cell=5).estimate.n_obs is None


def test_population_whose_df_are_a_count_of_people_is_refused():
    with pytest.raises(ModelError, match="degrees of freedom would tell"):
        run_analysis(model(ASKED, df_method="residual"), asked(12, 12, 11, 11, 11), minimum_cell=5)
    assert run_analysis(model(ASKED, df_method="residual"), asked(12, 12, 11, 11, 11)).estimate.df > 100


def test_population_of_all_interviews_counts_people_with_any():
    formula = "y ~ arm * wave + age + (1 | trust:team) + (1 | trust:team:wave) + (1 | participant_id)"
    few = run_analysis(
        model(ASKED, formula, effect="arm:wave", df_method="between-within"), asked(12, 12, 12, 12, 9), minimum_cell=5
    )
    assert few.estimate.n_participants is None
    assert few.coefficients == [], "the df of age are interviews less columns"


def test_flow_cells_only_of_a_population_that_no_answer_makes():
    data = asked(6, 6, 6, 6, 6)
    assert flow_cells(model(ASKED), data) == []
    assert sum(cell["n_participants"] for cell in flow_cells(spec(FORMULA), data)) == 120


def _numbers(value):
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for inner in value:
            yield from _numbers(inner)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield value
