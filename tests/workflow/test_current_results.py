"""Whether results are current is told from what they were made from, not from Snakemake's memory or file times."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys

import pytest

from cpis_analysis.commands.data_state import data_remarks
from cpis_analysis.plan.reading.load import load_plan
from project_copy import environment
from test_rerun_rules import FORMULA, NO_HEADLINE

pytestmark = [pytest.mark.workflow, pytest.mark.long]


@pytest.fixture(scope="module")
def moved(finished, tmp_path_factory):
    """The finished run in another folder, without Snakemake's memory."""
    project = finished.copy(tmp_path_factory.mktemp("moved") / "project")
    shutil.rmtree(project.study / ".snakemake")
    return project


@pytest.fixture
def spoilt(moved):
    """Change bytes of outputs and keep their times; all is as before afterwards."""
    before = {}

    def spoil(name: str, change) -> None:
        path = moved.study / name
        state, before[path] = path.stat(), path.read_bytes()
        changed = change(before[path])
        assert changed != before[path]
        path.write_bytes(changed)
        os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns))

    yield spoil
    for path, content in before.items():
        state = path.stat()
        path.write_bytes(content)
        os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns))


def flipped(content: bytes) -> bytes:
    """One bit of the middle."""
    changed = bytearray(content)
    changed[len(content) // 2] ^= 1
    return bytes(changed)


def cut_off(content: bytes) -> bytes:
    return content[: len(content) // 3]


def other_digit(content: bytes) -> bytes:
    """The first estimate with another first digit."""
    at = re.search(rb"\n[^\n]*?,-?(\d)\.\d{5}", content).start(1)
    return content[:at] + (b"7" if content[at : at + 1] != b"7" else b"3") + content[at + 1 :]


def cpis(project, *arguments: str) -> subprocess.CompletedProcess:
    code = "from cpis_analysis.cli import main; import sys; sys.argv[0] = 'cpis'; main()"
    where = environment() | {"PYTHONPATH": str(project.folder / "src")}
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=project.study,
        env=where,
        check=False,
        capture_output=True,
        encoding="utf-8",
    )


def test_current_edited_plan_is_run_though_snakemake_has_forgotten_everything(moved):
    """Neither more nor less than with Snakemake's memory."""
    with moved.edited("config.yaml", (FORMULA, FORMULA.replace(" + gender", ""))):
        assert moved.planned() == NO_HEADLINE | moved.fits("trust_fixed")


def test_current_edited_outputs_are_named_and_no_archive_is_made_of_them(moved, spoilt):
    spoilt("results/estimates.csv", other_digit)
    spoilt("results/tables/outcomes.csv", flipped)
    spoilt("data/processed/queries.csv", flipped)
    spoilt("results/models/ancova.json", flipped)
    work = json.loads(cpis(moved, "plan", "--json").stdout)
    why = {item["stage"]: item["why"] for item in work["stages"]}
    assert why["Collecting the estimates"] == "results/estimates.csv: changed since it was written"
    assert why["Setting the tables"] == "results/tables/outcomes.csv: changed since it was written"
    assert why["Fitting the models"] == "results/models/ancova.json: changed since it was written"
    assert why["Cleaning the raw data"] == "data/processed/queries.csv: changed since it was written"
    refused = cpis(moved, "archive")
    assert refused.returncode == 1
    assert "nothing was archived" in refused.stderr
    assert "results/estimates.csv: the file is not the one of the manifest" in refused.stderr
    assert not (moved.study / "runs").exists()


def test_current_edited_data_keep_results_from_the_archive_though_their_manifest_fits(moved, spoilt):
    """The audit trail is in no public manifest, and yet the results may not be kept as if they came of it."""
    spoilt("data/processed/audit.csv", flipped)
    refused = cpis(moved, "archive")
    assert refused.returncode == 1
    assert "Cleaning the raw data: data/processed/audit.csv: changed since it was written" in refused.stderr


def test_current_data_are_what_check_and_fit_say_they_are(moved, spoilt):
    """What both commands say before anything else of data that a run would not make like this now."""
    path = moved.study / "config.yaml"
    assert data_remarks(load_plan(path)) == []
    spoilt("data/processed/audit.csv", flipped)
    with moved.edited("config.yaml", ("earliest: 5, latest: 8", "earliest: 4, latest: 8")):
        audit, keys = data_remarks(load_plan(path))
    assert audit == "data/processed/audit.csv: changed since it was written."
    assert keys.startswith("The plan's keys on data, design, cleaning or scoring are not those")


@pytest.mark.parametrize(
    ("name", "change", "job"),
    [
        ("results/estimates.csv", other_digit, "collect_estimates"),
        ("data/processed/participants.parquet", flipped, "build_dataset"),
        ("data/processed/participants.parquet", cut_off, "build_dataset"),
    ],
)
def test_current_output_that_is_not_what_was_written_is_made_again(moved, spoilt, finished, name, change, job):
    """A run that reaches only as far as the file: what differs is named, and the bytes come back."""
    spoilt(name, change)
    run = moved.run(name)
    assert run.jobs == {job}
    assert f"{name}: changed since it was written" in run.text
    assert moved.hashes() == finished.hashes()


def test_current_lock_of_a_killed_run_is_removed_aloud(moved, finished):
    """A run that was killed while it built the data set: its lock is still there, the file is not."""
    name, locks = "data/processed/participants.parquet", moved.study / ".snakemake" / "locks"
    locks.mkdir(parents=True, exist_ok=True)
    (locks / "0.output.lock").write_text(f"{name}\n", encoding="utf-8")
    (moved.study / name).unlink()
    run = moved.run(name)
    assert "An earlier run was killed. Its lock is removed" in run.text
    assert not list(locks.glob("*"))
    assert moved.hashes() == finished.hashes()


def test_current_flipped_bit_of_a_fit_is_fitted_again_and_edited_results_are_put_back(moved, spoilt, finished):
    spoilt("results/models/change.json", flipped)
    spoilt("data/processed/fits/rguk.ancova.json", flipped)
    run = moved.run("results/models/change.json")
    assert "fit_models" in run.jobs
    assert "results/models/change.json: changed since it was written" in run.text
    assert moved.fitted() == {"fit rguk.ancova"}
    assert moved.hashes() == finished.hashes()
