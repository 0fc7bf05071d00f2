"""Findings and annex as readers use them: mouse, keyboard, screen reader, paper, dark rooms, no scripts, no network."""

from __future__ import annotations

import re

import pytest

ROBUSTNESS = "#robustness-rguk"
DESIGN = "#design"
REPORT = pytest.mark.parametrize("name", ["findings", "annex"])


def column(page, table, place):
    """Text of a column as it stands now, also where the page has not been laid out yet."""
    cells = page.locator(f"{table} tbody tr > :nth-child({place})")
    return [" ".join(text.split()) for text in cells.all_text_contents()]


def header(page, table, name):
    return page.locator(f"{table} thead th", has=page.get_by_role("button", name=name, exact=True))


def axe(page):
    """What axe finds and what it can't decide; a list of all that passes would take as long again."""
    from axe_playwright_python.sync_playwright import Axe

    return Axe().run(page, options={"resultTypes": ["violations", "incomplete"]}).response


def violations(found):
    return [(entry["id"], node["target"]) for entry in found["violations"] for node in entry["nodes"]]


def unfold(page):
    """Lay out all that the page holds, what is folded or out of sight included."""
    page.add_style_tag(content=".long > section { content-visibility: visible !important; }")
    page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true; })")


@REPORT
def test_browser_opens_the_file_without_network_or_complaint(open_page, pages, name):
    page = open_page(name)
    assert page.requested == [pages[name].as_uri()]
    assert page.complaints == []
    assert "Made-up" in page.title() or "MU" in page.title()


@REPORT
def test_browser_hostile_labels_stay_text(open_page, name):
    page = open_page(name)
    unfold(page)
    assert page.locator("img").count() == 0
    assert page.locator("script").count() == 1
    assert page.get_by_text("</script><img src=x onerror=alert(1)>").count() >= 2


@REPORT
def test_browser_policy_refuses_other_scripts(open_page, name):
    page = open_page(name)
    page.evaluate(
        "var s = document.createElement('script'); s.textContent = 'window.ran = 1'; document.body.appendChild(s)"
    )
    assert page.evaluate("window.ran") is None
    assert any("Content Security Policy" in text for text in page.complaints)


def test_browser_axe_sees_a_fault(open_page):
    page = open_page("findings")
    page.evaluate("document.querySelector('main').appendChild(document.createElement('img'))")
    assert [name for name, _ in violations(axe(page))] == ["image-alt"]


@REPORT
def test_browser_axe_finds_nothing_on_a_telephone(open_page, name):
    page = open_page(name, viewport={"width": 360, "height": 740})
    unfold(page)
    assert violations(axe(page)) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_browser_sorting_by_mouse_says_so_and_comes_back(open_page):
    page = open_page("annex")
    before = column(page, ROBUSTNESS, 2)
    cell = header(page, ROBUSTNESS, "Difference (95% CI)")
    button = cell.get_by_role("button")
    button.click()
    numbers = [float(text.split(" ")[0].replace("−", "-")) for text in column(page, ROBUSTNESS, 2)]
    assert numbers == sorted(numbers)
    assert cell.get_attribute("aria-sort") == "ascending"
    assert "ascending" in page.locator("#announcements").inner_text()
    button.click()
    assert cell.get_attribute("aria-sort") == "descending"
    down = [float(text.split(" ")[0].replace("−", "-")) for text in column(page, ROBUSTNESS, 2)]
    assert down == sorted(numbers, reverse=True)
    button.click()
    assert cell.get_attribute("aria-sort") is None
    assert column(page, ROBUSTNESS, 2) == before


def test_browser_sorting_by_keyboard(open_page):
    page = open_page("annex")
    button = header(page, ROBUSTNESS, "p").get_by_role("button")
    button.focus()
    page.keyboard.press("Enter")
    assert header(page, ROBUSTNESS, "p").get_attribute("aria-sort") == "ascending"
    page.keyboard.press("Space")
    assert header(page, ROBUSTNESS, "p").get_attribute("aria-sort") == "descending"


def test_browser_only_one_column_is_sorted(open_page):
    page = open_page("annex")
    header(page, ROBUSTNESS, "p").get_by_role("button").click()
    header(page, ROBUSTNESS, "Model").get_by_role("button").click()
    assert page.locator(f"{ROBUSTNESS} [aria-sort]").count() == 1


