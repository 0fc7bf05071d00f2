"""Texts that are made without a plan have its words for people and for what each has at a wave; names stay."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cpis_analysis.errors import DataError, Problem
from cpis_analysis.files import write_csv, write_json, write_text
from cpis_analysis.plan.naming import Noun, study_words
from cpis_analysis.plan.reading.words_of_file import words_at
from cpis_analysis.plan.schema_design import words_of
from cpis_analysis.study_words import (
    A_PERSON,
    AN_INTERVIEW,
    INTERVIEW,
    INTERVIEWS,
    MARK,
    MARK_WITH_ARTICLE,
    PARTICIPANT,
    PARTICIPANTS,
    PEOPLE,
    PERSON,
    PERSONS,
    StudyWords,
    is_marked,
    plain,
)
from cpis_analysis.workflow.marks import STOPPED
from cpis_analysis.workflow.messages import failure_messages, success_message
from report_material import team_plan

SAYS = study_words(Noun("inmate"), Noun("measurement"))


@pytest.mark.parametrize(
    ("text", "said", "usual"),
    [
        (
            f"{A_PERSON.capitalize()} has {AN_INTERVIEW} of the {PEOPLE}.",
            "An inmate has a measurement of the inmates.",
            "A person has an interview of the people.",
        ),
        (
            f"{PARTICIPANTS.capitalize()}; the {INTERVIEW}, {INTERVIEWS.capitalize()}, two {PERSONS}",
            "Inmates; the measurement, Measurements, two inmates",
            "Participants; the interview, Interviews, two persons",
        ),
        (f"{A_PERSON}'s rows of one {PERSON}", "an inmate's rows of one inmate", "a person's rows of one person"),
        (f"people.csv, {PARTICIPANT} 7: people", "people.csv, inmate 7: people", "people.csv, participant 7: people"),
        (f"Alpha {PERSON}", "Alpha inmate", "Alpha person"),
    ],
)
def test_words_of_the_study_stand_in_for_marked_ones_and_all_else_stays(text, said, usual):
    assert SAYS(text) == said
    assert plain(text) == usual
    assert not is_marked(said + usual)


# names of a study: what is called people is no reason to change it
_NAMES = st.one_of(
    st.sampled_from(["people", "a person", "Interviews", "participant", "interview_6m.csv", "People's Trust"]),
    st.text(st.characters(exclude_characters=f"{MARK}{MARK_WITH_ARTICLE}", exclude_categories=["Cs"])),
)
_MARKED = (PERSON, PEOPLE, A_PERSON, PERSONS, PARTICIPANT, PARTICIPANTS, INTERVIEW, INTERVIEWS, AN_INTERVIEW)


@given(st.lists(st.tuples(_NAMES, st.sampled_from(_MARKED), st.booleans()), max_size=6), _NAMES)
def test_names_of_the_study_are_never_changed(parts, last):
    """Brute force: the words alone, put between the names."""
    told = [(name, word.capitalize() if capital else word) for name, word, capital in parts]
    for words in (SAYS, plain):
        made = "".join(f"{name} {word} " for name, word in told) + last
        assert words(made) == "".join(f"{name} {words(word)} " for name, word in told) + last
    assert SAYS(last) == last


@given(st.text(string.ascii_letters, min_size=1), st.text(string.ascii_letters, min_size=1))
def test_any_noun_can_stand_in(one, many):
    words = StudyWords(one, many)
    if (one, many) != ("person", "people"):
        assert words(f"{PERSON} {PEOPLE} {PARTICIPANTS}") == f"{one} {many} {many}"
        assert words(A_PERSON) == Noun(one).with_article


def test_words_that_are_those_of_any_study_keep_its_other_names():
    assert StudyWords("person", "people")(f"{PARTICIPANT} 7, two {PERSONS}") == "participant 7, two persons"


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
    assert words_at(path) == study_words(Noun("pupil"), Noun(occasion))


@pytest.mark.parametrize("text", ["", "- a\n", "design: 3\n", "design: {people: pupil, levels: [}\n", "a: [\n"])
def test_a_file_that_is_no_plan_has_general_words(tmp_path, text):
    path = tmp_path / "config.yaml"
    path.write_text(text, encoding="utf-8")
    assert words_at(path) == plain
    assert words_at(tmp_path / "absent.yaml") == plain


def test_the_shipped_study_has_the_words_of_the_program():
    plan = team_plan()
    assert words_of(plan.data, plan.design) == plain


def test_an_error_says_its_problems_in_the_words_that_it_is_given():
    error = DataError(f"{PEOPLE.capitalize()} are missing.", [Problem(f"people; {AN_INTERVIEW}", participant="7")])
    assert str(error) == "People are missing.\n  - participant 7: people; an interview"
    assert str(error.problems[0]) == "participant 7: people; an interview"
    error.says = SAYS
    assert str(error) == "Inmates are missing.\n  - inmate 7: people; a measurement"
    assert SAYS(error.text) == str(error)


def test_messages_at_the_end_of_a_run_have_the_words(tmp_path):
    (tmp_path / "clean.log").write_text(f"{STOPPED}\n{PEOPLE.capitalize()} of People are missing.\n", encoding="utf-8")
    assert "Inmates of People are missing." in failure_messages(str(tmp_path), says=SAYS)
    assert "People of People are missing." in failure_messages(str(tmp_path))
    # what was written knows the words, so it is repeated as it stands
    table = tmp_path / "estimates.csv"
    table.write_text("analysis,status,reason\na.b,not estimable,few people\n", encoding="utf-8")
    assert "a.b: few people" in success_message("none", str(table))


def test_files_hold_no_marks(tmp_path):
    import pandas as pd

    text = f"few {PEOPLE} of People"
    write_text(tmp_path / "a.txt", text)
    write_json(tmp_path / "a.json", {"said": [text]})
    write_csv(tmp_path / "a.csv", pd.DataFrame({"said": [text]}))
    for path in tmp_path.iterdir():
        assert "few people of People" in path.read_text(encoding="utf-8")
        assert not is_marked(path.read_text(encoding="utf-8"))
