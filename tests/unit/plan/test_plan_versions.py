"""The version key: a plan of another version is told what to write, and nothing else."""

from typing import get_args

import pytest
import yaml

from cpis_analysis.errors import PlanError
from cpis_analysis.plan.reading import versions
from cpis_analysis.plan.reading.load import load_plan
from cpis_analysis.plan.reading.versions import of_current_version
from cpis_analysis.plan.schema import PlanFile

OLD = """version: 1
design:
  participant: pid
  trust: school_id
  trust_label: school
  team: class
  team_label: Klasse
  team_plural: "Klassen: alle"
models:
  means:
    cluster: team
  robust:
    cluster: other
outcomes:
  score:
    overrides:
      means:
        cluster: trust
"""


def problems(tmp_path, text):
    path = tmp_path / "config.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(PlanError) as caught:
        load_plan(path)
    return caught.value.problems


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("study: {}\n", "write version: 2 at the top"),
        ("version: 1\n", "write version: 2"),
        ("version: 3\n", "update the package"),
        ("version: one\n", "not a whole number"),
        ("version: true\n", "not a whole number"),
        ("version: 2.0\n", "not a whole number"),
        ("version: 0\n", "no such version"),
        ("version: -3\n", "no such version"),
    ],
)
def test_version_that_is_not_current_says_what_to_do(tmp_path, text, said):
    (problem,) = problems(tmp_path, text)
    assert said in str(problem)
    assert problem.line == 1


@pytest.mark.parametrize("version", [1, 2])
def test_keys_of_version_1_are_answered_with_the_lines_in_their_place(tmp_path, version):
    """Whoever raises the version first, or writes an old key from memory, reads the same."""
    found = problems(tmp_path, OLD.replace("version: 1", f"version: {version}"))
    assert [(one.line, one.hint) for one in found if "version" not in one.hint] == [
        (
            4,
            "write levels: [{variable: school_id, label: school}, "
            "{variable: class, label: Klasse, plural: 'Klassen: alle'}]",
        ),
        (11, "write cluster: class"),
        (18, "write cluster: school_id"),
    ]
    assert "trust, trust_label, team, team_label, team_plural" in found[-3].message


def test_lines_of_the_message_are_the_levels_of_the_plan_in_the_layout_of_today(tmp_path):
    """Oracle: the line that the message gives, read as YAML."""
    written = next(one.hint for one in problems(tmp_path, OLD) if "levels" in one.hint).removeprefix("write ")
    made = of_current_version(yaml.safe_load(OLD))
    assert yaml.safe_load(written) == {"levels": made["design"]["levels"]}
    assert made["design"].keys() == {"participant", "levels"}
    assert (made["version"], made["models"]["means"]["cluster"]) == (2, "class")
    assert made["outcomes"]["score"]["overrides"]["means"]["cluster"] == "school_id"
    assert of_current_version(made) == made


def test_version_of_the_schema_is_the_current_one():
    assert get_args(PlanFile.model_fields["version"].annotation) == (versions.CURRENT,)
