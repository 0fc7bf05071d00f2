"""Studies without clusters and with three levels of them, against R.

Oracle: tests/golden/data/levels/make_reference.R. Without clusters HC2 of sandwich and the degrees of freedom of Bell
and McCaffrey of clubSandwich with every person as a cluster, to 1e-8; with people in classes in schools in districts
lme4 and pbkrtest to 1e-6, correlations of people of one cluster at each level among them, and clubSandwich by school to
1e-8. Arms of schools and of classes exchanged within the next larger clusters: every allocation by hand in base R
(make_permuted.R), to 1e-9.
"""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from cpis_analysis.analyses.fitting.run import run_analysis
from cpis_analysis.errors import ModelError
from cpis_analysis.study.allocation import allocation_of
from cpis_analysis.study.dataset import AnalysisData
from made_up_study import spec

pytestmark = pytest.mark.thorough

HERE = Path(__file__).parent / "data" / "levels"
EXPECTED = json.loads((HERE / "expected.json").read_text(encoding="utf-8"))
PERMUTED = json.loads((HERE / "permuted.json").read_text(encoding="utf-8"))
LEVELS = ("district", "school", "class")
TRIAL = {"reference": "usual", "participant": "pupil", "outcome": "after", "baseline": "before", "followup": "after"}
NESTED = "(1 | district) + (1 | district:school) + (1 | district:school:class)"


def data_of(name):
    people = pd.read_csv(HERE / f"{name}.csv")
    people["has_0m"], people["has_6m"] = True, people["after"].notna()
    for column in {"arm", *LEVELS} & set(people):
        people[column] = pd.Categorical(people[column], categories=None if column != "arm" else ["usual", "new"])
    return AnalysisData(people, people.iloc[:0])


@pytest.fixture(scope="module")
def zero():
    return data_of("zero")


@pytest.fixture(scope="module")
def three():
    return data_of("three")


def compared(result, expected, tolerance):
    e = result.estimate
    found = {"estimate": e.estimate, "se": e.se, "df": e.df, "p": e.p_value}
    assert found == pytest.approx({name: expected[name] for name in found}, rel=tolerance)


def test_without_clusters_least_squares_is_hc2_with_bell_mccaffrey_degrees_of_freedom(zero):
    alone = TRIAL | {"levels": ()}
    for one in (spec("after ~ arm + before + age", "ols_cr2", cluster="pupil", **alone),
                spec("after ~ arm + before + age", "by_design", **alone)):  # fmt: skip
        result = run_analysis(one, zero)
        compared(result, EXPECTED["zero"]["ancova"], 1e-8)
        assert (result.estimate.n_trusts, result.estimate.n_teams) == (None, None)
        assert not any("only" in line.lower() for line in result.estimate.warnings)


def test_without_clusters_a_risk_has_person_robust_errors(zero):
    alone = TRIAL | {"levels": (), "outcome": "passed", "followup": "passed", "baseline": None}
    binary = alone | {"outcome_type": "binary", "cluster": "pupil"}
    compared(run_analysis(spec("passed ~ arm + age", "ols_cr2", **binary), zero), EXPECTED["zero"]["risk"], 1e-8)
    settings = {"link": "logit", "correlation": "independence", "correction": "mancl-derouen"}
    logistic = run_analysis(spec("passed ~ arm + age", "gee", **binary, **settings), zero).estimate
    assert logistic.estimate == pytest.approx(EXPECTED["zero"]["standardised"], rel=1e-6)
    assert 0.9 < logistic.se / EXPECTED["zero"]["risk"]["se"] < 1.2


def test_three_levels_are_the_mixed_model_of_lme4_and_pbkrtest(three):
    result = run_analysis(spec(f"after ~ arm + before + {NESTED}", **TRIAL, levels=LEVELS), three)
    gold = EXPECTED["three"]["mixed"]
    compared(result, gold, 1e-6)
    found = result.estimate.correlations(3)
    assert found == pytest.approx([gold[f"icc_{at}"] for at in ("outer", "middle", "inner")], rel=1e-6)
    # each level has its share with an interval, and the shares of the levels above a cluster are its correlation
    shares = [part["share"] for part in result.variance_components[:-1]]
    assert np.cumsum(shares) == pytest.approx(found, rel=1e-9)
    assert all(part["share_low"] <= part["share"] < part["share_high"] for part in result.variance_components[:-1])
    assert [part["level"] for part in result.variance_components] == ["trust", "middle", "team", None]
    assert result.estimate.clusters(3) == (4, 16, 48)


