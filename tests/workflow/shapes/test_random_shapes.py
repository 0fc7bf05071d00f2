"""Studies of random shapes: a check and a run end with a report or with a reason, and in the study's own words."""

from __future__ import annotations

import json
import re
import sys

import pytest

from cpis_analysis import cli
from html_tree import parse_html
from project_copy import Project, fresh
from random_study import write_study

pytestmark = pytest.mark.workflow

OF_OTHERS = r"\b(trusts?|teams?|interviews?|interviewed|CPIS|NHS|StaRI|social|Connecting|nan|NaN|None(?! agreed))\b"
"""Words of the home study, and what a program prints where it has no word."""
REFUSED = ("The design has no valid analysis", "The headline analysis of an outcome can't be carried out.")


def test_random_shapes_are_plans_that_fit_their_files(tmp_path, monkeypatch, capfd):
    for seed in range(1, 16):
        folder = tmp_path / str(seed)
        shape = write_study(folder, seed)
        monkeypatch.chdir(folder)
        monkeypatch.setattr(sys, "argv", ["cpis", "check", "--json"])
        try:
            cli.main()
            code = 0
        except SystemExit as end:
            code = end.code or 0
        said = capfd.readouterr()
        assert code == 0, f"{shape}: {said.err}"
        assert json.loads(said.out)["plan"] == "config.yaml"


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(101, 125))
def test_random_shapes_end_with_a_report_or_a_reason(seed, tmp_path):
    project = Project(fresh(tmp_path / "project", "cpis").folder, "study")
    shape = write_study(project.study, seed)
    run = project.snakemake("--quiet", "host")
    assert "Traceback" not in run.text, shape
    assert "fault of the program" not in run.text, (shape, run.text[-2000:])
    if run.code:
        assert any(reason in run.text for reason in REFUSED), (shape, run.text[-2000:])
        return
    pages = "\n".join(
        (project.study / "results" / "report" / f"{name}.html").read_text(encoding="utf-8")
        for name in ("findings", "annex")
    )
    text = parse_html(re.sub(r"<(style|script)\b.*?</\1>", "", pages, flags=re.DOTALL)).text
    said = [text[max(found.start() - 60, 0) : found.end() + 40] for found in re.finditer(OF_OTHERS, text)]
    assert not said, (shape, said[:5])
