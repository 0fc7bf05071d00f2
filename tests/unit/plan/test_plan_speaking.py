"""Texts that are made without a plan have its words for people and for what each has at a wave; names stay."""

import pytest

from cpis_analysis.errors import DataError, Problem
from cpis_analysis.plan.naming import Noun
from cpis_analysis.plan.reading.speech_of_file import speech_at
from cpis_analysis.plan.speaking import Speech, speech_of
from cpis_analysis.workflow.marks import STOPPED
from cpis_analysis.workflow.messages import failure_messages, success_message
from report_material import team_plan

SAYS = Speech(Noun("inmate"), Noun("measurement"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("A person has an interview of the people.", "An inmate has a measurement of the inmates."),
        ("Participants; an interview, interviews", "Inmates; a measurement, measurements"),
        ("data/raw/people.csv, line 3, participant 7: x", "data/raw/people.csv, line 3, inmate 7: x"),
        ("a.csv, variable person: unknown", "a.csv, variable person: unknown"),
        ("design.participant: x; see participants.csv", "design.participant: x; see participants.csv"),
        ("wrong; allowed: people, person, site", "wrong; allowed: people, person, site"),
        ("wrong; allowed: one row a person", "wrong; allowed: one row an inmate"),
        ("names in: people\nthe people", "names in: people\nthe inmates"),
        ("holds 'participants', `cpis fit people`", "holds 'participants', `cpis fit people`"),
    ],
)
def test_words_of_the_study_stand_in_for_general_ones_and_names_stay(text, said):
    assert SAYS(text) == said
    assert Speech()(text) == text


PLAN = """
design: {people: {one: pupil}, DATE}
data: {sources: {a: {file: a.csv, holds: HOLDS}}}
"""


@pytest.mark.parametrize(
    ("date", "holds", "occasion"),
    [
        ("interview_date: day", "interviews", "interview"),
        ("measured_on: day", "interviews", "interview"),
        ("measured_on: day", "measurements", "measurement"),
        ("waves: []", "interviews", "measurement"),
    ],
)
def test_words_are_read_from_a_plan_that_has_mistakes(tmp_path, date, holds, occasion):
    path = tmp_path / "config.yaml"
    path.write_text(PLAN.replace("DATE", date).replace("HOLDS", holds), encoding="utf-8")
    assert speech_at(path) == Speech(Noun("pupil"), Noun(occasion))


@pytest.mark.parametrize("text", ["", "- a\n", "design: 3\n", "design: {people: pupil, levels: [}\n", "a: [\n"])
def test_a_file_that_is_no_plan_has_general_words(tmp_path, text):
    path = tmp_path / "config.yaml"
    path.write_text(text, encoding="utf-8")
    assert speech_at(path) == Speech()
    assert speech_at(tmp_path / "absent.yaml") == Speech()


def test_the_shipped_study_has_the_words_of_the_program():
    assert speech_of(team_plan()) == Speech()


def test_an_error_says_its_problems_in_the_words_that_it_is_given():
    error = DataError("People are missing.", [Problem("an interview", participant="7")])
    assert str(error) == "People are missing.\n  - participant 7: an interview"
    error.says = SAYS
    assert str(error) == "Inmates are missing.\n  - inmate 7: a measurement"


def test_messages_at_the_end_of_a_run_have_the_words(tmp_path):
    (tmp_path / "clean.log").write_text(f"{STOPPED}\nPeople are missing.\n", encoding="utf-8")
    assert "Inmates are missing." in failure_messages(str(tmp_path), says=SAYS)
    table = tmp_path / "estimates.csv"
    table.write_text("analysis,status,reason\na.b,not estimable,few people\n", encoding="utf-8")
    assert "a.b: few inmates" in success_message("none", str(table), SAYS)
