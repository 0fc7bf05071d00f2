"""What the report tells of implementation, experience and practitioners: words, marks, and what it leaves out."""

import pandas as pd
import pytest

from cpis_analysis.chapters.content import ReportContent
from cpis_analysis.chapters.experience.barriers import barriers_chart
from cpis_analysis.chapters.experience.headline import headline as said_headline
from cpis_analysis.chapters.experience.levels import changes_chart, changes_lede
from cpis_analysis.chapters.experience.section import experience
from cpis_analysis.chapters.implementation.headline import headline as implementation_headline
from cpis_analysis.chapters.implementation.section import implementation, implementation_answer
from cpis_analysis.chapters.page import Page
from cpis_analysis.chapters.practitioners.charts import sites_chart, themes_chart
from cpis_analysis.chapters.practitioners.headline import headline as barriers_headline
from cpis_analysis.chapters.practitioners.section import focus_groups
from cpis_analysis.publish.blocks import Folded, Paragraph, RowChart, plain
from cpis_analysis.publish.chart.drawing_marks import Box, Stroke
from cpis_analysis.words.beginnings import shared_beginning, without_shared_beginning
from cpis_analysis.words.shares import band_words, share_range_words, share_words
from report_material import CLINIC_WORDS, Words, clinic_plan, team_plan

ARMS = ("usual", "new")
CHANGE = {"better": "Better", "same": "About the same", "worse": "Worse"}
YES_NO = {"yes": "Yes", "no": "No"}
LABELS = {
    "fidelity": "Fidelity",
    "trained": "Trained",
    "told": "Was told about it",
    "helped": "Got help",
    "felt_mood": "Change in mood",
    "felt_hope": "Change in hope",
    "bar_cost": "Barrier: cost",
    "bar_fear": "Barrier: fear of people",
    "did_walk": "Activity: walking",
    "did_sing": "Activity: singing",
    "where": "Main activity: where",
    "with_whom": "Main activity: with whom",
    "theme": "Theme",
}
CHOICES = {
    "arm": {"new": "New way", "usual": "Usual way"},
    "trust": {"A": "Trust A", "B": "Trust B", "C": "Trust C"},
    "trained": YES_NO,
    "told": YES_NO | {"unsure": "Not sure"},
    "helped": YES_NO,
    "felt_mood": CHANGE,
    "felt_hope": CHANGE,
    "bar_cost": YES_NO,
    "bar_fear": YES_NO,
    "did_walk": YES_NO,
    "did_sing": YES_NO,
    "where": {"home": "At home", "out": "Outside"},
    "with_whom": {"known": "People known", "new": "New people"},
    "theme": {"load": "High caseload", "guide": "Guide helpful"},
}


class Asking(Words):
    """A dictionary that tells who was asked."""

    def label(self, name):
        return self._labels.get(name, "")

    def choices(self, name):
        return self._choices.get(name, {})

    def asked_if(self, name):
        return (("helped", "yes"),) if name.startswith(("did", "w")) else ()


REPORT = {
    "title": "T",
    "experience": ["told", "helped", "felt_mood", "felt_hope", "bar_cost", "bar_fear"],
    "changes": ["felt_mood", "felt_hope"],
    "barriers": ["bar_cost", "bar_fear"],
    "implementation": {
        "fidelity": {"variable": "fidelity", "phrase": "closer to the model"},
        "reached": "told",
        "reached_phrase": "were told about it",
        "supported": "helped",
        "supported_phrase": "got help",
        "singled_out": {"variable": "trained", "code": "yes", "label": "the trained team", "did": "held the training"},
        "activities": ["did_sing", "did_walk"],
        "details": ["where", "with_whom"],
    },
}


def counts(variable, group, **answers):
    """Rows of answers; None is small, "c" is withheld with it; the size of the group is the key n."""
    n = answers.pop("n", None) or sum(answers.values())
    state = {None: "small", "c": "withheld"}
    return [
        (variable, code, "(all)", group, n, n, None if count in state else count, state.get(count, "shown"))
        for code, count in answers.items()
    ]


def answered(rows):
    names = ["variable", "code", "trust", "group", "n_group", "n", "count", "state"]
    frame = pd.DataFrame(rows, columns=names)
    return frame.assign(count=frame["count"].astype(float))


