"""Data of two people, for tests of what is kept of an earlier run."""

import pandas as pd

from cpis_analysis.study.dataset import AnalysisData


def two_people(**columns) -> AnalysisData:
    """The data, with other or further columns of people."""
    people = {
        "participant_id": ["p1", "p2"],
        "arm": pd.Categorical(["a", "b"]),
        "trust": pd.Categorical(["s", "t"]),
        "team": pd.Categorical(["u", "v"]),
        "has_6m": [True, False],
        "y_0m": [1.0, 2.0],
        "y_6m": [3.0, None],
        "other": [1.0, 1.0],
    }
    return AnalysisData(pd.DataFrame(people | columns), pd.DataFrame({"participant_id": ["p1"], "wave": ["6m"]}))
