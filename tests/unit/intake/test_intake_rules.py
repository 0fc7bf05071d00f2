"""The rules that look at more than one cell, each on the smallest study that shows it."""

import pytest

from intake_study import FILES, VARIABLES, aside_of, audit_of, changed, clean_study, queries_of, value_of

pytestmark = pytest.mark.thorough

P01 = "P01,2018-03-01,A,North,female,40,50\n"
P04_LATER = "P04,2018-09-04,B,South,male,63,,,yes,\n"


def test_clean_study_needs_nothing(tmp_path):
    result = clean_study(tmp_path)
    assert (len(result.audit), len(result.queries), len(result.set_aside)) == (0, 0, 0)
    assert len(result.participants) == 6
    assert result.interviews["wave"].value_counts().to_dict() == {"0m": 5, "6m": 4}
    assert value_of(result, "P03", "6m", "note") == "moved,\nthen came back"
    assert result.interviews.loc[result.interviews["participant_id"] == "P04", "line"].tolist() == [5, 6]


def test_clean_values_follow_the_conventions(tmp_path):
    frame = clean_study(tmp_path).interviews
    assert str(frame["score"].dtype) == "float64"
    assert str(frame["interview_date"].dtype).startswith("datetime64")
    assert list(frame["gender"].cat.categories) == ["female", "male"]
    assert list(frame["wave"].cat.categories) == ["0m", "6m"]
    assert frame.columns[:5].tolist() == ["participant_id", "wave", "interview_date", "trust", "team"]
    assert frame.columns[-3:].tolist() == ["outside_window", "source", "line"]


# ---------------------------------------------------------------- rows


def test_blank_rows_are_set_aside_with_their_lines(tmp_path):
    text = FILES["baseline"].replace(P01, P01 + "\n , ,,,,,\n") + ",,,,,,\n"
    result = clean_study(tmp_path, {"baseline": text})
    assert aside_of(result) == [("baseline", line, "", "blank_row") for line in (3, 4, 9)]
    assert len(result.queries) == 0


def test_row_without_participant_is_set_aside_and_asked(tmp_path):
    result = clean_study(tmp_path, {"baseline": FILES["baseline"] + " ,2018-03-01,A,North,female,40,50\n"})
    assert aside_of(result) == [("baseline", 7, "", "no_participant")]
    assert queries_of(result) == [("", "", "no_participant")]


@pytest.mark.parametrize("written", ["p01", "P 01", "P-01", "P01 "])
def test_participant_spelling_takes_the_logs(tmp_path, written):
    result = clean_study(tmp_path, changed("baseline", ("P01,", f"{written},")))
    assert value_of(result, "P01", "0m", "age") == 40
    assert len(result.set_aside) == 0
    assert set(result.audit["participant"]) == {"P01"}


def test_participant_alike_to_another_is_not_matched(tmp_path):
    result = clean_study(tmp_path, {"baseline": FILES["baseline"] + "P1,2018-03-01,A,North,female,40,50\n"})
    assert aside_of(result) == [("baseline", 7, "P1", "not_in_log")]
    assert queries_of(result) == [("P1", "", "not_in_log")]


def test_followup_without_baseline_is_set_aside_and_asked(tmp_path):
    text = FILES["six_months"] + "P06,2018-09-06,B,North,male,70,no,,,\n"
    result = clean_study(tmp_path, {"six_months": text})
    assert aside_of(result) == [("six_months", 7, "P06", "followup_without_baseline")]
    assert queries_of(result) == [("P06", "", "followup_without_baseline")]


def test_changes_and_questions_of_set_aside_rows_are_not_reported(tmp_path):
    text = FILES["six_months"] + "P06,06/09/2018,B,North,male,700,no,,,\n"
    result = clean_study(tmp_path, {"six_months": text})
    assert len(result.audit) == 0
    assert queries_of(result) == [("P06", "", "followup_without_baseline")]


# ---------------------------------------------------------------- duplicates


def test_exact_duplicate_first_row_is_kept(tmp_path):
    result = clean_study(tmp_path, {"baseline": FILES["baseline"] + P01})
    assert aside_of(result) == [("baseline", 7, "P01", "exact_duplicate")]
    assert "line 2 of raw/baseline.csv" in result.set_aside["reason"].iloc[0]
    assert len(result.queries) == 0


def test_exact_duplicate_differing_in_typing_only(tmp_path):
    typed = " P01 ,01/03/2018,Trust A,NORTH,Female,40,50.0\n"
    result = clean_study(tmp_path, {"baseline": FILES["baseline"] + typed})
    assert aside_of(result) == [("baseline", 7, "P01", "exact_duplicate")]


