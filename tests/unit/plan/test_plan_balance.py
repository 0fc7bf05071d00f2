"""The key balance in a plan: what it becomes, and every mistake with its line and remedy."""

from pathlib import Path

import pytest

from cpis_analysis.errors import PlanError
from cpis_analysis.plan.reading.load import load_plan
from cpis_analysis.plan.specification import BalanceSpec

ROOT = Path(__file__).parents[3]
TEXT = (ROOT / "config.yaml").read_text(encoding="utf-8")
OF_MODEL = (
    "balance:\n      "
    '{method: overlap, variables: ["{outcome}_0m", age, gender, relationship, substance_use, admission_9m]}'
)


def load(tmp_path, *pairs):
    text = TEXT
    for old, new in pairs:
        assert old in text, old
        text = text.replace(old, new, 1)
    (tmp_path / "config.yaml").write_text(text, encoding="utf-8")
    return load_plan(tmp_path / "config.yaml")


def test_plan_balance_becomes_a_specification(tmp_path):
    plan = load(tmp_path, (OF_MODEL, 'balance: {method: entropy, variables: ["{outcome}_0m", age]}'))
    assert plan.specification("rguk", "overlap_trust").balance == BalanceSpec("entropy", ("rguk_0m", "age"), "everyone")
    overlap = load(tmp_path).specification("rguk", "overlap_trust").balance
    assert (overlap.method, overlap.target, overlap.variables[0]) == ("overlap", "", "rguk_0m")
    assert plan.specification("rguk", "cr2_trust").balance is None


@pytest.mark.parametrize(
    ("new", "message"),
    [
        (
            "balance: {method: overlap, variables: [age], target: reference}",
            "overlap weights say themselves about whom",
        ),
        ("balance: {method: entropy, variables: [age, arm]}", "the arms can't be made alike in the arm"),
        ("balance: {method: entropy, variables: [age, age]}", "the variable stands twice"),
        ("balance: {method: entropy, variables: [qpr_6m]}", "it is known after the intervention began"),
        ('balance: {method: entropy, variables: ["{outcome}_change"]}', "it is known after the intervention began"),
        ("balance: {method: entropy, variables: [age]}\n    leave_one_out: true", "the weights are made of everybody"),
        (
            "balance: {method: entropy, variables: [age]}\n    missing: inverse_probability\n"
            "    weighting: {predictors: [age]}",
            "weights that make the arms alike are made of what was observed",
        ),
        ("balance: {method: entropy, variables: []}", "list should have at least 1 item"),
        (
            "balance: {method: magic, variables: [age]}",
            "has a value that is not allowed (found 'magic'); allowed: overlap or entropy",
        ),
    ],
)
def test_plan_mistakes_of_balance_are_said_with_their_line(tmp_path, new, message):
    with pytest.raises(PlanError) as caught:
        load(tmp_path, (OF_MODEL, new))
    (problem,) = caught.value.problems
    assert problem.message.startswith(message) or message in str(problem)
    assert problem.line


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "    covariates: imbalanced\n",
            "    covariates: imbalanced\n    balance: {method: entropy, variables: [age]}\n",
            "a mixed model takes no weights of this kind",
        ),
        (
            "tipping_point: {models: [ancova, cr2_trust]}",
            "tipping_point: {models: [ancova, overlap_trust]}",
            "no tipping point for this model: its weights are for those with the outcome",
        ),
        (
            "reference: comparison}",
            "reference: comparison, compared: [comparison, implementation, other]}",
            "weights make two arms alike, and the study compares more",
        ),
    ],
)
def test_plan_refuses_balance_where_it_means_nothing(tmp_path, old, new, message):
    with pytest.raises(PlanError) as caught:
        load(tmp_path, (old, new))
    assert message in {problem.message for problem in caught.value.problems}
