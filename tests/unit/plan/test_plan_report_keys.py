"""Keys that name what the report tells: every slip has its line, and what the data have can be used."""

from pathlib import Path

import pytest

from cpis_analysis.errors import PlanError
from cpis_analysis.study.checks.plan_check import load_and_check

ROOT = Path(__file__).parents[3]
TEXT = (ROOT / "config.yaml").read_text(encoding="utf-8")


def checked(folder, old, new):
    assert old in TEXT, old
    (folder / "config.yaml").write_text(TEXT.replace(old, new, 1), encoding="utf-8")
    return load_and_check(folder / "config.yaml")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("  changes: [change_mental_health", "  changes: [change_mood", "no variable of report.experience of this"),
        ("  barriers: [barrier_anxiety", "  barriers: [change_confidence, barrier_anxiety", "are not yes and no"),
        ("  barriers: [barrier_anxiety", "  barriers: [barrier_cost, barrier_anxiety", "the variable stands twice"),
        ("fidelity: {variable: fidelity,", "fidelity: {variable: trained,", "fidelity must be a number"),
        ("fidelity: {variable: fidelity,", "fidelity: {variable: age,", "no variable of design.team_characteristics"),
        ("{variable: fidelity,", "{variable: fidelity, high_source: manual,", "a source of no value"),
        ('variable: trained, code: "yes"', 'variable: trained, code: "done"', "trained has no such code"),
        ("    supported: support_received\n", "\n", "nothing is told of these clusters"),
        ('code: "yes", label', 'code: "yes", bands: [0.6, 0.4], label', "do not part shares in increasing order"),
        ("  changes: [", "  experience_by_trust: [support_received]\n  changes: [", "the counts behind the bands away"),
        (
            "odds, risk, risk_gee]",
            "odds, risk, without_trained_trust]",
            "some of the people",
        ),
        ("    reached: materials_explained", "    reached: materials", "did you mean 'materials_explained'?"),
        ("    details: [act_people", "    details: [acts_people", "did you mean 'act_people'?"),
        ("      - activity_self_help", "      - support_received", "stands in report.experience already"),
        ("      - activity_self_help", "      - age", "only variables with choices"),
        ("  changes: [", "  shown_first: [Z]\n  changes: [", "trust has no such code"),
        (
            "  changes: [",
            "  focus_groups: {asked_of: {model_unclear: [control]}}\n  changes: [",
            "arm has no such code",
        ),
        (
            "    variable: support_received\n",
            "    variable: support_received\n    phrase: people\n",
            "has no key phrase",
        ),
        ("  experience:\n", "  implementaton: {}\n  experience:\n", "did you mean 'implementation'?"),
    ],
)
def test_report_key_that_fits_nothing_is_a_mistake_with_its_line(folder, old, new, said):
    with pytest.raises(PlanError) as caught:
        checked(folder, old, new)
    assert said in str(caught.value)
    assert all(problem.line for problem in caught.value.problems)


def test_population_without_missing_items_is_a_condition_as_any_other(folder):
    plan, _ = checked(
        folder, "where: has_0m and has_6m", "where: rguk_items_missing_0m == 0 and rguk_items_missing_6m == 0"
    )
    conditions = {spec.condition for spec in plan.specifications() if spec.population == "complete_cases"}
    assert conditions == {"rguk_items_missing_0m == 0 and rguk_items_missing_6m == 0"}


def test_population_knows_no_change_of_missing_items(folder):
    with pytest.raises(PlanError, match="rguk_items_missing_change"):
        checked(folder, "where: has_0m and has_6m", "where: rguk_items_missing_change == 0")
