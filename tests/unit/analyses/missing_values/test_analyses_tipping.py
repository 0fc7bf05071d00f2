"""Tipping points: counts, signs, exact solutions, and the file that comes of them."""

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from cpis_analysis.analyses.estimate import MissingShift
from cpis_analysis.analyses.fitting.run import run_analysis
from cpis_analysis.analyses.missing_values import imputed_shift
from cpis_analysis.analyses.tipping import (
    IMPUTED,
    LIKE_REFERENCE,
    SCENARIOS,
    SOLVED,
    TIPPING_COLUMNS,
    default_deltas,
    find_tipping,
    tipping_analyses,
    tipping_frame,
)
from cpis_analysis.lmm import ols, predict
from made_up_study import read_back, spec, study

pytestmark = pytest.mark.thorough

ANCOVA = "y_6m ~ arm + y_0m + age + gender + (1 | trust) + (1 | trust:team)"
PLAIN = "y_6m ~ arm + y_0m + age"
MIXED, LEAST = spec(ANCOVA, tipping_point=True), spec(PLAIN, "ols_cr2", cluster="trust", tipping_point=True)


def trial(seed=5, lost=0.35, unseen=0.1):
    data = study(size=[12, 9, 14, 11, 8, 13, 10, 12, 9, 11], trust_sd=1.0, seed=seed)
    people, random = data.participants, np.random.default_rng(seed + 1)
    people.loc[random.random(len(people)) < lost, "y_6m"] = np.nan
    people.loc[random.random(len(people)) < unseen, "y_0m"] = np.nan
    people["y_change"] = people["y_6m"] - people["y_0m"]
    return data


FEW = 12


@pytest.fixture(scope="module", autouse=True)
def few_imputations():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(imputed_shift, "IMPUTATIONS", FEW)
        yield


@pytest.fixture(scope="module")
def data():
    return trial()


@pytest.fixture(scope="module", params=[MIXED, LEAST], ids=["mixed", "cr2"])
def result(request, data):
    return run_analysis(request.param, data)


def test_shift_counts_everybody_once(result, data):
    people, shift = data.participants, result.missing_shift
    seen = people["y_0m"].notna()
    for arm, completed, observed in (
        ("c", shift.n_completed_reference, shift.n_observed_reference),
        ("i", shift.n_completed_other, shift.n_observed_other),
    ):
        own = seen & (people["arm"] == arm)
        assert completed == int((own & people["y_6m"].isna()).sum())
        assert observed == int((own & people["y_6m"].notna()).sum())
    total = sum(
        (
            shift.n_completed_reference,
            shift.n_completed_other,
            shift.n_observed_reference,
            shift.n_observed_other,
            shift.n_left_out,
        )
    )
    assert total == len(people)


def test_shift_of_change_scores_completes_people_without_baseline(data):
    shift = run_analysis(spec("y_change ~ arm + (1 | trust:team)", tipping_point=True), data).missing_shift
    assert shift.n_left_out == 0
    assert shift.n_completed_reference + shift.n_completed_other == int(data.participants["y_change"].isna().sum())


def test_shift_leaves_out_whom_the_model_cannot_predict(data):
    people = data.participants.copy()
    people["gender"] = people["gender"].astype(str)
    missing = people.index[people["y_6m"].isna() & people["y_0m"].notna()]
    people.loc[missing[:3], "gender"] = "other"
    before = run_analysis(MIXED, data).missing_shift
    after = run_analysis(MIXED, replace(data, participants=people)).missing_shift
    assert after.n_left_out == before.n_left_out + 3


def test_least_squares_of_completed_and_shifted_outcomes_is_the_estimate(data):
    result, people = run_analysis(LEAST, data), data.participants
    people = people[people["y_0m"].notna()].reset_index(drop=True)
    fit = ols(PLAIN, people, reference={"arm": "c"})
    missing = people["y_6m"].isna()
    expected = predict(fit, people[missing])
    found = find_tipping(result, [-4, 0, 4])
    for one in found.grid:
        shift = people.loc[missing, "arm"].map({"c": one.delta_reference, "i": one.delta_other}).astype(float)
        full = people.assign(y_6m=people["y_6m"].where(~missing, expected + shift))
        assert ols(PLAIN, full, reference={"arm": "c"}).coefficients["arm[i]"] == pytest.approx(one.estimate, abs=1e-10)


def test_missing_at_random_is_the_analysis_itself(result):
    found = find_tipping(result)
    e = result.estimate
    for one in (*found.grid, *found.paths):
        if one.delta_reference == one.delta_other == 0:
            assert (one.estimate, one.se, one.df, one.p_value, one.ci_low, one.ci_high) == (
                e.estimate,
                e.se,
                e.df,
                e.p_value,
                e.ci_low,
                e.ci_high,
            )
        assert one.ci_high - one.ci_low == pytest.approx(e.ci_high - e.ci_low)
        assert (one.p_value < 0.05) == (one.ci_low > 0 or one.ci_high < 0)


