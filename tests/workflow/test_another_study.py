"""The tutorial docs/another_study.md: its commands, and what it says that they give."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cpis_analysis import cli
from project_copy import ROOT

PAGE = (ROOT / "docs" / "another_study.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^    \$ (.+)$", PAGE, flags=re.MULTILINE)


def shown(begin: str) -> list[str]:
    """Lines of the page that are indented and begin so, without the indent."""
    return [line.strip() for line in PAGE.splitlines() if line.startswith("    ") and line.strip().startswith(begin)]


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    """Where the reader is: a folder with the raw file."""
    shutil.copy(ROOT / "docs/another_study/opt.csv", tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def said(command: str) -> str:
    done = CliRunner().invoke(cli.app, shlex.split(command)[1:], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


def test_tutorial_goes_from_the_raw_file_to_a_plan_that_can_be_run(folder, monkeypatch):
    begin, again, into, check, run = COMMANDS
    assert (into, run) == ("cd gums", "cpis run")
    first = said(begin)
    assert all(line in first for line in shown("! "))
    assert len(shown("! ")) == 4
    said(again)
    plan = (folder / "gums/config.yaml").read_text(encoding="utf-8")
    told = PAGE.split("    outcomes:\n", 1)[1].split("\n\nThe file calls", 1)[0]
    for line in ("outcomes:", *(line[4:] for line in told.splitlines() if line.strip())):
        assert f"\n{line}\n" in plan
    monkeypatch.chdir(folder / "gums")
    assert shown("config.yaml is")[0] in said(check)


def test_tutorial_shows_the_file_as_it_is():
    lines = (ROOT / "docs/another_study/opt.csv").read_text(encoding="utf-8").splitlines()
    assert shown("PID,") == [lines[0]]
    assert len(lines) == 824
