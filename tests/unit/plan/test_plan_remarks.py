"""What a plan may say and what looks wrong: selection on the outcome, numbers nobody means; and what is no remark."""

from pathlib import Path

import pytest

from cpis_analysis.analyses.fitting.run import run_analysis
from cpis_analysis.plan.own_outcome import own_outcome
from cpis_analysis.plan.reading.load import load_plan
from cpis_analysis.study.checks.plan_check import check_plan
from cpis_analysis.study.checks.plan_remarks import remarks_of
from made_up_study import spec, study

pytestmark = pytest.mark.thorough

ROOT = Path(__file__).parents[3]
TEXT = (ROOT / "config.yaml").read_text(encoding="utf-8")
WHERE = "where: has_0m and has_6m"
DERIVED = (
    '    label: Trust of the team that organised its training\n    where: trust == "C"\n'
    "    otherwise: The other four trusts\n\n"
)
CHANGE = '"{outcome}_change ~ arm + age'


def remarks(folder, *pairs):
    """Remarks beside the one of the shipped plan (a population that stands ready)."""
    text = TEXT
    for old, new in pairs:
        assert text.count(old) >= 1, old
        text = text.replace(old, new, 1)
    (folder / "config.yaml").write_text(text, encoding="utf-8")
    plan = load_plan(folder / "config.yaml")
    found = remarks_of(plan, check_plan(plan))
    assert all(problem.line for problem in found)
    return [problem for problem in found if problem.value != "trained_trust"]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (WHERE, "where: rguk_6m > 10", "of rguk.longitudinal_complete is chosen by the outcome"),
        (WHERE, "where: has_0m and (age > 20 or not rguk_6m <= 10)", "(found 'rguk_6m')"),
        (WHERE, "where: age < rguk_change", "(found 'rguk_change')"),
        (WHERE, "where: rguk_domestic_6m >= 3", "chosen by the outcome"),
        (
            "    variable: barrier_cost\n",
            "    variable: barrier_cost\n    overrides: {odds: {population: helped}}\n",
            "of cost.odds is chosen by the outcome that is analysed",
        ),
        (
            DERIVED,
            "    label: High\n    where: rguk_6m > 10\n\n",
            "the derived variable in the model of rguk.trained_team is made of the outcome",
        ),
        (CHANGE, '"{outcome}_change ~ arm + {outcome}_6m + age', "a covariate in the model of rguk.change, qpr.change"),
        ("minimum_cell: 5", "minimum_cell: 2", "counts of one or two people would be shown"),
        ("minimum_cell: 5", "minimum_cell: 0", "allowed: 3 or more"),
        ("    effect: arm:wave\n", "    effect: arm:wave\n    level: 0.9999999999999999\n", "too wide to say anything"),
        ("    effect: arm:wave\n", "    effect: arm:wave\n    level: 0.51\n", "too narrow"),
        (
            "odds, risk, risk_gee]",
            "odds, risk, risk_gee]\n    overrides: {risk: {level: 0.99999}}",
            "(found '0.99999')",
        ),
        ("earliest: 5, latest: 8", "earliest: 6, latest: 6", "no more than one day"),
        ("earliest: 5, latest: 8", "earliest: 9, latest: 12", "due 6 months after baseline, which lies outside"),
        (
            "earliest: 5, latest: 8}",
            "earliest: 5, latest: 8}\n  date_windows: {interview_date: {after: recruited_on, "
            "earliest_days: 3, latest_days: 3}}",
            "holds a single day",
        ),
        ("minimal_important_difference: 4\n", "minimal_important_difference: 60\n", "whole range of qpr (0 to 60)"),
        (
            "minimal_important_difference: 4\n",
            "minimal_important_difference: 4\n    equivalence: {low: -70, high: 4}\n",
            "the margins can't be missed",
        ),
        (
            "odds, risk, risk_gee]",
            "odds, risk, risk_gee]\n    equivalence: {low: -0.1, high: 1}",
            "whole range of supported (0 to 1)",
        ),
        ("    short_label: EQ-VAS\n", "    short_label: EQ-VAS\n    high: 0.9\n", "narrower than the instrument's"),
        ("tipping_point: {models: [ancova, cr2_trust]}", "tipping_point: {deltas: [-99, 0, 3]}", "(found '-99')"),
    ],
)
def test_remark_names_what_looks_wrong(folder, old, new, said):
    more = (
        [("  trained_trust:\n", '  helped: {label: H, where: barrier_cost_6m == "yes"}\n  trained_trust:\n')]
        if "helped" in new
        else []
    )
    found = remarks(folder, (old, new), *more)
    assert any(said in str(problem) for problem in found), [str(problem) for problem in found]
    assert len(found) == 1, [str(problem) for problem in found]


@pytest.mark.parametrize(
    "where", ["rguk_0m > 10", "rguk_6m is not missing", "has_6m", "qpr_6m > 10", 'materials_explained_6m == "yes"']
)
def test_no_remark_on_a_population_that_is_not_made_of_the_outcome(folder, where):
    assert remarks(folder, (WHERE, f"where: {where}")) == []


def test_remark_sees_another_score_of_the_same_items(folder):
    pair = (
        "models: [ancova, trust_fixed, team_only, change, longitudinal, cr2_trust, cr2_team, cluster_t, "
        "cluster_t_paired]\n  scope",
        "models: [ancova, longitudinal_complete]\n  scope",
    )
    [remark] = remarks(folder, pair, (WHERE, "where: swemwbs_6m > 20"))
    assert "the population of wemwbs.longitudinal_complete is chosen by the outcome" in remark.message


def test_own_outcome_reads_codes_by_variable_and_derived_variables_of_populations():
    at_end = spec("y_6m ~ arm + (1 | trust:team)", where=(("y_6m", ("1", "2")),), population="ends")
    assert [(one.part, one.name, one.variable) for one in own_outcome(at_end)] == [("population", "ends", "y_6m")]
    through = spec(
        "y_6m ~ arm + (1 | trust:team)", condition="high", population="high_ones", derived=(("high", "y_6m > 11"),)
    )
    assert [(one.part, one.name) for one in own_outcome(through)] == [("population", "high_ones")]


def test_analysis_of_people_chosen_by_the_outcome_says_so_beside_its_result():
    chosen = run_analysis(
        spec("y_6m ~ arm + y_0m + (1 | trust:team)", population="well", condition="y_6m > 8"), study(seed=5, size=10)
    )
    assert sum("was chosen by the outcome that is analysed (y_6m)" in text for text in chosen.estimate.warnings) == 1
    by_baseline = run_analysis(
        spec("y_6m ~ arm + y_0m + (1 | trust:team)", population="well", condition="y_0m > 8"), study(seed=5, size=10)
    )
    assert not any("chosen by the outcome" in text for text in by_baseline.estimate.warnings)
