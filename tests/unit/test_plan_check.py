"""The plan against the dictionary: conditions, events, contrasts and overrides, each mistake with line and remedy."""

from pathlib import Path

import pytest

from cpis_analysis.errors import PlanError
from cpis_analysis.plan.load import load_plan
from cpis_analysis.study.plan_check import check_plan

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "config.yaml").read_text(encoding="utf-8")
MODERATOR = "{kind: moderator, moderator: in_trained_trust}"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("project")
    (made / "data" / "raw").mkdir(parents=True)
    for path in (ROOT / "data" / "raw").glob("*"):
        (made / "data" / "raw" / path.name).write_bytes(path.read_bytes())
    return made


def checked(folder, *pairs):
    text = TEXT
    for old, new in pairs:
        assert old in text, old
        text = text.replace(old, new, 1)
    (folder / "config.yaml").write_text(text, encoding="utf-8")
    plan = load_plan(folder / "config.yaml")
    check_plan(plan)
    return plan


def test_plan_shipped_is_valid_and_remarks_what_stands_ready(folder):
    assert [problem.value for problem in checked(folder).remarks()] == ["trained_trust"]


@pytest.mark.parametrize(("old", "new", "said"), [
    ("where: has_0m and has_6m", "where: has_0m and has_6", "did you mean 'has_6m'?"),
    ('label: Without the trust of the team that organised its training\n    where: trust != "C"',
     "label: Without\n    where: trust != C", 'a code stands in quotes: "C"'),
    ("where: has_0m and has_6m", 'where: materials_explained_6m == "yess"', "did you mean 'yes'?"),
    ("where: has_0m and has_6m", 'where: trust < "C"', "only numbers and dates"),
    ("where: has_0m and has_6m", 'where: age == "40"', "without quotes"),
    ("where: has_0m and has_6m", "where: gender and has_6m", "no truth value"),
    ("where: has_0m and has_6m", "where: {has_6m: yes_}", "allowed: true, false"),
    ("where: has_0m and has_6m", "where: has_0m &&", "write and"),
    ("where: has_0m and has_6m", "where: {trust: [1]}", "text or a list of texts"),
    ('event: ["yes"]', 'event: ["ja"]', "allowed: yes, no"),
    ('event: ["yes"]', 'event: ["yes", "no"]', "every answer is the event"),
    ("variable: support_received", "variable: suport_received", "did you mean 'support_received'?"),
    ("variable: support_received", "variable: age", "only a variable with choices"),
    ("    type: binary\n", "    type: bounded_count\n", "needs the key low"),
    ("    type: binary\n", "    type: binry\n", "did you mean 'binary'?"),
    ("models: [risk, risk_gee]", "models: [risk, risk_gee, ancova]", "supported_0m"),
    ("models: [post, post_trust_fixed,", "models: [post, risk_gee, post_trust_fixed,", "gee is for binary outcomes"),
    (MODERATOR, "{kind: moderator, moderator: in_traned_trust}", "did you mean 'in_trained_trust'?"),
    (MODERATOR, "{kind: moderator, moderator: gender}", "write arm * gender in the formula"),
    (MODERATOR, "{kind: moderator}", "needs the key moderator"),
    (MODERATOR, "{kind: moderator, moderator: in_trained_trust, at: [1]}", "has levels, not values"),
    (MODERATOR, "{kind: joint}", "needs terms"),
    (MODERATOR, "{kind: joint, terms: [arm:age]}", "the term is not in the formula"),
    (MODERATOR, "{kind: moderater}", "did you mean 'moderator'?"),
    ('arm * in_trained_trust + {outcome}_0m + {covariates}', "arm * in_trained_trust + {outcome}_0m + {covariate}",
     "the only templates are"),
    ("covariates: person\n    effect: arm:in", "effect: arm:in", "the model names no list"),
    ("covariates: person\n    effect: arm:in", "covariates: persn\n    effect: arm:in", "did you mean 'person'?"),
    ("person: [age, gender]", "person: [age, gendr]", "did you mean 'gender'?"),
    ("person: [age, gender]", "person: [age, (1 | trust)]", "takes no random part"),
    ("person: [age, gender]", "person: [age, os.system(gender)]", "not known"),
    ("  in_trained_trust:\n    label", "  gender:\n    label", "of this name already"),
    ("    models: [risk, risk_gee]", "    models: [risk, risk_gee]\n    overrides: {ris: {df: z}}",
     "did you mean 'risk'?"),
    ("    models: [risk, risk_gee]", "    models: [risk, risk_gee]\n    overrides: {risk: {label: x}}", "unknown key"),
    ("    models: [risk, risk_gee]", "    models: [risk, risk_gee]\n    overrides: {risk: {population: al}}",
     "no population of this name"),
    ("    models: [risk, risk_gee]", '    models: [risk, risk_gee]\n    overrides: {risk: {formula: "{outcome}_6m ~ '
     'arm + ag + (1 | trust)", covariates: null}}', "did you mean 'age'?"),
    ("    cluster: team\n    formula: \"{outcome}_6m ~ arm + {covariates}\"",
     "    cluster: team\n    effect: arm:age\n    formula: \"{outcome}_6m ~ arm * age + {covariates}\"",
     "gee reports the difference"),
])
def test_plan_mistake_is_found_with_its_remedy(folder, old, new, said):
    with pytest.raises(PlanError) as caught:
        checked(folder, (old, new))
    assert said in str(caught.value)
    assert all(problem.line for problem in caught.value.problems)