def test_three_levels_by_the_one_in_the_middle_are_clubsandwich(three):
    robust = spec("after ~ arm + before", "ols_cr2", cluster="school", **TRIAL, levels=LEVELS)
    compared(run_analysis(robust, three), EXPECTED["three"]["robust"], 1e-8)
    design = run_analysis(replace(robust, estimator="by_design", cluster=None), three).estimate
    means = run_analysis(replace(robust, estimator="cluster_summary"), three).estimate
    assert (design.estimate, design.df) == (means.estimate, 14.0)


@pytest.mark.parametrize("unit", ["schools", "classes"])
def test_three_levels_exchange_arms_within_the_next_level_above(three, unit):
    people = three.participants
    if unit == "classes":  # as if every second class of two districts had the arm: labels of schools repeat in these
        people = people[people["district"].isin(["D1", "D2"])].reset_index(drop=True)
        people = people.assign(arm=pd.Categorical(np.where(people["class"] == "C2", "new", "usual"), ["usual", "new"]))
    permuted = spec("after ~ arm + before", "permutation", **TRIAL, levels=LEVELS)
    one = run_analysis(permuted, replace(three, participants=people))
    gold = PERMUTED[unit]
    found = (one.estimate.estimate, one.estimate.se, one.estimate.p_value)
    assert found == pytest.approx((gold["estimate"], gold["se"], gold["p"]), rel=1e-9)
    assert one.resampling["n"] == gold["n"] == {"schools": 6**4, "classes": 3**8}[unit]


def test_three_levels_of_an_arm_of_the_largest_exchange_these(three):
    people = three.participants
    whole = np.where(people["district"].cat.codes % 2, "new", "usual")
    data = replace(three, participants=people.assign(arm=pd.Categorical(whole, ["usual", "new"])))
    permuted = spec("after ~ arm + before", "permutation", **TRIAL, levels=LEVELS)
    one, means = (
        run_analysis(s, data) for s in (permuted, replace(permuted, estimator="cluster_summary", cluster="district"))
    )
    assert one.resampling["n"] == 6
    assert one.estimate.estimate == pytest.approx(means.estimate.estimate, rel=1e-12)


def test_allocation_is_at_the_level_of_which_every_cluster_has_one_arm(zero, three):
    people = three.participants
    found = allocation_of(people, "arm", LEVELS)
    assert (found.variable, found.regime, found.n_clusters, found.n_trusts) == ("school", "A", 16, 4)
    place = people["class"].cat.codes + people["school"].cat.codes
    by_class = allocation_of(people.assign(arm=np.where(place % 2, "new", "usual")), "arm", LEVELS)
    assert (by_class.variable, by_class.n_clusters) == ("class", 48)
    by_district = allocation_of(
        people.assign(arm=np.where(people["district"].cat.codes % 2, "new", "usual")), "arm", LEVELS
    )
    assert (by_district.variable, by_district.regime, by_district.n_clusters) == ("district", "C", 4)
    one_by_one = allocation_of(zero.participants, "arm", ())
    assert (one_by_one.level, one_by_one.variable) == ("individual", "")
    assert dict(one_by_one.clusters) == zero.participants["arm"].value_counts().to_dict()


def test_labels_that_repeat_in_larger_clusters_are_not_merged(three):
    with pytest.raises(ModelError) as caught:
        run_analysis(spec("after ~ arm + (1 | school) + (1 | school:class)", **TRIAL, levels=LEVELS), three)
    hints = {problem.hint for problem in caught.value.problems}
    assert hints == {"write district:school instead of school", "write district:school:class instead of school:class"}
