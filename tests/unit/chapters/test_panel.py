"""The panel of tests: who is in it, who is left out and why, and what stands where an interval has no ends."""

import math
from dataclasses import replace

from cpis_analysis.analyses.estimate import NOT_ESTIMABLE
from cpis_analysis.analyses.rows.fit_warnings import TOO_OPTIMISTIC, KeyedWarning
from cpis_analysis.chapters.page import Page
from cpis_analysis.chapters.robustness.choices import choices_of, same_question
from cpis_analysis.chapters.robustness.panel import panel_of
from cpis_analysis.chapters.robustness.panel_section import panel_blocks
from cpis_analysis.chapters.robustness.panel_table import panel_table
from cpis_analysis.publish.blocks import RowChart
from cpis_analysis.words.labels import Labels
from cpis_analysis.words.order_of_analyses import arm_differences
from report_material import TEAM_WORDS, Words, estimates_frame, result, team_content, team_plan, whole_report
from wave_studies import wave_plan, wave_specs

PLAIN = "{outcome}_6m ~ arm + {outcome}_0m + age"
TESTS = {
    "permuted": {"label": "Permutation within trusts", "estimator": "permutation", "formula": PLAIN},
    "signs": {"label": "Sign changes", "estimator": "sign_changes", "cluster": "team", "formula": PLAIN},
    "by_team": {"label": "CR2 by team", "estimator": "ols_cr2", "cluster": "team", "formula": PLAIN},
    "alone": {"label": "Without age", "estimator": "permutation", "formula": "{outcome}_6m ~ arm + {outcome}_0m"},
}
ENDLESS = {
    "n": 32,
    "drawn": False,
    "kind": "allocations",
    "smallest_p": 0.0625,
    "attainable_level": 0.9375,
    "attainable_low": -1.5,
    "attainable_high": 3.75,
}
PLAN = team_plan(
    models=TESTS,
    outcomes={
        "score": {
            "label": "Access to help (total)",
            "role": "primary",
            "models": ["ancova", "fixed", *TESTS],
            "low": 0,
            "high": 27,
        }
    },
)


def planned(model, *numbers, resampling=None, reason="", **changes):
    one = result(*numbers, model=model, plan=PLAN, df_method="kenward-roger", **changes)
    part = PLAN.models[model]
    df_method = {"permutation": "permutation", "sign_changes": "sign changes"}.get(part.estimator, "satterthwaite")
    estimate = replace(one.estimate, df_method=df_method, df=math.nan, statistic=math.nan)
    if reason:
        estimate = replace(estimate, status=NOT_ESTIMABLE, reason=reason, estimate=math.nan)
    spec = replace(one.spec, estimator=part.estimator, cluster=part.cluster, df_method=df_method)
    return replace(one, spec=spec, estimate=estimate, variance_components=[], resampling=resampling or {})


def results():
    return [
        result(plan=PLAN),
        result(0.4, -1.5, 2.3, p=0.6, model="fixed", plan=PLAN),
        planned("permuted", 1.1, -math.inf, math.inf, p=0.25, resampling=ENDLESS),
        planned("signs", reason="the arm does not vary within a team, so no team compares the arms"),
        planned(
            "by_team",
            warnings=("Inference by hand is laborious.", KeyedWarning("The test is wrong.", TOO_OPTIMISTIC)),
        ),
        planned("alone", 0.9, -0.4, 2.2, p=0.2, resampling=ENDLESS),
    ]


def labels():
    return Labels(PLAN, TEAM_WORDS)


def test_panel_holds_the_same_question_and_says_what_the_design_does_not_allow():
    panel = panel_of(results(), labels())
    assert [one.spec.model for one in panel.tests] == ["ancova", "permuted"]
    assert {one.spec.model: why for one, why in panel.left_out} == {
        "signs": "the arm does not vary within a team, so no team compares the arms",
        "by_team": "The test is wrong",
    }
    # without a test by resampling there is no panel
    assert panel_of(results()[:2], labels()) is None


