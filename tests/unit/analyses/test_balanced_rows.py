"""Analyses with weights that make the arms alike: who is weighted, what is told, what is refused and why."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from cpis_analysis.analyses.collect import collect_estimates
from cpis_analysis.analyses.confounding.balance_weights import entropy_weights, overlap_weights
from cpis_analysis.analyses.confounding.standard_differences import standard_differences
from cpis_analysis.analyses.fitting.result_to_leave import columns_read, result_to_leave
from cpis_analysis.analyses.fitting.run import run_analysis
from cpis_analysis.errors import DataError, ModelError
from cpis_analysis.plan.estimand import estimand_of
from cpis_analysis.plan.specification import BalanceSpec
from cpis_analysis.plan.specification_records import specs_from_json, specs_to_json
from cpis_analysis.study_words import PEOPLE, plain
from made_up_study import read_back, spec, study

OVERLAP = BalanceSpec("overlap", ("age", "gender", "y_0m"))


def weighted(formula="y_6m ~ arm + y_0m", asked=OVERLAP, cluster="team", **more):
    return spec(formula, "ols_cr2", cluster=cluster, balance=asked, **more)


@pytest.fixture(scope="module")
def data():
    made = study(size=9, seed=5)
    people = made.participants
    people.loc[[4, 40], "age"] = np.nan
    people["ward"] = pd.Categorical(np.where(people["gender"] == "f", "north", "south"))
    return made


@pytest.fixture(scope="module")
def result(data):
    return run_analysis(weighted(), data)


def test_balanced_analysis_makes_the_arms_alike_and_says_so(data, result):
    assert result.estimate.n_participants == len(data.participants) - 2
    assert result.balance["n_left_out"] == 2
    assert any("2 more lack one of these and are left out" in line for line in result.messages)
    assert [row["people_after"] for row in result.balance["differences"]] == [0, 0, 0]
    assert any(abs(row["people_before"]) > 0.05 for row in result.balance["differences"])
    assert all(row["clusters_before"] is not None for row in result.balance["differences"])
    assert 0 < result.balance["effective_n_other"] < result.balance["n_other"]
    assert result.diagnostics == {}
    assert "over people such as both arms have, by age, gender and y_0m" in estimand_of(result.spec).text()


def test_balanced_analysis_names_a_cluster_of_whose_people_nobody_is_left():
    made = study(size=9, seed=5)
    team = (made.participants["trust"] == "A") & (made.participants["team"] == "North")
    assert team.sum() == 9
    made.participants.loc[team, "age"] = np.nan
    found = run_analysis(weighted(cluster="team"), made)
    assert found.estimate.n_participants == len(made.participants) - 9
    assert any(line.startswith("Nobody was analysed in: A / North") for line in found.estimate.warnings)


def test_balanced_estimate_needs_no_covariates_that_are_balanced(data, result):
    """Where means are equal the coefficient of the arm is the difference of the weighted means, whatever is added."""
    bare = run_analysis(weighted("y_6m ~ arm"), data)
    assert bare.estimate.estimate == pytest.approx(result.estimate.estimate, rel=1e-9)
    assert bare.estimate.se != pytest.approx(result.estimate.se, rel=1e-3)
    means = {row["arm"]: row["estimate"] for row in bare.adjusted_means}
    assert means["i"] - means["c"] == pytest.approx(bare.estimate.estimate, rel=1e-9)


def test_balanced_adjusted_means_are_of_the_weighted_people(data, result):
    plain = run_analysis(replace(result.spec, formula="y_6m ~ arm", balance=OVERLAP), data)
    for one, other in zip(result.adjusted_means, plain.adjusted_means, strict=True):
        assert one["estimate"] == pytest.approx(other["estimate"], rel=1e-9)


def test_balanced_arms_that_are_alike_already_are_analysed_by_plain_least_squares():
    made = study(size=8, seed=2)
    people = made.participants
    people["age"] = np.tile(np.arange(8.0), 10)
    for asked in (BalanceSpec("overlap", ("age",)), BalanceSpec("entropy", ("age",), "everyone")):
        one = run_analysis(weighted("y_6m ~ arm + y_0m", asked), made)
        plain = run_analysis(spec("y_6m ~ arm + y_0m", "ols_cr2", cluster="team"), made)
        ours, theirs = ([e.estimate, e.se, e.df, e.p_value] for e in (one.estimate, plain.estimate))
        assert ours == pytest.approx(theirs, rel=1e-9)
        assert one.balance["effective_n_other"] == pytest.approx(40)


def test_balanced_result_and_its_specification_come_back_from_their_records(result):
    assert read_back(result).balance == result.balance
    assert specs_from_json(specs_to_json([result.spec])) == [result.spec]
    assert "balance" not in specs_to_json([replace(result.spec, balance=None)])


def test_balanced_estimates_have_their_columns_on_the_right(data, result):
    plain = run_analysis(spec("y_6m ~ arm", "ols_cr2", cluster="team", name="y.plain", model="plain"), data)
    frame = collect_estimates([result, plain], {})
    assert frame.loc[0, "weights"] == "overlap"
    assert frame.loc[0, "effective_n_other"] == pytest.approx(result.balance["effective_n_other"])
    assert frame.loc[1, ["weights", "effective_n_reference", "effective_n_other"]].isna().all()


def test_balanced_variables_are_among_the_columns_that_an_analysis_may_read(data):
    wanted = weighted("y_6m ~ arm", BalanceSpec("overlap", ("ward",)))
    assert "ward" in columns_read(wanted, data.participants)


def refusal(data, asked, **more):
    with pytest.raises(ModelError) as caught:
        run_analysis(weighted("y_6m ~ arm", asked, **more), data)
    (problem,) = caught.value.problems
    return problem


def test_balance_refuses_what_tells_the_arms_apart_by_name(data):
    people = data.participants
    told = replace(data, participants=people.assign(
        rare=np.where((people["arm"] == "i") & (people.index % 7 == 0), "yes", "no")))  # fmt: skip
    told.participants["rare"] = pd.Categorical(told.participants["rare"])
    problem = refusal(told, BalanceSpec("overlap", ("age", "rare")))
    assert plain(problem.message).startswith("rare tells for some people exactly which arm they are in (separation)")
    assert "leave it out, merge rare categories" in problem.hint
    problem = refusal(told, BalanceSpec("entropy", ("age", "rare"), "everyone"))
    assert "no positive weights give people of the arm 'c' the means of everybody analysed" in str(problem)
    assert problem.message.endswith("in rare")
    kept = result_to_leave(weighted("y_6m ~ arm", BalanceSpec("overlap", ("age", "rare"))), told, 0, 5)
    assert "separation" in kept.estimate.reason
    assert any("What may help: leave it out" in line for line in kept.messages)


def test_balance_refuses_too_few_clusters_and_too_many_of_their_properties(data):
    few = study(teams=("A/North/c", "A/South/i", "B/East/c", "B/West/i", "C/Mid/i"), size=12)
    assert "2 teams of the reference arm are too few" in refusal(few, BalanceSpec("overlap", ("age",))).message
    people = data.participants
    random = np.random.default_rng(1)
    places = people["trust"].astype(str) + people["team"].astype(str)
    owned = {f"of_team_{i}": places.map(dict(zip(places.unique(), random.normal(size=10), strict=True)))
             for i in range(4)}  # fmt: skip
    told = replace(data, participants=people.assign(**owned))
    problem = refusal(told, BalanceSpec("entropy", tuple(owned), "everyone"))
    assert "5 teams of an arm can't be made alike in 4 properties of teams" in problem.message
    assert problem.allowed == "3 at most"
    # the trusts are no property of a team: each has one team of either arm
    found = run_analysis(weighted("y_6m ~ arm", BalanceSpec("entropy", ("trust",), "everyone")), data)
    assert all(row["people_after"] == 0 for row in found.balance["differences"])


def test_balance_refuses_unknown_variables_and_names_the_nearest(data):
    with pytest.raises(DataError, match="did you mean 'age'"):
        run_analysis(weighted("y_6m ~ arm", BalanceSpec("overlap", ("agee",))), data)


def test_balance_warns_of_weights_that_leave_few_people():
    made = study(size=12, seed=3)
    people = made.participants
    people["age"] = people["age"] + np.where(people["arm"] == "i", 15, 0)
    found = run_analysis(weighted("y_6m ~ arm", BalanceSpec("entropy", ("age",), "reference")), made)
    assert any(f"a few {PEOPLE} carry the result" in text for text in found.estimate.warnings)


def test_standard_differences_hide_what_would_tell_of_few(data):
    people = data.participants.dropna(subset=["age"]).reset_index(drop=True)
    compared = (people["arm"] == "i").to_numpy()
    people["job"] = pd.Categorical(np.where(people.index == 3, "paid", np.where(people.index % 2, "none", "other")))
    rows = standard_differences(people, ("age", "job"), compared, None, np.ones(len(people)), 5)
    assert [row["code"] for row in rows] == ["", "none", "other", "paid"]
    assert [row["hidden"] for row in rows] == [False, True, True, True]
    assert rows[1]["people_before"] is None
    # a category that few of all people have, though none of them is analysed
    left = people[people["job"] != "paid"].reset_index(drop=True)
    own = (left["arm"] == "i").to_numpy()
    for everybody, hidden in ((people, True), (left, False)):
        (row, *_) = standard_differences(
            left, ("job",), own, None, np.ones(len(left)), 5, everybody["arm"], everybody)  # fmt: skip
        assert row["hidden"] is hidden
    shown = standard_differences(people, ("job",), compared, None, np.ones(len(people)), 0)
    assert not any(row["hidden"] for row in shown)
    assert all(row["people_before"] == pytest.approx(row["people_after"]) for row in shown)


def test_weighted_least_squares_is_right_where_one_of_its_two_models_is():
    """Doubly robust: the arm depends on x by a logistic model, or the outcome on x by a linear one; not neither."""
    random = np.random.default_rng(20)

    def mean_of(curved_arm, curved_outcome, weigh):
        found = []
        for _ in range(60):
            x = random.normal(size=600)
            chance = 1 / (1 + np.exp(1 - (x**2 if curved_arm else x)))
            arm = random.random(600) < chance
            y = 2 * x + (1.5 * x**2 if curved_outcome else 0) + random.normal(size=600)
            if weigh == "overlap":
                w = overlap_weights(x[:, None], arm)
            elif weigh == "entropy":
                w = np.full(600, 1.0)
                w[~arm] = (~arm).sum() * entropy_weights(x[~arm, None], x[arm].mean(keepdims=True))
            else:
                w = np.ones(600)
            X = np.column_stack([np.ones(600), arm, x]) * np.sqrt(w)[:, None]
            found.append(np.linalg.lstsq(X, y * np.sqrt(w), rcond=None)[0][1])
        return np.mean(found)

    assert abs(mean_of(False, True, "none")) > 0.25
    for weigh in ("overlap", "entropy"):
        assert abs(mean_of(True, False, weigh)) < 0.1
        assert abs(mean_of(False, True, weigh)) < 0.1
    assert abs(mean_of(True, True, "overlap")) > 0.5
