"""The workflow as the Snakemake workflow catalogue and snakedeploy take it, and the container nobody has to have."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

import pytest
import yaml

from project_copy import ROOT, environment

pytestmark = pytest.mark.workflow

DEPLOYED = """
configfile: "config/config.yaml"


module cpis:
    snakefile: {snakefile!r}
    config: config


use rule * from cpis
"""
"""What snakedeploy writes into a new folder."""


def planned(folder, *arguments: str) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-m", "snakemake", "--cores", "1", "--dry-run", *arguments],
        cwd=folder,
        env=environment() | {"PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return {line.split()[0] for line in done.stdout.splitlines() if line.split()[1:] and line.split()[1].isdigit()}


RULES = {"clean_data", "fit_models", "build_report", "write_manifest", "everything"}


def test_catalogue_finds_the_snakefile_where_it_looks(tmp_path):
    shutil.copytree(ROOT / "data" / "raw", tmp_path / "data" / "raw")
    shutil.copy(ROOT / "config.yaml", tmp_path)
    assert planned(tmp_path, "--snakefile", str(ROOT / "workflow" / "Snakefile")) >= RULES


def test_catalogue_deployed_module_runs_in_a_folder_of_its_own(tmp_path):
    shutil.copytree(ROOT / "data" / "raw", tmp_path / "data" / "raw")
    shutil.copy(ROOT / "config.yaml", tmp_path)
    shutil.copytree(ROOT / "config", tmp_path / "config")
    (tmp_path / "workflow").mkdir()
    text = DEPLOYED.format(snakefile=str(ROOT / "workflow" / "Snakefile"))
    (tmp_path / "workflow" / "Snakefile").write_text(text, encoding="utf-8")
    assert planned(tmp_path) >= RULES


def test_catalogue_names_no_deployment_that_the_rules_lack():
    usage = yaml.safe_load((ROOT / ".snakemake-workflow-catalog.yml").read_text(encoding="utf-8"))["usage"]
    rules = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "workflow" / "rules").glob("*.smk"))
    assert usage["software-stack-deployment"] == {
        "conda": "conda:" in rules,
        "apptainer": "container:" in rules,
        "apptainer+conda": False,
    }
