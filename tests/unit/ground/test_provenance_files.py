"""Checksums, stale files and versions of the manifest."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from cpis_analysis.provenance import checksums, stale_files, versions


@pytest.fixture
def project(tmp_path):
    for name in (
        "results/estimates.csv",
        "results/models/ancova.json",
        "results/models/old.json",
        "data/processed/logs/fit_models.log",
        "data/processed/records/a.json",
        "results/.cache/x",
        "results/figures/.hidden",
        "data/kept.csv",
    ):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    return tmp_path


def test_checksums_match_hashlib_by_relative_path(project):
    names = ["results/models/ancova.json", "data/kept.csv"]
    expected = {name: hashlib.sha256(name.encode()).hexdigest() for name in names}
    assert checksums(names, project) == expected
    assert list(checksums(names, project)) == sorted(names)


def test_checksums_absolute_paths_become_relative(project):
    assert list(checksums([project / "data" / "kept.csv"], project)) == ["data/kept.csv"]


def test_checksums_of_a_long_file_match_hashlib(tmp_path):
    content = bytes(range(256)) * 3000
    (tmp_path / "long").write_bytes(content)
    assert checksums(["long"], tmp_path) == {"long": hashlib.sha256(content).hexdigest()}


def test_stale_files_are_those_that_no_step_writes(project):
    current = ["results/estimates.csv", "results/models/ancova.json"]
    assert stale_files([Path("results")], current, project) == ["results/models/old.json"]


def test_stale_files_logs_records_hidden_files_and_other_folders_do_not_count(project):
    assert stale_files([Path("results"), Path("data/processed")], [], project) == [
        "results/estimates.csv",
        "results/models/ancova.json",
        "results/models/old.json",
    ]


def test_stale_files_logs_in_results_are_those_of_an_earlier_version(project):
    """They may name participants, and results are shared."""
    log = project / "results" / "logs" / "clean_data.log"
    log.parent.mkdir()
    log.write_text("CP001")
    assert "results/logs/clean_data.log" in stale_files([Path("results")], [], project)


def test_stale_files_absent_folder_has_none(project):
    assert stale_files([Path("nowhere")], [], project) == []


def test_versions_name_python_and_the_libraries_that_make_numbers():
    found = versions()
    assert {"python", "cpis-analysis", "numpy", "scipy", "pandas", "pyarrow", "snakemake"} <= set(found)
    assert all(found.values())
