"""Capitals of labels inside a sentence."""

import pytest

from cpis_analysis.publish.capitals import mid_sentence, of_code
from report_material import TEAM_WORDS, Words, wording


@pytest.mark.parametrize(
    ("label", "code", "inside"),
    [
        ("Catholic", "1", "Catholic"),
        ("Catholic", "catholic", "Catholic"),
        ("Comenius", "1", "Comenius"),
        ("Comparison", "comparison", "comparison"),
        ("Control", "C", "control"),
        ("Treatment", "T", "treatment"),
        ("Usual way", "usual", "usual way"),
        ("Yes", "1", "yes"),
        ("Lesson study", "2", "Lesson study"),
        ("Lesson study", "lesson", "lesson study"),
        ("CBT", "cbt", "CBT"),
        ("Connecting People", "connecting", "Connecting People"),
    ],
)
def test_label_of_a_code_keeps_its_capital_unless_the_data_write_it_small(label, code, inside):
    assert of_code(label, code) == inside


@pytest.mark.parametrize(
    ("label", "inside"),
    [
        ("Six months", "six months"),
        ("EQ-5D index", "EQ-5D index"),
        ("Catholic school", "Catholic school"),
        ("Beck's inventory", "Beck's inventory"),
        ("May we call you", "May we call you"),
        ("Age (years)", "age (years)"),
        ("A matriculation certificate", "a matriculation certificate"),
        ("The English requirement", "the English requirement"),
        ("A levels passed", "A levels passed"),
        ("A & E visits", "A & E visits"),
        ("Identification as Black", "identification as Black"),
        ("Letter from the NHS", "letter from the NHS"),
        ("Church of England", "Church of England"),
        ("University of York", "University of York"),
        ("Royal London Hospital", "Royal London Hospital"),
    ],
)
def test_label_inside_a_sentence_keeps_the_capital_of_a_name(label, inside):
    assert mid_sentence(label) == inside


def test_group_is_called_as_the_data_call_it():
    religion = Words({**TEAM_WORDS._labels}, {"arm": {"new": "Catholic", "usual": "Public"}})
    words = wording(words=religion)
    assert (words.arm("new"), words.arm("usual")) == ("Catholic group", "Public group")
