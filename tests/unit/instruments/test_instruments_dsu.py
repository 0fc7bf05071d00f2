"""The mapping read from a user's file, on a small made-up table."""

import numpy as np
import pandas as pd
import pytest

from cpis_analysis.errors import DataError
from cpis_analysis.instruments import score_interviews
from cpis_analysis.instruments.dsu import read_dsu_table
from cpis_analysis.instruments.eq5d import ITEMS, state_codes

SETTINGS = {"u": {"instrument": "eq5d", "value_set": "nice_dsu", "value_set_file": "dsu.csv"}}


def table():
    """Value = band / 10 + sex / 100 + state position / 1e6."""
    parts = [
        pd.DataFrame(
            {
                "state": state_codes(),
                "age_band": band,
                "sex": sex,
                "value": number / 10 + place / 100 + np.arange(3125) / 1e6,
            }
        )
        for number, band in enumerate(("18-34", "35+"))
        for place, sex in enumerate(("male", "female"))
    ]
    return pd.concat(parts, ignore_index=True)


def interviews(**columns):
    n = len(columns["age"])
    levels = {item: [1.0] * n for item in ITEMS}
    return pd.DataFrame({"participant_id": [f"CP{i}" for i in range(n)], "wave": "0m", **levels, **columns})


def test_dsu_look_up_by_hand(tmp_path):
    table().sample(frac=1, random_state=1).to_csv(tmp_path / "dsu.csv", index=False)
    frame = interviews(
        age=[18, 34.9, 35, 90, 17, np.nan, 40],
        gender=["male", "female", "female", "male", "male", "male", "other"],
        eq5d5l_ad=[2.0, 1, 1, 5, 1, 1, 1],
    )
    result = score_interviews(frame, SETTINGS, folder=tmp_path)
    expected = [0.000001, 0.01, 0.11, 0.100004, np.nan, np.nan, np.nan]
    np.testing.assert_allclose(result.interviews["u"], expected, rtol=0, atol=1e-15)
    assert result.report["n_missing"].tolist() == [3]
    assert not result.report["verified"].any()


def test_dsu_age_and_sex_asked_at_baseline_hold_later(tmp_path):
    table().to_csv(tmp_path / "dsu.csv", index=False)
    frame = interviews(age=[40, np.nan], gender=["female", None]).assign(participant_id="CP1", wave=["0m", "6m"])
    assert score_interviews(frame, SETTINGS, folder=tmp_path).interviews["u"].tolist() == [0.11, 0.11]


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda t: t.drop(columns="sex"), "column sex is missing"),
        (lambda t: t.assign(more=1), "exactly one column of values"),
        (lambda t: t.iloc[:-1], "states are missing"),
        (lambda t: pd.concat([t, t.iloc[:1]]), "each state once"),
        (lambda t: t.replace({"age_band": {"35+": "30+"}}), "age bands overlap"),
        (lambda t: t.replace({"age_band": {"35+": "old"}}), "such as 18-34"),
        (lambda t: t.replace({"sex": {"male": "M"}}), "male, female"),
        (lambda t: t.assign(value="high"), "a number from -1 to 1"),
        (lambda t: t.replace({"state": {"11111": "11116"}}), "11111 to 55555"),
    ],
)
def test_dsu_spoilt_table_is_refused_with_the_reason(tmp_path, spoil, message):
    spoil(table()).to_csv(tmp_path / "dsu.csv", index=False)
    with pytest.raises(DataError, match=message):
        read_dsu_table(tmp_path / "dsu.csv")


def test_dsu_absent_or_empty_file_is_refused(tmp_path):
    (tmp_path / "empty.csv").write_text("")
    for name in ("absent.csv", "empty.csv"):
        with pytest.raises(DataError, match=name):
            read_dsu_table(tmp_path / name)
