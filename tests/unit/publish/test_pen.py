"""What figures are drawn with: letters as the font's own program sets them, marks at their values, axes, order."""

import io
import itertools
import re
import string

import pytest
from fontTools.pens.recordingPen import RecordingPen
from fontTools.svgLib.path import parse_path
from matplotlib.ft2font import FT2Font, LoadFlags
from matplotlib.image import imread

from cpis_analysis.publish.forms.pdf import to_png
from cpis_analysis.publish.pen.inks import arm_look
from cpis_analysis.publish.pen.panels import ABOVE, GROUND, Panel
from cpis_analysis.publish.pen.style import canvas_of, finish, page_of
from cpis_analysis.publish.pen.written import text_width, written
from cpis_analysis.publish.typeface import UNITS, shipped_fonts, typeface
from pen_drawings import EVERY_KIND, figure_of
from svg_dots import grey, svg_dots

PLAIN = string.ascii_letters + string.digits + " .,:;()-–—%'’“”/+−=<>≥×éüßöÄŐşΔπжЯԱა"


def font(bold, size):
    """The same font, read by FreeType."""
    found = FT2Font(str(shipped_fonts() / ("DejaVuSans-Bold.ttf" if bold else "DejaVuSans.ttf")))
    found.set_size(size, 72)
    return found


@pytest.mark.parametrize("bold", [False, True])
def test_letters_stand_where_freetype_and_harfbuzz_put_them(bold):
    read, face = font(bold, UNITS), typeface(bold)
    assert face.codes == read.get_charmap()
    assert face.number("日") == 0
    for first, second in itertools.product(PLAIN, PLAIN):
        if first == "f" and second in "fil":
            # set as one letter there
            continue
        placed = read._layout(first + second, LoadFlags.NO_HINTING)
        ours = written(first + second, bold).letters
        assert [one.glyph_index for one in placed] == [face.number(first), face.number(second)]
        assert abs(placed[1].x - ours[1].x) <= 1 / 64, (first, second)


@pytest.mark.parametrize("bold", [False, True])
def test_outlines_are_those_of_freetype(bold):
    read, face = font(bold, UNITS), typeface(bold)
    for letter in PLAIN + "ǻẵﬁ№":
        read.load_glyph(face.number(letter), flags=LoadFlags.NO_HINTING)
        points, codes = read.get_path()
        wanted = {(round(x), round(y)) for (x, y), code in zip(points, codes, strict=True) if code != 79}
        drawn = RecordingPen()
        parse_path(face.outline(face.number(letter)), drawn)
        found = {point for _, corners in drawn.value for point in corners}
        assert len(found) == len({(x, y) for (x, y), code in zip(points, codes, strict=True) if code != 79})
        assert all(min(abs(x - u) + abs(y - v) for u, v in wanted) <= 1 for x, y in found), letter


def test_width_of_a_text_is_in_the_unit_of_its_size_and_marks_have_none():
    assert text_width("", 9) == 0
    assert text_width("AV", 100) == pytest.approx((2 * 1401 - 131) / 2048 * 100)
    assert text_width("AV", 9) == pytest.approx(text_width("AV", 90) / 10)
    assert text_width("AV", 9, bold=True) > text_width("AV", 9)


def test_letters_that_change_with_their_neighbours_are_joined_turned_or_put_on_each_other():
    arabic, hebrew = ([int(one.name[1:], 16) for one in written(text).letters] for text in ("العربية", "ספרים"))
    assert len(arabic) == 7
    assert not set(arabic) & {typeface().number(letter) for letter in "لعربي"}
    assert hebrew == [typeface().number(letter) for letter in reversed("ספרים")]
    below = written("x\u0323").letters
    assert below[1].x < written("x").width


def drawn(draw):
    """The SVG of what a function draws on a panel with values from 0 to 10 on both axes."""
    return figure_of(draw).svg


def test_marks_stand_at_their_values_above_what_has_a_lower_level():
    def draw(axes):
        axes.mark(10, 0, "disc", 4, "#111111", level=ABOVE)
        axes.line([0, 5], [0, 10], "#222222", 2, (4, 2))
        axes.box((0, 10), (0, 5), "#333333", opacity=0.5, rim=("#444444", 1), level=GROUND)

    svg = drawn(draw)
    assert re.findall(r"#(\d)\1{5}\"", svg) == ["3", "4", "2", "1", "1"]
    assert '<circle cx="150" cy="80" r="2"' in svg
    assert 'd="M50 80L100 30" fill="none" stroke="#222222" stroke-width="2" stroke-dasharray="8 4"' in svg
    assert 'd="M50 80L150 80L150 55L50 55z" fill="#333333"' in svg


def test_holes_of_an_area_stay_free():
    outer, hole = ([0, 10, 10, 0], [0, 0, 10, 10]), ([4, 6, 6], [4, 4, 6])
    svg = drawn(lambda axes: axes.areas([outer, hole], "#111111"))
    assert 'd="M50 80L150 80L150 30L50 30zM90 60L110 60L110 50z" fill="#111111" fill-rule="evenodd"' in svg


