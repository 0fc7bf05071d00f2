"""Keys of the plan with two words: either is read, and messages have the one that the plan has."""

import copy
import json

import pytest
import yaml

from cpis_analysis.errors import PlanError
from cpis_analysis.plan.documentation import json_schema, reference_page
from cpis_analysis.plan.key_words import OTHER_WORDS, in_known_words, in_words_of
from cpis_analysis.plan.reading.load import load_plan
from cpis_analysis.runs.plan_changes import plan_changes, todays_form
from levelled_trial import plan

WORDS = [(section, known, other) for section, of in OTHER_WORDS.items() for known, other in of.items()]
VALUES = {"team_characteristics": ["size"], "interview_date": "seen_on", "experience_by_trust": ["liked"]}


def trial(levels=("school", "class"), **words):
    made = plan(
        levels, {"robust": {"estimator": "ols_cr2", "cluster": "class", "label": "A", "formula": "{outcome}_t1 ~ arm"}}
    )
    del made["outcomes"]["passed"]
    made["report"]["experience"] = ["liked"]
    for section, known, other in WORDS:
        made[section][words.get(known, other)] = VALUES[known]
    return made


def load(tmp_path, made):
    (tmp_path / "config.yaml").write_text(yaml.safe_dump(made, sort_keys=False), encoding="utf-8")
    return load_plan(tmp_path / "config.yaml")


def test_either_word_is_read(tmp_path):
    ours = load(tmp_path, trial())
    theirs = load(tmp_path, trial(**{known: known for _, known, _ in WORDS}))
    assert ours.content == theirs.content
    assert ours.digest() == theirs.digest()
    assert ours.content.design.team_characteristics == ["size"]
    assert ours.document.line_of(("design", "team_characteristics", 0)) == ours.document.line_of(
        ("design", "cluster_characteristics", 0)
    )


@pytest.mark.parametrize(("section", "known", "other"), WORDS)
def test_both_words_of_a_key_are_a_problem(tmp_path, section, known, other):
    made = trial()
    made[section][known] = VALUES[known]
    with pytest.raises(PlanError) as caught:
        load(tmp_path, made)
    (problem,) = [one for one in caught.value.problems if "the same key" in one.message]
    assert problem.message == f"{section}.{other} and {section}.{known} are the same key"
    assert problem.line is not None


@pytest.mark.parametrize(
    ("made", "said", "not_said"),
    [
        (trial(), "cluster_characteristics", "team_characteristics"),
        (trial(team_characteristics="team_characteristics"), "team_characteristics", "cluster_characteristics"),
    ],
)
def test_messages_have_the_word_of_the_plan(tmp_path, made, said, not_said):
    made["report"]["implementation"] = {"fidelity": {"variable": "other"}}
    made["design"]["unknown"] = 1
    with pytest.raises(PlanError) as caught:
        load(tmp_path, made)
    assert said in str(caught.value)
    assert not_said not in str(caught.value)
    del made["design"]["unknown"]
    with pytest.raises(PlanError) as caught:
        load(tmp_path, made)
    assert f"design.{said}" in str(caught.value)
    assert not_said not in str(caught.value)


@pytest.mark.parametrize(("levels", "other"), [(("school", "class"), True), (("trust", "team"), False), ((), True)])
def test_a_key_that_a_plan_lacks_has_the_word_that_fits_its_levels(tmp_path, levels, other):
    made = trial()
    made["design"]["levels"] = [{"variable": name} for name in levels]
    for section, _, word in WORDS:
        del made[section][word]
    made["models"]["robust"]["cluster"] = levels[-1] if levels else "pupil"
    made["report"]["implementation"] = {"fidelity": {"variable": "other"}}
    made["design"]["unknown"] = 1
    with pytest.raises(PlanError) as caught:
        load(tmp_path, made)
    for _, known, word in WORDS[:2]:
        assert (word in str(caught.value), known in str(caught.value)) == (other, not other)


def test_a_variable_keeps_the_name_of_a_key(tmp_path):
    made = trial()
    for key in ("characteristics", "cluster_characteristics"):
        made["design"][key] = ["team_characteristics"]
    with pytest.raises(PlanError) as caught:
        load(tmp_path, made)
    (problem,) = [one for one in caught.value.problems if "already" in one.message]
    assert problem.value == "team_characteristics"
    assert problem.message == (
        "design.cluster_characteristics names a variable that stands in design.characteristics already"
    )


@pytest.mark.parametrize(
    ("path", "key"),
    [
        (("design",), "design"),
        (("design", "team_characteristics"), "design.cluster_characteristics"),
        (("design", "team_characteristics", 0), "design.cluster_characteristics.0"),
        (("report", "team_characteristics"), "report.team_characteristics"),
        (("models", "interview_date", "label"), "models.interview_date.label"),
        (("models", "design", "team_characteristics"), "models.design.team_characteristics"),
        ((), ""),
    ],
)
def test_a_key_is_said_by_its_path(tmp_path, path, key):
    assert load(tmp_path, trial()).document.key(*path) == key


@pytest.mark.parametrize("typed", ["cluster_characteristic", "team_characteristic"])
def test_a_key_that_is_written_wrongly_is_one_of_the_two_words(tmp_path, typed):
    made = trial()
    made["design"][typed] = made["design"].pop("cluster_characteristics")
    with pytest.raises(PlanError) as caught:
        load(tmp_path, made)
    (problem,) = caught.value.problems
    assert problem.message == f"unknown key design.{typed}"
    assert problem.hint == f"did you mean '{typed}s'?"
    assert "cluster_characteristics" in problem.allowed
    assert "team_characteristics" not in problem.allowed


def test_a_role_that_is_given_twice_is_said_with_the_words_of_the_plan(tmp_path):
    made = trial()
    made["design"]["measured_on"] = made["design"]["arm"]["variable"]
    made["design"]["levels"][1]["variable"] = made["design"]["levels"][0]["variable"]
    made["models"]["robust"]["cluster"] = made["design"]["levels"][0]["variable"]
    with pytest.raises(PlanError) as caught:
        load(tmp_path, made)
    said = {problem.message: problem.hint for problem in caught.value.problems}
    assert said["design.measured_on names the same variable as design.arm.variable"] is None
    assert said["design.levels.1.variable names the same variable as design.levels.0.variable"] == (
        "leave one of the levels out"
    )


def test_a_resolved_plan_is_the_same_in_either_words(tmp_path):
    resolved = load(tmp_path, trial()).content.model_dump(mode="json")
    told = in_words_of(resolved)
    assert not any(known in told[section] for section, known, _ in WORDS)
    assert in_known_words(told) == resolved == todays_form(told) == todays_form(resolved)
    assert not plan_changes(todays_form(told), resolved)
    home = copy.deepcopy(resolved)
    home["design"]["levels"][0]["variable"] = "trust"
    assert in_words_of(home) == home


def test_editors_and_the_page_of_keys_know_both_words():
    schema, page = json.loads(json_schema()), reference_page()
    for section, known, other in WORDS:
        properties = schema["$defs"][section.capitalize()]["properties"]
        assert {key: part for key, part in properties[known].items() if key != "title"} == {
            key: part for key, part in properties[other].items() if key != "title"
        }
        assert f"| `{known}` or `{other}` |" in page
