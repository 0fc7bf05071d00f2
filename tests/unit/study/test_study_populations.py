"""Populations: codes select, typing errors are named."""

import pandas as pd
import pytest

from cpis_analysis.errors import DataError
from cpis_analysis.study.populations import in_population

FRAME = pd.DataFrame(
    {
        "arm": pd.Categorical(["a", "b", "b"], categories=["a", "b", "c"]),
        "support": ["yes", "no", None],
        "has_6m": [True, False, True],
        "grade": [1.0, 2.5, None],
    }
)


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ((), [True, True, True]),
        ((("support", ("yes",)),), [True, False, False]),
        ((("arm", ("b", "c")), ("has_6m", ("true",))), [False, False, True]),
        ((("grade", ("1", "2.5")),), [True, True, False]),
    ],
)
def test_population_conditions_match_hand_count(where, expected):
    assert in_population(FRAME, where).tolist() == expected


def test_population_unknown_variable_and_code_are_named_together():
    with pytest.raises(DataError) as caught:
        in_population(FRAME, (("suport", ("yes",)), ("support", ("yess",))))
    assert "did you mean 'support'?" in str(caught.value)
    assert "did you mean 'yes'?" in str(caught.value)
