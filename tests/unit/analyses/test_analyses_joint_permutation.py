"""Families of outcomes adjusted by permutation: identities with single analyses, and what is not permuted together."""

from dataclasses import replace

import numpy as np
import pytest

from cpis_analysis.analyses.collect import collect_estimates
from cpis_analysis.analyses.fitting.joint_permutation import joint_p_values
from cpis_analysis.analyses.fitting.run import run_analysis
from cpis_analysis.errors import ModelError
from cpis_analysis.plan.schema import Family
from made_up_study import spec, study

pytestmark = pytest.mark.thorough

FORMULA = "{}_6m ~ arm + y_0m + age"


@pytest.fixture(scope="module")
def data():
    """Outcomes y, its copy, and others that go with it more or less; `late` is missing in a team."""
    made = study(effect=2.5, size=[4, 9, 5, 7, 6, 8, 3, 6, 7, 5])
    people, random = made.participants.copy(), np.random.default_rng(8)
    people["copy_6m"] = people["y_6m"] * 3 - 1
    people["near_6m"] = people["y_6m"] + random.normal(0, 1, len(people))
    people["far_6m"] = random.normal(0, 1, len(people))
    people["late_6m"] = people["near_6m"].where((people["trust"] != "C") | (people["team"] != "South"))
    return replace(made, participants=people)


def found(data, outcomes, across=True, **changes):
    """Adjusted p-values, and those of the analyses."""
    specs = [
        spec(
            FORMULA.format(one),
            "permutation",
            across=across,
            name=f"{one}.m",
            outcome=one,
            followup=f"{one}_6m",
            **changes,
        )
        for one in outcomes
    ]
    results = [run_analysis(one, data) for one in specs]
    families = {"all": Family(outcomes=list(outcomes), method="romano-wolf")}
    joint = joint_p_values(families, results, [one.name for one in specs], data, seed=3)
    frame = collect_estimates(results, families, joint=joint).set_index("outcome")
    assert frame["adjustment"].tolist() == ["romano-wolf"] * len(specs)
    return frame["p_adjusted"].to_dict(), frame["p_value"].to_dict()


@pytest.mark.parametrize("across", [True, False])
def test_one_outcome_and_its_copies_keep_their_own_p(data, across):
    for outcomes in (("y",), ("y", "copy"), ("late",)):
        adjusted, own = found(data, outcomes, across)
        assert adjusted == pytest.approx(own, rel=1e-12)


@pytest.mark.parametrize("across", [True, False])
def test_p_values_rise_no_more_than_by_holm_where_outcomes_go_together(data, across):
    outcomes = ("far", "y", "near", "late")
    adjusted, own = found(data, outcomes, across)
    assert all(adjusted[one] >= own[one] for one in outcomes)
    smallest = min(own, key=own.get)
    assert adjusted[smallest] <= min(1.0, 4 * own[smallest])
    again, _ = found(data, outcomes[::-1], across)
    assert again == pytest.approx(adjusted, rel=1e-12)


def test_other_methods_and_refused_headlines_are_left_alone(data):
    result = run_analysis(spec(FORMULA.format("y"), "permutation"), data)
    families = {"all": Family(outcomes=["y"], method="holm")}
    assert joint_p_values(families, [result], ["y.model"], data, 1) == {}


def test_outcomes_whose_clusters_differ_in_kind_are_not_permuted_together(data):
    people = data.participants.copy()
    # of the trusts that have this outcome each has one arm only
    people["few_6m"] = people["near_6m"].where((people["team"] == "North") == people["trust"].isin(["A", "B"]))
    with pytest.raises(ModelError, match="can't be adjusted by permutation") as caught:
        found(replace(data, participants=people), ("y", "few"), across=False)
    assert (caught.value.problems[0].message, caught.value.problems[0].value) == (
        "its outcomes have the arm at different levels",
        "y, few",
    )
