"""The package as pip installs it, with no copy of the project: the wheel carries the workflow."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

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
