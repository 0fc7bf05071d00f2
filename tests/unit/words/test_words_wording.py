"""Words for groups, clusters and outcomes come from plan and dictionary, and stand well in a sentence."""

import pytest

from chapter_material import labels
from cpis_analysis.words.wording import counted, in_words, listed, mid_sentence, plural
from report_material import TEAM_WORDS, Words, clinic_wording, team_plan, wording


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("Six months", "six months"),
        ("Visit 5", "visit 5"),
        ("T", "T"),
        ("EQ-5D index", "EQ-5D index"),
        ("Access to social capital (RG-UK total)", "access to social capital (RG-UK total)"),
        ("Connecting People", "Connecting People"),
        ("6 months", "6 months"),
        ("", ""),
        ("iPad use", "iPad use"),
        ("(unnamed)", "(unnamed)"),
        ("EQ-VAS", "EQ-VAS"),
        ("Self-rated health", "self-rated health"),
    ],
)
def test_mid_sentence_keeps_capitals_that_belong_to_the_word(label, expected):
    assert mid_sentence(label) == expected


@pytest.mark.parametrize(
    ("noun", "expected"),
    [
        ("trust", "trusts"),
        ("city", "cities"),
        ("practice", "practices"),
        ("church", "churches"),
        ("person", "people"),
        ("headline analysis", "headline analyses"),
        ("day", "days"),
        ("degree of freedom", "degrees of freedom"),
    ],
)
def test_plural_of_cluster_names(noun, expected):
    assert plural(noun) == expected


def test_counted_singular_and_plural():
    assert counted(1, "person") == "1 person"
    assert counted(1159, "person") == "1,159 people"
    assert counted(1, "team", words=True) == "one team"
    assert in_words(11) == "11"


def test_listed_of_none_one_two_three():
    assert [listed("abc"[:n]) for n in range(4)] == ["", "a", "a and b", "a, b and c"]


def test_arm_label_gets_the_word_group_only_once():
    words = wording(words=Words({}, {"arm": {"new": "Implementation", "usual": "Comparison group"}}))
    assert words.arm("new") == "implementation group"
    assert words.arm("usual") == "comparison group"
    assert words.arm("unknown") == "unknown group"


def test_arm_label_that_begins_with_a_preposition_is_quoted():
    words = wording(words=Words({}, {"arm": {"new": "During pregnancy", "usual": "No treatment group"}}))
    assert words.arm("new") == "“during pregnancy” group"
    assert words.arm("usual") == "“no treatment group”"


def test_arm_label_with_a_letter_alone_is_turned_round():
    words = wording(words=Words({}, {"arm": {"new": "Group B", "usual": "Arm A"}}))
    assert words.arm("new") == "B group"
    assert words.arm("usual") == "A arm"


def test_outcome_unit_is_points_for_scores_and_nothing_for_measures():
    score, depth = wording().outcome("score"), clinic_wording().outcome("pd")
    assert (score.amount("1.20"), score.amount("1"), score.sign) == ("1.20 points", "1 point", 1)
    assert (depth.amount("0.39"), depth.sign) == ("0.39", -1)
    assert (score.mean, depth.mean) == ("mean access to help (total)", "the mean of pocket depth (mm)")


def test_cluster_words_come_from_the_design():
    words = wording(
        team_plan(
            design={"levels": [{"variable": "trust", "label": "region"}, {"variable": "team", "label": "practice"}]}
        ),
        TEAM_WORDS,
    )
    assert words.cluster("trust") == "region"
    assert words.cluster("trust:team") == "practice"
    assert words.cluster("trust:team:wave") == "practice by wave"
    assert words.cluster("pid") == "person"
    assert clinic_wording().cluster("clinic") == "clinic"
    assert clinic_wording().teams is None


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("mean(age | team)", "Team mean of age, years"),
        ("within(rguk_0m | team)", "Difference from the team mean of social capital (RG-UK), baseline"),
        ("mean(arm | trust)", "Share of the trust in implementation"),
    ],
)
def test_label_of_a_mean_of_clusters(name, expected):
    assert labels().variable(name) == expected
