"""Differences between arms in answers: what must hold whatever the data."""

import math

import numpy as np
import pandas as pd
import pytest

from cpis_analysis.analyses.proportions import answer_differences, cr2_of_two_groups
from cpis_analysis.study.experience import experience_counts


def people():
    """90 people in three trusts with two teams each."""
    random = np.random.default_rng(5)
    frame = pd.DataFrame({"trust": np.repeat(list("ABC"), 30), "has_6m": np.arange(90) % 6 != 1})
    frame["arm"] = np.tile(np.repeat(["comparison", "implementation"], 15), 3)
    frame["team"] = np.where(frame["arm"] == "comparison", "North", "South")
    for name, codes, shares in (
        ("support", ["yes", "no"], [0.5, 0.5]),
        ("change", ["better", "same", "worse"], [0.5, 0.3, 0.2]),
    ):
        answers = pd.Series(random.choice(codes, 90, p=shares), dtype=object).where(frame["has_6m"])
        frame[f"{name}_6m"] = pd.Categorical(answers, categories=codes)
    return frame


NUMBERS = ["estimate", "se", "df", "ci_low", "ci_high"]


def compare(frame, variables=("support", "change"), reference="comparison", levels=("trust", "team")):
    return answer_differences(frame, list(variables), "arm", reference, "6m", levels)


def test_difference_is_that_of_the_printed_shares():
    frame = people()
    counts = experience_counts(frame, ["support", "change"], "arm", "6m").set_index(["variable", "code", "group"])
    for row in compare(frame).itertuples():
        shares = [
            counts.loc[(row.variable, row.code, arm), "count"] / counts.loc[(row.variable, row.code, arm), "n"]
            for arm in ("comparison", "implementation")
        ]
        assert row.estimate == pytest.approx(shares[1] - shares[0], abs=1e-15)


def test_swapped_arms_flip_the_sign():
    one, other = compare(people()), compare(people(), reference="implementation")
    assert one["estimate"].to_list() == pytest.approx((-other["estimate"]).to_list())
    assert one["ci_low"].to_list() == pytest.approx((-other["ci_high"]).to_list(), nan_ok=True)
    assert one[["se", "df"]].to_numpy() == pytest.approx(other[["se", "df"]].to_numpy(), nan_ok=True)


def test_relabelled_clusters_and_shuffled_rows_change_nothing():
    frame = people()
    names = {"A": "Z", "B": "A", "C": "M"}
    other = frame.assign(trust=frame["trust"].map(names)).sample(frac=1, random_state=4)
    assert compare(frame)[NUMBERS].to_numpy() == pytest.approx(compare(other)[NUMBERS].to_numpy(), nan_ok=True)


def test_answers_of_two_codes_mirror_each_other():
    found = compare(people(), ["support"]).set_index("code")
    assert found.loc["yes", "estimate"] == pytest.approx(-found.loc["no", "estimate"])
    assert found.loc["yes", ["se", "df"]].to_list() == pytest.approx(found.loc["no", ["se", "df"]].to_list())


def test_differences_of_all_answers_add_up_to_nothing():
    assert compare(people(), ["change"])["estimate"].sum() == pytest.approx(0, abs=1e-14)


def test_degrees_of_freedom_of_equal_trusts_are_one_less_than_their_number():
    sizes = np.full((6, 2), 8)
    events = np.random.default_rng(2).integers(1, 8, (6, 2))
    estimate, se, df = cr2_of_two_groups(sizes, events)
    differences = (events[:, 1] - events[:, 0]) / 8
    # with equal cells the difference is that of a paired t-test over trusts
    assert estimate == pytest.approx(differences.mean())
    assert se == pytest.approx(differences.std(ddof=1) / math.sqrt(6))
    assert df == pytest.approx(5)


def test_many_tables_at_once_are_those_one_by_one():
    random = np.random.default_rng(8)
    sizes = random.integers(5, 20, (5, 2))
    events = random.integers(0, sizes + 1, (40, 5, 2))
    estimates, errors, df = cr2_of_two_groups(sizes, events)
    for table, estimate, se in zip(events, estimates, errors, strict=True):
        assert cr2_of_two_groups(sizes, table) == pytest.approx((estimate, se, df))


def test_clusters_are_teams_only_where_the_arm_varies_within_few_trusts():
    frame = people()
    assert set(compare(frame)["cluster"]) == {"team"}
    assert set(compare(frame, levels=("trust",))["cluster"]) == {"trust"}
    more = pd.concat([frame, frame.assign(trust=frame["trust"].map({"A": "D", "B": "E", "C": "F"}))])
    assert set(compare(more)["cluster"]) == {"trust"}
    between = frame.assign(arm=frame["trust"].map({"A": "comparison", "B": "comparison", "C": "implementation"}))
    assert set(compare(between)["cluster"]) == {"trust"}


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda frame: frame.assign(support_6m=frame["support_6m"].where(frame["arm"] == "comparison")), "one arm"),
        (
            lambda frame: frame.assign(support_6m=frame["support_6m"].mask(frame["arm"] == "comparison", "yes")),
            "no variation",
        ),
        (
            lambda frame: frame.assign(
                support_6m=frame["support_6m"].where((frame["arm"] == "comparison") | (frame["trust"] == "A"))
            ),
            "few clusters",
        ),
        (lambda frame: frame[frame["trust"] != "C"], "few degrees of freedom"),
    ],
)
def test_interval_is_missing_with_its_reason(change, why):
    found = compare(change(people()), ["support"], levels=("trust",))
    assert set(found["why"]) == {why}
    assert found[["se", "df", "ci_low", "ci_high"]].isna().all(axis=None)
    assert found["estimate"].isna().all() == (why == "one arm")
