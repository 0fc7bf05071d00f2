"""The tutorials docs/another_study.md and docs/repeated_measures.md: their commands, and what these are to give."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from cpis_analysis import cli
from project_copy import ROOT

GOLDEN = ROOT / "tests" / "golden" / "data"
BLUES = {"2m": "at 2 months", "3m": "at 3 months", "5m": "at 5 months", "8m": "at 8 months (headline)"}


class Page:
    """One tutorial: its text, its commands, and its indented lines."""

    def __init__(self, name: str, raw: str) -> None:
        self.text = (ROOT / "docs" / name).read_text(encoding="utf-8")
        self.raw = ROOT / raw
        self.commands = re.findall(r"^    \$ (.+)$", self.text, flags=re.MULTILINE)

    def shown(self, begin: str) -> list[str]:
        """Lines of the page that are indented and begin so, without the indent."""
        lines = self.text.splitlines()
        return [line.strip() for line in lines if line.startswith("    ") and line.strip().startswith(begin)]

    def block(self, begin: str) -> list[str]:
        """The indented lines from one that begins so to the next blank one, without four blanks."""
        after = self.text.split(f"\n    {begin}\n", 1)[1].split("\n\n", 1)[0]
        return [begin, *(line[4:] for line in after.splitlines())]


GUMS = Page("another_study.md", "docs/another_study/opt.csv")
BTHEB = Page("repeated_measures.md", "examples/beat_the_blues/data/raw/btheb.csv")


def said(command: str) -> str:
    done = CliRunner().invoke(cli.app, shlex.split(command)[1:], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


def begun(page: Page, folder: Path, monkeypatch) -> Path:
    """The study after the page's first commands, which say what the page says that they say."""
    shutil.copy(page.raw, folder)
    monkeypatch.chdir(folder)
    begin, again, into, *_ = page.commands
    first = said(begin)
    lines = page.shown("! ")
    assert lines
    assert all(line in first for line in lines), first
    said(again)
    return folder / into.removeprefix("cd ")


def run(folder: Path) -> pd.DataFrame:
    """`cpis run` in a study's folder, and its estimates."""
    command = [sys.executable, "-c", "from cpis_analysis.cli import main; main()", "run"]
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "SNAKEMAKE"))}
    done = subprocess.run(command, cwd=folder, env=kept, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (folder / "results/report/findings.html").is_file()
    return pd.read_csv(folder / "results" / "estimates.csv")


def test_tutorial_goes_from_the_raw_file_to_a_plan_that_can_be_run(tmp_path, monkeypatch):
    *_, into, check, last = GUMS.commands
    assert (into, last) == ("cd gums", "cpis run")
    study = begun(GUMS, tmp_path, monkeypatch)
    plan = (study / "config.yaml").read_text(encoding="utf-8")
    told = GUMS.text.split("    outcomes:\n", 1)[1].split("\n\nThe file calls", 1)[0]
    for line in ("outcomes:", *(line[4:] for line in told.splitlines() if line.strip())):
        assert f"\n{line}\n" in plan
    monkeypatch.chdir(study)
    assert GUMS.shown("config.yaml is")[0] in said(check)


@pytest.mark.parametrize("page", [GUMS, BTHEB], ids=["gums", "blues"])
def test_tutorial_shows_the_file_as_it_is(page):
    lines = page.raw.read_text(encoding="utf-8").splitlines()
    assert page.block(lines[0])[1] == lines[1].rstrip()
    assert len(lines) == {"opt.csv": 824, "btheb.csv": 101}[page.raw.name]


def decided(page: Page, folder: Path, monkeypatch) -> Path:
    """The study of repeated measures with what the page says to write."""
    study = begun(page, folder, monkeypatch)
    plan = study / "config.yaml"
    text = plan.read_text(encoding="utf-8")
    for written, wanted in (
        ("models: [ancova, all_waves]", "models: [all_waves, ancova]"),
        ("label: bdi", "label: Beck Depression Inventory II"),
    ):
        assert wanted in page.text
        assert written in text
        text = text.replace(written, wanted, 1)
    text = text.replace("    higher_is: worse\n", "    higher_is: worse\n    low: 0\n    high: 63\n", 1)
    plan.write_text(text, encoding="utf-8")
    return study


def test_tutorial_of_repeated_measures_goes_to_a_plan_that_can_be_run(tmp_path, monkeypatch):
    *_, into, check, last = BTHEB.commands
    assert (into, last) == ("cd blues", "cpis run")
    study = decided(BTHEB, tmp_path, monkeypatch)
    plan = (study / "config.yaml").read_text(encoding="utf-8")
    [models] = [line for line in BTHEB.text.splitlines() if line.startswith("    ancova:")]
    for line in (*BTHEB.block("waves:"), *BTHEB.block(models.strip())):
        assert f"\n  {line}\n" in plan, line
    monkeypatch.chdir(study)
    assert BTHEB.shown("config.yaml is")[0] in said(check)


@pytest.mark.long
@pytest.mark.workflow
def test_tutorial_of_repeated_measures_ends_with_what_the_page_prints(tmp_path, monkeypatch):
    rows = run(decided(BTHEB, tmp_path, monkeypatch)).set_index(["analysis", "contrast"])
    named = {f"BtheB - TAU (at {wave})": words for wave, words in BLUES.items()}
    named["BtheB - TAU (mean of 2m, 3m, 5m, 8m)"] = "on average over the four"
    gold = json.loads((GOLDEN / "examples" / "expected.json").read_text(encoding="utf-8"))["beat_the_blues"]
    for contrast, words in named.items():
        row = rows.loc[("bdi.all_waves", contrast)]
        wave = next((one for one in BLUES if f"(at {one})" in contrast), "average")
        assert row["estimate"] == pytest.approx(gold["all_waves"][wave]["estimate"], rel=2e-5)
        assert _line(words, row) in BTHEB.text
    assert _line("at 8 months, ANCOVA of those seen then", rows.loc["bdi.ancova"].iloc[0]) in BTHEB.text


def _line(words: str, row: pd.Series) -> str:
    return f"| {words} | {row['estimate']:.2f} | {row['ci_low']:.2f} to {row['ci_high']:.2f} |"


@pytest.mark.long
@pytest.mark.workflow
def test_tutorial_ends_with_what_the_page_prints(tmp_path, monkeypatch):
    rows = run(begun(GUMS, tmp_path, monkeypatch)).set_index("analysis")
    gold = json.loads((GOLDEN / "periodontal" / "expected.json").read_text(encoding="utf-8"))["ancova_pd"]
    at = gold["terms"].index("groupT")
    wanted = [gold["estimate"][at], *(gold["kenward_roger"][name][at] for name in ("se", "df", "p"))]
    assert rows.loc["PD_avg.mixed", ["estimate", "se", "df", "p_value"]].tolist() == pytest.approx(wanted, rel=1e-6)
    for name in ("ancova", "mixed"):
        row = rows.loc[f"PD_avg.{name}"]
        [line] = [line for line in GUMS.text.splitlines() if line.startswith(f"| `PD_avg.{name}`")]
        assert line.endswith(f"| {row['estimate']:.3f} | {row['ci_low']:.3f} to {row['ci_high']:.3f} |")
