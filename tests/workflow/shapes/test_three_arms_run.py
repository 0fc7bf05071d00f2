"""A trial of three arms from raw files to its report: scores, an answer, a count in an exposure, a time to an event."""

from __future__ import annotations

import json
import re

import pandas as pd
import pytest

from project_copy import Project, fresh
from three_arms import ARMS, WAITING, write_three_arms

pytestmark = [pytest.mark.workflow, pytest.mark.long]

OTHERS = list(ARMS)[1:]


@pytest.fixture(scope="module")
def run(tmp_path_factory) -> Project:
    project = Project(fresh(tmp_path_factory.mktemp("arms") / "project", "cpis").folder, "study")
    write_three_arms(project.study, compared=list(ARMS))
    project.first = project.snakemake("--quiet", "host")
    assert project.first.code == 0, project.first.text[-6000:]
    return project


@pytest.fixture(scope="module")
def estimates(run) -> pd.DataFrame:
    return pd.read_csv(run.study / "results" / "estimates.csv")


def test_three_arms_every_analysis_has_each_arm(estimates):
    for analysis, rows in estimates.groupby("analysis"):
        names = " ".join(rows["contrast"])
        assert all(f"{arm} - usual care" in names for arm in OTHERS), analysis
        assert rows["status"].eq("estimated").all(), analysis


def test_three_arms_p_values_are_adjusted_within_analyses(estimates):
    main = estimates[estimates["analysis"] == "score.mixed"].set_index("contrast")
    first, second = (main.loc[f"{arm} - usual care"] for arm in OTHERS)
    assert first["p_arms"] == pytest.approx(min(1.0, 2 * first["p_value"]))
    assert second["p_arms"] == pytest.approx(max(second["p_value"], first["p_arms"]))


def test_three_arms_people_of_an_arm_left_out_are_in_the_flow_alone(run):
    flow = json.loads((run.study / "results" / "flow.json").read_text(encoding="utf-8"))
    assert flow["by_arm"][WAITING]["recruited"] > 0
    assert flow["by_arm"][WAITING]["analysed"] == 0
    audit = json.loads((run.study / "results" / "design_audit.json").read_text(encoding="utf-8"))
    assert [row["arm"] for row in audit["arms"]] == ["usual care", *sorted(OTHERS)]
    assert any("design.arm.compared" in line for line in audit["warnings"])


def test_three_arms_report_says_what_each_arm_did(run):
    text = (run.study / "results" / "report" / "findings.html").read_text(encoding="utf-8")
    visible = re.sub(r"<(style|script)\b.*?</\1>|<[^>]*>", " ", text, flags=re.DOTALL)
    assert "Each arm against usual practice" in visible
    assert "Téléphone group against usual practice group." in visible
    assert "Adjusted for comparing several groups with one" in visible
    assert "Joint test of all arms: p" in visible
    assert "Group &amp; &lt;phone&gt;" in visible
    assert "hazard ratio" in visible
    assert not re.search(r"\b(?:trusts?|CPIS|NHS)\b", visible)


def test_three_arms_second_run_does_nothing(run):
    assert run.planned() == set()
