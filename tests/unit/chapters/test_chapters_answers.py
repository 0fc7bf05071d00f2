"""Answers in the report: absolute and relative differences beside each other, ratios on an axis of ratios."""

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from test_chapters_said import answered as questions
from test_chapters_said import counts, page

from cpis_analysis.analyses.collect import collect_estimates
from cpis_analysis.analyses.fitting.run import run_analysis
from cpis_analysis.analyses.rows.fit_warnings import SEEN_TO_FAIL, KeyedWarning
from cpis_analysis.chapters.answers.bars_chart import answers_chart
from cpis_analysis.chapters.answers.content import answered, is_answer
from cpis_analysis.chapters.answers.figure import draw_ratios
from cpis_analysis.chapters.answers.sentences import answer_sentences, overview_sentences, seen_to_fail
from cpis_analysis.chapters.answers.table import answers_table
from cpis_analysis.chapters.models.table import model_table
from cpis_analysis.chapters.moderators.table import contrasts_table
from cpis_analysis.chapters.page import Page
from cpis_analysis.plan.reading.load import load_plan
from cpis_analysis.publish.chart.drawing_marks import Box, Stroke
from cpis_analysis.publish.pen.forest import _ratio_ticks
from cpis_analysis.study.dataset import AnalysisData
from cpis_analysis.study.outcome_summaries import outcome_summary
from cpis_analysis.words.labels import Labels
from cpis_analysis.words.wording import Wording
from made_up_study import PLAN as STUDY_PLAN
from made_up_study import study
from report_material import TEAM_WORDS

PLAN = (
    STUDY_PLAN
    + """outcomes:
  y: {label: Score, role: primary, models: [stages]}
  e: {label: Helped, role: exploratory, type: binary, models: [stages, odds]}
  o: {label: Mood, role: exploratory, type: ordinal, variable: mood, categories: [worse, same, better],
      models: [stages, odds]}
models:
  stages: {label: Stages, estimator: by_design, formula: "{outcome}_6m ~ arm + age"}
  odds: {label: Odds, estimator: glmm, formula: "{outcome}_6m ~ arm + age + (1 | trust) + (1 | trust:team)"}
"""
)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    path = tmp_path_factory.mktemp("plan") / "config.yaml"
    path.write_text(PLAN, encoding="utf-8")
    plan = load_plan(path)
    data = study(size=14, seed=3)
    wide, random = data.participants.copy(), np.random.default_rng(4)
    latent = 0.6 * (wide["arm"] == "i") + random.logistic(size=len(wide))
    wide["e_6m"] = (latent > 0).astype(float)
    wide["o_6m"] = np.digitize(latent, [-0.6, 0.8]).astype(float)
    data = AnalysisData(wide, data.interviews)
    results = [run_analysis(spec, data) for spec in plan.specifications()]
    observed = outcome_summary(wide, ["y", "e"], "arm", ["0m", "6m"], {"e"})
    return Labels(plan.content, TEAM_WORDS), results, observed.assign(state="shown")


def test_answers_stand_apart_from_scores(made):
    labels, results, _ = made
    assert [is_answer(name, labels) for name in ("y", "e", "o")] == [False, True, True]
    found = answered(results, labels)
    assert [(one.outcome, one.head.spec.model, one.ratio.spec.model) for one in found] == [
        ("e", "stages", "odds"),
        ("o", "stages", "odds"),
    ]
    assert found[0].risk_ratio is not None
    assert found[1].risk_ratio is None


def test_answers_table_has_absolute_and_relative_differences(made):
    labels, results, observed = made
    table = answers_table(observed, results, collect_estimates(results, {}), labels)
    assert [group.label.partition(":")[0] for group in table.groups] == ["Events", "Answers in order"]
    helped, mood = (group.rows[0].cells for group in table.groups)
    odds = next(one for one in results if one.spec.name == "e.odds").estimate
    assert helped[-1].startswith(f"{math.exp(odds.estimate):.2f} (")
    assert helped[1].endswith("%)")
    assert helped[4] == "8"
    assert mood[-2] == "–"


def test_further_contrasts_stand_on_their_own_scales_and_name_them(made):
    labels, results, _ = made
    odds = next(one for one in results if one.spec.name == "e.odds")
    table = contrasts_table([odds], labels)
    _, difference, ratio = (row.cells for row in table.groups[0].rows)
    assert difference[0].endswith(", standardised to everybody analysed (difference in risk, percentage points)")
    assert difference[1].startswith(f"{100 * odds.contrasts[0].estimate:.1f} (")
    assert ratio[0].endswith(", standardised to everybody analysed, ratio of risks")
    assert ratio[1].startswith(f"{math.exp(odds.contrasts[1].estimate):.2f} (")
    assert not any(note.startswith("A joint test") for note in table.notes)


