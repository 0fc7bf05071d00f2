"""The two pages: plain English that follows the interval, and an abstract that has its parts."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from cpis_analysis.chapters.page import Page
from cpis_analysis.chapters.summary.abstract import scientific_abstract
from cpis_analysis.chapters.summary.gap_picture import gap_picture
from cpis_analysis.chapters.summary.plain_english import plain_summary, plain_title
from cpis_analysis.chapters.verdict.sizes import OF_A_HUNDRED
from cpis_analysis.publish.blocks import DataTable, Heading, Paragraph, plain
from cpis_analysis.publish.chart.drawing_marks import Stroke
from cpis_analysis.publish.chart.fixed import EM, fixed_svg
from cpis_analysis.publish.chart.paired_names import NARROW
from cpis_analysis.publish.forms.chart_files import CHART_ROOM
from cpis_analysis.report.summary import summary_document
from cpis_analysis.report.trace import quoted_texts
from paired_pictures import drawn_boxes, faults
from readability import grade
from report_material import CLINIC_WORDS, clinic_plan, result, team_content, team_plan

LONG = "every kind of help that there is"
GAPS = [
    (0.1, 0.4, (0.3, 0.5)),
    (-0.4, 0.3, (26.5, 26.6)),
    (-6.0, 7.0, (13.0, 13.5)),
    (-12.0, -1.0, (20.0, 13.0)),
    (-1.5, 24.0, (2.0, 13.0)),
]
"""Gaps that fit, and averages: close to either end of the scale, wide, one-sided."""
NEVER = ("no effect", "trend", "in favour", "significant", "[c]", "score_6m")


def plan_with(**score):
    outcomes = team_plan().model_dump()["outcomes"]
    outcomes["score"] |= score
    return team_plan(outcomes=outcomes)


def page_of(estimate=1.2, low=-0.8, high=3.2, means=(12.0, 13.2), **score):
    plan = plan_with(**score)
    head = replace(
        result(estimate, low, high, plan=plan),
        adjusted_means=[
            {"arm": arm, "wave": None, "estimate": value} for arm, value in zip(("usual", "new"), means, strict=True)
        ],
    )
    return Page(team_content(plan=plan, results=[head]))


def text_of(blocks):
    return " ".join(plain(block.line) for block in blocks if isinstance(block, Paragraph))


@pytest.mark.parametrize(
    ("limits", "score", "title", "said"),
    [
        ((1.2, -0.8, 3.2), {}, "We cannot say if there was a difference", "fit a gap from 0.8 lower to 3.2 higher"),
        (
            (5.0, 2.0, 8.0),
            {},
            "People in the new way group did better",
            "did better than people in the usual way group",
        ),
        ((-5.0, -8.0, -2.0), {}, "People in the usual way group did better", "did worse than people in the usual way"),
        ((5.0, 2.0, 8.0), {"higher_is": "worse"}, "People in the usual way group did better", "did worse"),
        (
            (0.1, -0.5, 0.7),
            {"equivalence": {"low": -2, "high": 2}},
            "The two groups did about as well as each other",
            "about as well",
        ),
    ],
    ids=["open", "better", "worse", "worse where higher is worse", "alike"],
)
def test_plain_summary_follows_the_interval(limits, score, title, said):
    page = page_of(*limits, **score)
    text = text_of(plain_summary(page))
    assert plain_title(page) == title
    assert said in text
    assert not [words for words in NEVER if words in text.lower()]
    # where the interval includes no difference it is never said that there was none
    assert ("does not show that they did not" in text) == (limits[1] <= 0 <= limits[2] and "equivalence" not in score)


def test_plain_summary_says_what_the_plan_calls_it_and_shows_gaps_as_gaps():
    page = page_of(phrase="Kinds of help", low_means="none", high_means="all of it")
    text = text_of(plain_summary(page))
    assert "people in the new way group had 13.2 kinds of help on average" in text
    assert "fit a gap from 0.8 fewer to 3.2 more" in text
    assert "report.texts.plain_background" in text
    picture = gap_picture(page)
    words = [mark.text for mark in picture.drawing.words]
    assert {"12.0", "13.2", "0.8 fewer", "3.2 more", "none", "all of it"} <= set(words)


def test_plain_summary_says_values_in_a_unit_of_their_own_by_their_label():
    plan = clinic_plan()
    head = replace(
        result(-0.4, -0.6, -0.2, plan=plan, outcome="pd"),
        adjusted_means=[{"arm": arm, "wave": None, "estimate": value} for arm, value in (("C", 2.8), ("new", 2.4))],
    )
    text = text_of(plain_summary(Page(team_content(plan=plan, dictionary=CLINIC_WORDS, results=[head]))))
    assert "pocket depth (mm) was 2.4 in the" in text
    assert "points" not in text


def test_plain_summary_of_a_randomised_study_says_what_a_clear_gap_means():
    plan = plan_with()
    plan = plan.model_copy(update={"study": plan.study.model_copy(update={"randomised": True})})
    text = text_of(plain_summary(Page(team_content(plan=plan, results=[result(2.0, 0.5, 3.5, plan=plan)]))))
    assert "the gap most likely comes from what was done" in text


def test_plain_summary_is_easy_to_read():
    """Reading age 12 is grade 7."""
    text = text_of(plain_summary(page_of(phrase="kinds of help")))
    sentences = [part for part in re.split(r"(?<=[.?!])\s+", text) if part and "report.texts" not in part]
    assert grade(sentences) < 7
    assert (
        grade(["Multilevel heterogeneity notwithstanding, randomisation necessitates institutional collaboration."])
        > 12
    )


def test_abstract_has_its_parts_in_order_and_every_outcome():
    blocks = list(scientific_abstract(Page(team_content())))
    leads = [block.line[0].text for block in blocks if isinstance(block, Paragraph)]
    assert leads == [
        "Background.",
        "Objective.",
        "Design, setting and participants.",
        "Outcomes.",
        "Analysis.",
        "Results.",
        "Limitations.",
        "Conclusion.",
        "Funding.",
        "Registration.",
    ]
    (table,) = (block for block in blocks if isinstance(block, DataTable))
    assert [row.cells[0].text for row in table.rows] == ["Access to help (total)", "Mood (M-10) †"]
    assert "No clear difference was found in access to help" in text_of(blocks)


def test_abstract_without_an_estimate_and_summary_without_results():
    lost = Page(team_content(results=[result(converged=False)]))
    assert "gave no usable estimate" in text_of(scientific_abstract(lost))
    assert "gave no answer that can be put in plain words" in text_of(plain_summary(lost))
    nothing = summary_document(team_content(results=[]))
    titles = [block.text for block in nothing.blocks if isinstance(block, Heading)]
    assert titles[0] == "What the study found"
    assert "Scientific abstract" in titles


def test_plain_summary_counts_events_in_a_hundred_people():
    page = page_of(-0.08, -0.13, -0.02, means=(0.17, 0.09), type="binary", variable="better", event=["yes"])
    [head] = page.content.results
    spec = replace(head.spec, outcome_type="binary")
    page = Page(replace(page.content, results=[replace(head, spec=spec)]))
    text = text_of(plain_summary(page))
    assert "9 in 100 people in the new way group had it. In the usual way group it was 17 in 100." in text
    assert "fit a gap from 13.0 fewer in 100 to 2.0 fewer in 100" in text


def test_numbers_in_plain_words_are_known_to_be_fixed():
    """Without it a report with an event as primary outcome is refused: 100 is no number of the run."""
    file, text = next(one for one in quoted_texts._FIXED if one[1] == OF_A_HUNDRED)
    source = Path(quoted_texts.__file__).parents[2] / file
    assert f'"{text}"' in source.read_text(encoding="utf-8")


def test_gap_picture_keeps_its_words_off_each_other_at_every_distance():
    """Boxes measured in the narrowest drawing and on paper; long words for the ends of the scale take a line each."""
    for low, high, means in GAPS:
        picture = gap_picture(
            page_of((low + high) / 2, low, high, means=means, phrase="kinds of help", low_means="none", high_means=LONG)
        )
        zero = [mark for mark in picture.drawing.marks if isinstance(mark, Stroke) and mark.look == "zero"]
        said = [mark for mark in picture.drawing.words if not mark.scale]
        drawn = replace(picture.drawing, marks=(*said, *zero))
        for width in (NARROW * EM + 4, CHART_ROOM):
            texts, lines = drawn_boxes(fixed_svg(drawn, width))
            assert not list(faults(texts, lines, width, slack=0.15 * EM)), (low, high, means, width)
        assert max(mark.y for mark in said) < picture.drawing.height
