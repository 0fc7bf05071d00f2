"""Settings are checked without data, all problems at once."""

import subprocess
import sys

import pytest

from cpis_analysis.errors import PlanError
from cpis_analysis.instruments import INSTRUMENTS, check_settings, input_files, required_items, score_infos

ALL = {name: {} for name in INSTRUMENTS if name != "scale"}


def messages(settings):
    return [str(problem) for problem in check_settings(settings)]


def test_settings_defaults_of_every_instrument_are_accepted():
    assert check_settings(ALL) == []
    for instrument in INSTRUMENTS.values():
        for setting in instrument.settings:
            assert setting.required or setting.default in (None, "", ()) or setting.accepts(setting.default)
            assert setting.description
            assert setting.allowed


def test_settings_registry_scores_equal_those_of_default_settings():
    infos = score_infos(ALL)
    assert list(infos) == [
        "rguk",
        "rguk_domestic",
        "rguk_expert",
        "rguk_skills",
        "rguk_problem",
        "wemwbs",
        "swemwbs",
        "qpr",
        "eq5d",
        "eq_vas",
        "gas",
        "scope",
    ]
    assert infos == {info.name: info for instrument in INSTRUMENTS.values() for info in instrument.scores}


def test_settings_item_columns_are_those_of_the_raw_data():
    items = required_items(ALL)
    assert items["rguk"] == [f"rguk_{number:02d}" for number in range(1, 28)]
    assert items["swemwbs"] == [f"wemwbs_{number:02d}" for number in (1, 2, 3, 6, 7, 9, 11)]
    assert items["eq5d"] == ["eq5d5l_mo", "eq5d5l_sc", "eq5d5l_ua", "eq5d5l_pd", "eq5d5l_ad"]
    assert items["gas"][0] == "gas_1_score"
    assert items["gas"][-1] == "gas_3_weight"


def test_settings_unverified_marks_are_carried():
    infos = score_infos(ALL)
    unverified = {name for name, info in infos.items() if not info.verified}
    rguk = {"rguk", "rguk_domestic", "rguk_expert", "rguk_skills", "rguk_problem"}
    assert unverified == rguk | {"swemwbs", "gas", "scope"}
    assert all(infos[name].note for name in unverified)
    assert all(info.source and info.missing_rule for info in infos.values())
    for name in ("wemwbs", "qpr"):
        assert "missing-item rule" in infos[name].note


def test_settings_confirmation_lifts_the_mark_and_keeps_the_note():
    settings = {"rguk": {"confirmed": "author's manual, checked by AB"}, "qpr": {}}
    infos = score_infos(settings)
    assert infos["rguk"].verified
    assert "checked by AB" in infos["rguk"].note
    assert INSTRUMENTS["rguk"].scores[0].note in infos["rguk"].note


def test_settings_score_may_have_its_own_name_and_label():
    infos = score_infos({"wellbeing": {"instrument": "wemwbs", "label": "Well-being"}})
    assert infos["wellbeing"].label == "Well-being"
    infos = score_infos({"ties": {"instrument": "rguk"}})
    assert list(infos)[:2] == ["ties", "ties_domestic"]


def test_settings_every_problem_at_once_with_hints():
    settings = {
        "rgukk": {},
        "wemwbs": {"max_mising": 2},
        "eq5d": {"value_set": "van_hout_uk"},
        "qpr": {"max_missing": 15},
        "2nd": {"instrument": "qpr"},
        "mine": {"instrument": "scale", "low": 0},
        "scope": 3,
    }
    found = messages(settings)
    assert len(found) == 8
    assert "did you mean 'rguk'?" in found[0]
    assert "variable rgukk.instrument" in found[0]
    assert "did you mean 'max_missing'?" in found[1]
    assert "did you mean 'vanhout_uk'?" in found[2]
    assert "allowed: a whole number from 0 to 14" in found[3]
    assert "starting with a letter" in found[4]
    assert "mine.items" in found[5]
    assert "mine.high" in found[6]
    assert "must be a mapping" in found[7]
    with pytest.raises(PlanError) as caught:
        score_infos(settings)
    assert len(caught.value.problems) == 8


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ({"instrument": "rguk", "staff_counts": False}, "x.staff_counts"),
        ({"instrument": "rguk", "coding": "tie_source", "staff_code": 9}, "x.staff_code"),
        ({"instrument": "rguk", "subscale_max_missing": 5}, "x.subscale_max_missing"),
        ({"instrument": "rguk", "subscales": {"domestic": [1]}}, "x.subscales"),
        ({"instrument": "rguk", "items": ["a"]}, "x.items"),
        ({"instrument": "eq5d", "value_set": "nice_dsu"}, "x.value_set_file"),
        ({"instrument": "eq5d", "value_set_file": "x.csv"}, "x.value_set_file"),
        ({"instrument": "gas", "rho": 1.2}, "x.rho"),
        ({"instrument": "gas", "weight_items": ["w"]}, "x.weight_items"),
        ({"instrument": "gas", "lowest_weight": 5}, "x.lowest_weight"),
        ({"instrument": "gas", "max_missing": 3}, "x.max_missing"),
        ({"instrument": "wemwbs", "max_missing": True}, "x.max_missing"),
        ({"instrument": "scale", "items": ["a", "b"], "low": 3, "high": 3}, "x.low"),
        ({"instrument": "scale", "items": ["a", "b"], "low": 0, "high": 3, "reverse": ["c"]}, "x.reverse"),
        ({"instrument": "scale", "items": ["a", "b"], "low": 0, "high": 3, "max_missing": 2}, "x.max_missing"),
        ({"instrument": "scale", "items": ["a", "a"], "low": 0, "high": 3}, "x.items"),
        ({"instrument": 7}, "x.instrument"),
    ],
)
def test_settings_contradiction_names_its_setting(entry, expected):
    assert [problem.variable for problem in check_settings({"x": entry})] == [expected]


def test_settings_two_scores_with_one_column_are_refused():
    found = messages({"rguk": {}, "rguk_skills": {"instrument": "qpr"}})
    assert len(found) == 1
    assert "column rguk_skills, which rguk gives already" in found[0]


def test_settings_that_are_no_mapping_are_one_problem():
    assert len(check_settings(["rguk"])) == 1


def test_settings_name_the_files_they_read():
    dsu = {"instrument": "eq5d", "value_set": "nice_dsu", "value_set_file": "values/dsu.csv"}
    assert input_files({"u": dsu, "qpr": {}}) == {"u": "values/dsu.csv"}
    assert required_items({"u": dsu})["u"][-2:] == ["age", "gender"]


def test_settings_check_needs_no_pandas():
    code = (
        "import sys; from cpis_analysis.instruments import check_settings, score_infos; "
        "check_settings({'rguk': {}}); score_infos({'rguk': {}}); sys.exit('pandas' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
