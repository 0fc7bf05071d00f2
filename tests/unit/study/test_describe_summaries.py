"""Summaries against the data they come from and against numbers worked out by hand."""

import math

import numpy as np
import pandas as pd
import pytest

from chapter_material import labels, people, plan
from cpis_analysis.chapters.design.table import design_table
from cpis_analysis.plan.schema import PlanFile
from cpis_analysis.study.balance import smd_categorical, smd_continuous
from cpis_analysis.study.characteristics import characteristics, retention
from cpis_analysis.study.coding import ALL
from cpis_analysis.study.describe import summaries
from cpis_analysis.study.experience import experience_counts
from cpis_analysis.study.missingness import item_missingness
from cpis_analysis.study.themes import theme_counts

pytestmark = pytest.mark.thorough


def test_smd_continuous_matches_hand_computation():
    # means 2 and 4, variances 1 and 4: -2 / sqrt(2.5)
    assert smd_continuous([1, 2, 3], [2, 4, 6]) == pytest.approx(-2 / math.sqrt(2.5), rel=1e-12)
    assert smd_continuous([1, 2, 3, math.nan], [2, 4, 6]) == smd_continuous([1, 2, 3], [2, 4, 6])


def test_smd_binary_matches_hand_computation():
    # .6 and .4: .2 / sqrt(.24)
    assert smd_categorical([6, 4], [4, 6]) == pytest.approx(0.2 / math.sqrt(0.24), rel=1e-12)


def test_smd_three_levels_matches_hand_computation():
    # (.5,.3,.2) and (.4,.4,.2): S = [[.225,-.07],[-.07,.16]], gap (-.1, 0): sqrt(.01 * .16 / .0311)
    assert smd_categorical([50, 30, 20], [40, 40, 20]) == pytest.approx(math.sqrt(0.01 * 0.16 / 0.0311), rel=1e-12)


def test_smd_is_blind_to_order_of_levels_empty_levels_and_sample_size():
    value = smd_categorical([50, 30, 20], [40, 40, 20])
    assert smd_categorical([20, 50, 30], [20, 40, 40]) == pytest.approx(value, rel=1e-10)
    assert smd_categorical([50, 0, 30, 20], [40, 0, 40, 20]) == pytest.approx(value, rel=1e-10)
    assert smd_categorical([500, 300, 200], [40, 40, 20]) == pytest.approx(value, rel=1e-10)
    assert smd_categorical([40, 40, 20], [50, 30, 20]) == pytest.approx(value, rel=1e-10)


def test_smd_at_the_ends():
    assert smd_categorical([5, 0], [0, 7]) == math.inf
    assert smd_categorical([5, 5], [5, 5]) == 0
    assert smd_categorical([5], [7]) == 0
    assert math.isnan(smd_categorical([0, 0], [1, 2]))
    assert smd_categorical([4, 6, 0], [0, 6, 4]) > 0
    assert math.isnan(smd_continuous([1], [1, 2]))
    assert smd_continuous([1, 1], [1, 1]) == 0
    assert smd_continuous([2, 2], [1, 1]) == math.inf
    assert smd_continuous([0.1 + 0.2] * 3, [0.3] * 3) == 0


def test_characteristics_counts_are_those_of_the_data():
    frame = people()
    found = characteristics(frame, ["age", "gender", "absent"], "arm", ["comparison", "implementation"])
    for code in ("comparison", "implementation"):
        part = frame[frame["arm"] == code]
        age = found[(found["variable"] == "age") & (found["group"] == code)].iloc[0]
        assert age["mean"] == pytest.approx(part["age"].mean(), rel=1e-12)
        assert age["sd"] == pytest.approx(part["age"].std(), rel=1e-12)
        assert age["n"] + age["n_missing"] == age["n_group"] == len(part)
        gender = found[(found["variable"] == "gender") & (found["group"] == code)].set_index("code")["count"]
        assert gender.sum() == part["gender"].notna().sum()
        assert gender.index.tolist() == ["female", "male", "other"]
    assert set(found["variable"]) == {"age", "gender"}
    total = found[found["group"] == ALL]
    assert total["n_group"].eq(len(frame)).all()
    gender = found[found["variable"] == "gender"]
    by_arm = gender[gender["group"] != ALL].groupby("code")["count"].sum()
    assert by_arm.to_dict() == gender[gender["group"] == ALL].set_index("code")["count"].to_dict()


def test_characteristics_swapped_groups_flip_the_sign():
    frame = people()
    one = characteristics(frame, ["age"], "arm", ["comparison", "implementation"])["smd"].dropna()
    other = characteristics(frame, ["age"], "arm", ["implementation", "comparison"])["smd"].dropna()
    assert one.iloc[0] == pytest.approx(-other.iloc[0])


def test_characteristics_number_codes_stay_codes():
    frame = pd.DataFrame({"arm": ["x", "x", "y", "y"], "flag": pd.Categorical([1.0, 0.0, 1.0, None])})
    found = characteristics(frame, ["flag"], "arm")
    assert found["code"].unique().tolist() == ["0", "1"]
    assert found[(found["group"] == "y") & (found["code"] == "1")]["count"].item() == 1


