"""What stands behind a result: warnings are what limits it, notes what is said for information."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cpis_analysis.chapters.how_made import making_facts
from cpis_analysis.chapters.page import Page
from cpis_analysis.publish.blocks import plain
from report_material import result, team_content

LOST = "120 of 159 people of the population were analysed."


@pytest.mark.parametrize(
    ("warnings", "messages", "converged", "limits", "notes"),
    [
        ((), (LOST,), True, "None.", LOST),
        (("Two clusters.",), (LOST,), True, "Two clusters.", LOST),
        (("Two clusters.",), ("Two clusters.",), True, "Two clusters.", None),
        (("Two clusters.",), (), False, "Two clusters. The fit did not converge.", None),
    ],
)
def test_notes_are_no_warnings(warnings, messages, converged, limits, notes):
    made = replace(result(warnings=warnings, converged=converged), messages=messages)
    facts = dict(making_facts(Page(team_content(results=[made])), made).pairs)
    assert plain(facts["Warnings"]) == limits
    assert (plain(facts["Notes"]) if "Notes" in facts else None) == notes