def test_conflicting_duplicate_differing_cells_are_asked(tmp_path):
    second = "P01,2018-03-01,A,North,female,41,\n"
    result = clean_study(tmp_path, {"baseline": FILES["baseline"] + second + second})
    assert [line for _, line, *_ in aside_of(result)] == [7, 8]
    assert audit_of(result, "age") == [("P01", "40", "", "conflicting_duplicate")]
    assert audit_of(result, "score") == [("P01", "50", "", "conflicting_duplicate")]
    assert queries_of(result) == [("P01", name, "conflicting_duplicate") for name in ("age", "score")]
    assert "'50' or no answer" in result.queries["question"].iloc[1]


@pytest.mark.parametrize(("policy", "age", "line"), [("first", 40, 7), ("last", 41, 2)])
def test_conflicting_duplicate_policy_of_the_plan(tmp_path, policy, age, line):
    second = "P01,2018-03-01,A,North,female,41,50\n"
    result = clean_study(tmp_path, {"baseline": FILES["baseline"] + second}, cleaning={"duplicates": policy})
    assert value_of(result, "P01", "0m", "age") == age
    assert aside_of(result) == [("baseline", line, "P01", "conflicting_duplicate")]
    assert len(result.queries) == 0


def test_conflicting_duplicate_in_the_log(tmp_path):
    second = "P01,A,North,implementation,2018-02-11,completed,\n"
    result = clean_study(tmp_path, {"participants": FILES["participants"] + second})
    assert queries_of(result) == [("P01", "recruited_on", "conflicting_duplicate")]
    assert len(result.participants) == 6


def test_duplicate_across_two_files_of_one_wave(tmp_path):
    sources = {
        "participants": {"file": "raw/participants.csv", "holds": "participants"},
        "baseline": {"file": "raw/baseline.csv", "holds": "interviews", "wave": "0m"},
        "more": {"file": "raw/more.csv", "holds": "interviews", "wave": "0m"},
        "six_months": {"file": "raw/six_months.csv", "holds": "interviews", "wave": "6m"},
        "teams": {"file": "raw/teams.csv", "holds": "teams"},
    }
    files = {"more": FILES["baseline"].splitlines()[0] + "\n" + P01}
    result = clean_study(tmp_path, files, sources=sources)
    assert aside_of(result) == [("more", 2, "P01", "exact_duplicate")]


# ---------------------------------------------------------------- trust, team and arm


def test_arm_of_log_gives_way_to_team_list_and_is_asked(tmp_path):
    result = clean_study(tmp_path, changed("participants", ("P01,A,North,implementation", "P01,A,North,comparison")))
    assert audit_of(result, "arm") == [("P01", "comparison", "implementation", "arm_of_team")]
    assert queries_of(result) == [("P01", "arm", "arm_of_team")]


def test_arm_missing_in_log_is_filled_from_team_list(tmp_path):
    result = clean_study(tmp_path, changed("participants", ("P01,A,North,implementation", "P01,A,North,")))
    assert audit_of(result, "arm") == [("P01", "", "implementation", "arm_of_team")]
    assert queries_of(result) == []
    assert result.reconciliation.set_index("source").loc["participants", "cells_filled"] == 1


def test_team_of_interview_gives_way_to_log_and_is_asked(tmp_path):
    result = clean_study(tmp_path, changed("baseline", ("P01,2018-03-01,A,North", "P01,2018-03-01,A,South")))
    assert audit_of(result, "team") == [("P01", "South", "North", "team_of_log")]
    assert queries_of(result) == [("P01", "team", "team_of_log")]


def test_place_of_interview_stays_where_the_logs_is_not_known(tmp_path):
    files = changed("participants", ("P01,A,North", "P01,A,East")) | changed(
        "baseline", ("P01,2018-03-01,A,North", "P01,2018-03-01,,North")
    )
    result = clean_study(tmp_path, files)
    assert queries_of(result) == [("P01", "team", "unknown_team")]
    assert audit_of(result, "trust") == []


def test_rules_are_called_after_the_variables_of_the_clusters(tmp_path):
    words = {"trust": "school", "team": "class"}

    def own(text):
        head, line, rest = text.partition("\n")
        return ",".join(words.get(name, name) for name in head.split(",")) + line + rest

    files = FILES | changed("participants", ("P01,A,North,implementation", "P01,A,North,comparison"))
    files |= {"teams": FILES["teams"] + "A,Harbour,comparison,10\n"}
    result = clean_study(
        tmp_path,
        {name: own(text) for name, text in files.items()},
        [(words.get(name, name), *more) for name, *more in VARIABLES],
        design={"levels": [{"variable": "school"}, {"variable": "class"}]},
    )
    asked = result.queries
    assert asked["rule"].tolist() == ["arm_of_class", "no_class_name"]
    assert not asked["question"].str.contains("trust|team").any()
    assert result.set_aside["rule"].tolist() == ["no_class_name"]


