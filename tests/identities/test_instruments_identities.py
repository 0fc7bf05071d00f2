"""What must hold for any data."""

import numpy as np
import pandas as pd
import pytest

from cpis_analysis.instruments import INSTRUMENTS, score_interviews
from cpis_analysis.instruments.eq5d import ADDITIVE, state_codes, state_values
from cpis_analysis.instruments.instrument import numbered
from cpis_analysis.instruments.scale import ScaleRule, score_matrix

SETTINGS = {name: {} for name in INSTRUMENTS if name != "scale"}


@pytest.fixture(scope="module")
def interviews():
    generator = np.random.default_rng(20180214)
    n = 60
    both = 2 * n

    def answers(low, high):
        values = generator.integers(low, high + 1, both).astype(float)
        values[generator.random(both) < 0.05] = np.nan
        return values

    columns = {item: answers(0, 1) for item in numbered("rguk", 27)}
    columns |= {item: answers(1, 5) for item in numbered("wemwbs", 14)}
    columns |= {item: answers(0, 4) for item in numbered("qpr", 15)}
    columns |= {item: answers(1, 5) for item in INSTRUMENTS["eq5d"].items}
    columns |= {"eq_vas": answers(0, 100), "scope_overall": answers(1, 5)}
    later = np.arange(both) >= n
    for goal in (1, 2, 3):
        columns[f"gas_{goal}_weight"] = np.where(later, np.nan, answers(1, 3))
        columns[f"gas_{goal}_score"] = np.where(later, answers(-2, 2), np.nan)
    people = [f"CP{number:03d}" for number in range(n)]
    return pd.DataFrame({"participant_id": people * 2, "wave": ["0m"] * n + ["6m"] * n, **columns})


def test_scores_order_of_rows_changes_nothing(interviews):
    straight = score_interviews(interviews, SETTINGS)
    shuffled = score_interviews(interviews.sample(frac=1, random_state=3), SETTINGS)
    pd.testing.assert_frame_equal(shuffled.interviews.sort_index(), straight.interviews)
    pd.testing.assert_frame_equal(shuffled.report, straight.report)


def test_scores_stay_within_their_stated_bounds(interviews):
    result = score_interviews(interviews, SETTINGS)
    for name, info in result.infos.items():
        score = result.interviews[name].dropna()
        assert len(score) > 0
        assert score.between(info.low - 1e-12, info.high + 1e-12).all()


def test_report_counts_add_up_to_the_rows(interviews):
    report = score_interviews(interviews, SETTINGS).report
    assert (report[["n_complete", "n_prorated", "n_missing"]].sum(axis=1) == report["n_rows"]).all()
    assert (report["n_rows"] == 60).all()


def test_score_missing_exactly_where_the_rule_says(interviews):
    result = score_interviews(interviews, SETTINGS).interviews
    for name, limit in {"rguk": 5, "rguk_skills": 1, "wemwbs": 3, "swemwbs": 0, "qpr": 3, "eq5d": 0}.items():
        assert (result[name].notna() == (result[f"{name}_items_missing"] <= limit)).all()


@pytest.mark.parametrize("method", ["sum", "mean"])
def test_scale_reversing_twice_is_the_identity(method):
    values = np.random.default_rng(1).integers(0, 5, (50, 6)).astype(float)
    items = tuple("abcdef")
    plain = score_matrix(values, ScaleRule(items, 0, 4, method=method))
    twice = score_matrix(4 - values, ScaleRule(items, 0, 4, reverse=items, method=method))
    np.testing.assert_array_equal(plain.score, twice.score)


def test_scale_prorating_a_constant_answer_returns_it():
    items = numbered("item", 14)
    for answer in range(1, 6):
        for n_missing in range(14):
            values = np.full((1, 14), float(answer))
            values[0, :n_missing] = np.nan
            assert score_matrix(values, ScaleRule(items, 1, 5, max_missing=13)).score[0] == 14 * answer
            assert score_matrix(values, ScaleRule(items, 1, 5, (), "mean", 13)).score[0] == answer


def test_scale_sum_is_number_of_items_times_mean():
    values = np.random.default_rng(2).integers(0, 5, (50, 6)).astype(float)
    values[values == 4] = np.nan
    items = tuple("abcdef")
    total = score_matrix(values, ScaleRule(items, 0, 4, max_missing=5)).score
    mean = score_matrix(values, ScaleRule(items, 0, 4, (), "mean", 5)).score
    np.testing.assert_allclose(total, 6 * mean, rtol=1e-15)


@pytest.mark.parametrize("value_set", ["vanhout_uk", *ADDITIVE])
def test_eq5d_worse_on_a_dimension_is_never_better(value_set):
    cube = state_values(value_set).reshape((5,) * 5)
    for axis in range(5):
        assert (np.diff(cube, axis=axis) <= 0).all()
    assert cube.max() == cube[0, 0, 0, 0, 0] == 1
    assert cube.min() == cube[4, 4, 4, 4, 4]


def test_eq5d_all_states_through_the_scorer_equal_the_table():
    levels = np.array([[float(level) for level in state] for state in state_codes()])
    frame = pd.DataFrame(levels, columns=list(INSTRUMENTS["eq5d"].items)).assign(wave="0m")
    frame["participant_id"] = state_codes()
    for value_set in ("vanhout_uk", *ADDITIVE):
        result = score_interviews(frame, {"u": {"instrument": "eq5d", "value_set": value_set}})
        np.testing.assert_array_equal(result.interviews["u"], state_values(value_set))