def test_browser_filter_keeps_rows_with_their_heading(open_page):
    page = open_page("annex")
    page.locator(f"{DESIGN}-filter").fill("north")
    rows = page.locator(f"{DESIGN} tbody tr:visible")
    shown = [" ".join(text.split()) for text in rows.all_inner_texts()]
    assert [text for text in shown if not text.startswith("North ")] == ["Trust A", "Trust B", "Trust C"]
    assert len(shown) == 6
    page.locator("#announcements", has_text=re.compile(r"\d+ of \d+ rows")).wait_for(state="attached")
    page.locator(f"{DESIGN}-filter").fill("")
    assert page.locator(f"{DESIGN} tbody tr.left-out").count() == 0


def test_browser_filter_by_keyboard_has_a_label(open_page):
    page = open_page("annex")
    page.get_by_label(re.compile("^Filter the rows of Table")).first.focus()
    page.keyboard.type("nothing has this")
    assert page.locator("table .left-out").count() > 3


def test_browser_explorer_shows_all_and_then_what_is_picked(open_page):
    page = open_page("annex")
    page.get_by_text("Explore all analyses").click()
    status = page.locator("#explorer-status")
    assert status.inner_text().startswith("5 of 5 analyses")
    assert page.locator(".curve circle").count() == 4
    assert page.locator(".curve .headline path").count() == 1
    estimates = [
        float(value)
        for value in page.eval_on_selector_all(
            "#explorer tbody tr:not(.left-out)", "rows => rows.map(row => row.dataset.estimate)"
        )
    ]
    assert estimates == sorted(estimates)
    page.get_by_role("checkbox", name="least squares, CR2").uncheck()
    assert status.inner_text().startswith("4 of 5 analyses")
    assert page.locator("#explorer tbody tr:visible").count() == 4
    assert page.locator(".curve .interval").count() == 4
    page.get_by_role("button", name="Show all analyses").click()
    assert status.inner_text().startswith("5 of 5 analyses")


def test_browser_explorer_by_keyboard(open_page):
    page = open_page("annex")
    page.locator(".explorer > summary").focus()
    page.keyboard.press("Enter")
    page.get_by_label("Order").focus()
    page.keyboard.press("ArrowDown")
    widths = page.eval_on_selector_all(
        "#explorer tbody tr:not(.left-out)", "rows => rows.map(row => row.dataset.high - row.dataset.low)"
    )
    assert widths == sorted(widths)
    box = page.get_by_role("checkbox").first
    box.focus()
    page.keyboard.press("Space")
    assert "of 5 analyses" in page.locator("#explorer-status").inner_text()
    assert not page.locator("#explorer-status").inner_text().startswith("5 of 5")


def test_browser_explorer_with_nothing_picked_says_so(open_page):
    page = open_page("annex")
    unfold(page)
    for box in page.locator("fieldset").first.get_by_role("checkbox").all():
        box.uncheck()
    assert page.locator("#explorer-status").inner_text().startswith("0 of 5 analyses")
    assert page.locator(".curve svg").count() == 0


def test_browser_without_scripts_everything_is_shown(open_page):
    page, scripted = open_page("annex", java_script_enabled=False), open_page("annex")
    assert page.locator("button, input, select").count() == 0
    assert page.locator("tbody tr").count() == scripted.locator("tbody tr").count()
    assert page.locator("tbody tr:not(.left-out)").count() == page.locator("tbody tr").count()
    page.locator(".explorer > summary").click()
    assert page.locator("#explorer tbody tr:visible").count() == 5


def test_browser_paper_has_no_controls_and_every_row(open_page):
    page = open_page("annex")
    page.locator(f"{DESIGN}-filter").fill("north")
    assert page.locator(f"{DESIGN} tbody tr.left-out").count() > 0
    page.emulate_media(media="print")
    assert page.locator(".control:visible").count() == 0
    assert page.locator("nav:visible").count() == 0
    assert page.locator(f"{DESIGN} tbody tr:visible").count() == page.locator(f"{DESIGN} tbody tr").count()
    assert len(page.pdf(format="A4")) > 20_000


@REPORT
def test_browser_dark_page_is_dark(open_page, name):
    page = open_page(name, color_scheme="dark")
    colour = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert max(map(int, re.findall(r"\d+", colour)[:3])) < 60


def test_browser_letters_of_figures_are_drawn(open_page):
    figure, page = "#figure-trajectories-rguk", open_page("annex")
    unfold(page)
    broken = page.evaluate(
        "[...document.querySelectorAll('use')].filter(one => !document.querySelector(one.getAttribute('href'))).length"
    )
    assert broken == 0
    box = page.locator(f"{figure} svg").bounding_box()
    assert box["width"] > 400
    letter = page.evaluate(
        "figure => { const one = document.querySelector(`${figure} use[href]`); "
        "const box = one.getBoundingClientRect(); return box.width * box.height; }",
        figure,
    )
    assert letter > 4


