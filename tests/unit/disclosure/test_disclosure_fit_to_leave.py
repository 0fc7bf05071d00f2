"""Averages that leave: two releases that differ by a person say no more of that person than is known of anybody."""

import math

import numpy as np
import pandas as pd
import pytest

from chapter_material import people, plan
from cpis_analysis.analyses.leaving.released_diagnostics import diagnostics_fit_to_release
from cpis_analysis.disclosure.fit_to_leave import fit_to_release
from cpis_analysis.disclosure.protect import protect_summaries
from cpis_analysis.study.describe import summaries
from cpis_analysis.study.release import release_step, to_step

pytestmark = pytest.mark.thorough


@pytest.mark.parametrize(
    ("sd", "n", "step"),
    [
        (6.5, 14, 0.5),
        (6.5, 60, 0.1),
        (20.0, 60, 0.2),
        (0.25, 60, 0.005),
        (0.25, 14, 0.01),
        (8.0, 4, 1.0),
        (100.0, 2, 50.0),
        (0.0, 9, 0.0),
        (math.nan, 9, 0.0),
        (3.0, 0, 0.0),
    ],
)
def test_step_is_a_round_number_of_at_least_half_an_sd_over_n(sd, n, step):
    assert release_step(sd, n) == step
    if step:
        assert sd / (2 * n) <= step <= 2.5 * sd / (2 * n) * (1 + 1e-9)


def test_values_are_whole_multiples_without_the_digits_of_floating_point():
    assert to_step(12.3456789, 0.1) == 12.3
    assert to_step(0.30000000000000004, 0.05) == 0.3
    assert to_step(12.74, 0.5) == 12.5
    assert (to_step(7.25, 0.1), to_step(-7.25, 0.1)) == (7.3, -7.3), "as tables round"
    assert repr(to_step(-17.0000001, 0.002)) == "-17.0"
    assert math.isnan(to_step(math.nan, 0.1))


def released(participants):
    content = plan()
    private = summaries(content, participants)
    return protect_summaries(private, content.report.minimum_cell, [], ["0m", "6m"])[0], private


def test_one_person_more_can_not_be_worked_out_from_the_means_by_team():
    """The attack: n times the mean of both releases, and their difference. With all digits it gives the score."""
    after = people()
    leaver = after.index[after["rguk_6m"].notna()][7]
    place = after.loc[leaver, ["arm", "trust", "team"]].astype(str).to_dict()
    before = after.drop(leaver)
    sd = after["rguk_6m"].std(ddof=1)
    widths = []
    for which in (0, 1):
        n_m = []
        for data in (after, before):
            frame = released(data)[which]["team_means"]
            row = frame[
                (frame["outcome"] == "rguk")
                & (frame["wave"] == "6m")
                & np.logical_and.reduce([frame[name] == code for name, code in place.items()])
            ].iloc[0]
            n_m.append((row["n"], row["mean"]))
        (n, m), (fewer, other) = n_m
        found = n * m - fewer * other
        step = release_step(sd, n) if which == 0 else 0.0
        widths.append(step * (n + fewer) / 2)
        assert abs(found - after.loc[leaver, "rguk_6m"]) <= widths[-1] + 1e-9
    assert widths[1] == 0, "unrounded means give the score away"
    assert widths[0] >= 0.45 * sd


def test_nothing_that_leaves_has_more_digits_than_its_step():
    safe, private = released(people())
    for name in ("baseline", "retention", "outcomes", "team_means"):
        for column in {"mean", "sd", "median", "q1", "q3"} & set(safe[name]):
            values = safe[name][column].dropna()
            assert len(values)
            assert max(len(repr(float(value)).replace("-", "").replace(".", "").lstrip("0")) for value in values) <= 5
    smd = safe["baseline"]["smd"].dropna()
    assert (smd == smd.round(2)).all()
    mean = private["team_means"]["mean"].dropna()
    assert max(len(repr(float(value))) for value in mean) > 10


