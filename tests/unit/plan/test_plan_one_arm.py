"""Clusters in one arm only: the key of the plan, and which models hold their size there."""

import pytest

from cpis_analysis.errors import PlanError
from cpis_analysis.plan.reading.load import load_plan

PLAN = """version: 2
study: {name: S, short_name: S, synthetic: true, randomised: true}
data: {dictionary: d.csv, sources: {a: {file: a.csv, holds: wide}}}
design:
  participant: pid
  arm: {variable: arm, reference: usual, compared: [usual, new]}
  levels:
    - {variable: site}
    - {variable: group, label: therapy group, arms: [new]}
  waves: [{name: 0m, label: Before, months: 0}, {name: 6m, label: After, months: 6}]
outcomes:
  y: {label: Score, role: primary, models: [main]}
models:
  main: {label: Main, MODEL}
report: {title: T}
"""
OWN = 'formula: "{outcome}_6m ~ arm + site + (0 + in_group | site:group)"'
FIXED = 'formula: "{outcome}_6m ~ arm + site"'


def loaded(folder, model=OWN, **changed):
    text = PLAN.replace("MODEL", model)
    for old, new in changed.values():
        assert old in text
        text = text.replace(old, new)
    path = folder / "config.yaml"
    path.write_text(text, encoding="utf-8")
    return load_plan(path)


def refused(folder, model=OWN, **changed):
    with pytest.raises(PlanError) as caught:
        loaded(folder, model, **changed)
    return "\n".join(map(str, caught.value.problems))


@pytest.mark.parametrize(
    "model",
    [
        f"estimator: mmrm, covariance: independent, residual_by: arm, {OWN}",
        OWN,
        f"df: satterthwaite, {OWN}",
        f"df: between-within, {OWN}",
        f"estimator: ols_cr2, cluster: group, {FIXED}",
    ],
)
def test_models_that_hold_their_size_are_taken(tmp_path, model):
    level = loaded(tmp_path, model).content.design.one_sided
    assert (level.variable, level.indicator, level.cluster) == ("group", "in_group", "therapy group")
    assert (level.noun, level.noun.many) == ("therapy group or single person", "therapy groups or single people")


@pytest.mark.parametrize(
    ("model", "said"),
    [
        (OWN.replace("0 + in_group", "1"), "write (0 + in_group | site:group)"),
        (OWN.replace("0 + in_group", "in_group"), "write (0 + in_group | site:group)"),
        (OWN.replace("(0 + in_group | site:group)", "(1 | site)"), "the formula has no therapy group"),
        (f"df: z, {OWN}", "not known to hold"),
        (f"missing: multiple_imputation, {OWN}", "imputed with clusters that vary alike"),
        (f"estimator: ols_cr2, cluster: pid, {FIXED}", "people of one therapy group are no replicates"),
        (f"estimator: cluster_summary, cluster: group, {FIXED}", "would take every single person for one"),
        (f"estimator: permutation, cluster: group, {FIXED}", "allowed: mixed"),
        (f"estimator: by_design, {FIXED}", "would take every single person for one"),
    ],
)
def test_models_that_count_single_people_as_clusters_are_refused(tmp_path, model, said):
    assert said in refused(tmp_path, model)


def test_overrides_are_looked_at_too(tmp_path):
    text = refused(tmp_path, models=("models: [main]", "models: [main], overrides: {main: {df: residual}}"))
    assert "not known to hold" in text


def test_levels_have_clusters_in_some_of_the_compared_arms_and_only_the_last(tmp_path):
    assert "only the last level" in refused(tmp_path, site=("{variable: site}", "{variable: site, arms: [new]}"))
    assert "takes no part" in refused(tmp_path, arms=("arms: [new]", "arms: [other]"))
    assert "all arms that are compared" in refused(tmp_path, arms=("arms: [new]", "arms: [new, usual]"))


ANSWERED = """  passed: {label: Passed, role: secondary, type: binary, models: [other]}
  visits: {label: Visits, role: secondary, type: count, models: [other]}
  grade: {label: Grade, role: secondary, type: ordinal, variable: graded, categories: [low, high], models: [other]}
  gone: {label: Gone, role: secondary, type: time_to_event, variable: left, event: ["yes"], time: days, models: [other]}
"""
EQUATIONS = "estimator: gee, cluster: group, correlation: independence"


def answered(outcome, model):
    """Texts that give the plan one more outcome, with a model of its own."""
    line = next(one for one in ANSWERED.splitlines() if one.startswith(f"  {outcome}:"))
    return {"outcomes": ("models:\n", f"{line}\nmodels:\n  other: {{label: Other, {model}}}\n")}


@pytest.mark.parametrize(
    ("outcome", "model"),
    [
        ("passed", f"{EQUATIONS}, df: satterthwaite, correction: kauermann-carroll, {FIXED}"),
        ("visits", f"{EQUATIONS}, df: satterthwaite, {FIXED}"),
        ("passed", f"estimator: glmm, {OWN}"),
        ("visits", f"estimator: glmm, df: pseudo-kenward-roger, {OWN}"),
        ("grade", f"estimator: glmm, {OWN}"),
        ("gone", f"estimator: cox, df: satterthwaite, cluster: group, {FIXED}"),
    ],
)
def test_models_of_answers_that_hold_their_size_are_taken(tmp_path, outcome, model):
    specs = loaded(tmp_path, **answered(outcome, model)).specifications()
    assert [one.model for one in specs if one.outcome == outcome] == ["other"]


@pytest.mark.parametrize(
    ("outcome", "model", "said"),
    [
        ("passed", f"{EQUATIONS}, {FIXED}", "clusters-2'); allowed: satterthwaite"),
        (
            "passed",
            f"{EQUATIONS}, df: satterthwaite, correction: fay-graubard, {FIXED}",
            "allowed: kauermann-carroll, or mancl-derouen",
        ),
        ("gone", f"estimator: cox, cluster: group, {FIXED}", "clusters-2'); allowed: satterthwaite"),
        ("gone", f"estimator: cox, cluster: pid, df: satterthwaite, {FIXED}", "are no replicates"),
        ("visits", f"estimator: glmm, df: z, {OWN}", "not known to hold"),
        ("grade", f"estimator: glmm, {OWN.replace('0 + in_group', '1')}", "write (0 + in_group | site:group)"),
        ("visits", f"estimator: cluster_rates, cluster: group, {FIXED}", "would take every single person for one"),
    ],
)
def test_models_of_answers_that_count_single_people_are_refused(tmp_path, outcome, model, said):
    assert said in refused(tmp_path, **answered(outcome, model))
