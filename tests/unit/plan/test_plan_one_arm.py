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
        (f"df: between-within, {OWN}", "not known to hold"),
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
