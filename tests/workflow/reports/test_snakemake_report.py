"""`snakemake --report` holds the flow, the results table, the forest plot and the estimates."""

from __future__ import annotations

import subprocess
import sys

import pytest

from project_copy import environment

pytestmark = pytest.mark.workflow


def test_snakemake_report_holds_the_main_results(finished, tmp_path):
    page = tmp_path / "report.html"
    done = subprocess.run(
        [sys.executable, "-m", "snakemake", "--cores", "1", "--report", str(page)],
        cwd=finished.study,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    text = page.read_text(encoding="utf-8")
    for name in ("flow.svg", "outcomes.html", "forest.svg", "estimates.csv"):
        assert name in text
        assert f"Adding {name}" in done.stderr + done.stdout