def page(report=None, **summaries):
    team = [("A", "usual", "no", 30), ("A", "new", "no", 50), ("B", "usual", "no", 20), ("B", "new", "yes", 80)]
    frames = {
        "team_list": pd.DataFrame(
            [(trust, f"{trust}{arm}", arm, trained, value) for trust, arm, trained, value in team],
            columns=["trust", "team", "arm", "trained", "fidelity"],
        ),
        "experience": answered(
            [
                *counts("told", "new", yes=14, no=37, unsure=10),
                *counts("helped", "usual", yes=28, no=34),
                *counts("helped", "new", yes=29, no=31),
                *counts("felt_mood", "usual", better=35, same=14, worse=13),
                *counts("felt_mood", "new", better=40, same=12, worse=9),
                *counts("felt_hope", "usual", better=42, same="c", worse=None, n=65),
                *counts("felt_hope", "new", better=30, same=17, worse=6),
                *counts("bar_cost", "usual", yes=18, no=47),
                *counts("bar_cost", "new", yes=None, no="c", n=60),
                *counts("bar_fear", "usual", yes=33, no=29),
                *counts("bar_fear", "new", yes=23, no=37),
            ]
        ),
        "pooled": answered(
            [
                *counts("did_walk", "(all)", yes=21, no=36),
                *counts("did_sing", "(all)", yes=None, no="c", n=50),
                *counts("where", "(all)", home=10, out=43),
                *counts("with_whom", "(all)", known=10, new=47),
            ]
        ),
        "singled_out": pd.DataFrame(
            [
                ("helped", "yes", arm, part, low, high, "shown")
                for arm, part, low, high in (
                    ("usual", "singled out", 0.0, 0.4),
                    ("usual", "others", 0.4, 0.6),
                    ("new", "singled out", 0.6, 1.0),
                    ("new", "others", 0.4, 0.6),
                )
            ],
            columns=["variable", "code", "arm", "part", "low", "high", "state"],
        ),
        "themes": pd.DataFrame(
            [("load", "A", "usual", 6), ("load", "A", "new", 9), ("load", "B", "new", 0), ("guide", "A", "new", 4)],
            columns=["theme", "trust", "arm", "n_mentions"],
        ),
    } | summaries
    content = team_plan(report=report or REPORT, design={"team_characteristics": ["fidelity", "trained"]})
    cells = [{"trust": trust, "team": trust, "arm": arm} for trust in "AB" for arm in ARMS]
    return Page(
        ReportContent(content, Asking(LABELS, CHOICES), (), pd.DataFrame(), {"cells": cells, "arms": {}}, frames)
    )


def charts(blocks):
    return {one.id.removeprefix("figure-"): one for one in blocks if isinstance(one, RowChart)}


def texts(blocks):
    return [plain(one.line) for one in blocks if isinstance(one, Paragraph)]


@pytest.mark.parametrize("whole", range(1, 61))
def test_ladder_of_shares_says_what_is_true(whole):
    limits = {
        "fewer than 1 in 10": (0, 0.1),
        "fewer than 1 in 5": (0, 0.2),
        "fewer than 1 in 4": (0, 0.25),
        "about 1 in 4": (0.2, 0.3),
        "about 1 in 3": (0.28, 0.39),
        "fewer than half": (0, 0.5),
        "about half": (0.44, 0.56),
        "more than half": (0.5, 1),
        "about 2 in 3": (0.6, 0.73),
        "about 3 in 4": (0.7, 0.8),
        "at least 4 in 5": (0.8, 1),
        "at least 9 in 10": (0.9, 1),
        "nobody": (0, 0),
        "everybody": (1, 1),
    }
    for part in range(whole + 1):
        low, high = limits[share_words(part, whole)]
        assert low <= part / whole <= high


def test_shares_of_several_groups_and_bands_in_words():
    assert share_range_words([(28, 62), (29, 60)]) == "about half"
    assert share_range_words([(26, 54), (43, 60)]) == "about half or more"
    assert share_range_words([(1, 10), (9, 10)]) == ""
    assert band_words("0", "4", True, False) == "under 4 in 10"
    assert band_words("4", "6", False, False) == "4 to 6 in 10"
    assert band_words("6", "10", False, True) == "over 6 in 10"


def test_labels_lose_what_all_begin_with():
    assert without_shared_beginning(["Barrier: cost", "Barrier: fear"]) == ("Cost", "Fear")
    assert without_shared_beginning(["Barrier: cost"]) == ("Barrier: cost",)
    assert without_shared_beginning(["Change", "Change in mood"]) == ("Change", "Change in mood")
    assert without_shared_beginning(["Age", "Sex"]) == ("Age", "Sex")
    assert shared_beginning(["Main activity: where", "Main activity: how"]) == "Main activity"


