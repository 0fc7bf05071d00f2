"""The same inputs give the same bytes: on one core and on two, from scratch, in another folder."""

from __future__ import annotations

import hashlib
import json

import pytest

from project_copy import ROOT, fresh

pytestmark = pytest.mark.workflow


@pytest.mark.long
def test_bytes_one_core_from_scratch_in_another_folder_equal_two_cores(finished, tmp_path):
    other = fresh(tmp_path / "a folder with spaces", "cpis", finished.folder)
    other.run(cores=1)
    assert other.hashes() == finished.hashes()


def test_bytes_manifests_hold_the_hash_of_every_file(finished):
    files = ["results/manifest.json", "data/processed/manifest.json"]
    public, private = (json.loads((finished.study / name).read_text(encoding="utf-8")) for name in files)
    for part in (public["inputs"], public["outputs"], private["inputs"], private["outputs"]):
        for name, recorded in part.items():
            assert hashlib.sha256((finished.study / name).read_bytes()).hexdigest() == recorded, name
    assert {name.partition("/")[0] for name in public["outputs"]} == {"results"}
    assert {name.partition("/")[0] for name in private["outputs"]} == {"data"}
    # a manifest can't hold its own hash, nor that of the crate, which holds the manifest's; records tell who wrote
    # what, and fits are checked by digests of their own
    memory = ("data/processed/records/", "data/processed/fits/")
    found = {name for name in finished.hashes() if not name.startswith(memory)}
    assert found - {*files, "results/ro-crate-metadata.json"} == public["outputs"].keys() | private["outputs"].keys()
    assert public["stale"] == []


def test_bytes_raw_files_are_as_delivered(finished):
    for path in sorted((ROOT / "data" / "raw").iterdir()):
        assert (finished.study / "data" / "raw" / path.name).read_bytes() == path.read_bytes(), path.name
