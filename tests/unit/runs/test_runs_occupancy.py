"""Who is at work in a folder, what a killed process leaves there, and files that the disk refuses."""

import errno
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from cpis_analysis.errors import CpisError, FileError
from cpis_analysis.files import TEMPORARY, write_bytes
from cpis_analysis.runs.leftovers import BACKUPS, clear_leftovers, restore_interrupted
from cpis_analysis.runs.making import Digests, Making, begin, compare, read_making, write_making
from cpis_analysis.runs.occupancy import claim_folder, join_steps, wait_for_steps

HOLDER = """
import sys, time
from pathlib import Path
from cpis_analysis.runs.occupancy import claim_folder, join_steps
held = {what}(Path(sys.argv[1]))
print("held" if held else "refused", flush=True)
time.sleep(60)
"""
SRC = Path(__file__).parents[3] / "src"


def holder(folder, what):
    """Another process that holds the folder; it says so first."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER.format(what=what), str(folder)],
        stdout=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": str(SRC)},
        text=True,
    )
    assert process.stdout.readline() == "held\n"
    return process


def test_claim_is_refused_while_another_process_lives_and_free_when_it_is_killed(tmp_path):
    other = holder(tmp_path, "claim_folder")
    assert claim_folder(tmp_path) is None
    other.kill()
    other.wait()
    mine = claim_folder(tmp_path)
    assert mine is not None
    assert claim_folder(tmp_path) is None
    mine.close()
    assert claim_folder(tmp_path) is not None


def test_steps_that_outlive_their_run_are_waited_for(tmp_path):
    other, said = holder(tmp_path, "join_steps"), []
    assert not wait_for_steps(tmp_path, said.append, seconds=0.1)
    assert len(said) == 1
    other.kill()
    other.wait()
    assert wait_for_steps(tmp_path, said.append, seconds=0.1)


def test_steps_do_not_hinder_each_other_and_need_no_folder(tmp_path):
    held = [join_steps(tmp_path), join_steps(tmp_path)]
    assert None not in held
    assert join_steps(tmp_path / "nowhere") is None


WRITER = """
import os, sys
from cpis_analysis.files import write_bytes
content = {name: bytes([name]) * 200_000 for name in (65, 66)}
print("ready", flush=True)
while True:
    for name in content:
        write_bytes(sys.argv[1], content[name])
