"""Every page that the project writes, at three widths, light and dark: nothing runs over the side, axe finds nothing.

Where axe can't decide on a contrast, because letters stand in a drawing or over a shape, it is computed here.
"""

from __future__ import annotations

import pytest

from browser_pages import opener
from test_browser_page import axe, unfold, violations

PAGES = ("findings", "annex", "summary", "codebook", "diff", "shells")
WIDTHS = (390, 768, 1280)

CONTRAST = r"""
targets => {
  const canvas = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
  const rgba = colour => {
    canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = '#000'; canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data; return [r, g, b, a / 255];
  };
  const light = ([r, g, b]) => {
    const part = value => (value /= 255) <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
    return 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b);
  };
  const shape = one => one instanceof SVGGeometryElement && getComputedStyle(one).fill !== 'none'
    && rgba(getComputedStyle(one).fill)[3] > 0.99 && +getComputedStyle(one).opacity > 0.99;
  const behind = (one, x, y) => {
    for (const under of document.elementsFromPoint(x, y)) {
      if (under === one || one.contains(under)) continue;
      if (shape(under)) return getComputedStyle(under).fill;
      const ground = getComputedStyle(under).backgroundColor;
      if (rgba(ground)[3] > 0.99) return ground;
    }
    return getComputedStyle(document.documentElement).colorScheme.startsWith('dark') ? '#121212' : '#ffffff';
  };
  return targets.map(target => {
    const one = document.querySelector(target);
    if (!one) return null;
    one.scrollIntoView({block: 'center'});
    const box = one.getBoundingClientRect(), look = getComputedStyle(one);
    if (!box.width) return null;
    const letters = one instanceof SVGElement ? look.fill : look.color;
    const ground = behind(one, box.x + box.width / 2, box.y + box.height / 2);
    const [high, low] = [light(rgba(letters)), light(rgba(ground))].sort((a, b) => b - a);
    const size = parseFloat(look.fontSize), bold = +look.fontWeight >= 700;
    return {target, letters, ground, ratio: (high + 0.05) / (low + 0.05),
            needed: size >= 24 || (bold && size >= 18.66) ? 3 : 4.5};
  }).filter(Boolean);
}
"""


@pytest.fixture(scope="module", params=PAGES)
def name(request):
    return request.param


@pytest.fixture(scope="module", params=["light", "dark"])
def page(browser, pages, name, request):
    """A page with all that it folds away, opened once for its tests."""
    with opener(browser, pages) as opened:
        page = opened(name, color_scheme=request.param)
        unfold(page)
        yield page


def undecided(found):
    """CSS paths of what axe could not decide the contrast of."""
    entries = [entry for entry in found["incomplete"] if entry["id"] == "color-contrast"]
    return [node["target"][-1] for entry in entries for node in entry["nodes"]]


@pytest.mark.parametrize("width", WIDTHS)
def test_every_page_fits_its_width(page, width):
    page.set_viewport_size({"width": width, "height": 900})
    over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert over <= 0, f"{over} px too wide"


def test_axe_finds_nothing_on_every_page_and_contrast_that_it_leaves_open_is_enough(page):
    page.set_viewport_size({"width": 1280, "height": 900})
    found = axe(page)
    assert violations(found) == []
    ratios = page.evaluate(CONTRAST, undecided(found))
    assert [one for one in ratios if one["ratio"] < one["needed"]] == []


def test_contrast_is_computed_as_the_guideline_has_it(open_page):
    """WCAG 2: black on white is 21, and #767676 on white just passes 4.5."""
    page = open_page("summary")
    page.set_content(
        "<body style='background:#fff'><p id=a style='color:#000'>a</p><p id=b style='color:#767676'>b</p>"
        "<p id=c style='color:#777'>c</p><svg width=90 height=40><rect width=90 height=40 fill='#000'/>"
        "<text id=d x=9 y=20 fill='#fff'>d</text></svg>"
    )
    ratios = {one["target"]: one["ratio"] for one in page.evaluate(CONTRAST, ["#a", "#b", "#c", "#d"])}
    assert ratios["#a"] == pytest.approx(21)
    assert ratios["#d"] == pytest.approx(21)
    assert ratios["#b"] == pytest.approx(4.54, abs=0.01)
    assert ratios["#c"] == pytest.approx(4.48, abs=0.01)