@pytest.mark.parametrize("shape", [arm_look(place)[1] for place in range(4)] + ["left", "right"])
def test_marks_have_their_size(shape):
    svg = drawn(lambda axes: axes.mark(5, 5, shape, 8, "#111111"))
    if shape == "disc":
        assert 'cx="100" cy="55" r="4"' in svg
        return
    xs, ys = zip(
        *(map(float, one) for one in re.findall(r"[ML]([\d.]+) ([\d.]+)", svg.split("#ffffff")[1])), strict=True
    )
    side = 8 * 2**0.5 if shape == "diamond" else 8
    assert [min(xs), max(xs), min(ys), max(ys)] == pytest.approx(
        [100 - side / 2, 100 + side / 2, 55 - side / 2, 55 + side / 2], abs=0.01
    )


@pytest.mark.parametrize(
    ("ends", "names"),
    [
        ((0, 10), ["0.0", "2.5", "5.0", "7.5", "10.0"]),
        ((-0.31, 0.45), ["−0.2", "0.0", "0.2", "0.4"]),
        ((930, 2110), ["1,000", "1,500", "2,000"]),
        ((0.0101, 0.0139), ["0.011", "0.012", "0.013"]),
    ],
)
def test_axes_have_round_values_as_many_as_have_room(ends, names):
    def draw(axes):
        axes.limits(x=ends)
        axes.x_axis(grid=True)

    assert figure_of(draw).lines == tuple((name, True) for name in names)


def test_axis_that_is_named_by_the_caller_says_that_and_its_label_is_no_scale():
    def draw(axes):
        axes.x_axis([2, 8], ["first\nwave", "last"], label=["Waves"])
        axes.y_axis([0, 10], ["0%", "100%"], label="Share")

    lines = figure_of(draw).lines
    assert {text for text, scale in lines if scale} == {"first", "wave", "last", "0%", "100%"}
    assert {text for text, scale in lines if not scale} == {"Waves", "Share"}


def test_texts_begin_end_or_have_their_middle_at_their_place():
    def draw(axes):
        for anchor in ("start", "middle", "end"):
            axes.text(5, 5, "Word", 8, anchor=anchor)
        axes.value(5, 5, "1.5", lift=11, halo="#cccccc")

    figure = figure_of(draw)
    wide = text_width("Word", 8)
    xs = [
        float(x) for x in re.findall(r'id="one-text_\d" fill="#222222" transform="translate\(([\d.]+) 55\)', figure.svg)
    ]
    assert xs == pytest.approx([100, 100 - wide / 2, 100 - wide], abs=0.01)
    # the rim is drawn and is no text
    assert [text for text, _ in figure.lines] == ["Word", "Word", "Word", "1.5"]
    assert 'fill="#cccccc" stroke="#cccccc"' in figure.svg


def test_synthetic_data_are_marked_above_the_content():
    canvas = canvas_of(100, True)
    page_of(canvas).text(0, 100, "top", 9)
    figure = finish(canvas, "one", "Title", "Words")
    assert 'viewBox="0 0 540 116"' in figure.svg
    assert figure.lines == (("SYNTHETIC DATA", False), ("top", False))
    assert "translate(0 16)" in figure.svg


@pytest.mark.parametrize("kind", EVERY_KIND)
def test_dots_show_what_the_vector_drawing_shows(kind):
    figure = figure_of(EVERY_KIND[kind])
    of_marks, of_svg = grey(to_png(figure.marks)), grey(svg_dots(figure.svg))
    assert of_marks.shape == of_svg.shape
    assert of_svg.min() < 0.95, "nothing is drawn"
    assert abs(of_marks - of_svg).max() < 0.06
    assert to_png(figure.marks) == to_png(figure.marks)


def test_dots_are_of_the_size_at_which_a_figure_stands_on_a_page():
    wide, tall = (finish(canvas_of(height, False), "one", "", "").marks for height in (100, 1220))
    assert [imread(io.BytesIO(to_png(one))).shape[1] for one in (wide, tall)] == pytest.approx(
        [470 / 72 * 300, 270 / 72 * 300], abs=1
    )


@pytest.mark.parametrize(
    ("ends", "width", "names"),
    [
        # four names of three letters side by side, and no more than find room
        ((-0.7, 1.0), 80.0, ["−0.5", "0.0", "0.5", "1.0"]),
        ((-0.7, 1.0), 40.0, ["0", "1"]),
        ((0.0, 20000.0), 80.0, ["0", "10,000", "20,000"]),
        ((0.0, 20000.0), 44.0, ["0", "20,000"]),
    ],
)
def test_ticks_that_are_asked_for_stand_as_close_as_their_names_leave_room(ends, width, names):
    canvas = canvas_of(200, False, 100)
    panel = Panel(canvas, 20, 30, width, 40)
    panel.limits(x=ends)
    panel.x_axis(most=6)
    assert [text for text, _ in finish(canvas, "one", "Title", "Words").lines] == names
