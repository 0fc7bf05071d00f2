"""The commands on the shipped study after a real run."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from project_copy import environment

pytestmark = pytest.mark.workflow


def cpis(project, *arguments):
    """Output of a command in the project's folder, by the project's own copy of the package."""
    code = "from cpis_analysis.cli import main; import sys; sys.argv[0] = 'cpis'; main()"
    where = environment() | {"PYTHONPATH": str(project.folder / "src")}
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=project.folder,
        env=where,
        check=False,
        capture_output=True,
        encoding="utf-8",
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_plan_of_a_finished_run_redoes_nothing(finished):
    assert json.loads(cpis(finished, "plan", "--json")) == {"analyses": [], "stages": [], "leaving": []}


def test_plan_of_an_edited_model_names_its_analyses_and_the_change(finished):
    with finished.edited("config.yaml", ('"{outcome}_change ~ arm + age + gender', '"{outcome}_change ~ arm + age')):
        work = json.loads(cpis(finished, "plan", "--json"))
    assert {item["analysis"].split(".")[1] for item in work["analyses"]} == {"change"}
    assert all("gender" in item["why"][0] for item in work["analyses"])
    assert "Collecting the estimates" in {item["stage"] for item in work["stages"]}


def test_fit_of_the_headline_gives_the_numbers_of_the_run(finished):
    record = json.loads(cpis(finished, "fit", "rguk.ancova", "--json"))
    stored = json.loads((finished.study / "results" / "models" / "ancova.json").read_text(encoding="utf-8"))
    own = next(one for one in stored if one["spec"]["name"] == "rguk.ancova")
    assert record["estimate"] == own["estimate"]
    assert record["coefficients"] == own["coefficients"]


def test_archive_of_a_finished_run_holds_no_rows_and_differs_in_nothing(copied):
    archived = json.loads(cpis(copied, "archive", "--json"))
    folder = copied.study / archived["folder"]
    assert not list(folder.rglob("*.parquet"))
    assert "CP001" not in "".join(path.read_text(encoding="utf-8") for path in folder.rglob("*") if path.is_file())
    found = json.loads(cpis(copied, "diff", archived["run"], "results", "--json"))
    assert {change["status"] for change in found["analyses"]} == {"same"}
    assert found["causes"] == [] == found["remarks"]
