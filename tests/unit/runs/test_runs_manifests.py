"""Hashes of raw data stay with the private files, and two runs can be compared all the same."""

import json
import shutil

import pytest

from cpis_analysis.errors import DataError
from cpis_analysis.files import sha256, write_json, write_text
from cpis_analysis.runs.compare import compare_runs
from cpis_analysis.runs.making import Digests, Making, write_making
from cpis_analysis.runs.manifests import ARCHIVED, current_outputs
from cpis_analysis.runs.record import read_run
from cpis_analysis.steps import write_manifest


@pytest.fixture
def study(tmp_path):
    def write(name, raw, estimate="1.0"):
        folder = tmp_path / name
        write_text(
            folder / "results" / "estimates.csv",
            f"analysis,contrast,estimate,se,ci_low,ci_high\ny.a,i - c,{estimate},0.5,0.0,2.0\n",
        )
        write_json(
            folder / "results" / "manifest.json",
            {
                "inputs": {"data/raw/dictionary.csv": "d"},
                "private_inputs": ["data/raw/a.csv", "data/raw/b.csv"],
                "outputs": {"results/estimates.csv": sha256(folder / "results" / "estimates.csv")},
            },
        )
        write_json(
            folder / "data" / "processed" / "manifest.json",
            {"inputs": {"data/raw/a.csv": raw, "data/raw/b.csv": "same"}, "outputs": {"data/processed/audit.csv": "p"}},
        )
        return folder

    return write


def causes(before, after):
    found = compare_runs(before, after)
    return [cause.text for cause in found.causes if cause.kind == "data"], found.remarks


def test_manifests_changed_raw_file_is_a_cause(study, tmp_path):
    first, second = study("first", "1"), study("second", "2", "1.5")
    found, remarks = causes(read_run(str(first), tmp_path), read_run(str(second), tmp_path))
    assert found == ["data/raw/a.csv changed"]
    assert not any("checksums" in line for line in remarks)


def test_manifest_of_other_estimates_tells_nothing_of_plan_data_and_versions(study, tmp_path):
    """A run that was told to make estimates.csv only leaves the manifest of the run before."""
    first, second = study("first", "1"), study("second", "1")
    path = second / "results" / "estimates.csv"
    write_text(path, path.read_text(encoding="utf-8").replace("1.0,0.5", "1.5,0.5"))
    found = compare_runs(read_run(str(first), tmp_path), read_run(str(second), tmp_path))
    assert [change.status for change in found.analyses] == ["moved"]
    assert any("not that of its estimates" in remark for remark in found.remarks)
    (cause,) = found.analyses[0].causes
    assert cause.kind == "unknown"
    assert "the same" not in cause.text


def test_manifests_of_an_archived_run_are_kept_apart_from_it(study, tmp_path, monkeypatch):
    # a run is looked for where one is first, and a checkout may have results
    monkeypatch.chdir(tmp_path)
    folder = study("first", "2")
    archive = folder / "runs" / "abc"
    archive.mkdir(parents=True)
    for name in ("estimates.csv", "manifest.json"):
        shutil.copy(folder / "results" / name, archive / name)
    write_json(archive / "run.json", {"run": "abc"})
    write_json(folder / ARCHIVED / "abc.json", {"inputs": {"data/raw/a.csv": "1", "data/raw/b.csv": "same"}})
    found, _ = causes(read_run("abc", folder), read_run("results", folder))
    assert found == ["data/raw/a.csv changed"]
    shutil.rmtree(folder / ARCHIVED)
    found, remarks = causes(read_run("abc", folder), read_run("results", folder))
    assert found == []
    assert any("raw data of abc are not here" in line for line in remarks)


def test_manifests_both_say_what_a_run_wrote(study, tmp_path):
    assert current_outputs(study("first", "1")) == {"results/estimates.csv", "data/processed/audit.csv"}
    (tmp_path / "first" / "data" / "processed" / "manifest.json").write_text("{")
    assert current_outputs(tmp_path / "first") == {"results/estimates.csv"}


@pytest.fixture
def finished(tmp_path, monkeypatch):
    """Outputs of a run as far as the manifest names them."""
    monkeypatch.chdir(tmp_path)
    outputs = [f"data/processed/{name}" for name in write_manifest.DATA]
    outputs += [f"data/processed/clean/{name}" for name in write_manifest.CLEAN]
    outputs += [f"results/{name}" for name in write_manifest.RESULTS]
    for name in outputs:
        write_text(tmp_path / name, name)
    for index in write_manifest.INDEXES:
        write_json(tmp_path / index, [{"files": ["one.csv"]}])
        write_text((tmp_path / index).parent / "one.csv", "1")
    for name in ("dictionary.csv", "people.csv"):
        write_text(tmp_path / "data" / "raw" / name, name)
    write_making(tmp_path, Making("collect_estimates", "", {}, {}, Digests(tmp_path).of(["results/estimates.csv"])))

    def write():
        spec = {
            "digest": "p",
            "plan": {"study": {"seed": 1}},
            "models": [],
            "public": ["data/raw/dictionary.csv"],
            "study": {
                "name": "S",
                "description": "D",
                "credits": {"authors": [], "published": None, "licence": None, "publisher": None},
            },
        }
        write_manifest.main(
            spec,
            ["data/raw/dictionary.csv", "data/raw/people.csv"],
            "results/manifest.json",
            "results/ro-crate-metadata.json",
            "data/processed/manifest.json",
        )
        return {
            name: json.loads((tmp_path / name).read_text())
            for name in ("results/manifest.json", "results/ro-crate-metadata.json", "data/processed/manifest.json")
        }

    return write


def test_manifests_shared_files_hold_no_hash_of_a_private_file(finished, tmp_path):
    written = finished()
    private = {
        sha256(path)
        for folder in ("data/processed", "data/raw")
        for path in (tmp_path / folder).rglob("*")
        if path.is_file() and path.name not in ("dictionary.csv", "manifest.json")
    }
    shared = json.dumps([written["results/manifest.json"], written["results/ro-crate-metadata.json"]])
    assert len(private) > 15
    assert [digest for digest in private if digest in shared] == []
    assert sha256(tmp_path / "data/raw/dictionary.csv") in shared
    assert "data/raw/people.csv" in shared
    kept = written["data/processed/manifest.json"]
    assert kept["inputs"] == {"data/raw/people.csv": sha256(tmp_path / "data/raw/people.csv")}
    assert kept["outputs"]["data/processed/audit.csv"] == sha256(tmp_path / "data/processed/audit.csv")
    assert written["results/manifest.json"]["stale"] == []


def test_manifests_never_bless_a_file_that_was_edited_while_the_run_went_on(finished, tmp_path):
    write_text(tmp_path / "results/estimates.csv", "a better estimate")
    with pytest.raises(DataError, match=r"results/estimates\.csv: changed since it was written"):
        finished()
    assert not (tmp_path / "results/manifest.json").exists()


def test_manifests_never_leave_out_a_file_that_went_while_the_run_went_on(finished, tmp_path):
    # not in the record of a job, so that nothing but the list of outputs asks for it
    (tmp_path / "data/processed/answers.csv").unlink()
    with pytest.raises(DataError, match=r"data/processed/answers\.csv: changed since it was written"):
        finished()
    assert not (tmp_path / "results/manifest.json").exists()
