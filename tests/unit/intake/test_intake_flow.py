"""Participant flow: counts by hand, sums that close, counts of the fieldwork."""

from dataclasses import replace

import pytest

from cpis_analysis.errors import DataError
from cpis_analysis.intake.flow import Flow, check_expected, participant_flow
from cpis_analysis.study_words import plain
from intake_study import FILES, VARIABLES, changed, clean_study, plan_parts

pytestmark = pytest.mark.thorough

DESIGN = plan_parts()[1]


def test_flow_counts_by_hand(tmp_path):
    record = participant_flow(clean_study(tmp_path), DESIGN).to_record()
    assert record["overall"] == {"recruited": 6, "baseline": 5, "followup": 4}
    assert record["by_arm"] == {
        "comparison": {"recruited": 3, "baseline": 2, "followup": 2},
        "implementation": {"recruited": 3, "baseline": 3, "followup": 2},
    }
    assert record["by_team"] == {
        "A / North": {"recruited": 1, "baseline": 1, "followup": 1},
        "A / South": {"recruited": 1, "baseline": 1, "followup": 1},
        "B / North": {"recruited": 2, "baseline": 1, "followup": 1},
        "B / South": {"recruited": 2, "baseline": 2, "followup": 1},
    }
    assert record["losses"] == [
        {"stage": "before_baseline", "arm": "comparison", "team": "B / North", "reason": "other", "n": 1},
        {"stage": "after_baseline", "arm": "implementation", "team": "B / South", "reason": "withdrew", "n": 1},
    ]


def test_flow_reason_that_is_not_recorded_is_none(tmp_path):
    files = changed("participants", ("lost_after_baseline,withdrew", "lost_after_baseline,-9"))
    losses = participant_flow(clean_study(tmp_path, files), DESIGN).losses
    assert [loss["reason"] for loss in losses] == ["other", None]


def test_flow_person_without_team_stands_under_not_known(tmp_path):
    files = changed("participants", ("P01,A,North,implementation", "P01,A,,"))
    record = participant_flow(clean_study(tmp_path, files), DESIGN).to_record()
    assert record["by_team"]["not known"] == {"recruited": 1, "baseline": 1, "followup": 1}
    assert record["by_arm"]["not known"] == {"recruited": 1, "baseline": 1, "followup": 1}
    assert record["overall"]["recruited"] == 6


def test_flow_numbered_clusters_have_no_decimals_and_stand_in_order(tmp_path):
    clean = clean_study(tmp_path)
    numbers = {"A": 10.0, "B": 9.0}, {"North": 136.0, "South": 2.0}
    log = clean.participants.assign(
        **{
            name: clean.participants[name].astype(object).map(codes).astype(float)
            for name, codes in zip(("trust", "team"), numbers, strict=True)
        }
    )
    flow = participant_flow(replace(clean, participants=log), DESIGN)
    assert list(flow.by_trust) == ["9", "10"]
    assert list(flow.by_team) == ["9 / 2", "9 / 136", "10 / 2", "10 / 136"]


def test_flow_arm_without_people_is_shown(tmp_path):
    only = "\n".join(FILES["participants"].splitlines()[:2]) + "\n"
    result = clean_study(tmp_path, {"participants": only})
    assert participant_flow(result, DESIGN).by_arm["comparison"] == {"recruited": 0, "baseline": 0, "followup": 0}


def test_flow_other_counts_than_the_fieldworks_stop(tmp_path):
    design = plan_parts(design={"expected": {"recruited": 6, "baseline": 6, "followup": 4}})[1]
    with pytest.raises(DataError, match=r"design\.expected\.baseline: the data have 5 people at baseline"):
        participant_flow(clean_study(tmp_path), design)


