"""The package as pip installs it, with no copy of the project: the wheel carries the workflow."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pandas as pd
import pytest

from project_copy import ROOT

pytestmark = pytest.mark.workflow

OWN = ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV")


def in_new_environment(python: Path, *arguments: str, cwd: Path) -> str:
    """What a command of the new environment says; nothing of this process's own paths reaches it."""
    done = subprocess.run(
        [str(python.parent / arguments[0]), *arguments[1:]],
        cwd=cwd,
        env={name: value for name, value in os.environ.items() if name not in OWN},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-4000:]
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    """The wheel of this project, built from a copy without its outputs."""
    folder = tmp_path_factory.mktemp("build")
    for name in ("pyproject.toml", "README.md", "LICENSE", "Snakefile"):
        shutil.copy(ROOT / name, folder)
    for name in ("src", "workflow", "profiles"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder / "dist")],
        cwd=folder,
        check=True,
        capture_output=True,
    )
    return next((folder / "dist").glob("*.whl"))


@pytest.fixture(scope="module")
def python(wheel, tmp_path_factory) -> Path:
    """The interpreter of a new environment: the wheel, and the libraries of this one in place of a download."""
    folder = tmp_path_factory.mktemp("fresh") / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    python = folder / "bin" / "python"
    install = ["-m", "pip", "--python", str(python), "install", "--quiet", "--no-deps", "--no-index", str(wheel)]
    subprocess.run([sys.executable, *install], check=True)
    # a folder on the path by a .pth file: the .pth files in it, such as that of this checkout, are not obeyed
    site = next((folder / "lib").glob("python*/site-packages"))
    (site / "dependencies.pth").write_text(sysconfig.get_paths()["purelib"] + "\n", encoding="utf-8")
    where = "import cpis_analysis; print(cpis_analysis.__file__)"
    assert Path(in_new_environment(python, "python", "-c", where, cwd=folder).strip()).is_relative_to(folder)
    return python


def test_wheel_holds_the_workflow_and_all_that_is_no_module(wheel):
    held = set(zipfile.ZipFile(wheel).namelist())
    package = ROOT / "src" / "cpis_analysis"
    data = [path for path in package.rglob("*") if path.is_file() and path.suffix not in (".py", ".pyc")]
    assert {f"cpis_analysis/{path.relative_to(package).as_posix()}" for path in data} <= held
    rules = {f"cpis_analysis/project/workflow/rules/{path.name}" for path in (ROOT / "workflow/rules").glob("*.smk")}
    assert rules | {"cpis_analysis/project/Snakefile", "cpis_analysis/project/profiles/default/config.yaml"} <= held


def test_wheel_says_its_version_and_plans_a_run_in_a_folder_of_its_own(python, tmp_path):
    version = in_new_environment(python, "cpis", "--version", cwd=tmp_path)
    assert version.startswith("cpis ")
    assert f'version = "{version.split()[1]}"' in (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    for name in ("config.yaml", "data/raw"):
        source, target = ROOT / "examples/periodontal" / name, tmp_path / name
        shutil.copytree(source, target) if source.is_dir() else shutil.copy(source, target)
    said = in_new_environment(python, "cpis", "run", "--dry-run", cwd=tmp_path)
    assert {"clean_data", "fit_models", "build_report", "write_manifest"} <= set(said.split())


@pytest.mark.slow
def test_wheel_takes_the_tutorial_from_the_raw_file_to_its_report(python, tmp_path):
    """pip install and three commands; the estimates are those of lme4 and pbkrtest, and those that the page prints."""
    page = (ROOT / "docs/another_study.md").read_text(encoding="utf-8")
    shutil.copy(ROOT / "docs/another_study/opt.csv", tmp_path)
    folder = tmp_path
    for command in re.findall(r"^    \$ (.+)$", page, flags=re.MULTILINE):
        if command.startswith("cd "):
            folder /= command.removeprefix("cd ")
        else:
            in_new_environment(python, *shlex.split(command), cwd=folder)
    assert "Obstetrics and Periodontal Therapy trial" in (folder / "results/report/findings.html").read_text("utf-8")
    rows = pd.read_csv(folder / "results/estimates.csv").set_index("analysis")
    gold = json.loads((ROOT / "tests/golden/data/periodontal/expected.json").read_text(encoding="utf-8"))["ancova_pd"]
    at = gold["terms"].index("groupT")
    wanted = [gold["estimate"][at], *(gold["kenward_roger"][name][at] for name in ("se", "df", "p"))]
    found = rows.loc["PD_avg.mixed", ["estimate", "se", "df", "p_value"]].tolist()
    assert found == pytest.approx(wanted, rel=1e-6)
    for name in ("ancova", "mixed"):
        row = rows.loc[f"PD_avg.{name}"]
        [line] = [line for line in page.splitlines() if line.startswith(f"| `PD_avg.{name}`")]
        assert line.endswith(f"| {row['estimate']:.3f} | {row['ci_low']:.3f} to {row['ci_high']:.3f} |")
    assert len(pd.read_csv(folder / "data/processed/audit.csv")) > 0
