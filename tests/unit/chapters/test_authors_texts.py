"""The authors' own text: escaped, in its place, and known to the checklists."""

import re
from dataclasses import replace

import pytest

from cpis_analysis.chapters.authors.section import SECTIONS, told
from cpis_analysis.chapters.process.checklist_items import CONSORT, STARI, TREND
from cpis_analysis.plan.schema_texts import Intervention, Texts
from cpis_analysis.report.every_chapter import CHAPTERS
from report_material import team_content, team_plan, whole_report


def content_with(**report):
    return replace(team_content(), plan=team_plan(report={"title": "Findings", **report}))


def item(page, guideline, number):
    table = page[page.index(f'id="checklist-{guideline}"') :]
    return re.search(rf'<th scope="row"[^>]*>{number}</th>.*?</tr>', table, re.S)[0]


def test_texts_stand_in_their_sections_escaped():
    page = whole_report(
        content_with(
            texts={
                "background": "Few people <b>to turn to</b>, **however** many.\n\n- first",
                "intervention": {"why": "A *theory*", "amount": "6 months"},
                "funding": "Grant 12/34, [funder](https://example.org)",
            },
            licence={"name": "CC BY 4.0", "url": "https://creativecommons.org/licenses/by/4.0/"},
        )
    )
    assert "Few people &lt;b&gt;to turn to&lt;/b&gt;, <strong>however</strong> many." in page
    assert "<li>first</li>" in page
    for section in ("background", "intervention", "declarations"):
        assert f'id="{section}-section"' in page
    assert "<dt>Why</dt><dd>A <em>theory</em></dd>" in page
    assert 'href="https://example.org"' in page
    assert "CC BY 4.0" in page
    assert 'id="interpretation-section"' not in page


def test_checklist_items_lead_to_the_text_or_say_that_there_is_none():
    without = whole_report(content_with())
    assert "No text yet: <code>report.texts.background</code>" in item(without, "trend", "2")
    partly = whole_report(content_with(texts={"background": "Because.", "intervention": {"name": "N"}}))
    told_item = item(partly, "trend", "2")
    assert 'href="findings.html#background-section"' in told_item
    assert "No text" not in told_item
    assert "For the authors" not in told_item
    assert "No text yet: <code>report.texts.usual_practice</code>" in item(partly, "trend", "4")
    assert 'href="findings.html#intervention-section"' in item(partly, "trend", "4")


@pytest.mark.parametrize("items", [TREND, STARI, CONSORT], ids=["trend", "stari", "consort"])
def test_checklists_ask_for_texts_that_the_plan_can_hold_and_the_report_shows(items):
    chapters = {chapter.id for chapter in CHAPTERS}
    for name in (name for one in items for name in one.texts):
        assert told(Texts(), name) is False
        assert SECTIONS[name.partition(".")[0]] in chapters


def test_texts_too_long_for_a_command_are_refused():
    with pytest.raises(ValueError, match="is the most for all together"):
        Texts(intervention=Intervention(**dict.fromkeys(("why", "name", "places", "amount", "delivery"), "é" * 2000)))