def test_points_are_where_the_interval_ends_at_the_threshold(result):
    found = find_tipping(result, important=1.5)
    assert len(found.points) == 3 * 2 * len(SCENARIOS)
    for one in found.points:
        assert getattr(one, one.bound) == one.threshold
        a, b, c = found.line(one.bound, one.threshold)
        assert a * one.delta_reference + b * one.delta_other == pytest.approx(c, abs=1e-9)
        if one.threshold == 0:
            assert one.p_value == pytest.approx(0.05, abs=1e-9)
        x, y = SCENARIOS[one.scenario]
        assert (one.delta_reference * y, one.delta_other * x) == pytest.approx(
            (one.delta * x * y, one.delta * x * y) if x * y else (0, 0)
        )
        assert found.point(one.scenario, one.bound, one.threshold) is one


def test_swapping_the_arms_swaps_the_shifts_and_the_sign(data):
    one = run_analysis(MIXED, data).missing_shift
    two = run_analysis(replace(MIXED, reference="i"), data).missing_shift
    assert two.per_point_reference == pytest.approx(-one.per_point_other, rel=1e-6)
    assert two.per_point_other == pytest.approx(-one.per_point_reference, rel=1e-6)
    assert (two.n_completed_reference, two.n_completed_other) == (one.n_completed_other, one.n_completed_reference)
    assert one.per_point_reference < 0 < one.per_point_other


def test_nobody_to_shift_is_no_tipping_point():
    result = run_analysis(MIXED, trial(lost=0.0, unseen=0.0))
    assert result.missing_shift.n_completed_reference == result.missing_shift.n_completed_other == 0
    assert find_tipping(result) is None
    assert find_tipping(run_analysis(spec(ANCOVA), trial())) is None


def test_an_arm_without_missing_outcomes_never_tips_by_itself():
    data = trial()
    people = data.participants
    people.loc[people["y_6m"].isna() & (people["arm"] == "c"), "y_6m"] = 10.0
    found = find_tipping(run_analysis(MIXED, data))
    assert found.shift.n_completed_reference == 0
    assert found.shift.per_point_reference == 0.0
    assert found.point("reference", "ci_low") is None
    assert found.point("other", "ci_low").delta == pytest.approx(found.point("alike", "ci_low").delta)


def test_infinite_df_and_json_survive(data):
    result = run_analysis(replace(MIXED, df_method="z"), data)
    again = read_back(result)
    assert isinstance(again.missing_shift, MissingShift)
    assert find_tipping(again, [-1, 0, 1]) == replace(find_tipping(result, [-1, 0, 1]), result=again)
    for one in find_tipping(result).points:
        assert one.p_value == pytest.approx(0.05, abs=1e-9)


def test_default_shifts_are_steps_of_the_important_difference_or_of_half_an_sd():
    assert default_deltas(4.0, 10.0) == (-12.0, -8.0, -4.0, 0.0, 4.0, 8.0, 12.0)
    assert default_deltas(None, 6.5) == (-9.0, -6.0, -3.0, 0.0, 3.0, 6.0, 9.0)
    assert default_deltas(None, 0.56)[-1] == pytest.approx(0.9)
    assert default_deltas(None, math.nan) == (-3.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0)


def test_frame_has_every_row_and_full_precision(data):
    results = [run_analysis(replace(MIXED, name="y.mixed"), data), run_analysis(spec(ANCOVA), data)]
    found = tipping_analyses(results, {"y": ((-2.0, 0.0, 2.0), 1.0)})
    frame = tipping_frame(found)
    assert list(frame.columns) == list(TIPPING_COLUMNS)
    assert set(frame["analysis"]) == {"y.mixed"}
    assert frame["method"].value_counts().to_dict() == {
        SOLVED: 9 + 3 * len(SCENARIOS) + len(found[0].points), IMPUTED: len(found[0].imputed)
    }  # fmt: skip
    assert set(frame.loc[frame["method"] == IMPUTED, "imputations"]) == {FEW}
    assert {name: (frame["scenario"] == name).sum() for name in LIKE_REFERENCE} == dict.fromkeys(LIKE_REFERENCE, 1)
    frame = frame[frame["method"] == SOLVED]
    assert (frame["scenario"] == "grid").sum() == 9
    assert (frame["bound"] != "").sum() == len(found[0].points)
    assert len(frame) == 9 + 3 * len(SCENARIOS) + len(found[0].points)
    assert frame["n_completed_other"].eq(found[0].shift.n_completed_other).all()
    shifts = frame[["delta_reference", "delta_other"]]
    assert not (shifts.eq(0) & np.signbit(shifts)).any(axis=None)
    empty = tipping_frame([])
    assert list(empty.columns) == list(TIPPING_COLUMNS)
    assert empty.empty
    assert isinstance(frame, pd.DataFrame)