def test_team_list_row_without_a_known_team_is_set_aside(tmp_path):
    result = clean_study(tmp_path, {"teams": FILES["teams"] + "A,Harbour,comparison,10\n"})
    assert aside_of(result) == [("teams", 6, "", "no_team_name")]
    assert queries_of(result) == [("", "", "no_team_name")]
    assert result.queries["value"].tolist() == ["A / Harbour"]
    assert len(result.teams) == 4


def test_person_without_team_is_asked_once(tmp_path):
    result = clean_study(tmp_path, changed("participants", ("P01,A,North,implementation", "P01,A,,implementation")))
    assert queries_of(result) == [("P01", "team", "no_team")]


# ---------------------------------------------------------------- across waves


def test_constant_changed_keeps_baseline_and_is_asked(tmp_path):
    result = clean_study(tmp_path, changed("six_months", ("01,A,North,female", "01,A,North,male")))
    assert audit_of(result, "gender") == [("P01", "male", "female", "changed_between_waves")]
    assert queries_of(result) == [("P01", "gender", "changed_between_waves")]


def test_constant_missing_at_a_wave_stays_missing(tmp_path):
    result = clean_study(tmp_path, changed("six_months", ("01,A,North,female", "01,A,North,")))
    assert len(result.audit) == 0


def test_followup_before_baseline_loses_its_date_only(tmp_path):
    result = clean_study(tmp_path, changed("six_months", ("P01,2018-09-01", "P01,2018-02-28")))
    assert audit_of(result, "interview_date") == [("P01", "2018-02-28", "", "followup_before_baseline")]
    assert value_of(result, "P01", "6m", "score") == 60
    assert queries_of(result) == [("P01", "interview_date", "followup_before_baseline")]


@pytest.mark.parametrize(
    ("day", "outside"), [("2018-07-31", True), ("2018-08-01", False), ("2018-11-01", False), ("2018-11-02", True)]
)
def test_followup_window_is_flagged_and_kept(tmp_path, day, outside):
    result = clean_study(tmp_path, changed("six_months", ("P01,2018-09-01", f"P01,{day}")))
    assert value_of(result, "P01", "6m", "outside_window") == outside
    assert len(result.interviews) == 9
    assert len(result.queries) == len(result.audit) == 0


# ---------------------------------------------------------------- branching


def test_branching_answer_of_the_wrong_arm_is_asked(tmp_path):
    result = clean_study(tmp_path, changed("six_months", ("61.5,no,,,", "61.5,no,,yes,")))
    assert audit_of(result, "explained") == [("P02", "yes", "", "not_asked")]
    assert queries_of(result) == [("P02", "explained", "not_asked")]
    assert "[arm] = 'implementation'" in result.audit["reason"].iloc[0]


def test_branching_uses_the_arm_of_the_team_list(tmp_path):
    result = clean_study(tmp_path, changed("participants", ("P01,A,North,implementation", "P01,A,North,comparison")))
    assert value_of(result, "P01", "6m", "explained") == "no"


def test_branching_unknown_condition_changes_nothing(tmp_path):
    result = clean_study(tmp_path, changed("six_months", ("male,63,,,", "male,63,-9,yes,")))
    assert value_of(result, "P04", "6m", "help") == "yes"


def test_branching_looks_at_the_other_wave_and_follows_chains(tmp_path):
    more = [
        ("wants", "baseline", "radio", "Wants", "yes, Yes | no, No", "", "", "", "", "", "0m"),
        ("later", "six_months", "radio", "Later", "yes, Yes | no, No", "", "", "", "[got] <> ''", "", "6m"),
        ("got", "six_months", "radio", "Got", "yes, Yes | no, No", "", "", "", "[wants] = 'yes'", "", "6m"),
    ]

    def with_columns(name, header, cells):
        lines = FILES[name].replace('"moved,\nthen came back"', "").splitlines()
        return "\n".join([lines[0] + header, *(line + cells for line in lines[1:])]) + "\n"

    files = {
        "baseline": with_columns("baseline", ",wants", ",no"),
        "six_months": with_columns("six_months", ",later,got", ",yes,yes"),
    }
    result = clean_study(tmp_path, files, [*VARIABLES, *more])
    assert {(v, rule) for _, v, rule in queries_of(result)} == {("later", "not_asked"), ("got", "not_asked")}
    assert result.interviews["later"].isna().all()


# ---------------------------------------------------------------- status


@pytest.mark.parametrize(
    ("name", "old", "new", "person"),
    [
        ("participants", "2018-02-04,completed,", "2018-02-04,lost_after_baseline,withdrew", "P04"),
        ("participants", "2018-02-06,lost_before_baseline,other", "2018-02-06,completed,", "P06"),
        ("six_months", P04_LATER, "", "P04"),
    ],
)
def test_status_contradicted_by_interviews_is_asked(tmp_path, name, old, new, person):
    result = clean_study(tmp_path, changed(name, (old, new)))
    assert {(who, variable, rule) for who, variable, rule in queries_of(result)} == {
        (person, "status", "status_contradicted")
    }
    assert len(result.audit) == 0
