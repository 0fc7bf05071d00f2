"""What a run need not look up again: digests of files, and which source files a step is made of."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pytest

from cpis_analysis.runs import making
from cpis_analysis.runs.making import RECORDS, Digests
from cpis_analysis.workflow.kept_digests import STAMPS, KeptDigests
from cpis_analysis.workflow.kept_sources import SOURCES, KeptSources

LONG_AGO = time.time() - 60
NAMES = ["a.csv", "b.csv"]


@pytest.fixture
def root(tmp_path, monkeypatch):
    """A study with two files, and a clock that says they were written a minute ago."""
    (tmp_path / RECORDS).mkdir(parents=True)
    for name in NAMES:
        (tmp_path / name).write_text(name, encoding="utf-8")
    monkeypatch.setattr(time, "time_ns", lambda now=time.time_ns: now() + 60 * 10**9)
    return tmp_path


@pytest.fixture
def read(monkeypatch):
    """Names of the files whose content was read."""
    found: list[str] = []
    sha256 = making.sha256
    monkeypatch.setattr(making, "sha256", lambda path: found.append(Path(path).name) or sha256(path))
    return found


def test_digests_of_a_run_are_not_computed_again_by_the_next(root, read):
    first = KeptDigests(root)
    wanted = first.of(NAMES)
    first.keep()
    assert read == NAMES
    assert KeptDigests(root).of(NAMES) == wanted == Digests(root).of(NAMES)
    # those of the plain digests
    assert read == NAMES * 2


def test_a_file_that_was_changed_is_read_again_though_its_time_and_size_are_set_back(root, read):
    first = KeptDigests(root)
    before = first("a.csv")
    first.keep()
    state = os.stat(root / "a.csv")
    (root / "a.csv").write_text("A.csv", encoding="utf-8")
    os.utime(root / "a.csv", ns=(state.st_atime_ns, state.st_mtime_ns))
    assert os.stat(root / "a.csv").st_size == state.st_size
    second = KeptDigests(root)
    assert second("a.csv") == Digests(root)("a.csv") != before


def test_a_file_that_is_gone_has_no_digest_and_is_forgotten(root, read):
    first = KeptDigests(root)
    first.of(NAMES)
    first.keep()
    (root / "b.csv").unlink()
    second = KeptDigests(root)
    assert second.of(NAMES).keys() == {"a.csv"}
    second.keep()
    assert json.loads((root / STAMPS).read_text(encoding="utf-8")).keys() == {"a.csv"}


def test_a_file_that_has_just_been_written_is_read_again(root, read, monkeypatch):
    monkeypatch.undo()
    first = KeptDigests(root)
    first.of(NAMES)
    first.keep()
    assert not (root / STAMPS).exists()


@pytest.mark.parametrize("content", ["", "[1", "[]", '{"a.csv": 1}', '{"a.csv": [["x"], "y"]}', "null"])
def test_what_was_kept_and_cut_is_as_good_as_nothing(root, content):
    (root / STAMPS).write_text(content, encoding="utf-8")
    (root / SOURCES).write_text(content, encoding="utf-8")
    assert KeptDigests(root).of(NAMES) == Digests(root).of(NAMES)
    assert sources(root).of("step", lambda: ["found"]) == ["found"]


def test_a_folder_without_records_gets_none(root):
    (root / RECORDS).rmdir()
    first = KeptDigests(root)
    first.of(NAMES)
    first.keep()
    of_step = sources(root)
    of_step.of("step", lambda: ["found"])
    of_step.keep()
    assert not (root / RECORDS).exists()


def sources(root: Path) -> KeptSources:
    package = root / "package"
    (package / "room").mkdir(parents=True, exist_ok=True)
    for name in ("one.py", "room/two.py"):
        if not (package / name).exists():
            (package / name).write_text("", encoding="utf-8")
    return KeptSources(package, root)


def never() -> list[str]:
    raise AssertionError("looked for again")


def test_sources_of_a_step_are_not_looked_for_again_while_the_package_is_as_it_was(root):
    first = sources(root)
    assert first.of("step", lambda: ["one.py"]) == ["one.py"]
    first.keep()
    assert sources(root).of("step", never) == ["one.py"]
    assert sources(root).of("another", lambda: ["two.py"]) == ["two.py"]


@pytest.mark.parametrize(
    "change",
    [
        lambda package: (package / "one.py").write_text("import this", encoding="utf-8"),
        lambda package: (package / "room" / "three.py").touch(),
        lambda package: (package / "one.py").unlink(),
        lambda package: os.utime(package / "room" / "two.py"),
    ],
)
def test_sources_are_looked_for_again_where_a_file_of_the_package_is_another(root, change):
    first = sources(root)
    first.of("step", lambda: ["one.py"])
    first.keep()
    change(root / "package")
    second = KeptSources(root / "package", root)
    assert second.of("step", lambda: ["found anew"]) == ["found anew"]


def test_sources_of_a_package_that_has_just_been_written_are_not_kept(root, monkeypatch):
    monkeypatch.undo()
    first = sources(root)
    first.of("step", lambda: ["one.py"])
    first.keep()
    assert not (root / SOURCES).exists()