def test_plan_override_changes_one_analysis_alone(folder):
    before = {spec.name: spec for spec in checked(folder).specifications()}
    after = {spec.name: spec for spec in checked(folder, (
        "    models: [risk, risk_gee]", "    models: [risk, risk_gee]\n    overrides: {risk: {df: satterthwaite}}",
    )).specifications()}
    assert [name for name in before if before[name] != after[name]] == ["supported.risk"]
    assert after["supported.risk"].df_method == "satterthwaite"


def test_plan_list_of_covariates_changes_what_uses_it_and_nothing_else(folder):
    before = {spec.name: spec for spec in checked(folder).specifications()}
    after = {spec.name: spec for spec in checked(folder, ("person: [age, gender]", "person: []")).specifications()}
    changed = {spec.split(".")[1] for spec in before if before[spec] != after[spec]}
    assert changed == {"longitudinal_complete", "without_trained_trust", "materials_explained", "trained_team", "risk",
                       "risk_gee"}
    assert after["supported.risk"].formula == "supported_6m ~ arm + 1 + (1 | trust) + (1 | trust:team)"


def test_plan_margins_and_labels_stay_out_of_specifications(folder):
    before = checked(folder).specifications()
    after = checked(folder, ("minimal_important_difference: 4", "equivalence: {low: -4, high: 4}\n"
                             "    minimal_important_difference: 5")).specifications()
    assert after == before


@pytest.mark.parametrize(("key", "name"), [
    ("corrections: data/raw/round1.xlsx", "data/raw/round1.xlsx"),
    ("corrections: [data/raw/participants.csv, data/raw/round2.xlsx]", "data/raw/round2.xlsx"),
])
def test_file_of_answers_that_is_missing_is_named_with_its_line(folder, key, name):
    with pytest.raises(PlanError) as caught:
        checked(folder, ("data:\n", f"data:\n  {key}\n"))
    [problem] = caught.value.problems
    assert (problem.message, problem.value) == ("there is no such file", name)
    assert problem.line == TEXT[:TEXT.index("data:\n")].count("\n") + 2


def test_file_of_answers_may_not_lead_out_of_the_project(folder):
    with pytest.raises(PlanError, match="leads out of the project"):
        checked(folder, ("data:\n", "data:\n  corrections: [../answers.xlsx]\n"))
