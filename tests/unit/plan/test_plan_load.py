"""A plan is checked as a whole, and resolves to specifications that hold no labels."""

from pathlib import Path

import pytest

from cpis_analysis.errors import PlanError
from cpis_analysis.plan.documentation import json_schema, reference_page
from cpis_analysis.plan.reading.load import load_plan
from cpis_analysis.plan.specification_records import specs_from_json, specs_to_json

ROOT = Path(__file__).parents[3]
TEXT = (ROOT / "config.yaml").read_text(encoding="utf-8")


def load(tmp_path, text):
    path = tmp_path / "config.yaml"
    path.write_text(text, encoding="utf-8")
    return load_plan(path)


def edit(*pairs):
    text = TEXT
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new, 1)
    return text


def problems(tmp_path, *pairs):
    with pytest.raises(PlanError) as caught:
        load(tmp_path, edit(*pairs))
    return caught.value.problems


def line_of(text, needle):
    return next(i for i, line in enumerate(text.splitlines(), 1) if needle in line)


def test_plan_shipped_resolves_every_pair(tmp_path):
    plan = load(tmp_path, TEXT)
    specs = plan.specifications()
    assert len(specs) == sum(len(part.models) for part in plan.content.outcomes.values())
    assert len({spec.name for spec in specs}) == len(specs)
    assert specs[0].name == "rguk.ancova"
    assert specs[0].formula == "rguk_6m ~ arm + rguk_0m + age + gender + (1 | trust) + (1 | trust:team)"
    assert {spec.rows for spec in specs if spec.model == "longitudinal"} == {"long"}


def test_plan_specs_json_round_trip(tmp_path):
    specs = load(tmp_path, TEXT).specifications()
    text = specs_to_json(specs)
    assert sorted(specs, key=lambda spec: spec.name) == specs_from_json(text)
    assert text == specs_to_json(reversed(specs))


def test_plan_labels_stay_out_of_specs(tmp_path):
    before = load(tmp_path, TEXT).specifications()
    after = load(tmp_path, edit(("label: ANCOVA, trust and team random", "label: Something else"))).specifications()
    assert before == after


def test_plan_order_and_comments_mean_nothing(tmp_path):
    plan = load(tmp_path, TEXT)
    head, rest = TEXT.split("\nreport:\n")
    moved = load(tmp_path, "# a comment\nreport:\n" + rest + "\n" + head)
    assert moved.digest() == plan.digest()
    assert [spec.name for spec in moved.specifications()] == [spec.name for spec in plan.specifications()]


def test_plan_all_mistakes_at_once_with_lines(tmp_path):
    found = problems(
        tmp_path,
        ("role: primary", "role: primry"),
        ("  randomised: false", "  randomized: no"),
        ("latest: 8", "latest: eight"),
    )
    text = "\n".join(str(problem) for problem in found)
    assert "did you mean 'primary'?" in text
    assert "did you mean 'randomised'?" in text
    assert "disagree" in text
    assert "latest" in text
    assert [problem.line for problem in found] == sorted(problem.line for problem in found)


@pytest.mark.parametrize(
    ("old", "new", "needle", "expected"),
    [
        ("models: [ancova, ", "models: [ancva, ", "[ancva", "did you mean 'ancova'?"),
        ("role: primary", "role: secondary", "outcomes:", "one outcome must be primary"),
        ("cluster: trust", "level: 0.9", "cr2_trust:", "needs the key cluster"),
        ("file: data/raw/teams.csv", "file: ../teams.csv", "../teams.csv", "out of the project"),
        ("file: data/raw/teams.csv", "file: /etc/passwd", "/etc/passwd", "out of the project"),
        ("wave: 6m}", "wave: 12m}", "wave: 12m", "no wave"),
        ("outcomes: [qpr, gas,", "outcomes: [qpr, gass,", "gass", "did you mean 'gas'?"),
        ("effect: arm:wave", "effect: arm:wav", "{outcome} ~ arm * wave", "the reported effect"),
        (
            'arm + age + gender + (1 | trust) + (1 | trust:team)"\n  longitudinal',
            'arm + age + gender"\n  longitudinal',
            "{outcome}_change",
            "random part",
        ),
        ("{outcome}_change ~", "rguk_change ~", "rguk_change", "{outcome}"),
    ],
)
def test_plan_contradiction_names_line_and_remedy(tmp_path, old, new, needle, expected):
    text = edit((old, new))
    (problem,) = problems(tmp_path, (old, new))
    assert expected in str(problem)
    where = line_of(text, needle)
    assert problem.line in (where, where - 1)


@pytest.mark.parametrize(
    "code",
    [
        "__import__('os').system('true')",
        "open('x')",
        "lambda: 1",
        "eval(arm)",
        "[x for x in arm]",
        "arm; import os",
        "{outcome!r}",
        "{outcome.__class__}",
        "arm[0]",
        "exec(age)",
        "f(arm)",
        "@arm",
    ],
)
def test_plan_formula_runs_no_code(tmp_path, code):
    with pytest.raises(PlanError):
        load(tmp_path, edit(("{outcome}_6m ~ arm + {outcome}_0m + age", "{outcome}_6m ~ arm + " + code)))


def test_plan_schema_and_page_are_current():
    assert (ROOT / "config.schema.json").read_text(encoding="utf-8") == json_schema(), "run: make schema"
    assert (ROOT / "docs" / "config.md").read_text(encoding="utf-8") == reference_page(), "run: make schema"


def test_plan_not_a_mapping_is_plan_error(tmp_path):
    with pytest.raises(PlanError, match="is not a plan"):
        load(tmp_path, "- a\n- b\n")


@pytest.mark.parametrize(
    ("formula", "effect", "said"),
    [
        ("{outcome}_6m ~ arm * gender + {outcome}_0m + (1 | trust)", "", "beside arm:gender its effect"),
        (
            "{outcome} ~ arm * wave * gender + (1 | trust)",
            "    effect: arm:wave\n",
            "beside arm:wave:gender its effect",
        ),
        ("{outcome} ~ arm * wave + (1 | trust)", "", "beside arm:wave its effect"),
        ("{outcome}_6m ~ arm * gender + (1 | trust)", "    effect: arm:gender\n", "its effect is an interaction"),
    ],
)
def test_plan_headline_has_to_be_a_difference_for_everybody(tmp_path, formula, effect, said):
    old = '    formula: "{outcome}_6m ~ arm + {outcome}_0m + age + gender + (1 | trust) + (1 | trust:team)"\n'
    found = problems(tmp_path, (old, f'    formula: "{formula}"\n{effect}'))
    assert any(said in problem.message for problem in found)
    assert any("first" in (problem.hint or "") for problem in found)


def test_plan_headline_of_change_over_time_is_a_difference_for_everybody(tmp_path):
    old = '    formula: "{outcome}_6m ~ arm + {outcome}_0m + age + gender + (1 | trust) + (1 | trust:team)"\n'
    new = '    formula: "{outcome} ~ arm * wave + gender + (1 | trust) + (1 | trust:team:wave)"\n    effect: arm:wave\n'
    load(tmp_path, edit((old, new), ("    tipping_point: {models: [ancova, cr2_trust]}\n", "")))
