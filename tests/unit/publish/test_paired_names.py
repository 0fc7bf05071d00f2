"""Names of two groups in one drawing: on paper no box lies on another, at any distance of the groups."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cpis_analysis.publish.chart.drawing_marks import Stroke
from cpis_analysis.publish.chart.fixed import EM, fixed_svg
from cpis_analysis.publish.chart.paired_names import NARROW, Named, paired_names
from cpis_analysis.publish.forms.chart_files import CHART_ROOM
from paired_pictures import drawn_boxes, faults, pictures
from risk_pictures import risk_pictures


def test_no_box_lies_on_another_on_paper():
    for what, drawing in pictures():
        texts, lines = drawn_boxes(fixed_svg(drawing, CHART_ROOM))
        assert not list(faults(texts, lines, CHART_ROOM, slack=0.1 * EM)), what


def test_no_text_of_the_first_screens_picture_lies_on_another_or_on_the_line_of_no_difference():
    for what, drawing in risk_pictures():
        zero = [mark for mark in drawing.marks if isinstance(mark, Stroke) and mark.look == "zero"]
        drawn = replace(drawing, marks=(*drawing.words, *zero))
        for width in (NARROW * EM + 4, CHART_ROOM):
            texts, lines = drawn_boxes(fixed_svg(drawn, width))
            assert not list(faults(texts, lines, width, slack=0.15 * EM)), what


def test_marks_of_numbers_take_no_room():
    plain = paired_names(Named(30, "Comparison", "47%"), Named(60, "New", "60%"))
    marked = paired_names(Named(30, "Comparison", "47%\U000f0001"), Named(60, "New", "60%" + 40 * "\U000f0002"))
    assert [one.anchor for one in marked[0]] == [one.anchor for one in plain[0]]


def test_groups_far_apart_stand_on_their_own_sides_and_close_ones_at_an_edge_in_rows():
    words, tops = paired_names(Named(60, "New", "60%"), Named(40, "Usual", "40%"))
    assert [(one.text, one.anchor) for one in words] == [
        ("Usual", "end"),
        ("40%", "end"),
        ("New", "start"),
        ("60%", "start"),
    ]
    assert tops[0] == tops[1]
    words, tops = paired_names(Named(8, "New", "8%"), Named(5, "Usual", "5%"))
    assert [(one.text, one.anchor) for one in words] == [("Usual 5%", "start"), ("New 8%", "start")]
    # the line of the right one begins below the other's name
    assert (words[0].y, words[1].y) == (pytest.approx(1.0), pytest.approx(2.25))
    assert tops[0] > words[0].y > tops[1]
