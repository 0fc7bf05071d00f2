"""Reporting checklists: the right ones for a design, every item once, links that lead somewhere."""

from __future__ import annotations

import re

import pytest

from cpis_analysis.chapters.process.checklist import checklists_for
from cpis_analysis.chapters.process.checklist_items import CONSORT, STARI, TREND
from cpis_analysis.report.build import build_pages
from cpis_analysis.report.every_chapter import CHAPTERS
from report_material import clinic_content, team_content


@pytest.mark.parametrize(("items", "count"), [(TREND, 22), (STARI, 27)])
def test_checklists_have_every_item_of_the_guideline_once(items, count):
    assert [item.number for item in items] == [str(place) for place in range(1, count + 1)]


@pytest.mark.parametrize("items", [TREND, STARI, CONSORT], ids=["trend", "stari", "consort"])
def test_checklists_name_sections_that_exist_or_ask_the_authors(items):
    known = {section.id for section in CHAPTERS}
    for item in items:
        assert set(item.sections) <= known
        assert item.sections or item.authors


@pytest.mark.parametrize(
    ("randomised", "by_cluster", "names"),
    [
        (False, True, ["TREND", "CONSORT items on clusters"]),
        (False, False, ["TREND"]),
        (True, True, ["CONSORT, cluster extension"]),
        (True, False, ["CONSORT"]),
    ],
)
def test_checklists_follow_the_design(randomised, by_cluster, names):
    chosen = checklists_for(randomised=randomised, by_cluster=by_cluster)
    assert [name for name, _, _ in chosen] == names
    more = checklists_for(randomised=randomised, by_cluster=by_cluster, implementation=True)
    assert [name for name, _, _ in more] == [*names, "StaRI"]
    numbers = {item.number for name, _, items in chosen for item in items if name.startswith("CONSORT")}
    assert ("7a" in numbers) == bool(numbers)
    said = " ".join(item.asked for name, _, items in chosen for item in items if name.startswith("CONSORT"))
    assert bool(re.search(r"\bclusters?\b|\bICC\b", said)) == by_cluster


@pytest.mark.parametrize("content", [team_content, clinic_content], ids=["teams", "clinics"])
def test_checklists_link_to_sections_of_the_page(content):
    pages = build_pages(content())
    section = pages["annex"][pages["annex"].index('id="checklists-section"') :]
    targets = set(re.findall(r'href="(findings\.html|)#([^"]+)"', section))
    assert len(targets) > 5
    assert all(f'id="{target}"' in pages["findings" if file else "annex"] for file, target in targets)
    assert "For the authors:" in section