def test_flow_count_of_another_wave_is_named_by_the_key_of_the_plan():
    waves = [{"name": f"{at}m", "label": f"Month {at}", "months": at} for at in (0, 3, 6)]
    design = plan_parts(design={"waves": waves, "primary_wave": "6m", "expected": {"waves": {"3m": 7}}})[1]
    flow = Flow({"recruited": 8, "baseline": 8, "wave_3m": 6, "followup": 5}, {}, {}, {}, ())
    [problem] = check_expected(flow, design)
    assert problem.variable == "design.expected.waves.3m"
    assert plain(problem.message) == "the data have 6 people at wave 3m, the plan expects 7"


def test_flow_nobody_is_an_empty_flow(tmp_path):
    result = clean_study(tmp_path)
    empty = replace(result, participants=result.participants.iloc[:0], interviews=result.interviews.iloc[:0])
    record = participant_flow(empty, DESIGN).to_record()
    assert record["overall"] == {"recruited": 0, "baseline": 0, "followup": 0}
    assert record["losses"] == []


def test_flow_screening_counts_people_who_were_not_recruited(tmp_path):
    more = [
        ("approached_on", "participants", "text", "Approached", "", "date_ymd", "", "", "", "", ""),
        ("consented", "participants", "yesno", "Consented", "", "", "", "", "", "", ""),
        ("allocated", "participants", "yesno", "Allocated", "", "", "", "", "", "", ""),
        ("declined", "participants", "radio", "Why not", "busy, Too busy | ill, Too ill", "", "", "", "", "", ""),
    ]
    head, *rows = FILES["participants"].splitlines()
    lines = [
        f"{head},approached_on,consented,allocated,declined",
        *(f"{row},2018-01-15,yes,{'no' if row.startswith('P06') else 'yes'}," for row in rows),
        "P07,A,North,,,,,2018-01-16,no,,busy",
        "P08,B,,,,,,2018-01-17,no,,ill",
        "P09,B,South,,,,,2018-01-17,no,,ill",
    ]
    stages = {
        "approached": "approached_on",
        "consented": "consented",
        "recruited": "consented",
        "allocated": "allocated",
        "reason": "declined",
    }
    result = clean_study(tmp_path, {"participants": "\n".join([*lines, ""])}, [*VARIABLES, *more], stages=stages)
    assert len(result.participants) == 6
    assert result.set_aside["rule"].tolist() == ["not_recruited"] * 3
    record = participant_flow(result, DESIGN, plan_parts(stages=stages)[0].stages).to_record()
    assert record["overall"] == {"recruited": 6, "allocated": 5, "baseline": 5, "followup": 4}
    assert record["by_trust"]["B"] == {"recruited": 4, "allocated": 3, "baseline": 3, "followup": 2}
    screening = record["screening"]
    assert screening["overall"] == {"approached": 9, "consented": 6, "recruited": 6}
    assert screening["by_trust"] == {
        "A": {"approached": 3, "consented": 2, "recruited": 2},
        "B": {"approached": 6, "consented": 4, "recruited": 4},
    }
    assert screening["not_recruited"] == [
        {"trust": "A", "team": "A / North", "reason": "busy", "n": 1},
        {"trust": "B", "team": "B / South", "reason": "ill", "n": 1},
        {"trust": "B", "team": "not known", "reason": "ill", "n": 1},
    ]


def test_flow_stage_that_is_no_variable_is_a_fault(tmp_path):
    with pytest.raises(DataError, match=r"data\.stages\.approached names no variable about people"):
        clean_study(tmp_path, stages={"approached": "age"})
    with pytest.raises(DataError, match=r"data\.stages\.allocated must be yes/no or a date"):
        clean_study(tmp_path, stages={"allocated": "trust"})


def test_flow_other_counts_than_the_fieldworks_say_what_cleaning_left_out(tmp_path):
    design = plan_parts(design={"expected": {"followup": 4}})[1]
    result = clean_study(tmp_path, changed("six_months", ("P04,2018-09-04", "P94,2018-09-04")))
    with pytest.raises(DataError, match=r"cleaning left out 1 row by the rule not_in_log"):
        participant_flow(result, design)
