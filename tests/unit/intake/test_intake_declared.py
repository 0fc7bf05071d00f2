"""Rules that the plan declares: each does what it says, once, in its place."""

import pandas as pd
import pytest

from cpis_analysis.errors import DataError
from intake_study import CLEANING, FILES, aside_of, audit_of, changed, clean_study, queries_of, value_of

pytestmark = pytest.mark.thorough


def cleaned(folder, files=None, **rules):
    return clean_study(folder, files, cleaning=CLEANING | rules)


def test_recode_gives_the_value_and_an_audit_line(tmp_path):
    files = changed("baseline", ("North,female,40", "North,woman,40"), ("male,41,51.5", "male,41,n/k"))
    result = cleaned(tmp_path, files, recode={"gender": {"woman": "female"}, "score": {"n/k": ""}})
    assert value_of(result, "P01", "0m", "gender") == "female"
    assert audit_of(result, "gender") == [("P01", "woman", "female", "recode")]
    assert audit_of(result, "score") == [("P02", "n/k", "", "recode")]
    assert queries_of(result) == []


def test_match_reads_misspelt_categories_only_where_allowed(tmp_path):
    files = changed("baseline", ("North,female,40", "North,femael,40"))
    assert queries_of(cleaned(tmp_path / "a", files)) == [("P01", "gender", "unknown_code")]
    result = cleaned(tmp_path / "b", files, match={"gender": {"threshold": 0.8}})
    assert audit_of(result, "gender") == [("P01", "femael", "female", "alike")]
    # 'male' is in 'xmale' and nearly in 'female': two are alike, so it is asked
    files = changed("baseline", ("North,female,40", "North,emale,40"))
    result = cleaned(tmp_path / "c", files, match={"gender": {"threshold": 0.8}})
    assert queries_of(result) == [("P01", "gender", "unknown_code")]


def test_set_missing_where_the_condition_holds(tmp_path):
    rule = {"variables": ["score"], "where": "[interview_date] < '2018-03-03'", "reason": "scale was broken"}
    result = cleaned(tmp_path, set_missing=[rule])
    assert audit_of(result, "score") == [("P01", "50", "", "declared_missing"), ("P02", "51.5", "", "declared_missing")]
    assert set(result.audit["reason"]) == {"scale was broken"}


def test_latest_duplicate_is_kept_and_equal_dates_are_asked(tmp_path):
    more = "P02,2018-03-09,A,South,male,44,51.5\nP03,2018-03-03,B,North,female,49,52\n"
    files = {"baseline": FILES["baseline"] + more}
    result = cleaned(tmp_path, files, duplicates="latest")
    assert value_of(result, "P02", "0m", "age") == 44
    assert aside_of(result) == [
        ("baseline", 3, "P02", "conflicting_duplicate"),
        ("baseline", 8, "P03", "conflicting_duplicate"),
    ]
    assert queries_of(result) == [("P03", "age", "conflicting_duplicate")]


@pytest.mark.parametrize(("outside", "kept"), [("set_missing", False), ("ask", True)])
def test_date_window_against_another_date(tmp_path, outside, kept):
    window = {"after": "recruited_on", "earliest_days": 0, "latest_days": 27, "outside": outside}
    result = cleaned(tmp_path, date_windows={"interview_date": window | {"latest_days": 200}})
    # 2018-09-01 is 212 days after 2018-02-01, and so on for the other follow-ups
    assert queries_of(result) == [(f"P0{at}", "interview_date", "outside_date_window") for at in range(1, 5)]
    assert "212 days after 2018-02-01" in result.queries["question"][0]
    assert pd.notna(value_of(result, "P01", "6m", "interview_date")) == kept


