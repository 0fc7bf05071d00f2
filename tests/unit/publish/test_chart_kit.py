"""Drawings of marks: places on the axis, what both writers make of a mark, and contrast of the colours."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest

from cpis_analysis.publish.blocks import Chart, ChartRow, RowChart
from cpis_analysis.publish.chart.drawing_marks import Box, Dot, Drawing, Scale, Square, Stroke, Words
from cpis_analysis.publish.chart.fixed import fixed_marks, fixed_svg
from cpis_analysis.publish.chart.inline import drawing_html
from cpis_analysis.publish.chart.look import DARK, LIGHT, PAINTS, look_css
from cpis_analysis.publish.chart.pieces import axis, bar, interval, pair, row, stacked
from cpis_analysis.publish.format import number
from cpis_analysis.publish.forms.pdf import to_pngs
from cpis_analysis.publish.html import blocks_html
from svg_dots import grey, svg_dots

MARKS = (
    Stroke(10, 90, 1, 1, "interval"),
    Stroke(50, 50, look="zero"),
    Box(25, 50, 0, 1, "band"),
    Dot(50, 1),
    Square(40, 1),
    Words(50, 2, "1 < 2 & 3", anchor="middle"),
)


def test_scale_puts_ends_and_middle_where_they_belong():
    scale = Scale(-4, 4, pad=10)
    assert [scale.at(value) for value in (-4, 0, 4)] == [10, 50, 90]
    assert scale.at(99) == 90
    with pytest.raises(ValueError, match="no length"):
        Scale(1, 1)


@pytest.mark.parametrize(
    ("low", "high", "ticks"),
    [
        (0, 27, [0, 9, 18, 27]),
        (0, 100, [0, 25, 50, 75, 100]),
        (14, 70, [14, 28, 42, 56, 70]),
        (1, 5, [1, 2, 3, 4, 5]),
        (-8.3, 8.3, [-5, 0, 5]),
    ],
)
def test_ticks_are_round_and_reach_the_ends_where_these_are(low, high, ticks):
    assert Scale(low, high).ticks() == pytest.approx(ticks)


def test_axis_of_differences_has_zero_in_the_middle():
    assert Scale.symmetric(-1, 3).at(0) == 50


EVERY_LOOK = [
    *(Stroke(5 + 90 * at / len(PAINTS), 5 + 90 * at / len(PAINTS), look=look) for at, look in enumerate(PAINTS)),
    *(Box(5 + 90 * at / len(PAINTS), 1, 1, 2, look) for at, look in enumerate(PAINTS)),
]
DRAWINGS = {
    "marks": Drawing(MARKS, 3),
    "centred": Drawing((Stroke(10, 90, 0, 0, "interval-other"), Dot(50, 0), Square(70, 0, "open")), 1.75, centred=True),
    "looks": Drawing(tuple(EVERY_LOOK), 4),
    "words": Drawing(
        tuple(
            Words(50, 1 + at, "12.5 more\u00a0\u2212 office <b>", look, size, anchor, dx)
            for at, (look, size, anchor, dx) in enumerate(
                [("words", "", "start", 1), ("words-strong", "large", "middle", 0), ("words-soft", "small", "end", -1)]
            )
        ),
        4,
    ),
}


@pytest.mark.parametrize("name", DRAWINGS)
def test_dots_of_a_drawing_show_what_its_vectors_show(name):
    drawing = DRAWINGS[name]
    (png,) = to_pngs([fixed_marks(drawing, 200.0)])
    of_marks, of_svg = grey(png), grey(svg_dots(fixed_svg(drawing, 200.0)))
    assert of_marks.shape == of_svg.shape
    assert of_svg.min() < 0.95, "nothing is drawn"
    assert abs(of_marks - of_svg).max() < 0.06


def test_dots_of_several_drawings_stand_in_their_order():
    drawings = [fixed_marks(drawing, 200.0) for drawing in DRAWINGS.values()]
    assert to_pngs(drawings) == [png for one in drawings for png in to_pngs([one])]
    assert to_pngs([]) == []


def test_page_has_no_viewbox_and_places_across_in_per_cent():
    text = drawing_html(Drawing(MARKS, 3), "A name")
    assert "viewBox" not in text
    assert set(re.findall(r'\b(?:x|x1|x2|cx|width)="(-?[\d.]+)(%|em)"', text)) >= {("50.00", "%"), ("10.00", "%")}
    assert 'aria-label="A name"' in text
    assert "1 &lt; 2 &amp; 3" in text
    assert 'aria-hidden="true"' in drawing_html(Drawing(MARKS, 3))


@pytest.mark.parametrize("centred", [False, True])
def test_both_writers_put_a_mark_at_the_same_place(centred):
    drawing = Drawing((Dot(25, 1),), 4, centred)
    root = ElementTree.fromstring(fixed_svg(drawing, 204.0, em=10.0))
    (disc,) = root
    # a quarter of 200 points; one em below the top, or below the middle
    assert (float(disc.get("cx")), float(disc.get("cy"))) == (50.0, 30.0 if centred else 10.0)
    assert 'cx="25.00%" cy="1em"' in drawing_html(drawing)


def test_marks_need_a_look_that_is_painted():
    with pytest.raises(KeyError):
        drawing_html(Drawing((Dot(1, 1, "unheard-of"),), 1))


def test_stacked_shares_make_up_the_whole_width():
    boxes = [mark for mark in stacked([(0.5, "better", "50%"), (0.3, "same", "30%"), (0.2, "worse", "20%")])]
    widths = [mark.width for mark in boxes if isinstance(mark, Box)]
    assert sum(widths) == pytest.approx(100)
    assert [mark.text for mark in boxes if isinstance(mark, Words)] == ["50%", "30%", "20%"]


def test_arms_differ_by_shape_and_not_by_colour_alone():
    kinds = [type(mark) for mark in pair(Scale(0, 10), [3, 7])]
    assert kinds == [Stroke, Square, Dot]
    assert [type(mark) for mark in pair(Scale(0, 10), [None, 7])] == [Dot]


def test_chart_of_rows_says_in_letters_what_it_draws():
    scale = Scale.symmetric(-2, 4)
    drawn = row(interval(scale, 1, -2, 4), bar(0.4))
    chart = RowChart("figure-x", "Figure 1", "A takeaway", "points", (ChartRow("Mood", "1.0", drawn),))
    text = blocks_html([chart])
    assert re.search(r'<th[^>]*scope="row"[^>]*>Mood</th>.*?>1\.0</td>', text, re.S)
    assert text.count('aria-hidden="true"') == 1
    with pytest.raises(ValueError, match="45"):
        RowChart("figure-x", "", "", "", (), shares=(50, 30, 20))


def test_chart_has_one_sentence_as_its_name():
    marks = axis(Scale(0, 10), str)
    text = blocks_html([Chart("figure-x", "", "Takeaway", "", "From 0 to 10.", Drawing(marks, 3))])
    assert text.count('role="img"') == 1
    assert 'aria-label="From 0 to 10."' in text


def contrast(first: str, second: str) -> float:
    """WCAG 2: (L1 + 0.05) / (L2 + 0.05)."""

    def luminance(colour: str) -> float:
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    high, low = sorted((luminance(first), luminance(second)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("tokens", [LIGHT, DARK], ids=["light", "dark"])
def test_colours_keep_their_contrast(tokens):
    paper = tokens["paper"]
    for name in ("ink", "ink-2", "link"):
        assert contrast(tokens[name], paper) >= 4.5, name
        assert contrast(tokens[name], tokens["band"]) >= 4.5, name
    for name in ("impl", "comp", "third", "fourth", "better", "worse", "line"):
        assert contrast(tokens[name], paper) >= 3, name
    for answer in ("better", "same", "worse"):
        assert contrast(tokens[f"on-{answer}"], tokens[answer]) >= 4.5, answer
    assert contrast(tokens["syn-ink"], tokens["syn"]) >= 4.5


def test_sheet_has_a_rule_for_every_look_and_both_colours():
    assert set(LIGHT) == set(DARK)
    text = look_css()
    assert all(f".k-{name}{{" in text for name in PAINTS)
    assert {token for one in PAINTS.values() for token in (one.fill, one.stroke) if token} <= set(LIGHT)
    assert "prefers-color-scheme:dark" in text


@pytest.mark.parametrize(
    ("low", "high", "decimals", "shown"),
    [
        (-2, 2, 2, ["−2", "−1", "0", "1", "2"]),
        (0, 1.5, 2, ["0.0", "0.5", "1.0", "1.5"]),
        (0, 100, 0, ["0", "25", "50", "75", "100"]),
    ],
)
def test_numbers_of_an_axis_have_no_decimals_that_are_zero_in_all(low, high, decimals, shown):
    marks = axis(Scale(low, high), lambda value: number(value, decimals))
    assert [mark.text for mark in marks if isinstance(mark, Words)] == shown
