"""Confidence levels in headings: named where all analyses below share one, and not where they have several."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from cpis_analysis.chapters.outcomes.figure_forest import draw_forest
from cpis_analysis.chapters.outcomes.forest_chart import forest_charts
from cpis_analysis.chapters.outcomes.table_models import outcome_models_table
from cpis_analysis.chapters.page import Page
from cpis_analysis.chapters.robustness.chart import analyses_chart
from cpis_analysis.publish.sources.ledger import open_ledger, unmarked
from cpis_analysis.words.labels import Labels
from cpis_analysis.words.scales import ci_heading, interval_words
from report_material import TEAM_WORDS, result, team_content, team_plan


def at(level, outcome="score", model="ancova"):
    made = result(outcome=outcome, model=model)
    return replace(
        made,
        spec=replace(made.spec, level=level),
        standardised={"sd": 6.0, "estimate": 0.2, "ci_low": -0.1, "ci_high": 0.5},
    )


def test_words_of_levels():
    assert ci_heading("Ratio", [at(0.9), at(0.9)]) == "Ratio (90% CI)"
    assert ci_heading("Ratio", [at(0.9), at(0.95)]) == "Ratio (CI)"
    assert ci_heading("Ratio", []) == "Ratio (CI)"
    assert interval_words([at(0.9)]) == "90% confidence interval"
    assert interval_words([at(0.9), at(0.95)]) == "confidence interval"


@pytest.mark.parametrize(("levels", "named"), [((0.9, 0.9), "90% "), ((0.95, 0.9), "")])
def test_headings_over_two_outcomes_name_a_level_that_both_have(levels, named):
    heads = [at(level, outcome) for level, outcome in zip(levels, ("score", "mood"), strict=True)]
    page = Page(team_content(results=heads))
    chart = next(forest_charts(page))
    assert chart.heads[2] == f"Difference ({named}CI)"
    assert chart.sub.endswith(f", {named}confidence interval")
    table = outcome_models_table(heads, pd.DataFrame({"analysis": []}), page.labels)
    assert [one.label for one in table.columns if "CI" in one.label] == [
        f"Difference ({named}CI)",
        f"Standardised ({named}CI)",
    ]
    alt = draw_forest(heads, page.labels).alt
    assert f"with {named}confidence intervals" in alt


@pytest.mark.parametrize(("levels", "named"), [((0.9, 0.9), "90% "), ((0.95, 0.9), "")])
def test_headings_over_two_models_name_a_level_that_both_have(levels, named):
    rows = [at(level, model=model) for level, model in zip(levels, ("ancova", "fixed"), strict=True)]
    chart = analyses_chart(Page(team_content(results=rows)), rows)
    assert chart.heads[2] == f"Difference ({named}CI)"
    assert f", {named}confidence interval, by analysis" in chart.sub


def test_names_of_three_levels_that_are_numbers_carry_where_they_stand():
    design = team_plan().design.model_dump(exclude_unset=True)
    levels = [{"variable": name} for name in ("district", "trust", "team")]
    labels = Labels(team_plan(design={**design, "levels": levels, "characteristics": []}), TEAM_WORDS)
    with open_ledger():
        name = labels.inner("1 / 2")
    assert unmarked(name) == "1 / 2" != name
