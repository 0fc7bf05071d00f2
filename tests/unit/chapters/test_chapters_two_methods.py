"""Two anchors: which analyses they are, and what is said and set of them."""

from dataclasses import replace

import pytest

from cpis_analysis.chapters.two_methods.content import all_anchors, anchors_of
from cpis_analysis.chapters.two_methods.sentences import anchor_sentences
from cpis_analysis.chapters.two_methods.table import anchors_table
from cpis_analysis.words.labels import Labels
from report_material import TEAM_WORDS, result, team_content, team_plan, whole_report, wording

PLAN = team_plan(
    models={
        "ancova": {
            "label": "ANCOVA",
            "formula": "{outcome}_6m ~ arm + {outcome}_0m + age + (1 | trust) + (1 | trust:team)",
        },
        "robust": {
            "label": "CR2 by trust",
            "formula": "{outcome}_6m ~ age + arm + {outcome}_0m",
            "estimator": "ols_cr2",
            "cluster": "trust",
        },
    },
    outcomes={
        "score": {
            "label": "Access to help (total)",
            "role": "primary",
            "models": ["ancova", "robust", "fixed"],
            "low": 0,
            "high": 27,
        }
    },
)


def mixed(**changes):
    return result(plan=PLAN, **changes)


def robust(estimate=1.4, low=-1.0, high=3.8, *, cluster="trust", df=3.4, **changes):
    one = result(estimate, low, high, model="robust", plan=PLAN, df=df, df_method="satterthwaite", **changes)
    return replace(one, spec=replace(one.spec, estimator="ols_cr2", cluster=cluster), variance_components=[])


def test_anchors_are_the_mixed_model_with_all_levels_and_cr2_by_trust():
    pair = anchors_of([mixed(), robust(cluster="team"), robust()])
    assert (pair.mixed.spec.model, pair.robust.spec.cluster) == ("ancova", "trust")


@pytest.mark.parametrize(
    "change",
    [
        {"df_method": "satterthwaite"},
        {"formula": "score_6m ~ arm + score_0m + age + (1 | trust:team)"},
        {"formula": "score_change ~ arm + score_0m + age + (1 | trust) + (1 | trust:team)"},
        {"formula": "score_6m ~ arm + score_0m + (1 | trust) + (1 | trust:team)"},
        {"population": "women"},
        {"level": 0.9},
    ],
)
def test_anchors_answer_the_same_question_or_there_are_none(change):
    one = mixed()
    assert anchors_of([replace(one, spec=replace(one.spec, **change)), robust()]) is None


def test_anchors_need_both_numbers():
    assert anchors_of([mixed(), robust(converged=False)]) is None
    assert anchors_of([mixed()]) is None
    assert all_anchors({"score": [mixed()]}) == {}


def test_anchor_sentences_give_both_and_their_agreement():
    text = " ".join(anchor_sentences(all_anchors({"score": [mixed(), robust()]}), wording(PLAN)))
    assert (
        "put the difference at 1.20 (95% CI −0.80 to 3.20; 7.5 df, p = 0.210) and 1.40 (95% CI −1.00 to 3.80; "
        "3.4 df, p = 0.210)"
    ) in text
    assert "Both intervals include zero." in text
    assert "Its cluster-robust test has fewer than four degrees of freedom" in text
    assert anchor_sentences({}, wording(PLAN)) == ()


def test_anchor_sentences_say_where_the_answer_depends_on_the_method():
    pairs = all_anchors({"score": [mixed(), robust(1.4, 0.2, 2.6, df=5.0)]})
    text = " ".join(anchor_sentences(pairs, wording(PLAN)))
    assert "the answer depends on the method" in text
    assert "fewer than" not in text


def test_anchors_table_sets_both_rows_and_marks_the_headline():
    table = anchors_table(all_anchors({"score": [mixed(), robust()]}), Labels(PLAN, TEAM_WORDS))
    assert [row.cells for row in table.rows] == [
        ("ANCOVA", "1.20 (−0.80 to 3.20)", "7.5", "Kenward-Roger", "0.210", "120"),
        ("CR2 by trust", "1.40 (−1.00 to 3.80)", "3.4", "Satterthwaite", "0.210", "120"),
    ]
    assert [row.strong for row in table.rows] == [True, False]
    assert anchors_table({}, Labels(PLAN, TEAM_WORDS)) is None


def test_anchors_stand_beneath_the_primary_result_or_leave_no_gap():
    assert "Two anchors" not in whole_report(team_content())
    assert "<h3>Two anchors</h3>" in whole_report(team_content(plan=PLAN, results=[mixed(), robust()]))
