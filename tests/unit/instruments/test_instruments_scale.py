"""The general scoring rule, by hand."""

import numpy as np
import pandas as pd
import pytest

from cpis_analysis.errors import DataError, PlanError
from cpis_analysis.instruments.scale import ScaleRule, item_matrix, score_scale

ITEMS = ("a", "b", "c", "d")


def frame(*rows):
    return pd.DataFrame(rows, columns=list(ITEMS), dtype=float)


def test_scale_sum_by_hand():
    result = score_scale(frame([1, 2, 3, 4], [5, 5, 5, 5]), ScaleRule(ITEMS, 1, 5))
    assert result.score.tolist() == [10, 20]
    assert result.items_missing.tolist() == [0, 0]
    assert not result.prorated.any()


def test_scale_mean_by_hand():
    result = score_scale(frame([1, 2, 3, 4], [1, 2, np.nan, np.nan]), ScaleRule(ITEMS, 1, 5, (), "mean", 2))
    assert result.score.tolist() == [2.5, 1.5]


def test_scale_reverse_by_hand():
    result = score_scale(frame([1, 2, 3, 4]), ScaleRule(ITEMS, 1, 5, reverse=("a", "d")))
    assert result.score.tolist() == [5 + 2 + 3 + 2]


def test_scale_missing_rule_at_the_limit_by_hand():
    nan = np.nan
    rows = frame([1, 2, 3, nan], [1, 2, nan, nan], [1, nan, nan, nan], [nan] * 4)
    result = score_scale(rows, ScaleRule(ITEMS, 1, 5, max_missing=2))
    assert result.score[:2].tolist() == [8, 6]
    assert np.isnan(result.score[2:]).all()
    assert result.items_missing.tolist() == [1, 2, 3, 4]
    assert result.prorated.tolist() == [True, True, False, False]


def test_scale_complete_only_by_hand():
    result = score_scale(frame([1, 2, 3, np.nan], [1, 1, 1, 1]), ScaleRule(ITEMS, 1, 5))
    assert np.isnan(result.score[0])
    assert result.score[1] == 4


def test_scale_range_per_item_by_hand():
    rule = ScaleRule(ITEMS, (0, 0, 1, 1), (1, 1, 10, 10), reverse=("a", "c"))
    assert score_scale(frame([1, 1, 10, 10]), rule).score.tolist() == [0 + 1 + 1 + 10]
    assert rule.bounds == (2, 22)
    with pytest.raises(DataError, match="0 to 1"):
        score_scale(frame([2, 1, 10, 10]), rule)


def test_scale_text_codes_are_numbers():
    rows = pd.DataFrame({"a": pd.Categorical(["0", "3"]), "b": ["1", None]})
    values = item_matrix(rows, ("a", "b"), 0, 3)
    assert values[:, 0].tolist() == [0, 3]
    assert values[0, 1] == 1
    assert np.isnan(values[1, 1])


def test_scale_nullable_integers_and_booleans_are_numbers():
    rows = pd.DataFrame({"a": pd.array([1, None], dtype="Int64"), "b": [True, False]})
    values = item_matrix(rows, ("a", "b"), 0, 1)
    assert values[0].tolist() == [1, 1]
    assert np.isnan(values[1, 0])


def test_scale_wrong_answers_all_listed():
    rows = pd.DataFrame(
        {
            "participant_id": ["CP001", "CP002", "CP003"],
            "wave": ["0m", "0m", "6m"],
            "a": [9.0, 9.0, 1.0],
            "b": ["x", 1, 1],
            "c": [1.0, 2.5, 1.0],
            "d": [1.0, 1.0, np.inf],
        }
    )
    with pytest.raises(DataError) as caught:
        score_scale(rows, ScaleRule(ITEMS, 1, 5))
    text = [str(problem) for problem in caught.value.problems]
    assert text == [
        "participant CP001, variable a: item is out of range at wave 0m (found '9'); "
        "allowed: whole numbers 1 to 5 [2 times]",
        "participant CP001, variable b: item is not a number at wave 0m (found 'x'); allowed: whole numbers 1 to 5",
        "participant CP002, variable c: item is not a whole number at wave 0m (found '2.5'); "
        "allowed: whole numbers 1 to 5",
        "participant CP003, variable d: item is out of range at wave 6m (found 'inf'); allowed: whole numbers 1 to 5",
    ]


def test_scale_empty_frame_gives_empty_scores():
    assert score_scale(frame(), ScaleRule(ITEMS, 1, 5)).score.shape == (0,)


@pytest.mark.parametrize(
    ("change", "part"),
    [
        ({"items": ()}, "items"),
        ({"items": ("a", "a")}, "items"),
        ({"low": 5}, "low"),
        ({"low": (1, 1)}, "low"),
        ({"reverse": ("z",)}, "reverse"),
        ({"method": "median"}, "method"),
        ({"max_missing": 4}, "max_missing"),
        ({"max_missing": -1}, "max_missing"),
        ({"high": (5, 5, 5, 6), "max_missing": 1}, "max_missing"),
    ],
)
def test_scale_rule_that_contradicts_itself_is_refused(change, part):
    with pytest.raises(PlanError) as caught:
        ScaleRule(**{"items": ITEMS, "low": 1, "high": 5, **change})
    assert part in {problem.variable for problem in caught.value.problems}
