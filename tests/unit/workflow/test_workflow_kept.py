"""What a run need not look up again: digests of files, and what source files import."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pytest

from cpis_analysis import provenance
from cpis_analysis.errors import FileError
from cpis_analysis.runs import making
from cpis_analysis.runs.making import Digests
from cpis_analysis.workflow import kept_digests, kept_imports
from cpis_analysis.workflow.kept_digests import MEMORY, STAMPS, KeptDigests
from cpis_analysis.workflow.kept_imports import IMPORTS, KeptImports

NAMES = ["a.py", "b.py"]


@pytest.fixture
def root(tmp_path, monkeypatch):
    """A study with two files, and a clock that says they were written a minute ago."""
    (tmp_path / MEMORY).mkdir(parents=True)
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
    before = first("a.py")
    first.keep()
    state = os.stat(root / "a.py")
    (root / "a.py").write_text("A.py", encoding="utf-8")
    os.utime(root / "a.py", ns=(state.st_atime_ns, state.st_mtime_ns))
    assert os.stat(root / "a.py").st_size == state.st_size
    second = KeptDigests(root)
    assert second("a.py") == Digests(root)("a.py") != before


def test_a_file_that_is_gone_has_no_digest_and_is_forgotten(root, read):
    first = KeptDigests(root)
    first.of(NAMES)
    first.keep()
    (root / "b.py").unlink()
    second = KeptDigests(root)
    assert second.of(NAMES).keys() == {"a.py"}
    second.keep()
    assert json.loads((root / STAMPS).read_text(encoding="utf-8")).keys() == {"a.py"}


def test_files_of_the_study_are_read_each_time(root, read):
    (root / "data.csv").touch()
    first = KeptDigests(root)
    first.of([*NAMES, "data.csv"])
    first.keep()
    read.clear()
    KeptDigests(root).of([*NAMES, "data.csv"])
    assert read == ["data.csv"]


def test_a_file_that_has_just_been_written_is_read_again(root, read, monkeypatch):
    monkeypatch.undo()
    first = KeptDigests(root)
    first.of(NAMES)
    first.keep()
    assert not (root / STAMPS).exists()


@pytest.mark.parametrize("content", ["", "[1", "[]", '{"a.py": 1}', '{"a.py": [["x"], "y"]}', "null"])
def test_what_was_kept_and_cut_is_as_good_as_nothing(root, content):
    (root / STAMPS).write_text(content, encoding="utf-8")
    (root / IMPORTS).write_text(content, encoding="utf-8")
    assert KeptDigests(root).of(NAMES) == Digests(root).of(NAMES)
    package(root)


def test_a_folder_in_which_snakemake_keeps_nothing_gets_nothing(root):
    (root / MEMORY).rmdir()
    first = KeptDigests(root)
    first.of(NAMES)
    first.keep()
    package(root).keep()
    assert not (root / MEMORY).exists()


def package(root: Path) -> KeptImports:
    """A package of two modules, the first of which imports the second."""
    folder = root / "src" / "cpis_analysis"
    (folder / "room").mkdir(parents=True, exist_ok=True)
    for name, text in {"one.py": "from cpis_analysis.room import two\n", "room/two.py": ""}.items():
        if not (folder / name).exists():
            (folder / name).write_text(text, encoding="utf-8")
    return KeptImports(root / "src", root)


def sources_of_one(root: Path) -> list[str]:
    # as another process would find them
    provenance._FOUND.clear()
    provenance._reached.cache_clear()
    kept = KeptImports(root / "src", root)
    found = [Path(file).name for file in provenance.module_sources("cpis_analysis.one", root / "src")]
    kept.keep()
    return found


@pytest.fixture
def looked_at(root, monkeypatch):
    """Files whose imports were read; the module knows nothing before and nothing of it afterwards."""
    monkeypatch.setattr(provenance, "_FOUND", {})
    found: list[str] = []
    read = provenance._read_imports
    monkeypatch.setattr(provenance, "_read_imports", lambda path: found.append(path.name) or read(path))
    package(root)
    yield found
    provenance._reached.cache_clear()


def test_imports_are_not_read_again_while_the_package_is_as_it_was(root, looked_at):
    assert sources_of_one(root) == ["one.py", "two.py"]
    assert looked_at == ["one.py", "two.py"]
    assert sources_of_one(root) == ["one.py", "two.py"]
    assert looked_at == ["one.py", "two.py"]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda folder: (folder / "one.py").write_text("import this\n", encoding="utf-8"), ["one.py"]),
        (lambda folder: (folder / "room" / "three.py").touch(), ["one.py", "two.py"]),
        (lambda folder: os.utime(folder / "room" / "two.py"), ["one.py", "two.py"]),
    ],
)
def test_imports_are_read_again_where_a_file_of_the_package_is_another(root, looked_at, change, expected):
    sources_of_one(root)
    looked_at.clear()
    change(root / "src" / "cpis_analysis")
    assert sources_of_one(root) == expected
    assert looked_at == expected


def test_imports_of_a_package_that_has_just_been_written_are_not_kept(root, looked_at, monkeypatch):
    monkeypatch.setattr(time, "time_ns", lambda now=time.time_ns: now() - 60 * 10**9)
    sources_of_one(root)
    assert not (root / IMPORTS).exists()


@pytest.mark.parametrize("imports", [None, [], {"one.py": 1}, "one.py"])
def test_imports_that_were_edited_are_as_good_as_none(root, looked_at, imports):
    sources_of_one(root)
    said = json.loads((root / IMPORTS).read_text(encoding="utf-8"))
    (root / IMPORTS).write_text(json.dumps(said | {"imports": imports}), encoding="utf-8")
    assert sources_of_one(root) == ["one.py", "two.py"]


def test_what_the_disk_refuses_to_keep_stops_nothing(root, looked_at, monkeypatch):
    def refused(*arguments: object, **options: object) -> None:
        raise FileError.of(OSError(28, "No space left on device"), root)

    monkeypatch.setattr(kept_imports, "write_text", refused)
    monkeypatch.setattr(kept_digests, "write_text", refused)
    assert sources_of_one(root) == ["one.py", "two.py"]
    first = KeptDigests(root)
    first.of(NAMES)
    first.keep()
    assert list((root / MEMORY).iterdir()) == []


def test_imports_hold_in_a_package_of_another_place(root, looked_at):
    sources_of_one(root)
    known, elsewhere = provenance.known_imports(), root / "moved"
    (root / "src").rename(elsewhere)
    provenance._FOUND.clear()
    provenance.know_imports(elsewhere, known)
    looked_at.clear()
    found = provenance.module_sources("cpis_analysis.one", elsewhere)
    assert [Path(file).relative_to(elsewhere).as_posix() for file in found] == [
        "cpis_analysis/one.py",
        "cpis_analysis/room/two.py",
    ]
    assert looked_at == []
