"""Runs that are killed, by chance and while they write; disks that are full or may only be read.

Slow, as a run is killed fifty times and carried to its end each time.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

from cpis_analysis.files import TEMPORARY
from project_copy import Project, environment, fresh

pytestmark = [pytest.mark.workflow, pytest.mark.slow]

KILLS = int(os.environ.get("CPIS_KILLS", "50"))
TARGETS = ("results/estimates.csv", "results/tables/tables.json")
PLANS = {
    "a": ("match_threshold: 0.8", "{outcome}_v5 ~ {outcome}_bl + group + (1 | clinic)"),
    "b": ("match_threshold: 0.81", "{outcome}_v5 ~ {outcome}_bl + group + age + (1 | clinic)"),
}


def write_plan(project: Project, name: str) -> None:
    """The study with one model of each outcome; each plan cleans, scores, fits and shows anew."""
    path = project.study / "config.yaml"
    original = project.study / "original.yaml"
    if not original.is_file():
        path.rename(original)
    text = re.sub(r"models: \[ancova, [^\]]*\]", "models: [ancova]", original.read_text(encoding="utf-8"))
    text = re.sub(r"\n  adjusted:\n.*?\n\n", "\n\n", text, flags=re.DOTALL)
    cleaning, formula = PLANS[name]
    text = text.replace(PLANS["a"][1], formula, 1).replace("\noutcomes:", f"\ncleaning: {{{cleaning}}}\n\noutcomes:", 1)
    path.write_text(text, encoding="utf-8")


def outputs(project: Project) -> dict[str, bytes]:
    """Content of all that rules wrote, without logs."""
    return {
        path.relative_to(project.study).as_posix(): path.read_bytes()
        for folder in ("results", "data/processed")
        for path in sorted((project.study / folder).rglob("*"))
        if path.is_file() and "logs" not in path.relative_to(project.study).parts
    }


@pytest.fixture(scope="module")
def expected(tmp_path_factory):
    """What each plan gives from scratch, and how long a run takes."""
    found, seconds = {}, 0.0
    for name in PLANS:
        project = fresh(tmp_path_factory.mktemp("clean") / name, "periodontal")
        write_plan(project, name)
        begun = time.monotonic()
        project.run(*TARGETS)
        seconds = max(seconds, time.monotonic() - begun)
        found[name] = outputs(project)
    assert found["a"].keys() == found["b"].keys()
    assert found["a"]["results/estimates.csv"] != found["b"]["results/estimates.csv"]
    return found, seconds


def start(project: Project) -> subprocess.Popen:
    command = [
        sys.executable,
        "-m",
        "snakemake",
        "--snakefile",
        "Snakefile",
        "--cores",
        "2",
        "--directory",
        str(project.study.relative_to(project.folder)),
        *TARGETS,
        "--quiet",
        "all",
    ]
    return subprocess.Popen(
        command,
        cwd=project.folder,
        env=environment(),
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def wait_for_writing(project: Project, process: subprocess.Popen, skip: int) -> None:
    """Return at the moment when a hidden file stands beside an output for the `skip`-th time, or at the end."""
    folders = [
        project.study / name
        for name in (
            "data/processed",
            "data/processed/clean",
            "data/processed/fits",
            "data/processed/records",
            "results",
            "results/models",
            "results/tables",
        )
    ]
    seen: set[str] = set()
    while process.poll() is None:
        for folder in folders:
            try:
                seen |= {entry.name for entry in os.scandir(folder) if entry.name.endswith(TEMPORARY)}
            except FileNotFoundError:
                continue
        if len(seen) > skip:
            return


def test_killed_runs_leave_whole_files_and_are_carried_on_to_the_same_bytes(expected, tmp_path):
    results, seconds = expected
    project = fresh(tmp_path / "project", "periodontal")
    write_plan(project, "a")
    project.run(*TARGETS)
    rng = np.random.default_rng(20180214)
    names, killed = list(PLANS), 0
    for turn in range(KILLS):
        plan = names[(turn + 1) % 2]
        write_plan(project, plan)
        process = start(project)
        if turn % 2:
            wait_for_writing(project, process, int(rng.integers(0, 40)))
        else:
            time.sleep(rng.uniform(0.05, 0.9) * seconds)
        killed += process.poll() is None
        if turn % 3 == 2:
            # the run alone: its steps live on
            process.kill()
        else:
            try:
                os.killpg(process.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        process.wait()
        for name, content in outputs(project).items():
            if not name.startswith("data/processed/records/") and not name.endswith(TEMPORARY):
                assert content in (results["a"][name], results["b"][name]), f"turn {turn}: {name} is neither"
        begun = time.monotonic()
        run = project.run(*TARGETS)
        seconds = time.monotonic() - begun
        assert outputs(project) == results[plan], f"turn {turn}"
        assert "changed since it was written" not in run.text, f"turn {turn}: {run.text}"
        hidden = [path for folder in ("results", "data") for path in (project.study / folder).rglob(".*")]
        assert hidden == [], f"turn {turn}"
        assert not list((project.study / ".snakemake" / "backups").rglob("*.*"))
        assert not list((project.study / ".snakemake" / "locks").glob("*"))
    # the others were over before their moment came
    assert killed >= KILLS // 3


@pytest.fixture
def small_disk(tmp_path):
    """A disk of 45 MB with the study on it, and a function that leaves so many kB free or makes it read-only."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=45m", "tmpfs", str(disk)]
    if os.name != "posix" or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("a disk can't be mounted here")
    try:
        project = fresh(disk / "project", "periodontal")
        write_plan(project, "a")

        def leave(free: int) -> None:
            (disk / "filler").unlink(missing_ok=True)
            there = shutil.disk_usage(disk).free // 1024
            (disk / "filler").write_bytes(b"\0" * 1024 * (there - free))

        def remount(how: str) -> None:
            subprocess.run(["mount", "-o", f"remount,{how}", str(disk)], check=True)

        yield project, leave, remount
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=False)


def refused(project: Project, *words: str) -> None:
    run = project.snakemake(*TARGETS)
    assert run.code != 0
    assert "Traceback" not in run.text
    assert any(word in run.text for word in words), run.text


def test_full_disk_ends_in_a_message_and_is_carried_on(small_disk, expected):
    project, leave, _ = small_disk
    for free in (0, 20, 4000):
        leave(free)
        refused(project, "There is hardly any room left", "the disk is full")
    # room at the beginning, none later
    source = project.folder / "src" / "cpis_analysis" / "workflow" / "memory.py"
    text = source.read_text(encoding="utf-8")
    source.write_text(re.sub(r"^ROOM = .*$", "ROOM = 0", text, flags=re.MULTILINE), encoding="utf-8")
    for free in (24, 60, 120, 300):
        for name in ("results", "data/processed"):
            shutil.rmtree(project.study / name, ignore_errors=True)
        leave(free)
        refused(project, "the disk is full")
    source.write_text(text, encoding="utf-8")
    leave(40_000)
    project.run(*TARGETS)
    assert outputs(project) == expected[0]["a"]


def test_disk_that_may_only_be_read_ends_in_a_message(small_disk):
    project, _, remount = small_disk
    remount("ro")
    refused(project, "the disk may only be read")
    remount("rw")
    (project.study / "results").write_text("a file in place of a folder")
    refused(project, "a file stands where a folder is needed")