def test_answers_are_told_by_difference_and_ratio(made):
    labels, results, _ = made
    helped, mood = answered(results, labels)
    said = answer_sentences(helped, Wording(labels))
    assert "percentage points" in said[0]
    assert "the odds ratio was" in said[2]
    assert "the risk ratio was" in said[2]
    assert said[2].count("95% CI") == 2
    ordered = answer_sentences(mood, Wording(labels))
    assert "the common odds ratio was" in ordered[2]
    assert ordered[3].startswith("One ratio stands for those at each cut of the answers:")
    assert overview_sentences([helped, mood], Wording(labels))[0].startswith("Two answers were compared")


def test_tests_that_were_seen_to_fail_are_told_by_what_their_warnings_are(made):
    labels, results, _ = made
    one = answered(results, labels)[0]
    texts = ("In 7% of simulated studies, not in 5% (docs/error_rates.md).", KeyedWarning("It failed.", SEEN_TO_FAIL))
    warned = replace(one, head=replace(one.head, estimate=replace(one.head.estimate, warnings=texts)))
    short = Wording(labels).outcome(one.outcome).short
    assert seen_to_fail([warned], Wording(labels)) == (f"Too many false findings: {short}. It failed.",)


def test_ratio_forest_has_an_axis_of_ratios(made):
    labels, results, _ = made
    figure = draw_ratios(results, labels)
    assert figure.id == "ratios"
    assert "equal steps for equal factors" in figure.alt
    assert _ratio_ticks(math.log(0.4), math.log(2.5)) == [0.5, 0.7, 0.8, 1, 1.25, 1.5, 2]
    assert _ratio_ticks(math.log(0.15), math.log(6)) == [0.2, 0.5, 1, 2, 5]


def test_model_details_give_standardised_rows_on_their_own_scale(made):
    labels, results, _ = made
    result = next(one for one in results if one.spec.name == "e.odds")
    table = model_table(result, labels)
    group = next(group for group in table.groups if group.label.startswith("Standardised to everybody"))
    assert [row.cells[0] for row in group.rows] == ["Difference", "Ratio of risks"]
    assert group.rows[0].cells[1] == f"{100 * result.contrasts[0].estimate:.1f}"
    assert pd.notna(result.contrasts[1].estimate)


def ordered(higher_is="better", categories=("worse", "same", "better"), rows=None):
    """The page of a study one of whose outcomes is a question with answers in order."""
    made = page(**({} if rows is None else {"experience": questions(rows)}))
    plan = made.content.plan
    name = next(iter(plan.outcomes))
    changed = {"type": "ordinal", "variable": "felt_mood", "categories": list(categories), "higher_is": higher_is}
    part = plan.outcomes[name].model_copy(update=changed)
    plan = plan.model_copy(update={"outcomes": {**plan.outcomes, name: part}})
    return Page(replace(made.content, plan=plan)), name


def widths(row):
    return [mark.width for mark in row.drawing.marks if isinstance(mark, Box)]


def test_bars_have_the_best_answer_first_whatever_higher_means():
    chart = answers_chart(*ordered())
    assert [row.value for row in chart.rows] == ["56% better", "66% better"]
    assert chart.title == "“Better”: Usual way 56% and New way 66%"
    assert widths(chart.rows[0]) == pytest.approx([100 * 35 / 62, 100 * 14 / 62, 100 * 13 / 62])
    worst = answers_chart(*ordered("worse"))
    assert [row.value for row in worst.rows] == ["21% worse", "15% worse"]


def test_what_counts_as_no_answer_is_in_no_bar():
    chart = answers_chart(*ordered(categories=("worse", "better")))
    assert sum(widths(chart.rows[0])) == pytest.approx(100)
    assert [row.value for row in chart.rows] == [f"{100 * 35 / 48:.0f}% better", f"{100 * 40 / 49:.0f}% better"]


def test_few_answers_are_drawn_as_one_and_nothing_is_drawn_where_the_rest_is_not_told():
    few = [
        *counts("felt_mood", "usual", better=42, same="c", worse=None, n=65),
        *counts("felt_mood", "new", better=30, same=17, worse=6),
    ]
    chart = answers_chart(*ordered(rows=few))
    assert any(isinstance(mark, Stroke) for mark in chart.rows[0].drawing.marks)
    assert chart.key[-1].text.startswith("Drawn as one")
    assert answers_chart(*ordered(categories=("same", "better"), rows=few)) is None


def test_a_score_and_a_question_that_the_report_does_not_describe_have_no_bars():
    made = page()
    assert answers_chart(made, next(iter(made.content.plan.outcomes))) is None
    assert answers_chart(*ordered(rows=counts("told", "new", yes=14, no=37))) is None