def test_retention_nobody_lost_is_empty():
    assert retention(people().assign(has_6m=True, has_0m=True), ["age"], "0m", "6m").empty


def test_summaries_shuffled_rows_change_nothing():
    frame = people()
    shuffled = frame.sample(frac=1, random_state=3)
    one, other = summaries(plan(), frame), summaries(plan(), shuffled)
    for name in one:
        pd.testing.assert_frame_equal(one[name], other[name], check_exact=False, rtol=1e-12)


def test_summaries_hold_no_person():
    for frame in summaries(plan(), people()).values():
        assert not frame.astype(str).apply(lambda column: column.str.contains("P0")).any(axis=None)


def test_summaries_outcomes_and_teams_agree():
    s = summaries(plan(), people())
    outcomes, teams = s["outcomes"], s["team_means"]
    for _, row in outcomes[(outcomes["wave"] == "6m") & (outcomes["arm"] != ALL)].iterrows():
        part = teams[(teams["outcome"] == row["outcome"]) & (teams["wave"] == "6m") & (teams["arm"] == row["arm"])]
        assert part["n"].sum() == row["n"]
        assert np.average(part["mean"], weights=part["n"]) == pytest.approx(row["mean"])
    assert set(outcomes.loc[outcomes["outcome"] == "gas", "wave"]) == {"6m"}


def test_summaries_clusters_of_both_arms_count_once():
    content = plan(design={"levels": [{"variable": "trust"}], "team_characteristics": []})
    teams = summaries(content, people())["teams"]
    assert teams[(teams["group"] == ALL)]["n_group"].unique().tolist() == [3]
    assert teams[(teams["group"] == ALL) & (teams["variable"] == "recruited")]["mean"].item() == 30
    assert teams[teams["group"] == "comparison"]["n_group"].unique().tolist() == [3]


def test_experience_denominators_are_answers():
    frame = people()
    found = experience_counts(frame, ["support"], "arm", "6m", "trust")
    overall = found[(found["trust"] == ALL) & (found["group"] == ALL)]
    assert overall["n"].unique().tolist() == [int(frame["support_6m"].notna().sum())]
    assert overall["count"].sum() == overall["n"].iloc[0]
    parts = found[(found["trust"] != ALL)].groupby("code")["count"].sum()
    assert parts.sort_index().tolist() == overall.set_index("code")["count"].sort_index().tolist()


def test_missing_levels_and_counts():
    frame = people()
    missing = summaries(plan(), frame)["missing"]
    interview = missing[(missing["level"] == "interview") & (missing["wave"] == "6m")]
    assert interview["n_missing"].sum() == (~frame["has_6m"]).sum()
    alone = missing[missing["variable"] == "lives_alone"]
    assert alone["n_missing"].sum() == (frame["has_0m"] & frame["lives_alone"].isna()).sum()


def test_item_missingness_counts_answers_and_skips_what_was_not_asked():
    interviews = pd.DataFrame(
        {
            "wave": ["0m", "0m", "6m"],
            "arm": ["x", "y", "x"],
            "q1": [1, None, 2],
            "q2": [1, 1, None],
            "q3": [None, None, 1],
        }
    )
    found = item_missingness(interviews, "arm", ["0m", "6m"], {"q": ["q1", "q2", "q3"], "r": ["absent"]})
    assert found[["wave", "arm", "n", "n_missing"]].values.tolist() == [
        ["0m", "x", 2, 0],
        ["0m", "y", 2, 1],
        ["6m", "x", 2, 0],
    ]


def test_theme_counts_sum_and_order():
    themes = pd.DataFrame(
        {"theme": ["a", "b", "b"], "trust": ["A", "A", "A"], "arm": ["x", "x", "x"], "n_mentions": [1, 2, 3]}
    )
    assert theme_counts(themes)[["theme", "n_mentions"]].values.tolist() == [["b", 5], ["a", 1]]


def test_summaries_of_clusters_keep_variables_that_are_called_as_the_program_calls_levels():
    content = plan().model_dump()
    content["design"]["levels"] = [{"variable": "school"}, {"variable": "class"}]
    content["design"]["team_characteristics"] = ["team", "trust"]
    design = PlanFile.model_validate(content)
    frame = people().rename(columns={"trust": "school", "team": "class"})
    cluster = frame["school"].astype(str) + frame["class"].astype(str)
    frame["trust"] = pd.Categorical(cluster.map({name: "xy"[at % 2] for at, name in enumerate(sorted(set(cluster)))}))
    frame["team"] = frame["trust"].map({"x": 1.0, "y": 2.0}).astype(float)
    found = summaries(design, frame)
    listed, of_clusters = found["team_list"], found["teams"]
    assert listed["(team)"].tolist() == listed["(trust)"].astype(str).map({"x": 1.0, "y": 2.0}).tolist()
    assert {"team", "trust", "recruited"} <= set(of_clusters["variable"])
    counted = of_clusters[(of_clusters["variable"] == "trust") & (of_clusters["group"] == ALL)]
    assert counted["count"].sum() == counted["n_group"].iloc[0] == cluster.nunique()
    heads = [column.label for column in design_table(listed, labels(design)).columns]
    assert not [head for head in heads if head.startswith("(")]
    assert len(heads) == 2 + 2 + 3 + 1
