"""YAML is read strictly, with lines."""

import json
from pathlib import Path

import pytest
import yaml

from cpis_analysis.errors import PlanError
from cpis_analysis.plan.reading.yaml_reader import read_yaml

SCHEMA = Path(__file__).parents[3] / "config.schema.json"


def read(tmp_path, text):
    path = tmp_path / "plan.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_yaml(path, "plan.yaml")


def test_yaml_scalars_yaml12(tmp_path):
    document = read(tmp_path, "a: 1e-3\nb: 12\nc: 1.10\nd: '012'\ne: 2020-01-01\nf: true\ng: ~\nh: 12:30\ni: -.5\n")
    assert document.content == {
        "a": 1e-3,
        "b": 12,
        "c": 1.1,
        "d": "012",
        "e": "2020-01-01",
        "f": True,
        "g": None,
        "h": "12:30",
        "i": -0.5,
    }
    assert not document.problems


@pytest.mark.parametrize("value", ["no", "Yes", "ON", "off", "y", "012", "-07", "1_000", "1_0.5"])
def test_yaml_trap_is_explained(tmp_path, value):
    (problem,) = read(tmp_path, f"a: 1\nb: {value}\n").problems
    assert problem.line == 2
    assert problem.value == value
    assert "quotes" in problem.hint


def test_yaml_duplicate_key_names_both_lines(tmp_path):
    (problem,) = read(tmp_path, "a: 1\nb:\n  c: 1\n  c: 2\n").problems
    assert problem.line == 4
    assert "line 3" in problem.message


@pytest.mark.parametrize(
    "text",
    [
        "a: !!python/object/apply:os.system ['echo hacked']\n",
        "a: !custom 1\n",
        "a: &x [1, 2]\nb: *x\n",
        "<<: {a: 1}\n",
        "? [1, 2]\n: 3\n",
        "a: !!binary aGVsbG8=\n",
    ],
)
def test_yaml_objects_aliases_refused(tmp_path, text):
    assert read(tmp_path, text).problems


def test_yaml_bomb_ends_quickly(tmp_path):
    layers = ["a0: &a0 [x, x]"] + [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 30)]
    assert read(tmp_path, "\n".join(layers)).problems


@pytest.mark.parametrize(
    "text", ["a: [1, 2\n", "a:\n\t- 1\n", "\x00", b"a: \xff\xfe\n", "a: *nowhere\n", "", "# nothing\n", "[" * 3000]
)
def test_yaml_unreadable_is_one_plan_error(tmp_path, text):
    with pytest.raises(PlanError) as caught:
        read(tmp_path, text)
    assert "plan.yaml" in str(caught.value)


def test_yaml_missing_file_is_plan_error(tmp_path):
    with pytest.raises(PlanError, match="can't be read"):
        read_yaml(tmp_path / "absent.yaml")


def test_yaml_quote_that_is_never_closed_is_looked_for_where_it_was_opened(tmp_path):
    with pytest.raises(PlanError) as caught:
        read(tmp_path, 'a:\n  - x\n  - "open\nb: 1\nc: "text"\n')
    assert "a quotation mark of line 3 is closed in another line" in str(caught.value)


def test_yaml_bracket_that_is_never_closed_is_looked_for_where_it_was_opened(tmp_path):
    with pytest.raises(PlanError) as caught:
        read(tmp_path, "a: 1\nb: [1, 2\nc: 3\nd: 4\n")
    [problem] = caught.value.problems
    assert problem.line == 2
    assert "noticed in line 3" in problem.message


def test_plan_has_no_key_that_another_reader_of_yaml_takes_for_yes_or_no():
    """YAML 1.1, which many programs read, has `on`, `no` and `y` for booleans."""

    def keys(part):
        if isinstance(part, dict):
            yield from part.get("properties", {})
            for inner in part.values():
                yield from keys(inner)
        elif isinstance(part, list):
            for inner in part:
                yield from keys(inner)

    found = set(keys(json.loads(SCHEMA.read_text(encoding="utf-8"))))
    assert "variables" in found
    assert {key for key in found if yaml.safe_load(f"{key}: 1") != {key: 1}} == set()
