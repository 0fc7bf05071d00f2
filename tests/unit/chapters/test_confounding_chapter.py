"""The chapter on confounding: balance in chart and table, E-values in words, negative controls that count nowhere."""

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from cpis_analysis.analyses.collect import collect_estimates
from cpis_analysis.chapters.chapter import Material
from cpis_analysis.chapters.confounding.love_chart import love_chart
from cpis_analysis.chapters.confounding.section import confounding
from cpis_analysis.chapters.confounding.sentences import control_sentence, e_value_sentences
from cpis_analysis.chapters.confounding.table import balance_table, e_value_rows, tables
from cpis_analysis.chapters.measures.table import measures_table
from cpis_analysis.chapters.outcomes.forest_chart import forest_charts
from cpis_analysis.chapters.page import Page
from cpis_analysis.errors import PlanError
from cpis_analysis.plan.reading.load import load_plan
from cpis_analysis.plan.specification import BalanceSpec
from cpis_analysis.publish.blocks import Heading, RowChart
from cpis_analysis.words.labels import Labels
from cpis_analysis.words.order_of_analyses import headline_results
from cpis_analysis.words.wording import Wording
from report_material import TEAM_WORDS, result, team_content, team_plan, whole_report

CR2 = {"estimator": "ols_cr2", "cluster": "team", "formula": "{outcome}_6m ~ arm"}
ON = {"method": "overlap", "variables": ["age"]}
MODELS = {"weighted": {"label": "Overlap weights", **CR2, "balance": ON}}
TEETH = {"label": "Teeth brushed", "role": "negative_control", "models": ["ancova"], "low": 0, "high": 10}
PLAN = team_plan(
    models=MODELS,
    outcomes={
        "score": {"label": "Access to help (total)", "role": "primary", "models": ["ancova", "weighted"],
                  "low": 0, "high": 27},
        "teeth": TEETH,
    },
)  # fmt: skip
HIDDEN = {"variable": "arm", "code": "usual", "hidden": True, "people_before": None, "people_after": None,
          "clusters_before": None, "clusters_after": None}  # fmt: skip


def weighted(after=0.41):
    one = result(0.9, -0.4, 2.2, model="weighted", plan=PLAN)
    shown = {"variable": "age", "code": "", "hidden": False, "people_before": -0.35, "people_after": 0.0,
             "clusters_before": 0.62, "clusters_after": after}  # fmt: skip
    account = {"method": "overlap", "target": "", "variables": ["age"], "n_reference": 60, "n_other": 62,
               "n_left_out": 0, "effective_n_reference": 51.7, "effective_n_other": 48.2, "clusters": "team",
               "differences": [shown, HIDDEN]}  # fmt: skip
    spec = replace(one.spec, estimator="ols_cr2", cluster="team", balance=BalanceSpec("overlap", ("age",)))
    return replace(one, spec=spec, balance=account)


def results(control=None):
    teeth = control or result(0.1, -0.5, 0.7, p=0.7, outcome="teeth", sd=2.0, plan=PLAN)
    return [
        result(2.4, 0.6, 4.2, plan=PLAN),
        weighted(),
        result(2.0, -1.0, 5.0, p=0.15, outcome="mood", sd=10.0, plan=PLAN),
        teeth,
    ]


def content(**changes):
    found = results(**changes)
    estimates = collect_estimates(found, PLAN.families)
    made = {table.id: table for table in tables(Material(labels(), {}, found, estimates))}
    return team_content(plan=PLAN, results=found, estimates=estimates, tables=made)


def labels(plan=PLAN):
    return Labels(plan, TEAM_WORDS)


def test_love_chart_shows_people_and_clusters_before_and_after_and_withholds():
    chart = love_chart(Page(content()), weighted())
    age, hidden = chart.rows
    assert (age.label, age.value, age.value_note) == ("Age (years)", "−0.35 → 0.00", "Teams 0.62 → 0.41")
    assert {mark.look for mark in age.drawing.marks} >= {"open", "full", "hollow", "bar-comp", "band", "join"}
    assert (hidden.value, len(hidden.drawing.marks) < len(age.drawing.marks)) == ("[c]", True)
    assert "withheld" in chart.note
    assert chart.title == "People were made alike; their teams still differ by up to 0.41 SD"
    assert [entry.text for entry in chart.key] == [
        "People, before", "People, weighted", "Teams, before", "Teams, weighted", "Within 0.25 SD"
    ]  # fmt: skip
    alike = love_chart(Page(content()), weighted(after=0.05))
    assert alike.title == "People were made alike, and so were their teams"
    nothing = weighted()
    nothing.balance["differences"][:] = [HIDDEN]
    assert love_chart(Page(content()), nothing) is None