def test_implementation_tells_fidelity_reach_support_bands_and_activities():
    blocks = list(implementation(page()))
    found = charts(blocks)
    assert list(found) == ["fidelity", "reached", "supported", "alone", "activities"]
    # a copied figure keeps what it is
    assert all(chart.note.startswith("Synthetic data.") for chart in found.values())
    lede, facts, slot, details = texts(blocks)
    assert lede == "New way teams were closer to the model in both trusts, but fewer than 1 in 4 were told about it."
    assert facts == (
        "1 of 2 new way teams held the training. 14 of 61 people (23%) in the new way group were told about it."
    )
    assert slot == "Not given in the plan, of fidelity: who rated it and when and what counts as high."
    assert details == "Of people who got help, at least 4 in 5 answered “outside” (81%) and “new people” (82%)."
    rows = [(row.label, row.value, row.value_note, row.note) for row in found["fidelity"].rows]
    assert rows == [
        ("Trust B", "20 and 80", "60 higher", "The trained team"),
        ("Trust A", "30 and 50", "20 higher", ""),
    ]
    assert [row.value for row in found["reached"].rows] == ["23%, 14 of 61", "61%, 37 of 61", "16%, 10 of 61"]
    assert found["supported"].title == "About half in both groups got help"
    assert [(row.label, row.value) for row in found["alone"].rows] == [
        ("Trust B, with the trained team", ""),
        ("New way", "over 6 in 10"),
        ("Usual way", "under 4 in 10"),
        ("The other trust", ""),
        ("New way", "4 to 6 in 10"),
        ("Usual way", "4 to 6 in 10"),
    ]
    assert found["alone"].title == "A larger share got help in the trained team"
    assert [(row.label, row.value) for row in found["activities"].rows] == [
        ("Walking", "37%, 21 of 57"),
        ("Singing", "fewer than 5"),
        ("Main activity", ""),
        ("Outside", "81%, 43 of 53"),
        ("New people", "82%, 47 of 57"),
    ]
    assert "people who got help" in found["activities"].sub


def test_implementation_words_follow_what_the_numbers_say():
    teams = page().summary("team_list")
    mixed = page(team_list=teams.assign(fidelity=[30, 20, 20, 80]))
    assert implementation_answer(mixed).startswith("New way teams were closer to the model in 1 of 2 trusts, but")
    lower = page(team_list=teams.assign(fidelity=[80, 20, 80, 30]))
    assert "in none of 2 trusts" in implementation_answer(lower)
    given = REPORT["implementation"] | {
        "fidelity": {"variable": "fidelity", "rated_by": "two researchers", "high": 60, "high_source": "the manual"}
    }
    told = page(report=REPORT | {"implementation": given})
    blocks = list(implementation(told))
    chart = charts(blocks)["fidelity"]
    assert "rated by two researchers" in chart.sub
    assert "From 60 on, fidelity counts as high (the manual)." in chart.note
    assert not any(text.startswith("Not given") for text in texts(blocks))
    assert implementation_answer(told).startswith("New way teams were higher in fidelity in both trusts")
    hidden = answered([*counts("told", "new", yes=None, no="c", unsure=10, n=61)])
    found = charts(implementation(page(experience=hidden)))
    assert [row.value for row in found["reached"].rows] == ["fewer than 5", "not shown", "16%, 10 of 61"]
    assert "supported" not in found


def test_study_without_these_variables_has_no_section_and_no_tile():
    content = ReportContent(clinic_plan(), CLINIC_WORDS, (), pd.DataFrame(), {"cells": [], "arms": {}})
    empty = Page(content)
    assert [*implementation(empty), *experience(empty), *focus_groups(empty)] == []
    assert [told(empty) for told in (implementation_headline, said_headline, barriers_headline)] == [None, None, None]


def test_changes_are_bars_to_100_per_cent_and_few_answers_are_drawn_as_one():
    chart = changes_chart(page())
    bars = [row for row in chart.rows if not row.group]
    for row in bars:
        boxes = [mark for mark in row.drawing.marks if isinstance(mark, Box)]
        assert sum(box.width for box in boxes) == pytest.approx(100)
        assert boxes[0].look == "better"
    assert (bars[0].value, bars[0].value_note) == ("56% better", "23% about the same, 21% worse")
    merged = bars[2]
    assert (merged.value, merged.value_note) == ("65% better", "35% about the same or worse")
    assert any(isinstance(mark, Stroke) for mark in merged.drawing.marks)
    assert not any(isinstance(mark, Stroke) for mark in bars[0].drawing.marks)
    assert chart.key[-1].text == "Drawn as one, because fewer than 5 people gave one of them"
    assert [row.label for row in chart.rows if row.group] == ["Mood", "Hope"]
    assert changes_lede(page()) == "In both groups, more than half or more said “better”" or "better" in changes_lede(
        page()
    )


