"""Differences in proportions against R: clubSandwich's CR2 with Satterthwaite degrees of freedom.

Numbers: R 4.2.2, clubSandwich 0.5.8, `lm(y ~ arm)` clustered by trust; data/proportions/make_reference.R.
"""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from cpis_analysis.analyses.proportions import answer_differences, cr2_of_two_groups
from cpis_analysis.lmm import cluster_robust, ols

# trust -> (people, events) in the reference arm and in the other
WITHIN = {
    "A": ((11, 1), (15, 5)),
    "B": ((13, 7), (16, 11)),
    "C": ((9, 3), (11, 6)),
    "D": ((9, 5), (13, 7)),
    "E": ((10, 5), (13, 10)),
}
MIXED = WITHIN | {"A": ((26, 6), (0, 0)), "B": ((0, 0), (29, 18))}
BETWEEN = {
    "A": ((26, 6), (0, 0)),
    "B": ((0, 0), (29, 18)),
    "C": ((20, 9), (0, 0)),
    "D": ((0, 0), (22, 12)),
    "E": ((23, 15), (0, 0)),
}
CASES = {
    "within": (
        WITHIN,
        (0.169683257918552, 0.0459554928069689, 3.91824027008033, 0.0410334632246231, 0.298333052612481),
    ),
    "mixed": (MIXED, (0.26936026936027, 0.0986691804597385, 3.80861668739245, -0.0101046723925196, 0.548825211113059)),
    "between": (
        BETWEEN,
        (0.153452685421994, 0.137023100340853, 2.36913601589919, -0.356267937581794, 0.663173308425782),
    ),
}


def people(table):
    rows = [
        (trust, arm, answer)
        for trust, sides in table.items()
        for arm, (n, y) in zip("xy", sides, strict=True)
        for answer in ["yes"] * y + ["no"] * (n - y)
    ]
    frame = pd.DataFrame(rows, columns=["trust", "arm", "told_6m"])
    return frame.assign(team=frame["arm"], has_6m=True)


@pytest.mark.parametrize("name", CASES)
def test_answer_differences_match_clubsandwich(name):
    table, expected = CASES[name]
    found = answer_differences(people(table), ["told"], "arm", "x", "6m", ("trust", "team"))
    row = found[found["code"] == "yes"].iloc[0]
    assert row[["estimate", "se", "df", "ci_low", "ci_high"]].to_list() == pytest.approx(expected, rel=1e-9)
    assert (row["cluster"], row["n_clusters"], row["why"]) == ("trust", 5, None)


@pytest.mark.parametrize("name", CASES)
def test_cr2_of_two_groups_matches_the_engine(name):
    frame = people(CASES[name][0]).assign(y=lambda data: (data["told_6m"] == "yes").astype(float))
    robust = cluster_robust(ols("y ~ arm", frame), "trust", data=frame).summary().loc["arm[y]"]
    sizes = np.array([[n for n, _ in sides] for sides in CASES[name][0].values()])
    events = np.array([[y for _, y in sides] for sides in CASES[name][0].values()])
    estimate, se, df = cr2_of_two_groups(sizes, events)
    assert (estimate, se, df) == pytest.approx((robust["estimate"], robust["std_error"], robust["df"]), rel=1e-10)
    reach = stats.t(df).isf(0.025) * se
    assert estimate + reach == pytest.approx(robust["ci_high"], rel=1e-8)
