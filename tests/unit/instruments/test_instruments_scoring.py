"""From clean interviews to scores and a report."""

import numpy as np
import pandas as pd
import pytest

from cpis_analysis.errors import DataError, PlanError
from cpis_analysis.instruments import score_interviews
from cpis_analysis.instruments.carry import carried, wave_order

NAN = np.nan


def interviews():
    return pd.DataFrame(
        {
            "participant_id": ["CP001", "CP002", "CP001", "CP002"],
            "wave": pd.Categorical(["0m", "0m", "6m", "6m"], ["0m", "6m"]),
            **{f"qpr_{number:02d}": [2.0, 3.0, NAN, NAN] for number in range(2, 16)},
            "qpr_01": [2.0, NAN, NAN, NAN],
            "scope_overall": [1.0, 2.0, 3.0, NAN],
        }
    )


def test_scoring_adds_columns_and_keeps_the_rest():
    frame = interviews()
    before = frame.copy()
    result = score_interviews(frame, {"qpr": {}, "scope": {}}).interviews
    assert list(result.columns) == [*frame.columns, "qpr", "qpr_items_missing", "scope", "scope_items_missing"]
    pd.testing.assert_frame_equal(frame, before)
    pd.testing.assert_frame_equal(result[list(frame.columns)], frame)
    assert result["qpr"].iloc[:2].tolist() == [30, 45]
    assert result["qpr_items_missing"].tolist() == [0, 1, 15, 15]
    assert result["qpr_items_missing"].dtype == "int64"


def test_scoring_report_counts_by_hand():
    report = score_interviews(interviews(), {"qpr": {}, "scope": {}}).report
    counts = report[["score", "wave", "n_rows", "asked", "n_complete", "n_prorated", "n_missing", "verified"]]
    assert counts.to_numpy().tolist() == [
        ["qpr", "0m", 2, True, 1, 1, 0, True],
        ["qpr", "6m", 2, False, 0, 0, 2, True],
        ["scope", "0m", 2, True, 2, 0, 0, False],
        ["scope", "6m", 2, True, 1, 0, 1, False],
    ]
    assert report["note"].str.len().gt(0).all()


def test_scoring_absent_items_are_named_with_a_hint():
    frame = interviews().rename(columns={"scope_overall": "scope_overal"}).drop(columns="qpr_07")
    with pytest.raises(DataError) as caught:
        score_interviews(frame, {"qpr": {}, "scope": {}})
    text = [str(problem) for problem in caught.value.problems]
    assert "these items are not in the data: qpr_07" in text[0]
    assert "none of the items is in the data: scope_overall; did you mean 'scope_overal'?" in text[1]


def test_scoring_refuses_to_overwrite_another_variable():
    with pytest.raises(DataError, match="already have a column scope_overall"):
        score_interviews(interviews(), {"scope_overall": {"instrument": "qpr"}})


def test_scoring_needs_participant_and_wave():
    with pytest.raises(DataError) as caught:
        score_interviews(interviews().drop(columns=["participant_id", "wave"]), {"scope": {}})
    assert [problem.variable for problem in caught.value.problems] == ["participant_id", "wave"]


def test_scoring_wrong_settings_are_a_plan_error():
    with pytest.raises(PlanError):
        score_interviews(interviews(), {"scop": {}})


def test_scoring_item_of_two_scores_is_reported_once():
    frame = interviews().assign(scope_overall=9.0)
    with pytest.raises(DataError) as caught:
        score_interviews(frame, {"scope": {}, "inclusion": {"instrument": "scope"}})
    assert len(caught.value.problems) == 2  # one a wave


def test_scoring_without_settings_changes_nothing():
    result = score_interviews(interviews(), {})
    pd.testing.assert_frame_equal(result.interviews, interviews())
    assert len(result.report) == 0
    assert result.infos == {}


def test_wave_order_by_number_category_and_statement():
    waves = pd.Series(["12m", "0m", "6m", None, "exit"])
    assert wave_order(waves) == ["0m", "6m", "12m", "exit"]
    assert wave_order(waves.astype(pd.CategoricalDtype(["exit", "0m", "6m", "12m"]))) == ["exit", "0m", "6m", "12m"]
    assert wave_order(waves, ["exit", "12m"]) == ["exit", "12m", "0m", "6m"]


def test_carried_takes_the_first_value_and_only_forwards():
    frame = pd.DataFrame(
        {
            "participant_id": ["a", "a", "a", "b", "b"],
            "wave": ["12m", "0m", "6m", "6m", "0m"],
            "weight": [3.0, NAN, 2.0, 1.0, NAN],
        }
    )
    assert carried(frame, "weight").tolist() == [2.0, None, 2.0, 1.0, None]