"""


@pytest.mark.thorough
def test_file_whose_writer_is_killed_25_times_is_whole_each_time(tmp_path):
    """Killed while it does nothing but write: the file is the one or the other, and what it left is cleared."""
    target = tmp_path / "results" / "estimates.csv"
    left = 0
    for turn in range(25):
        process = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(target)],
            stdout=subprocess.PIPE,
            env=os.environ | {"PYTHONPATH": str(SRC)},
            text=True,
        )
        process.stdout.readline()
        deadline = time.monotonic() + 10
        while not target.is_file() and time.monotonic() < deadline:
            time.sleep(0.001)
        time.sleep(0.0007 * turn)
        process.send_signal(signal.SIGKILL)
        process.wait()
        content = target.read_bytes()
        assert content in (b"A" * 200_000, b"B" * 200_000)
        left += len(clear_leftovers(tmp_path, tmp_path / ".snakemake"))
        assert [path.name for path in target.parent.iterdir()] == ["estimates.csv"]
    assert left > 0


def test_leftovers_are_ours_only(tmp_path):
    keep = [tmp_path / "results" / ".gitkeep", tmp_path / "results" / f"a{TEMPORARY}", tmp_path / f".a{TEMPORARY}"]
    ours = tmp_path / "data" / "processed" / "clean" / f".people.csv.abcd1234{TEMPORARY}"
    for path in (*keep, ours):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x")
    assert clear_leftovers(tmp_path, tmp_path / ".snakemake") == [ours.relative_to(tmp_path).as_posix()]
    assert all(path.is_file() for path in keep)


def test_outputs_of_an_interrupted_job_are_put_back_and_current(tmp_path):
    memory, names = tmp_path / ".snakemake", ["results/a.csv", "results/b.csv"]
    for name in names:
        write_bytes(tmp_path / name, f"earlier {name}".encode())
        write_bytes(memory / BACKUPS / name, f"earlier {name}".encode())
    made = Making("job", "", {}, {}, Digests(tmp_path).of(names))
    write_making(tmp_path, made)
    begin(tmp_path, "job")
    write_bytes(tmp_path / names[0], b"newer")
    # a copy that is of another time than the record is not put back
    write_bytes(memory / BACKUPS / names[1], b"of another time")
    assert restore_interrupted(tmp_path, memory) == [names[0]]
    assert (tmp_path / names[0]).read_bytes() == b"earlier results/a.csv"
    now = replace(made, outputs=dict.fromkeys(names, ""))
    assert not compare(read_making(tmp_path, "job"), now, Digests(tmp_path))


def test_write_where_a_file_stands_for_a_folder_names_file_and_reason(tmp_path):
    (tmp_path / "results").write_text("in the way")
    with pytest.raises(FileError, match=r"results/a\.csv: a file stands where a folder is needed"):
        write_bytes(tmp_path / "results" / "a.csv", b"x")
    (tmp_path / "b.csv").mkdir()
    with pytest.raises(FileError, match=r"b\.csv: a folder stands where a file is needed"):
        write_bytes(tmp_path / "b.csv", b"x")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["b.csv", "results"]


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.ENOSPC, "the disk is full"),
        (errno.EROFS, "the disk may only be read"),
        (errno.EACCES, "permission is denied"),
        (errno.EDQUOT, "your quota of the disk is used up"),
        (errno.EIO, "the disk reports a fault"),
        (errno.EXDEV, os.strerror(errno.EXDEV)),
    ],
)
def test_write_that_the_disk_refuses_leaves_the_earlier_file(tmp_path, monkeypatch, number, words):
    target = tmp_path / "a.csv"
    write_bytes(target, b"earlier")

    def refuse(*_):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr("cpis_analysis.files.os.fsync", refuse)
    with pytest.raises(CpisError) as stopped:
        write_bytes(target, b"newer")
    assert f"{target}: {words}" in str(stopped.value)
    assert target.read_bytes() == b"earlier"
    assert [path.name for path in tmp_path.iterdir()] == ["a.csv"]


def test_a_file_that_tells_whether_it_is_whole_does_not_wait_for_the_disk(tmp_path, monkeypatch):
    waited = []
    monkeypatch.setattr("cpis_analysis.files.os.fsync", waited.append)
    write_bytes(tmp_path / "fit.json", b"a fit", flushed=False)
    assert ((tmp_path / "fit.json").read_bytes(), waited) == (b"a fit", [])
    write_bytes(tmp_path / "result.json", b"a result")
    assert len(waited) == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["fit.json", "result.json"]


def test_step_that_the_disk_refuses_a_file_ends_without_a_traceback(tmp_path):
    """A real step on a real refusal: the log stands where a folder is needed."""
    (tmp_path / "results").write_text("in the way")
    code = (
        "import sys; sys.argv = ['step', '--out', 'results/a.json']\n"
        "from cpis_analysis.files import write_json\nfrom cpis_analysis.steps.command import run_step\n"
        "run_step(lambda out: write_json(out, {}), 'out')"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(SRC)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "results/a.json: a file stands where a folder is needed" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
def test_step_whose_log_is_full_too_ends_with_a_code(tmp_path):
    (tmp_path / "results").write_text("in the way")
    code = (
        "import sys; sys.argv = ['step', '--out', 'results/a.json']\n"
        "from cpis_analysis.files import write_json\nfrom cpis_analysis.steps.command import run_step\n"
        "run_step(lambda out: write_json(out, {}), 'out')"
    )
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, "-c", code],
            cwd=tmp_path,
            env=os.environ | {"PYTHONPATH": str(SRC)},
            stdout=full,
            stderr=full,
            check=False,
        )
    assert done.returncode == 1
