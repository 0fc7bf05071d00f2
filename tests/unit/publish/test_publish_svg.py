"""Figures inside the page do not clash, run or load anything."""

import pytest

from cpis_analysis.errors import CpisError
from cpis_analysis.publish import svg
from cpis_analysis.publish.svg import inline_svg
from cpis_analysis.publish.svg_shapes import Shapes
from cpis_analysis.publish.svg_words import fold_words

DRAWING = """<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">
<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="540pt" height="200pt"
 viewBox="0 0 540 200"><metadata>when</metadata><defs><path id="m" d="M0 0"/><clipPath id="c"/></defs>
<style>.a{fill:url(#c)} .b{background:url(http://x.example/y)}</style>
<g clip-path="url(#c)"><use xlink:href="#m" onclick="go()"/><image xlink:href="http://x.example/a.png"/></g>
<script>go()</script></svg>"""


def test_svg_ids_and_references_get_the_figures_name():
    text = inline_svg(DRAWING, "figure-flow", "Flow", "Boxes.")
    assert 'id="figure-flow-m"' in text
    assert 'href="#figure-flow-m"' in text
    assert 'clip-path="url(#figure-flow-c)"' in text
    assert "fill:url(#figure-flow-c)" in text


def test_svg_loses_scripts_handlers_metadata_and_remote_files():
    text = inline_svg(DRAWING, "f", "Flow", "Boxes.")
    for gone in ("<?xml", "DOCTYPE", "script", "onclick", "metadata", "x.example"):
        assert gone not in text


def test_svg_is_an_image_with_escaped_words():
    text = inline_svg(DRAWING, "f", "A < B", "<b>bold</b>")
    assert 'role="img"' in text
    assert 'aria-labelledby="f-title f-desc"' in text
    assert "A &lt; B" in text
    assert "&lt;b&gt;bold" in text


def test_svg_keeps_its_drawn_width_as_the_largest():
    assert "max-width:45.00rem" in inline_svg(DRAWING, "f", "Flow", "Boxes.")


@pytest.mark.parametrize("text", ["", "<svg", "<html></html>"])
def test_svg_that_is_none_is_refused(text):
    with pytest.raises(CpisError, match="SVG"):
        inline_svg(text, "f", "Flow", "Boxes.")


LETTERS = """<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="9pt">
<defs><path id="a" d="M0 0z"/><path id="b" d="M1 1z"/><path id="c" d="M2 2z" clip-path="url(#d)"/></defs>
<g id="text_1" fill="#123456"><use xlink:href="#a"/><use xlink:href="#b" x="120"/></g>
<g><use xlink:href="#a"/><use xlink:href="#b" x="120"/></g>
<g><use xlink:href="#b"/><use xlink:href="#c" x="-7"/><use xlink:href="#gone" x="9"/></g>
<g><use xlink:href="#a"/></g><g><use xlink:href="#a"/><rect width="1"/><use xlink:href="#b" x="1.23456"/></g></svg>"""


HOSTILE = LETTERS.replace("<use", '<use data-word="0"')


@pytest.mark.parametrize("drawing", [LETTERS, LETTERS.replace("><", ">\n<"), HOSTILE])
def test_svg_words_are_those_of_their_letters_read_one_by_one(drawing, monkeypatch):
    def inline() -> tuple[str, str]:
        shapes = Shapes()
        return inline_svg(drawing, "figure-f", "t", "a", shapes), shapes.svg()

    known = inline()
    monkeypatch.setattr(svg, "fold_words", lambda text: (text, []))
    assert inline() == known
    if drawing == LETTERS:
        assert known[1].count("<use") == 2
        assert known[0].count("data-word") == 0


def test_svg_words_are_folded_where_a_group_holds_letters_alone():
    text, words = fold_words(LETTERS)
    assert [[tuple(letter) for letter in word] for word in words] == [
        [("a", ""), ("b", "120")],
        [("a", ""), ("b", "120")],
        [("b", ""), ("c", "-7"), ("gone", "9")],
    ]
    assert text.count("<use") == 6
    assert fold_words(LETTERS.replace("1999/xlink", "other"))[1] == []
