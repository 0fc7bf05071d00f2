"""EQ-5D-5L values against published numbers.

Golden numbers: the official unit-test values of the UK crosswalk and the complete official table, as
carried by the R package eq5d (MIT). The complete tables lie beside the repository, not in it.
"""

import itertools
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from cpis_analysis.instruments import score_interviews
from cpis_analysis.instruments.eq5d import (
    ANY_LEVEL_3,
    ANY_PROBLEM,
    ITEMS,
    P_3L_1_GIVEN_5L_2,
    P_3L_2_GIVEN_5L_4,
    TARIFF_3L,
    crosswalk_exact,
    state_codes,
    state_values,
)

TABLES = Path(__file__).resolve().parents[3] / "shared" / "values"
OFFICIAL = {
    "11111": 1,
    "11112": 0.879,
    "11113": 0.848,
    "11114": 0.635,
    "11115": 0.414,
    "21111": 0.877,
    "12111": 0.846,
    "11211": 0.906,
    "11121": 0.837,
    "21222": 0.679,
    "22222": 0.592,
    "33333": 0.516,
    "44444": 0.036,
    "55555": -0.594,
}


def table(name):
    if not (TABLES / name).exists():
        pytest.skip(f"{name} is not beside the repository")
    return pd.read_csv(TABLES / name, dtype={"state": str})


def of(value_set, state):
    return state_values(value_set)[state_codes().index(state)]


@pytest.mark.parametrize(("state", "value"), OFFICIAL.items())
def test_eq5d_crosswalk_matches_official_unit_test_values(state, value):
    assert of("vanhout_uk", state) == value


def test_eq5d_crosswalk_matches_official_table_in_all_states():
    official = table("eq5d5l_vanhout_uk.csv").set_index("state")["vanhout_uk"].reindex(state_codes())
    assert len(official) == 3125
    np.testing.assert_array_equal(state_values("vanhout_uk"), official.to_numpy())


def test_eq5d_crosswalk_rounded_once_differs_from_the_official_table_in_192_states():
    official = table("eq5d5l_vanhout_uk.csv").set_index("state")["vanhout_uk"].reindex(state_codes())
    once = np.rint(crosswalk_exact() * 1000)
    differs = once != np.rint(official.to_numpy() * 1000)
    assert differs.sum() == 192


def test_eq5d_crosswalk_rounding_does_not_hang_on_the_last_bit():
    scaled = crosswalk_exact() * 1e4
    assert np.abs(scaled - np.floor(scaled) - 0.5).min() > 1e-7


def test_eq5d_crosswalk_closed_form_equals_enumeration_of_243_states():
    expected = []
    for state in state_codes():
        spread = []
        for dimension, level in enumerate(state):
            p1, p4 = P_3L_1_GIVEN_5L_2[dimension], P_3L_2_GIVEN_5L_4[dimension]
            spread.append(
                {"1": {1: 1}, "2": {1: p1, 2: 1 - p1}, "3": {2: 1}, "4": {2: p4, 3: 1 - p4}, "5": {3: 1}}[level]
            )
        value = 0.0
        for levels in itertools.product(*spread):
            probability = np.prod([spread[dimension][level] for dimension, level in enumerate(levels)])
            lost = ANY_PROBLEM * (max(levels) > 1) + ANY_LEVEL_3 * (max(levels) == 3)
            lost += sum(TARIFF_3L[dimension][level - 2] for dimension, level in enumerate(levels) if level > 1)
            value += probability * (1 - lost)
        expected.append(value)
    np.testing.assert_allclose(crosswalk_exact(), expected, rtol=0, atol=1e-14)


@pytest.mark.parametrize(
    ("value_set", "state", "value"),
    [
        ("uk_2026", "11111", 1),
        ("uk_2026", "55555", -0.567),
        ("uk_2026", "21111", 0.968),
        ("uk_2026", "12345", 1 - 0.038 - 0.086 - 0.371 - 0.391),
        ("england_2018", "11111", 1),
        ("england_2018", "55555", -0.285),
        ("england_2018", "12345", 1 - 0.050 - 0.063 - 0.276 - 0.289),
    ],
)
def test_eq5d_additive_sets_match_published_decrements(value_set, state, value):
    assert of(value_set, state) == pytest.approx(value, abs=1e-12)


@pytest.mark.parametrize(
    ("state", "age", "sex", "value"), [("11111", 20, "male", 0.986652), ("55555", 50, "female", -0.521121)]
)
def test_eq5d_dsu_matches_official_values(state, age, sex, value):
    table("eq5d5l_nice_dsu_uk.csv")
    frame = pd.DataFrame([[float(level) for level in state]], columns=list(ITEMS))
    frame = frame.assign(participant_id="CP001", wave="0m", age=age, gender=sex)
    settings = {"instrument": "eq5d", "value_set": "nice_dsu", "value_set_file": "eq5d5l_nice_dsu_uk.csv"}
    assert score_interviews(frame, {"u": settings}, folder=TABLES).interviews["u"].tolist() == [value]
