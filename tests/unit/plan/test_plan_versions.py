"""The version key: a plan of another version is told what to change, and nothing else."""

import pytest

from cpis_analysis.errors import PlanError
from cpis_analysis.plan.reading import versions
from cpis_analysis.plan.reading.load import load_plan


def problems(tmp_path, text):
    path = tmp_path / "config.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(PlanError) as caught:
        load_plan(path)
    return caught.value.problems


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("study: {}\n", "write version: 1 at the top"),
        ("version: 2\n", "update the package"),
        ("version: one\n", "not a whole number"),
        ("version: true\n", "not a whole number"),
        ("version: 1.0\n", "not a whole number"),
        ("version: 0\n", "no such version"),
        ("version: -3\n", "no such version"),
    ],
)
def test_version_that_is_not_current_says_what_to_do(tmp_path, text, said):
    (problem,) = problems(tmp_path, text)
    assert said in str(problem)
    assert problem.line == 1


def test_version_that_has_moved_lists_every_change_in_order(tmp_path, monkeypatch):
    monkeypatch.setattr(versions, "CURRENT", 3)
    monkeypatch.setattr(versions, "MOVES", {1: ("rename a to b", "add c"), 2: ("remove d",)})
    found = [problem.message for problem in problems(tmp_path, "version: 1\nunknown: 1\n")]
    assert [text.split("change it ")[1] for text in found] == [
        "from 1 to 2: rename a to b",
        "from 1 to 2: add c",
        "from 2 to 3: remove d",
        "and last, version: 3",
    ]


def test_version_of_the_schema_is_the_current_one():
    from typing import get_args

    from cpis_analysis.plan.schema import PlanFile

    assert get_args(PlanFile.model_fields["version"].annotation) == (versions.CURRENT,)
