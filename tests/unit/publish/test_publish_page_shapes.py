"""Figures in a page show what their files show, with each letter once, without clashes, scripts and other files."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from chapter_material import HOSTILE
from cpis_analysis.publish.blocks import Picture
from cpis_analysis.publish.drawn import PageDrawing
from cpis_analysis.publish.html import blocks_html
from cpis_analysis.publish.page_shapes import Shapes
from cpis_analysis.publish.pen.style import Figure, canvas_of, finish
from pen_drawings import EVERY_KIND, figure_of

SVG = "{http://www.w3.org/2000/svg}"
LETTERS = {
    "turned": lambda axes: axes.y_axis([0, 5], ["0%", "50%"], label="Share of people"),
    "raised": lambda axes: axes.text(5, 5, "x\u0323 y\u0301 Ж", 9),
    "hebrew": lambda axes: axes.text(5, 5, "ספרים חדשים − הוראה רגילה, 95%", 9),
    "one letter": lambda axes: (axes.text(1, 5, "A", 9), axes.value(5, 5, "A", halo="#ffffff")),
    "spaces": lambda axes: axes.text(5, 5, "a b  c", 9),
}


def picture(figure: Figure, caption: str = "Title", alt: str = "Words") -> Picture:
    return Picture(f"figure-{figure.id}", "Figure 1", caption, alt, figure)


def tree(html: str) -> ElementTree.Element:
    return ElementTree.fromstring(f"<main>{html}</main>")


def in_file(figure: Figure) -> list:
    """Marks of the file of a figure: letters as outlines with their places."""
    root = ElementTree.fromstring(figure.svg)
    outlines = {path.get("id"): path.get("d") for path in root.iter(f"{SVG}path") if "id" in path.attrib}
    return [mark for element in root for mark in marks_in_file(element, outlines)]


def marks_in_file(element, outlines):
    if element.tag == f"{SVG}g":
        for use in element:
            outline = outlines[use.get("{http://www.w3.org/1999/xlink}href")[1:]]
            yield look(element), outline, use.get("x", "0"), use.get("y", "0")
    elif element.tag.removeprefix(SVG) not in ("title", "desc", "defs"):
        yield element.tag, look(element)


def look(element) -> dict:
    return {name: value for name, value in element.attrib.items() if name != "id"}


def in_page(html: str) -> list[list]:
    """Marks of each figure of a page, as `in_file` gives them."""
    root = tree(html)
    named = {element.get("id"): element for element in root.iter(f"{SVG}g") if "id" in element.attrib}
    return [
        [mark for element in svg for mark in marks_in_page(element, named)]
        for svg in root.iter(f"{SVG}svg")
        if svg.get("role") == "img"
    ]


def marks_in_page(element, named):
    if element.tag == f"{SVG}g":
        (use,) = element
        assert set(use.attrib) == {"href"}
        for outline, x, y in letters(named, named[use.get("href")[1:]]):
            yield look(element), outline, x, y
    elif element.tag.removeprefix(SVG) not in ("title", "desc"):
        yield element.tag, look(element)


def letters(named, shape):
    for part in shape:
        if part.tag == f"{SVG}path":
            yield part.get("d"), "0", "0"
        else:
            (outline,) = named[part.get("href")[1:]]
            yield outline.get("d"), part.get("x", "0"), part.get("y", "0")


@pytest.mark.parametrize("kind", [*EVERY_KIND, *LETTERS])
def test_page_shows_what_the_file_shows(kind):
    figure = figure_of((EVERY_KIND | LETTERS)[kind])
    assert in_page(blocks_html([picture(figure)])) == [in_file(figure)]
    assert len(in_file(figure)) > 1


def test_figures_of_a_page_share_letters_and_words_and_nothing_else():
    figures = [figure_of(draw, name.replace(" ", "-")) for name, draw in (EVERY_KIND | LETTERS).items()]
    shapes = Shapes()
    html = blocks_html(map(picture, figures), shapes)
    assert in_page(shapes.svg() + html) == [in_file(figure) for figure in figures]
    root = tree(shapes.svg() + html)
    ids = [element.get("id") for element in root.iter() if "id" in element.attrib]
    assert len(ids) == len(set(ids))
    assert {use.get("href")[1:] for use in root.iter(f"{SVG}use")} <= set(ids)
    contents = ["".join(map(written, group)) for group in tree(shapes.svg()).iter(f"{SVG}g")]
    assert len(contents) == len(set(contents)) > 50
    # a second time the page has them all
    blocks_html(map(picture, figures), shapes)
    assert shapes.svg().count("<g ") == len(contents)


def written(element) -> str:
    return ElementTree.tostring(element, encoding="unicode")


def test_shapes_are_named_by_first_use_letters_before_words_whatever_the_figure_calls_them():
    shapes = Shapes()
    first = PageDrawing(["M0", "M1"], [([0, 1], [0, 120], [])], ['<g><use href="#', 0, '"/></g>'])
    assert shapes.placed(first) == '<g><use href="#s-2"/></g>'
    # the same letters in another order, the same word, one that is raised, and a letter at its place and beside it
    words = [([1, 0], [0, 120], []), ([1, 0], [0, 120], [0, -7.5]), ([0], [0], []), ([0], [7], [])]
    second = PageDrawing(["M1", "M0"], words, ["<a ", 2, " ", 1, " ", 0, " ", 3, "/>"])
    assert shapes.placed(second) == "<a s-1 s-3 s-2 s-4/>"
    assert shapes.svg().split("<defs>")[1].removesuffix("</defs></svg>") == (
        '<g id="s-0"><path d="M0"/></g><g id="s-1"><path d="M1"/></g>'
        '<g id="s-2"><use href="#s-0"/><use href="#s-1" x="120"/></g>'
        '<g id="s-3"><use href="#s-0"/><use href="#s-1" x="120" y="-7.5"/></g>'
        '<g id="s-4"><use href="#s-1" x="7"/></g>'
    )
    assert Shapes().svg() == ""


def test_figure_in_a_page_is_an_image_with_its_words_as_wide_as_drawn_at_most():
    (svg,) = tree(blocks_html([picture(figure_of(EVERY_KIND["disc"]), "A < B", "0.5 & more")])).iter(f"{SVG}svg")
    assert svg.attrib == {
        "viewBox": "0 0 200 100",
        "version": "1.1",
        "role": "img",
        "aria-labelledby": "figure-one-title figure-one-desc",
        # 200 points are 266.7 pixels
        "style": "max-width:16.67rem",
        "preserveAspectRatio": "xMidYMid meet",
    }
    assert [(part.tag.removeprefix(SVG), part.get("id"), part.text) for part in svg[:2]] == [
        ("title", "figure-one-title", "A < B"),
        ("desc", "figure-one-desc", "0.5 & more"),
    ]
    uneven = finish(canvas_of(1234.567, False, 539.995), "one", "", "")
    assert 'viewBox="0 0 540 1234.57"' in blocks_html([picture(uneven)])


@pytest.mark.parametrize("text", [HOSTILE, 'x"/><script>go()</script>', "{0} %s \\ <!-- ]]>", "</svg><img src=x>"])
def test_hostile_words_become_letters_and_no_markup(text):
    figure = figure_of(lambda axes: axes.text(5, 5, text, 9), title=text, alt=text)
    html = blocks_html([picture(figure, text, text)])
    elements = [element for svg in tree(html).iter(f"{SVG}svg") for element in svg.iter()]
    assert {element.tag.removeprefix(SVG) for element in elements} <= {
        "svg", "defs", "title", "desc", "rect", "g", "path", "use",
    }  # fmt: skip
    assert not any(name.lower().startswith("on") for element in elements for name in element.attrib)
    assert all(element.get("href", "#").startswith("#") for element in elements)
    assert "url(" not in html
    assert "http" not in html.replace(SVG[1:-1], "")
    # what is kept of the figure for pages holds no word of it
    assert text not in "".join(map(str, figure.in_page.pieces))
    assert len(in_page(html)[0]) == len(in_file(figure)) > len(text.replace(" ", "")) / 2
