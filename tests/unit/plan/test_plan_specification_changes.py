"""Which variables are changes of an outcome since baseline is said in one place."""

from dataclasses import replace

import pytest

from made_up_study import spec


@pytest.mark.parametrize(
    ("variable", "change"),
    [
        ("y_change", True),
        ("y_change_6m", True),
        ("y_change_12m", False),
        ("y_changed_mind", False),
        ("y_6m", False),
        ("y", False),
        ("x_change", False),
    ],
)
def test_change_of_an_outcome_is_known_by_its_whole_name(variable, change):
    assert spec("y_6m ~ arm").is_change(variable) == change


def test_change_of_an_outcome_at_another_wave_is_that_of_an_analysis_of_this_wave():
    other = replace(spec("y_12m ~ arm"), followup_wave="12m", primary_wave=False)
    assert other.is_change("y_change_12m")
    assert not other.is_change("y_change_6m")
