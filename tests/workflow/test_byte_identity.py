"""The same inputs give the same bytes: on one core and on two, from scratch, in another folder."""

from __future__ import annotations

import hashlib
import json

import pytest
from conftest import ROOT, fresh

pytestmark = pytest.mark.workflow


def test_bytes_one_core_from_scratch_in_another_folder_equal_two_cores(finished, tmp_path):
    other = fresh(tmp_path / "a folder with spaces", "cpis", finished.folder)
    other.run(cores=1)
    assert other.hashes() == finished.hashes()


def test_bytes_manifest_hashes_match_the_files(finished):
    manifest = json.loads((finished.study / "results" / "manifest.json").read_text(encoding="utf-8"))
    for part in ("inputs", "outputs"):
        for name, recorded in manifest[part].items():
            assert hashlib.sha256((finished.study / name).read_bytes()).hexdigest() == recorded, name
    found = finished.hashes()
    # the manifest can't hold its own hash, nor that of the crate, which holds the manifest's
    found.pop("results/manifest.json")
    found.pop("results/ro-crate-metadata.json")
    assert found.keys() == manifest["outputs"].keys()
    assert manifest["stale"] == []


def test_bytes_raw_files_are_as_delivered(finished):
    for path in sorted((ROOT / "data" / "raw").iterdir()):
        assert (finished.study / "data" / "raw" / path.name).read_bytes() == path.read_bytes(), path.name
