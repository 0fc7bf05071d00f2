"""Each instrument by hand."""

import math

import numpy as np
import pandas as pd
import pytest

from cpis_analysis.errors import DataError
from cpis_analysis.instruments import INSTRUMENTS, score_infos, score_interviews
from cpis_analysis.instruments.gas import t_score
from cpis_analysis.instruments.instrument import numbered
from cpis_analysis.instruments.swemwbs import METRIC, POSITIONS

NAN = np.nan


def people(**columns):
    n = len(next(iter(columns.values())))
    ids = [f"CP{number:03d}" for number in range(1, n + 1)]
    return pd.DataFrame({"participant_id": ids, "wave": "0m", **columns})


def rows_of(items, *rows):
    return people(**dict(zip(items, np.array(rows, dtype=float).T, strict=True)))


def scores(frame, settings):
    return score_interviews(frame, settings).interviews


# RG-UK


def test_rguk_total_and_subscales_by_hand():
    answers = [1] * 8 + [0] * 8 + [1, 0, 1, 0, 1, 0] + [1, 1, 0, 0, 0]
    row = scores(rows_of(INSTRUMENTS["rguk"].items, answers), {"rguk": {}}).iloc[0]
    assert row["rguk"] == 13
    assert [row[f"rguk_{part}"] for part in ("domestic", "expert", "skills", "problem")] == [8, 0, 3, 2]


def test_rguk_end_points_are_0_and_27():
    result = scores(rows_of(INSTRUMENTS["rguk"].items, [0] * 27, [1] * 27), {"rguk": {}})
    assert result["rguk"].tolist() == [0, 27]
    assert [(info.low, info.high) for info in INSTRUMENTS["rguk"].scores] == [(0, 27), (0, 8), (0, 8), (0, 6), (0, 5)]


def test_rguk_missing_rule_at_the_limit_by_hand():
    five = [NAN] * 5 + [1] * 11 + [0] * 11
    six = [NAN] * 6 + [1] * 10 + [0] * 11
    result = scores(rows_of(INSTRUMENTS["rguk"].items, five, six), {"rguk": {}})
    assert result["rguk"].iloc[0] == 13.5
    assert np.isnan(result["rguk"].iloc[1])
    assert result["rguk_items_missing"].tolist() == [5, 6]
    assert result["rguk_domestic"].isna().all()
    assert result["rguk_expert"].tolist() == [8, 8]


def test_rguk_subscale_prorates_one_missing_by_hand():
    answers = [NAN, 1, 1, 1, 1, 0, 0, 0] + [0] * 19
    row = scores(rows_of(INSTRUMENTS["rguk"].items, answers), {"rguk": {}}).iloc[0]
    assert row["rguk_domestic"] == pytest.approx(8 * 4 / 7)
    assert row["rguk_domestic_items_missing"] == 1


def test_rguk_tie_source_counts_any_tie_and_staff_by_choice():
    answers = [0, 1, 7, 7] + [0] * 23
    frame = rows_of(INSTRUMENTS["rguk"].items, answers)
    with_staff = scores(frame, {"rguk": {"coding": "tie_source"}})
    without = scores(frame, {"rguk": {"coding": "tie_source", "staff_counts": False}})
    assert with_staff["rguk"].tolist() == [3]
    assert without["rguk"].tolist() == [1]
    assert without["rguk_items_missing"].tolist() == [0]
    with pytest.raises(DataError, match="out of range"):
        scores(frame, {"rguk": {}})


def test_rguk_given_membership_moves_subscales_only():
    membership = {
        "domestic": list(range(20, 28)),
        "expert": list(range(1, 9)),
        "skills": list(range(9, 15)),
        "problem": [15, 16, 17, 18, 19],
    }
    frame = rows_of(INSTRUMENTS["rguk"].items, [1] * 8 + [0] * 19)
    row = scores(frame, {"rguk": {"subscales": membership}}).iloc[0]
    assert (row["rguk"], row["rguk_domestic"], row["rguk_expert"]) == (8, 0, 8)
    assert "the study's own" in score_infos({"rguk": {"subscales": membership}})["rguk_expert"].note


# WEMWBS and SWEMWBS


