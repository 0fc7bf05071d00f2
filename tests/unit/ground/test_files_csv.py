"""Our CSV writer against pandas's."""

import numpy as np
import pandas as pd

from cpis_analysis.files import csv_text

FRAME = pd.DataFrame(
    {
        "number": [1.0, np.nan, 0.1 + 0.2, -0.0, 1e-7, 1e22, np.inf],
        "whole": [1, 2, 3, 3, 2, 1, 0],
        "maybe": pd.array([1, None, 3, 3, 2, 1, 0], dtype="Int64"),
        "truth": [True, False, True, True, False, False, True],
        "perhaps": pd.array([True, None, False, True, None, False, True], dtype="boolean"),
        "text": pd.Series(["a,b", 'say "x"', "", None, "two\nlines", "é", "1.0"], dtype="str"),
        "object": [None, "a", 1, 2.5, "b,c", np.nan, "d"],
        "category": pd.Categorical(["x", None, "y,z", "x", "x", "x", "x"], categories=["y,z", "x"]),
        "numbered": pd.Categorical([1.5, None, 2.0, 2.0, 2.0, 1.5, 1.5]),
        "day": pd.to_datetime(["2018-01-01", None, "2019-12-31", *["2018-01-01"] * 4]),
        "with,comma": range(7),
    }
)


def test_csv_is_what_pandas_writes():
    assert csv_text(FRAME) == FRAME.to_csv(index=False, lineterminator="\n", date_format="%Y-%m-%d")
    for column in FRAME:
        one = FRAME[[column]]
        assert csv_text(one) == one.to_csv(index=False, lineterminator="\n", date_format="%Y-%m-%d")
    assert csv_text(FRAME.iloc[:0]) == FRAME.iloc[:0].to_csv(index=False, lineterminator="\n")
    assert csv_text(pd.DataFrame()) == pd.DataFrame().to_csv(index=False, lineterminator="\n")


def test_csv_quotes_carriage_returns():
    assert csv_text(pd.DataFrame({"a": ["x\ry"], "b": [1]})) == 'a,b\n"x\ry",1\n'
