"""Finished runs that tests share.

Each study is run from scratch once in a test session, whichever worker of pytest-xdist comes first; the others wait
for it. A worker that changes files does so in a copy of its own, which Snakemake takes for finished as it is.
"""

from __future__ import annotations

import json
import os
import time

import pytest

from project_copy import STUDIES, Project, Run, fresh


def run_once(tmp_path_factory, study: str) -> Project:
    """The finished run of a study, shared by all workers and not to be changed."""
    base = tmp_path_factory.getbasetemp()
    base = base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base
    project, said = Project(base / study / "project", STUDIES[study]), base / study / "said.json"
    try:
        (base / study).mkdir()
    except FileExistsError:
        deadline = time.monotonic() + 900
        while not said.is_file():
            if time.monotonic() > deadline:
                raise TimeoutError(f"The run of {study} did not end.") from None
            time.sleep(0.2)
    else:
        run = fresh(project.folder, study).snakemake("--quiet", "host")
        said.with_suffix(".part").write_text(json.dumps([run.code, run.text]), encoding="utf-8")
        said.with_suffix(".part").rename(said)
    project.first = Run(*json.loads(said.read_text(encoding="utf-8")))
    assert project.first.code == 0, project.first.text[-6000:]
    return project


@pytest.fixture(scope="session")
def finished(tmp_path_factory) -> Project:
    """The shipped study, run from scratch on two cores. Tests must leave it as it was."""
    shared = run_once(tmp_path_factory, "cpis")
    own = shared.copy(tmp_path_factory.mktemp("finished") / "project")
    own.first = shared.first
    return own


@pytest.fixture(scope="session")
def periodontal(tmp_path_factory) -> Project:
    """The second study, run from scratch through the same Snakefile. Tests must only read it."""
    return run_once(tmp_path_factory, "periodontal")


@pytest.fixture
def copied(finished, tmp_path) -> Project:
    """A copy of the finished run that a test may change."""
    return finished.copy(tmp_path / "project")
