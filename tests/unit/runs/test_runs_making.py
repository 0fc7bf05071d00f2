"""Records of what outputs were made from, against files that are changed in every way."""

import json
import os
from dataclasses import replace

import pytest

from cpis_analysis.runs.making import (
    CHANGED,
    GONE,
    INTERRUPTED,
    RECORDS,
    UNKNOWN,
    Digests,
    Making,
    begin,
    compare,
    exhibit_files,
    forget_others,
    read_making,
    read_makings,
    settle,
    text_digest,
    write_making,
)


@pytest.fixture
def root(tmp_path):
    for name in ("data/raw/people.csv", "src/clean.py", "results/a.csv", "results/b.csv"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"content of {name}\n")
    return tmp_path


def now(root, params="plan", command="python -m clean", inputs=("data/raw/people.csv", "src/clean.py")):
    """What the job would be made from."""
    return Making(
        "clean",
        text_digest(command),
        {"spec": text_digest(params)},
        Digests(root).of(inputs),
        {"results/a.csv": "", "results/b.csv": ""},
    )


@pytest.fixture
def known(root):
    made = replace(now(root), outputs=Digests(root).of(["results/a.csv", "results/b.csv"]))
    write_making(root, made)
    return made


def found(root, **changes):
    return compare(read_making(root, "clean"), now(root, **changes), Digests(root))


def test_making_that_did_not_change_is_current(root, known):
    assert read_making(root, "clean") == known
    assert read_makings(root) == {"clean": known}
    assert not found(root)


def test_making_file_times_do_not_count(root, known):
    for name in (*known.inputs, *known.outputs):
        os.utime(root / name, (1, 1))
    assert not found(root)


def test_making_other_plan_rule_and_sources_are_told_apart(root, known):
    assert (found(root, params="other").params, found(root, params="other").outputs) == (True, {})
    assert found(root, command="python -m other").command
    assert found(root, inputs=("src/clean.py",)).sources
    (root / "data/raw/people.csv").write_text("redelivered\n")
    assert found(root).inputs == ("data/raw/people.csv",)


def test_making_changed_bytes_are_found_though_size_and_times_are_kept(root, known):
    path = root / "results/a.csv"
    state = path.stat()
    path.write_text(path.read_text().upper())
    os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns))
    assert path.stat().st_size == state.st_size
    assert found(root).outputs == {"results/a.csv": CHANGED}


def test_making_digests_see_a_change_within_one_run(root):
    digests = Digests(root)
    before = digests("results/a.csv")
    (root / "results/a.csv").write_text("CONTENT OF results/a.csv\n")
    assert digests("results/a.csv") != before
    assert digests("results/none.csv") is None


def test_making_file_that_is_gone_is_named(root, known):
    (root / "results/b.csv").unlink()
    assert found(root).outputs == {"results/b.csv": GONE}


def test_making_interrupted_job_is_not_called_edited(root, known):
    begin(root, "clean")
    assert not found(root)
    (root / "results/a.csv").write_text("newer\n")
    assert found(root).outputs == {"results/a.csv": INTERRUPTED}


def test_making_failed_job_whose_outputs_are_back_leaves_its_record_as_it_was(root, known):
    record = root / RECORDS / "clean.json"
    before = record.read_bytes()
    begin(root, "clean")
    assert record.read_bytes() != before
    settle(root, "clean")
    assert record.read_bytes() == before
    begin(root, "clean")
    (root / "results/a.csv").write_text("newer\n")
    settle(root, "clean")
    assert read_making(root, "clean").begun


def test_making_begin_without_a_record_leaves_none(root):
    begin(root, "clean")
    assert found(root).outputs == dict.fromkeys(("results/a.csv", "results/b.csv"), UNKNOWN)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: text[: len(text) // 2],
        lambda text: "",
        lambda text: "[]",
        lambda text: '{"job": "clean"}',
        lambda text: json.dumps(json.loads(text) | {"outputs": None}),
        lambda text: "\0" + text,
    ],
)
def test_making_record_that_cannot_be_read_is_none(root, known, spoil):
    path = root / RECORDS / "clean.json"
    path.write_text(spoil(path.read_text()))
    assert set(found(root).outputs.values()) == {UNKNOWN}


def test_making_index_names_its_files(root):
    index = root / "results/tables/tables.json"
    index.parent.mkdir()
    index.write_text(json.dumps([{"files": ["one.csv", "one.html"]}, {"files": ["two.csv"]}]))
    assert exhibit_files(root, ["results/a.csv", "results/tables/tables.json"]) == [
        "results/a.csv",
        "results/tables/tables.json",
        "results/tables/one.csv",
        "results/tables/one.html",
        "results/tables/two.csv",
    ]
    index.write_text("[{}")
    assert exhibit_files(root, ["results/tables/tables.json"]) == ["results/tables/tables.json"]


def test_making_records_of_rules_that_are_gone_are_forgotten(root, known):
    for job in ("fit_model.a", "fit_all"):
        write_making(root, replace(known, job=job))
    forget_others(root, ["clean", "fit_model"])
    assert set(read_makings(root)) == {"clean", "fit_model.a"}