def test_rounding_moves_no_average_by_more_than_half_a_step():
    safe, private = released(people())
    joined = safe["outcomes"].merge(private["outcomes"], on=["outcome", "wave", "arm"], suffixes=("", "_all"))
    everybody = private["outcomes"].query("arm == '(all)'").set_index(["outcome", "wave"])["sd"]
    for row in joined.dropna(subset=["mean"]).itertuples():
        step = release_step(everybody[row.outcome, row.wave], row.n, 0.1)
        assert abs(row.mean - row.mean_all) <= step / 2 + 1e-9


def test_means_of_large_groups_are_those_that_were_printed_before():
    """Rounding twice would print 36.0 for 35.949; where the step is finer than what is printed, it is not used."""
    row = {"outcome": "y", "wave": "6m", "n": 400, "mean": 35.949, "sd": 10.0, "count": None}
    frame = pd.DataFrame([row | {"arm": arm} for arm in ("c", "(all)")])
    assert fit_to_release({"outcomes": frame}, {"outcomes": frame})["outcomes"]["mean"].tolist() == [35.9, 35.9]


def test_standardised_differences_stay_on_their_side_of_what_is_notable():
    frame = pd.DataFrame(
        {
            "variable": list("abcd"),
            "group": "(all)",
            "n": 50,
            "mean": 1.0,
            "sd": 1.0,
            "smd": [0.254, -0.2501, 0.246, math.nan],
        }
    )
    found = fit_to_release({"baseline": frame}, {"baseline": frame})["baseline"]["smd"]
    assert found.tolist()[:3] == [0.251, -0.251, 0.25]
    assert math.isnan(found[3])


def test_errors_of_differences_in_answers_keep_three_decimals_and_the_difference_all():
    frame = pd.DataFrame(
        [
            {
                "variable": "a",
                "code": "yes",
                "estimate": 0.0312345678,
                "se": 0.0123456,
                "df": 7.123456,
                "ci_low": -0.0234567,
                "ci_high": math.nan,
            }
        ]
    )
    found = fit_to_release({"differences": frame}, {})["differences"].iloc[0]
    assert found["estimate"] == 0.0312345678
    assert (found["se"], found["df"], found["ci_low"]) == (0.012, 7.123, -0.023)


def test_diagnostics_keep_what_can_be_seen():
    full = {
        "residual_quantiles": {
            "probability": [0.5],
            "theoretical": [0.123456],
            "observed": [0.123456],
            "low": [-0.98765],
            "high": [1.23456],
        },
        "residual_by_fitted": [{"fitted_mid": 12.3456, "n": 15, "q10": -1.23456, "q50": 0.1111, "q90": 1.0}],
        "random_effects": [
            {"group": "team", "label": "A / North", "mode": 0.123456, "se": 1.23456},
            {"group": "team", "label": "A / South", "mode": -0.123456, "se": 1.0},
        ],
    }
    found = diagnostics_fit_to_release(full, 6.0, 30)
    assert found["residual_quantiles"] == {
        "probability": [0.5],
        "theoretical": [0.123456],
        "observed": [0.12],
        "low": [-0.99],
        "high": [1.23],
    }
    assert found["residual_by_fitted"][0] == {"fitted_mid": 12.4, "n": 15, "q10": -1.23, "q50": 0.11, "q90": 1.0}
    assert [row["mode"] for row in found["random_effects"]] == [0.2, -0.2]
    assert diagnostics_fit_to_release({}, None, None) == {}


def test_summaries_that_are_given_stay_as_they_are():
    _, private = released(people())
    kept = {name: frame.copy() for name, frame in private.items()}
    content = plan()
    protect_summaries(private, content.report.minimum_cell, [], ["0m", "6m"])
    for name, frame in kept.items():
        pd.testing.assert_frame_equal(frame, private[name])