def test_condition_between_waves_is_asked_and_changes_nothing(tmp_path):
    rule = {"holds": "[6m][score] - 0 = ''", "question": "?"}
    with pytest.raises(DataError, match="cannot be read"):
        cleaned(tmp_path / "a", consistent=[rule])
    rule = {"holds": "[6m][score] > [0m][score]", "question": "The score fell. Is it right?"}
    result = cleaned(tmp_path / "b", changed("six_months", ("male,61.5", "male,41.5")), consistent=[rule])
    assert queries_of(result) == [("P02", "", "inconsistent")]
    assert result.audit.empty
    rule = {"holds": "[score] < 63 or [supported] <> ''", "question": "Support?"}
    result = cleaned(tmp_path / "c", consistent=[rule])
    assert queries_of(result) == [("P04", "score", "inconsistent")]


def test_skip_logic_can_be_left_to_the_analyst(tmp_path):
    files = changed("six_months", ("61.5,no,,,", "61.5,no,yes,,"))
    assert queries_of(cleaned(tmp_path / "a", files)) == [("P02", "help", "not_asked")]
    result = cleaned(tmp_path / "b", files, skip_logic=False)
    assert (queries_of(result), value_of(result, "P02", "6m", "help")) == ([], "yes")


@pytest.mark.parametrize(
    ("rules", "message"),
    [
        ({"recode": {"gendr": {"a": "male"}}}, "did you mean 'gender'"),
        ({"recode": {"gender": {"a": "b"}}}, "a value that the variable cannot have"),
        ({"recode": {"gender": {"a": "male", "male": "female"}}}, "recodes again"),
        ({"recode": {"score": {"a": "101"}}}, "number from 0 to 100"),
        ({"match": {"age": {}}}, "it is no category"),
        ({"date_windows": {"age": {"after": "recruited_on"}}}, "needs a date"),
        (
            {"date_windows": {"interview_date": {"after": "recruited_on", "earliest_days": 3, "latest_days": 1}}},
            "ends before it begins",
        ),
        ({"set_missing": [{"variables": ["team"], "where": "[age] > 3", "reason": "x"}]}, "who or where"),
        ({"set_missing": [{"variables": ["score"], "where": "[aeg] > 3", "reason": "x"}]}, "did you mean 'age'"),
        ({"consistent": [{"holds": "[9m][age] > 3", "question": "x"}]}, "no wave or event '9m'"),
    ],
)
def test_rule_that_does_not_fit_the_dictionary_is_a_fault(tmp_path, rules, message):
    with pytest.raises(DataError, match=message):
        cleaned(tmp_path, **rules)


def test_declared_rules_change_nothing_in_their_own_output(tmp_path):
    rules = {
        "recode": {"gender": {"woman": "female"}},
        "match": {"gender": {}},
        "duplicates": "latest",
        "set_missing": [{"variables": ["score"], "where": "[age] = 41", "reason": "x"}],
        "date_windows": {"interview_date": {"after": "recruited_on", "latest_days": 213}},
    }
    files = changed("baseline", ("North,female,40", "North,woman,40"))
    result = cleaned(tmp_path / "a", files, **rules)
    assert not result.audit.empty
    talks = result.interviews
    raw = {
        name: talks.loc[talks["source"] == name, FILES[name].splitlines()[0].split(",")].to_csv(index=False)
        for name in ("baseline", "six_months")
    }
    again = cleaned(tmp_path / "b", raw, **rules)
    assert again.audit.empty
    assert again.set_aside.empty


def test_day_number_of_a_spreadsheet_is_asked_not_guessed(tmp_path):
    result = cleaned(tmp_path, changed("baseline", ("P02,2018-03-02", "P02,43161")))
    assert queries_of(result) == [("P02", "interview_date", "day_number")]
    assert "2018-03-02" in result.queries["question"].item()
    assert pd.isna(value_of(result, "P02", "0m", "interview_date"))


def test_very_long_cell_is_set_missing_without_looking_at_it(tmp_path):
    long = FILES["baseline"].replace("South,male,41,", f"South,male,{'9' * 900_000},")
    result = cleaned(tmp_path, {"baseline": long})
    assert queries_of(result) == [("P02", "age", "too_long")]
    assert len(result.queries["question"].item()) < 200
