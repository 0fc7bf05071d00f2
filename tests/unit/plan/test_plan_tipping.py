"""The key tipping_point: which analyses it reaches, and what is refused with what is allowed."""

from pathlib import Path

import pytest

from cpis_analysis.errors import PlanError
from cpis_analysis.plan.reading.load import load_plan
from cpis_analysis.plan.specification_records import specs_from_json, specs_to_json

pytestmark = pytest.mark.thorough

ROOT = Path(__file__).parents[3]
TEXT = (ROOT / "config.yaml").read_text(encoding="utf-8")
KEY = "    tipping_point: {models: [ancova, cr2_trust]}\n"


def load(tmp_path, new, old=KEY):
    assert TEXT.count(old) == 1
    path = tmp_path / "config.yaml"
    path.write_text(TEXT.replace(old, new), encoding="utf-8")
    return load_plan(path)


def refused(tmp_path, new, old=KEY):
    with pytest.raises(PlanError) as caught:
        load(tmp_path, new, old)
    assert len(caught.value.problems) == 1, str(caught.value)
    return caught.value.problems[0]


def asked(plan):
    return [spec.name for spec in plan.specifications() if spec.tipping_point]


def test_tipping_reaches_the_named_models_or_the_first(tmp_path):
    assert asked(load(tmp_path, KEY)) == ["rguk.ancova", "rguk.cr2_trust"]
    assert asked(load(tmp_path, "    tipping_point: {}\n")) == ["rguk.ancova"]
    assert asked(load(tmp_path, "")) == []


def test_tipping_changes_nothing_else_and_survives_json(tmp_path):
    with_it, without = (load(tmp_path, text).specifications() for text in (KEY, ""))
    differing = [a.name for a, b in zip(with_it, without, strict=True) if a != b]
    assert differing == ["rguk.ancova", "rguk.cr2_trust"]
    assert specs_from_json(specs_to_json(with_it)) == sorted(with_it, key=lambda spec: spec.name)


def test_tipping_shifts_shown_are_fitted_and_part_of_no_other_analysis(tmp_path):
    shown = load(tmp_path, "    tipping_point: {models: [ancova, cr2_trust], deltas: [-2, 0, 2]}\n").specifications()
    before = load(tmp_path, KEY).specifications()
    changed = [new.name for new, old in zip(shown, before, strict=True) if new != old]
    assert changed == ["rguk.ancova", "rguk.cr2_trust"]
    assert {new.shifts for new in shown if new.name in changed} == {(-2.0, 0.0, 2.0)}


@pytest.mark.parametrize(
    ("model", "why"),
    [
        ("longitudinal", "no row that could be shifted"),
        ("cluster_t", "no prediction for a person"),
        ("trained_team", "something else than the difference between the arms"),
    ],
)
def test_tipping_refuses_models_and_says_which_are_allowed(tmp_path, model, why):
    problem = refused(tmp_path, f"    tipping_point: {{models: [{model}]}}\n")
    assert why in problem.message
    assert problem.value == model
    assert "ancova" in problem.allowed
    assert model not in problem.allowed.split(", ")
    assert problem.line is not None


def test_tipping_refuses_unknown_and_repeated_models(tmp_path):
    unknown = refused(tmp_path, "    tipping_point: {models: [ancovaa]}\n")
    assert "did you mean 'ancova'" in str(unknown).lower() or "ancova" in (unknown.hint or "")
    assert "twice" in refused(tmp_path, "    tipping_point: {models: [ancova, ancova]}\n").message


def test_tipping_refuses_binary_and_transformed_outcomes(tmp_path):
    binary = refused(
        tmp_path,
        "    variable: support_received\n    tipping_point: {}\n",
        "    variable: support_received\n",
    )
    assert "binary" in binary.message
    formula = '"{outcome}_6m ~ arm + {outcome}_0m + age + gender + (1 | trust:team)"'
    text = TEXT.replace(KEY, "    tipping_point: {models: [team_only]}\n")
    assert formula in text
    path = tmp_path / "config.yaml"
    path.write_text(text.replace(formula, formula.replace("{outcome}_6m", "log1p({outcome}_6m)")), encoding="utf-8")
    with pytest.raises(PlanError, match="transformed"):
        load_plan(path)


@pytest.mark.parametrize(
    ("deltas", "message"),
    [
        ("[3, 0, -3]", "increasing order"),
        ("[-3, 3]", "need 0"),
        ("[0, 1, 2]", "need 0"),
        ("[-3, -1, 1, 3]", "need 0"),
        ("[-3, 0, 0, 3]", "increasing order"),
    ],
)
def test_tipping_refuses_shifts_that_make_no_grid(tmp_path, deltas, message):
    problem = refused(tmp_path, f"    tipping_point: {{deltas: {deltas}}}\n")
    assert message in problem.message