def test_wemwbs_end_points_and_sum_by_hand():
    rows = [1] * 14, [5] * 14, [1, 2, 3, 4, 5, 1, 2, 3, 4, 5, 1, 2, 3, 4]
    result = scores(rows_of(numbered("wemwbs", 14), *rows), {"wemwbs": {}})
    assert result["wemwbs"].tolist() == [14, 70, 40]


def test_wemwbs_missing_rule_at_the_limit_by_hand():
    rows = [NAN] * 3 + [2] * 10 + [5], [NAN] * 4 + [2] * 10
    result = scores(rows_of(numbered("wemwbs", 14), *rows), {"wemwbs": {}})
    assert result["wemwbs"].iloc[0] == pytest.approx(14 * 25 / 11)
    assert np.isnan(result["wemwbs"].iloc[1])


def test_swemwbs_uses_items_1_2_3_6_7_9_11():
    answers = np.full(14, NAN)
    answers[np.array(POSITIONS) - 1] = 3
    assert POSITIONS == (1, 2, 3, 6, 7, 9, 11)
    result = scores(rows_of(numbered("wemwbs", 14), answers), {"swemwbs": {}})
    assert result["swemwbs"].tolist() == [19.25]


def test_swemwbs_table_is_strictly_increasing_from_7_to_35():
    assert len(METRIC) == 29
    assert all(np.diff(METRIC) > 0)
    items = INSTRUMENTS["swemwbs"].items
    rows = [[1 + (raw - 7 + place) // 7 for place in range(7)] for raw in range(7, 36)]
    assert [sum(row) for row in rows] == list(range(7, 36))
    result = scores(rows_of(items, *rows), {"swemwbs": {}})["swemwbs"]
    assert result.tolist() == list(METRIC)
    assert (result.iloc[0], result.iloc[-1]) == (7, 35)


def test_swemwbs_one_missing_gives_no_score():
    result = scores(rows_of(INSTRUMENTS["swemwbs"].items, [NAN, 3, 3, 3, 3, 3, 3]), {"swemwbs": {}})
    assert result["swemwbs"].isna().all()
    assert result["swemwbs_items_missing"].tolist() == [1]


# QPR, SCOPE, EQ-VAS, the generic scale


def test_qpr_end_points_and_missing_rule_by_hand():
    rows = [0] * 15, [4] * 15, [NAN] * 3 + [1] * 6 + [3] * 6, [NAN] * 4 + [1] * 11
    result = scores(rows_of(numbered("qpr", 15), *rows), {"qpr": {}})["qpr"]
    assert result.iloc[:3].tolist() == [0, 60, 30]
    assert np.isnan(result.iloc[3])


def test_qpr_carries_its_minimal_important_difference():
    difference = INSTRUMENTS["qpr"].minimal_important_difference
    assert (difference.between_groups, difference.within_person) == (4, 5)
    assert difference.source


def test_single_ratings_are_taken_over():
    frame = people(scope_overall=[1.0, NAN, 5.0], eq_vas=[0.0, 100.0, NAN])
    result = scores(frame, {"scope": {}, "eq_vas": {}})
    assert result["scope"].iloc[[0, 2]].tolist() == [1, 5]
    assert result["eq_vas"].iloc[:2].tolist() == [0, 100]
    assert list(result.columns).count("eq_vas") == 1
    assert result["scope_items_missing"].tolist() == [0, 1, 0]


def test_single_ratings_out_of_range_are_refused_together():
    with pytest.raises(DataError) as caught:
        scores(people(scope_overall=[6.0], eq_vas=[101.0]), {"scope": {}, "eq_vas": {}})
    assert [problem.variable for problem in caught.value.problems] == ["scope_overall", "eq_vas"]


def test_generic_scale_by_hand():
    settings = {
        "pain": {
            "instrument": "scale",
            "items": ["p1", "p2", "p3"],
            "low": 0,
            "high": 10,
            "reverse": ["p3"],
            "method": "mean",
            "max_missing": 1,
            "label": "Pain",
            "higher_is": "worse",
            "source": "Someone 2001",
        }
    }
    frame = people(p1=[2.0, 2.0], p2=[4.0, NAN], p3=[10.0, 4.0])
    assert scores(frame, settings)["pain"].tolist() == [2, 4]
    info = score_infos(settings)["pain"]
    assert (info.label, info.low, info.high, info.higher_is, info.source) == ("Pain", 0, 10, "worse", "Someone 2001")
    assert not info.verified


# Goal attainment


def test_gas_t_score_by_hand():
    attained = np.array([[1.0, 0.0, -1.0], [2.0, NAN, NAN], [1.0, 1.0, NAN], [0.0, 0.0, 0.0]])
    weights = np.array([[3.0, 2.0, 1.0], [3.0, NAN, NAN], [1.0, 2.0, NAN], [1.0, 2.0, 3.0]])
    expected = [50 + 10 * 2 / math.sqrt(0.7 * 14 + 0.3 * 36), 70, 50 + 10 * 3 / math.sqrt(0.7 * 5 + 0.3 * 9), 50]
    assert t_score(attained, weights) == pytest.approx(expected, abs=1e-12)


def goals(weights, attained):
    """One person at baseline (weights) and six months (attainment)."""
    columns = {f"gas_{goal}_weight": [weights[goal - 1], NAN] for goal in (1, 2, 3)}
    columns |= {f"gas_{goal}_score": [NAN, attained[goal - 1]] for goal in (1, 2, 3)}
    return pd.DataFrame({"participant_id": "CP001", "wave": ["0m", "6m"], **columns})


def test_gas_weights_are_carried_from_baseline():
    result = scores(goals([3, 2, 1], [1, 0, -1]), {"gas": {}})
    assert np.isnan(result["gas"].iloc[0])
    assert result["gas"].iloc[1] == pytest.approx(50 + 20 / math.sqrt(20.6))
    assert result["gas_items_missing"].tolist() == [3, 0]


def test_gas_weights_are_not_carried_backwards_or_to_others():
    frame = goals([3, 2, 1], [1, 0, -1])
    backwards = frame.assign(wave=["6m", "0m"])
    others = frame.assign(participant_id=["CP001", "CP002"])
    assert scores(backwards, {"gas": {}})["gas"].isna().all()
    assert scores(others, {"gas": {}})["gas"].isna().all()


def test_gas_absent_goals_do_not_count_as_missing():
    result = scores(goals([2, NAN, NAN], [-1, NAN, NAN]), {"gas": {}})
    assert result["gas"].iloc[1] == 40
    assert result["gas_items_missing"].iloc[1] == 0


@pytest.mark.parametrize(("weights", "attained"), [([2, 2, NAN], [1, NAN, NAN]), ([2, NAN, NAN], [1, 1, NAN])])
def test_gas_goal_unrated_or_unweighted_gives_no_score_unless_allowed(weights, attained):
    frame = goals(weights, attained)
    assert scores(frame, {"gas": {}})["gas"].isna().all()
    allowed = score_interviews(frame, {"gas": {"max_missing": 1}})
    assert allowed.interviews["gas"].iloc[1] == 60
    assert allowed.interviews["gas_items_missing"].iloc[1] == 1
    assert allowed.report["n_prorated"].tolist() == [0, 1]


def test_gas_without_goals_lacks_one_item():
    result = scores(goals([NAN] * 3, [NAN] * 3), {"gas": {"max_missing": 2}})
    assert result["gas"].isna().all()
    assert result["gas_items_missing"].tolist() == [1, 1]


def test_gas_equal_weights_by_hand():
    result = scores(goals([3, 1, 1], [2, 0, 1]), {"gas": {"weights": "equal"}})
    assert result["gas"].iloc[1] == pytest.approx(50 + 30 / math.sqrt(0.7 * 3 + 0.3 * 9))


def test_gas_bounds_hold_for_every_weight():
    info = INSTRUMENTS["gas"].scores[0]
    weights = np.array(np.meshgrid(*[[1, 2, 3, NAN]] * 3)).reshape(3, -1).T
    top = t_score(np.full(weights.shape, 2.0), weights)
    assert np.nanmax(top) == pytest.approx(info.high)
    assert info.low == pytest.approx(100 - info.high)


def test_gas_problems_of_weights_and_attainment_come_together():
    with pytest.raises(DataError) as caught:
        scores(goals([0, 2, 1], [3, 0, 0]), {"gas": {}})
    assert [problem.variable for problem in caught.value.problems] == ["gas_1_score", "gas_1_weight"]