def test_differences_stand_behind_the_question_and_choose_the_title():
    rows = [
        ("felt_mood", "better", "usual", "new", 0.09, 0.1, 4.0, -0.23, 0.41, "trust", None, "shown"),
        ("felt_hope", "better", "usual", "new", -0.24, 0.1, 4.0, -0.51, 0.04, "trust", None, "shown"),
    ]
    names = "variable code reference group estimate se df ci_low ci_high cluster why state".split()
    found = changes_chart(page(differences=pd.DataFrame(rows, columns=names)))
    assert [row.label for row in found.rows if row.group] == [
        "Mood, difference 9 (−23 to 41)",
        "Hope, difference −24 (−51 to 4)",
    ]
    assert found.title == "The groups' shares of “better” differed most in hope"


def test_barriers_say_who_named_them_and_hide_few():
    chart = barriers_chart(page())
    assert [(row.label, row.value, row.value_note) for row in chart.rows] == [
        ("Fear of people", "53% and 38%", "33 of 62, 23 of 60"),
        ("Cost", "28% and fewer than 5", "18 of 65, of 60"),
    ]
    assert chart.title == "Fear of people was named most often in both groups"


def test_themes_not_asked_are_not_applicable_and_none_is_none():
    one = page()
    chart = themes_chart(one)
    assert [(row.label, row.value, row.note) for row in chart.rows] == [
        ("High caseload", "6 and 9", ""),
        ("Guide helpful", "not applicable and 4", "New way only"),
    ]
    sites = sites_chart(one)
    drawn = [[mark.text for mark in row.drawing.words] for row in sites.rows]
    assert drawn == [["6", "9", "0"], ["4"]]
    blocks = list(focus_groups(one))
    assert texts(blocks)[0] == "Fear of people for people, high caseload and guide helpful for practitioners."
    assert texts(blocks)[-1] == (
        "Not given in the plan: the number of focus groups, the number of practitioners and a cleared quotation for "
        "each theme."
    )
    assert isinstance(blocks[-1], Folded)


def test_groups_people_pairs_agreement_and_references_are_told_where_given():
    report = REPORT | {"focus_groups": {"quotations": {"load": ["Q12", "Q3"]}}}
    facts = pd.DataFrame([("groups", 5), ("people", 31), ("coders", 2)], columns=["what", "value"])
    pairs = pd.DataFrame([("guide", "load", 7)], columns=["theme", "other", "n_passages"])
    agreement = pd.DataFrame(
        [
            ("load", "kappa", 40, 5, 0.61, 0.4, 0.82),
            ("guide", "kappa", 40, 5, float("nan"), float("nan"), float("nan")),
            ("", "alpha", 40, 5, 0.7, 0.55, 0.8),
        ],
        columns=["theme", "measure", "passages", "documents", "estimate", "ci_low", "ci_high"],
    )
    found = texts(focus_groups(page(report=report, focus_groups=facts, theme_pairs=pairs, theme_agreement=agreement)))
    assert found[1] == (
        "5 focus groups with 31 practitioners were coded for two themes. "
        "Most often spoken of together: guide helpful with high caseload (7 passages). "
        "Of 2 coders, agreement over 40 passages was 0.70 (95% confidence interval 0.55 to 0.80; Krippendorff's "
        "alpha). "
        "Cohen's kappa was lowest for high caseload: 0.61 (95% confidence interval 0.40 to 0.82)."
    )
    assert found[2] == "Cleared quotations, by reference: high caseload: Q12 and Q3."
    assert len(found) == 3


def test_tiles_answer_in_one_sentence_with_the_numbers_behind():
    one = page()
    tiles = [told(one) for told in (implementation_headline, said_headline, barriers_headline)]
    for tile in tiles:
        assert len(tile.answer.split()) <= 18
        assert not tile.answer.endswith(".")
        assert len(" ".join(plain(line) for line in tile.text).split()) <= 55
        assert tile.drawing is not None
        assert tile.name.endswith(".")
    assert "20 to 30 in the usual way group" in plain(tiles[0].text[0])
    assert "45% of the usual way group and 48% of the new way group got help." in plain(tiles[1].text[0])
    assert "high caseload (15 mentions) and guide helpful (4)" in plain(tiles[2].text[0])
