"""Therapy groups in one arm, single people in the other, from raw file to page: empty cells of groups, no Python."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from html_tree import parse_html
from levelled_trial import NOUNS, people, plan, write_trial
from project_copy import Project, fresh

pytestmark = [pytest.mark.workflow, pytest.mark.long]

OWN = "{outcome}_t1 ~ arm + {outcome}_t0 + (0 + in_group | group)"
MODELS = {
    "by_arm": {"label": "Groups and residuals by arm", "estimator": "mmrm", "covariance": "independent",
               "residual_by": "arm", "formula": OWN},
    "robust": {"label": "Robust", "estimator": "ols_cr2", "cluster": "group",
               "formula": "{outcome}_t1 ~ arm + {outcome}_t0"},
    "risk": {"label": "Risk", "estimator": "ols_cr2", "cluster": "group", "formula": "{outcome}_t1 ~ arm"},
}  # fmt: skip


@pytest.fixture(scope="module")
def run(tmp_path_factory) -> Project:
    project = Project(fresh(tmp_path_factory.mktemp("one_arm") / "project", "cpis").folder, "study")
    frame = people(("group",), (24, 6), "group").sample(frac=1, random_state=3).reset_index(drop=True)
    frame.loc[frame["arm"] == "usual", "group"] = np.nan
    NOUNS["group"] = "therapy group"
    content = plan(("group",), MODELS)
    content["design"]["levels"][0]["arms"] = ["new"]
    write_trial(project.study, frame, content)
    project.run()
    return project


def test_one_arm_everybody_is_analysed_and_every_analysis_estimated(run):
    rows = pd.read_csv(run.study / "results" / "estimates.csv").set_index("analysis")
    assert rows["status"].eq("estimated").all()
    assert rows.loc["score.by_arm", "n_participants"] == rows.loc["score.robust", "n_participants"] > 130
    assert 11 < rows.loc["score.by_arm", "df"] < 60
    assert rows["warnings"].isna().all()


def test_one_arm_flow_counts_single_people_together(run):
    flow = json.loads((run.study / "results" / "flow.json").read_text(encoding="utf-8"))
    assert flow["by_cluster_group"]["(alone)"]["recruited"] == 72
    assert len(flow["by_cluster_group"]) == 13
    assert "not_placed" not in flow


def test_one_arm_pages_count_groups_in_their_arm_and_name_nobody(run):
    pages = [run.study / "results" / "report" / f"{name}.html" for name in ("findings", "annex")]
    text = parse_html("\n".join(page.read_text(encoding="utf-8") for page in pages)).text
    assert "12 therapy groups" in text
    assert "72 single people" in text
    assert "Flow of therapy groups and people" in text
    assert "72 therapy groups" not in text
    assert "counts 11 degrees of freedom (between therapy groups" in text
    assert "(alone)" not in text