@pytest.mark.parametrize(("width", "beside"), [(390, False), (768, True), (1280, True)])
def test_browser_branches_of_the_flow_stand_beside_each_other_where_there_is_room(open_page, width, beside):
    page = open_page("findings", viewport={"width": width, "height": 900})
    first, second = (page.locator(f"#figure-flow .g{place}").bounding_box() for place in (0, 1))
    assert (abs(first["y"] - second["y"]) < 1) is beside
    assert (second["x"] >= first["x"] + first["width"]) is beside
    for box in page.locator("#figure-flow li").all():
        assert box.bounding_box()["width"] > 120
        assert box.evaluate("box => box.scrollWidth <= box.clientWidth")


def test_browser_annex_lays_out_what_comes_into_sight_and_paper_has_all(open_page):
    page = open_page("annex")
    shown = """() => [...document.querySelectorAll('.long > section h2')]
      .map(one => one.checkVisibility({contentVisibilityAuto: true}))"""
    seen = page.evaluate(shown)
    assert (seen[0], seen[-1]) == (True, False)

    def is_soon(wanted) -> bool:
        # asked again and again, as the page's policy lets no text be run that a waiting function would be
        for _ in range(50):
            if wanted(page.evaluate(shown)):
                return True
            page.wait_for_timeout(100)
        return False

    page.locator(".long > section").last.scroll_into_view_if_needed()
    assert is_soon(lambda sections: sections[-1])
    page.emulate_media(media="print")
    assert is_soon(all)


def test_browser_rows_of_charts_are_drawn_and_read_as_tables(open_page):
    """Each row has its drawing, label and value; a column without a head is no empty header to a screen reader."""
    page = open_page("findings")
    rows = page.locator("figure .rows tbody tr:has(svg.f)")
    assert rows.count() > 3
    for row in rows.all():
        box = row.locator("svg.f").bounding_box()
        assert box["width"] > 100
        assert box["height"] > 20
        assert row.locator(".l").inner_text().strip()
        assert row.locator(".v").inner_text().strip()
    heads = page.locator("figure .rows thead").get_by_role("columnheader").all_inner_texts()
    assert heads
    assert all(text.strip() for text in heads)


@pytest.mark.parametrize(
    ("name", "words", "section"),
    [("findings", "How sure is this?", "robustness"), ("annex", "Every analysis", "every-analysis")],
)
def test_browser_contents_lead_to_sections(open_page, name, words, section):
    page = open_page(name)
    page.locator("nav a", has_text=words).click()
    assert page.url.endswith(f"#{section}-section")
    page.keyboard.press("Tab")
    first = page.locator(".skip")
    first.focus()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"


@pytest.mark.parametrize("name", ["findings", "annex", "summary"])
def test_browser_first_key_reaches_the_skip_link_and_shows_it(open_page, name):
    page = open_page(name)
    link = page.locator(".skip")
    assert link.bounding_box()["x"] < 0
    page.keyboard.press("Tab")
    assert link.evaluate("link => link === document.activeElement")
    box = link.bounding_box()
    assert box["x"] >= 0
    assert box["y"] >= 0
    assert link.inner_text().startswith("Skip to the ")


@REPORT
@pytest.mark.parametrize("width", [320, 390])
def test_browser_tables_that_lay_out_anew_on_a_telephone_need_no_scrolling(open_page, name, width):
    page = open_page(name, viewport={"width": width, "height": 844})
    unfold(page)
    tables = page.locator("table.on-phone")
    assert tables.count() >= 1
    over = tables.evaluate_all("all => all.map(one => one.scrollWidth - one.parentElement.clientWidth)")
    assert max(over) <= 0
    # what stands beside a cell on a telephone stands in the head of its column elsewhere
    shown = "one => getComputedStyle(one.querySelector('tbody td:last-child'), '::before').content"
    told = page.locator("table.on-phone:is(.under, .list)").evaluate_all(f"all => all.map({shown})")
    assert all(text not in ("none", "normal") for text in told)
    page.set_viewport_size({"width": 1280, "height": 900})
    told = page.locator("table.on-phone").evaluate_all(f"all => all.map({shown})")
    assert set(told) == {"none"}
