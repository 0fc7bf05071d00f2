"""Figures inside the page do not clash, run or load anything."""

import pytest

from cpis_analysis.errors import CpisError
from cpis_analysis.publish.svg import inline_svg

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