def test_panel_has_models_whose_arms_differ_in_variance_and_adjusted_permutations():
    plan = team_plan(
        models={
            "apart": {"label": "Arms apart", "estimator": "mmrm", "covariance": "independent", "residual_by": "arm",
                      "formula": f"{PLAIN} + (1 | trust:team)"},
            "adjusted": {"label": "Adjusted", "estimator": "adjusted_permutation", "formula": PLAIN},
        },
        outcomes={"score": {"label": "Access", "role": "primary", "models": ["ancova", "apart", "adjusted"],
                            "low": 0, "high": 27}},
    )  # fmt: skip
    apart, adjusted = (result(1.1, -0.2, 2.4, p=0.1, model=name, plan=plan) for name in ("apart", "adjusted"))
    apart = replace(apart, spec=replace(apart.spec, estimator="mmrm", residual_by="arm", covariance="independent"))
    few = ENDLESS | {"n": 252, "kind": "allocations of 5 and 5 clusters", "smallest_p": 0.1, "attainable_level": 0.9}
    spec = replace(adjusted.spec, estimator="adjusted_permutation", df_method="adjusted permutation")
    adjusted = replace(adjusted, spec=spec, resampling=few)
    words = Labels(plan, TEAM_WORDS)
    panel = panel_of([result(plan=plan), apart, adjusted], words)
    assert [one.spec.model for one in panel.tests] == ["ancova", "apart", "adjusted"]
    table = panel_table(panel, words)
    granted = [row.cells[-1] for row in table.groups[0].rows]
    assert granted[1] == "clusters and people vary normally, people of each arm with variances of their own"
    assert granted[2].startswith("given the covariates the means of clusters are independent, whichever trust they")
    assert (
        "Adjusted: p is the smallest of 0.01, 0.02, 0.05, 0.1 and 0.2 at which the test rejects, 1 where"
        in " ".join(table.notes)
    )
    content = team_content(plan=plan, results=list(panel.tests), estimates=estimates_frame(list(panel.tests)))
    assert "their p-values, but for those of a few levels only, run from" in whole_report(content)
    assert any("with so few allocations of 5 and 5 clusters no value can be rejected" in note for note in table.notes)


def test_panel_table_gives_the_smallest_p_and_the_widest_interval_with_ends():
    table = panel_table(panel_of(results(), labels()), labels())
    (group,) = table.groups
    headline, permuted = (row.cells for row in group.rows)
    assert headline[0] == "ANCOVA (headline)"
    assert headline[3] == "–"
    assert permuted[:5] == ("Permutation within trusts", "1.10 (−∞ to ∞)", "0.250", "0.063", "32")
    assert permuted[5].startswith("given the covariates every allocation")
    notes = " ".join(table.notes)
    assert "Permutation within trusts: with so few allocations" in notes
    assert "its 93.75% CI is −1.50 to 3.75." in notes
    assert "Left out: Sign changes, because the arm does not vary within a team" in notes
    assert "Left out: CR2 by team, because the test is wrong" in notes


def test_panel_is_in_the_annex_alone_and_counts_nothing():
    content = team_content(plan=PLAN, results=results(), estimates=estimates_frame(results()))
    page = Page(content)
    assert [one.spec.model for one in arm_differences(results())] == ["ancova", "fixed", "by_team"]
    blocks = list(panel_blocks(page))
    charts = [block for block in blocks if isinstance(block, RowChart)]
    assert [row.label for row in charts[0].rows] == ["ANCOVA", "Permutation within trusts"]
    text = whole_report(content)
    assert "Two tests ask the same of access to help (total), in the same people" in text
    assert "not counted for or against" in text
    assert "no value can be rejected at this level" in text
    assert "A panel of tests" not in whole_report(team_content())


def test_panel_of_a_study_without_baseline_asks_of_no_baseline():
    mixed, cr2 = (replace(result(), spec=wave_specs("one_wave")[f"reading.{model}"]) for model in ("mixed", "cr2"))
    other = replace(cr2, spec=replace(cr2.spec, formula="reading_post ~ programme"))
    words = Labels(wave_plan("one_wave"), Words({"sex": "Sex"}, {}))
    assert same_question(mixed, cr2, words)
    assert not same_question(mixed, other, words)


def test_time_of_a_model_is_no_covariate_of_the_explorer():
    one = replace(result(), spec=wave_specs("three_waves")["score.lines"])
    words = Labels(wave_plan("three_waves"), Words({"age": "Age"}, {}))
    assert choices_of(one, words)["Covariates"] == "age"
