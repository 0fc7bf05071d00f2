"""Families of outcomes that are permuted together: what their headline models have to be, and what the step is told."""

import json
from pathlib import Path

import pytest

from cpis_analysis.errors import PlanError
from cpis_analysis.plan.reading.load import load_plan
from cpis_analysis.workflow.rule_parameters import Workflow

SOURCE = Path(__file__).parents[3] / "src"
PLAN = """version: 2
study: {name: S, short_name: S, synthetic: true, randomised: true, seed: 7}
data: {dictionary: d.csv, sources: {a: {file: a.csv, holds: wide}}}
design:
  participant: participant_id
  arm: {variable: arm, reference: c}
  levels: [{variable: trust}, {variable: team}]
  waves: [{name: 0m, label: Before, months: 0}, {name: 6m, label: After, months: 6}]
outcomes:
  x: {label: First, role: primary, models: [permuted, mixed, everywhere]}
  z: {label: Score, role: secondary, models: [MODEL]}
models:
  permuted: {label: Permuted, estimator: permutation, formula: "{outcome}_6m ~ arm"}
  everywhere: {label: Everywhere, estimator: permutation, across: true, formula: "{outcome}_6m ~ arm"}
  mixed: {label: Mixed, formula: "{outcome}_6m ~ arm + (1 | trust:team)"}
families: {both: {outcomes: [x, z], method: METHOD}}
report: {title: T}
"""


def planned(folder, model="permuted", method="romano-wolf"):
    path = folder / "config.yaml"
    path.write_text(PLAN.replace("MODEL", model).replace("METHOD", method), encoding="utf-8")
    return load_plan(path)


def test_families_are_permuted_together_where_their_headlines_are_permutations(tmp_path):
    assert planned(tmp_path).content.families["both"].permuted
    with pytest.raises(PlanError) as caught:
        planned(tmp_path, "mixed")
    (problem,) = caught.value.problems
    assert problem.message == "outcomes are permuted together only where their headline models are permutations"
    assert (problem.value, problem.allowed, problem.line) == ("mixed", "permutation", 16)
    with pytest.raises(PlanError) as caught:
        planned(tmp_path, "everywhere")
    assert [problem.message for problem in caught.value.problems] == [
        "its headline models differ in across, so clusters differ in what they exchange"
    ]
    # a family of another method asks for nothing
    planned(tmp_path, "mixed", "holm")


def test_families_permuted_together_tell_their_step_the_seed(tmp_path):
    told = [
        json.loads(Workflow(planned(tmp_path, method=one), SOURCE).collect_spec()) for one in ("romano-wolf", "holm")
    ]
    assert [spec.get("seed") for spec in told] == [7, None]
