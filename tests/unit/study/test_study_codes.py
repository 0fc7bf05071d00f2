"""Codes of a column as texts, whether pandas holds them as categories or one by one."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from cpis_analysis.study.allocation import texts_of
from cpis_analysis.study.coding import other_arms

VALUES = {
    "texts": ["b", "a", "b", "c"],
    "numbers": [2, 1, 2, 3],
    "missing": ["b", None, "a", "b"],
    "parts": [0.5, 2.0, np.nan, 0.5],
}


@pytest.mark.parametrize("name", VALUES)
def test_texts_of_categories_are_those_of_their_values(name):
    column = pd.Series(VALUES[name]).astype("category")
    assert texts_of(column) == [str(value) for value in column.tolist()]
    alone = pd.Series(VALUES[name])
    assert texts_of(alone) == [str(value) for value in alone.tolist()]


def test_other_arms_are_those_that_occur_in_the_order_of_their_categories():
    arms = pd.Categorical(["new", "usual", None, "old"], categories=["usual", "old", "gone", "new"])
    assert other_arms(pd.Series(arms), "usual") == ["old", "new"]
    assert other_arms(pd.Series(arms), "usual", "new") == ["new", "old"]
    # without an order of their own they are sorted
    assert other_arms(pd.Series(["new", "usual", None, "old"]), "usual") == ["new", "old"]
