"""Drawings at the widths of screens: boxes as a browser measures them."""

from __future__ import annotations

import pytest

from cpis_analysis.publish.chart.inline import drawing_html
from cpis_analysis.publish.chart.look import look_css
from cpis_analysis.report.build import TEMPLATES
from paired_pictures import faults, pictures

MEASURE = """figures => figures.map(svg => {
  const at = svg.getBoundingClientRect(), em = parseFloat(getComputedStyle(svg).fontSize);
  const box = e => { const b = e.getBoundingClientRect();
    return [(b.left - at.left) / em, (b.top - at.top) / em, (b.right - at.left) / em, (b.bottom - at.top) / em]; };
  return [[...svg.querySelectorAll('text')].map(box), [...svg.querySelectorAll('line')].map(box), at.width / em];
})"""


@pytest.mark.parametrize("width", [288, 358, 640])
def test_browser_names_of_two_groups_never_lie_on_each_other(browser, width):
    made = list(pictures())
    style = f"{look_css()}\n{(TEMPLATES / 'style.css').read_text('utf-8')}"
    figures = "".join(f'<figure class="kit">{drawing_html(drawing)}</figure>' for _, drawing in made)
    page = browser.new_page(viewport={"width": width + 100, "height": 800})
    page.set_content(f'<style>{style}</style><div style="width:{width}px">{figures}</div>')
    found = page.eval_on_selector_all("figure svg", MEASURE)
    page.close()
    assert len(found) == len(made)
    for (what, _), (texts, lines, wide) in zip(made, found, strict=True):
        # the box of a line of text has room for accents above and below its letters
        assert not list(faults(texts, lines, wide, slack=0.25)), what
