"""Charts of all outcomes and of all analyses: no votes, zero in the middle, other questions set apart."""

from __future__ import annotations

import re

import pytest

from cpis_analysis.chapters.outcomes.forest_chart import forest_charts
from cpis_analysis.chapters.page import Page
from cpis_analysis.chapters.robustness.chart import analyses_chart
from cpis_analysis.chapters.robustness.sentences import range_sentences, takeaway
from report_material import result, team_content, wording

FEW = [result(1.2, -0.8, 3.2), result(0.8, 0.1, 1.5, model="fixed")]
ALL = [result(1.2, -0.8, 3.2), result(0.8, -0.9, 2.5, model="fixed")]


@pytest.mark.parametrize(
    ("results", "said"),
    [
        (ALL, "Estimates run from 0.8 to 1.2 points, and every interval includes zero"),
        (
            [result(1.2, 0.8, 3.2), result(0.8, 0.1, 2.5, model="fixed")],
            "Estimates run from 0.8 to 1.2 points, and every interval excludes zero",
        ),
    ],
)
def test_analyses_are_a_range_and_no_votes(results, said):
    assert takeaway(results, wording()) == said
    text = " ".join(range_sentences(results, wording()))
    assert said in text
    assert "that they agree adds nothing" in text
    assert not re.search(r"in favour of|all (two|both)|\d+ of \d+", text)


def test_the_one_interval_that_differs_is_named():
    assert re.search(r"only that of “.+” excludes zero$", takeaway(FEW, wording()))


def test_chart_of_analyses_has_the_main_one_strong_and_zero_in_the_middle():
    page = Page(team_content(results=ALL))
    chart = analyses_chart(page, ALL)
    rows = [row for row in chart.rows if not row.group]
    assert [row.strong for row in rows] == [True, False]
    assert rows[0].note.startswith("Main analysis, ")
    zero = next(mark for mark in rows[0].drawing.marks if getattr(mark, "look", "") == "zero")
    assert zero.x1 == pytest.approx(50)
    assert chart.shares[1] >= 45
    assert analyses_chart(page, ALL[:1]) is None


def test_chart_of_outcomes_is_drawn_for_several_and_not_for_one():
    page = Page(team_content())
    charts = list(forest_charts(page))
    assert [chart.id for chart in charts] == ["figure-forest-outcomes"]
    assert len(charts[0].rows) == len(page.headlines)
    alone = Page(team_content(results=[result()]))
    assert list(forest_charts(alone)) == []