def test_balance_table_is_the_chart_in_numbers():
    table = balance_table([weighted()], labels())
    (group,) = table.groups
    assert group.label == "Overlap weights: effective sample size 52 of 60 (Usual way) and 48 of 62 (New way)"
    assert group.rows[0].cells == ("Age (years)", "−0.35", "0.00", "0.62", "0.41")
    assert group.rows[1].cells[1:] == ("[c]",) * 4


def test_e_values_of_the_headlines_stand_once_and_are_explained():
    rows = e_value_rows(collect_estimates(results(), PLAN.families), labels())
    assert [row["analysis"] for row in rows] == ["score.ancova", "mood.ancova"]
    said = " ".join(e_value_sentences(rows, "score", Wording(labels())))
    assert "For access to help (total) it is 2.23" in said
    assert "it would take 1.42." in said
    assert "so nothing unmeasured is needed for that" in " ".join(e_value_sentences(rows, "mood", Wording(labels())))
    table = next(one for one in tables(Material(labels(), {}, results(), collect_estimates(results(), {})))
                 if one.id == "e-values")  # fmt: skip
    assert table.groups[0].rows[0].cells == (
        "Access to help (total)", "ANCOVA", "1.44 (1.10 to 1.89)", "standardised difference", "2.23", "1.42"
    )  # fmt: skip


def test_e_values_are_not_printed_of_a_randomised_study():
    plan = team_plan(study={"randomised": True})
    one = Material(labels(plan), {}, [result(plan=plan)], collect_estimates([result(plan=plan)], {}))
    assert list(tables(one)) == []


def test_negative_control_is_told_and_is_no_finding():
    page = Page(content())
    assert "teeth" not in page.results
    assert list(page.controls) == ["teeth"]
    assert page.labels.outcomes()[-1] == "teeth"
    assert [one.spec.outcome for one in headline_results(page.content.results, page.labels)] == ["score", "mood"]
    text = whole_report(page.content)
    assert "Teeth brushed is a negative control" in text
    assert "The difference is 0.10 (95% CI −0.50 to 0.70); the interval includes no difference" in text
    assert 'E-values: <a href="annex.html#confounding-section">Confounding</a>' in text
    assert "no sign of such confounding and does not rule it out" in text
    assert "Teeth brushed, negative control" in str(measures_table(page.labels)) or any(
        "negative control" in str(row.cells) for row in measures_table(page.labels).groups[0].rows
    )
    headings = [block.text for block in confounding(page) if isinstance(block, Heading)]
    assert headings == [
        "Arms made alike by weights: Access to help (total)",
        "How strong unmeasured confounding would have to be",
        "Negative control: Teeth brushed",
    ]


def test_negative_control_is_in_no_chart_of_findings():
    page = Page(content())
    charts = list(forest_charts(page))
    assert all(isinstance(chart, RowChart) for chart in charts)
    assert not any("Teeth" in row.label for chart in charts for row in chart.rows)


def test_negative_control_that_moved_is_a_sign_of_confounding():
    moved = result(1.4, 0.5, 2.3, p=0.01, outcome="teeth", sd=2.0, plan=PLAN)
    said = control_sentence(moved, Wording(labels()))
    assert said.endswith("a sign that the groups differ in something that the analyses do not adjust for.")


def test_confounding_without_weights_controls_and_e_values_has_no_section():
    assert list(confounding(Page(team_content(estimates=pd.DataFrame())))) == []


def test_plan_refuses_a_negative_control_in_a_family(tmp_path):
    text = (Path(__file__).parents[3] / "config.yaml").read_text(encoding="utf-8")
    changed = text.replace(
        "    role: secondary\n    minimal_important", "    role: negative_control\n    minimal_important"
    )
    assert changed != text
    (tmp_path / "config.yaml").write_text(changed, encoding="utf-8")
    with pytest.raises(PlanError) as caught:
        load_plan(tmp_path / "config.yaml")
    assert [problem.message for problem in caught.value.problems] == [
        "a negative control is no finding, and its p-value is adjusted with none"
    ]
