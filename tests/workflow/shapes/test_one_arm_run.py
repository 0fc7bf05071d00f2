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
AFTER = "{outcome}_t1 ~ arm"
EQUATIONS = {"label": "Estimating equations", "estimator": "gee", "cluster": "group", "correlation": "independence",
             "df": "satterthwaite", "formula": AFTER}  # fmt: skip
MIXED = {"label": "Mixed", "estimator": "glmm", "formula": f"{AFTER} + (0 + in_group | group)"}
HAZARDS = {"label": "Hazards", "estimator": "cox", "cluster": "group", "df": "satterthwaite", "formula": AFTER}
SECONDARY = {
    "passed": {"label": "Passed", "type": "binary", "models": ["risk", "equations", "mixed"]},
    "absent": {"label": "Days absent", "type": "count", "exposure": "weeks", "models": ["equations", "mixed"]},
    "grade": {"label": "Grade", "type": "ordinal", "variable": "graded", "categories": ["low", "middle", "high"],
              "models": ["risk", "mixed"]},
    "leaving": {"label": "Leaving", "type": "time_to_event", "variable": "left", "event": ["yes"], "time": "days",
                "models": ["hazards"]},
}  # fmt: skip
FIELDS = [
    ("absent", "text", "Days absent", {"kind": "integer"}),
    ("weeks", "text", "Weeks looked at", {"kind": "integer"}),
    ("graded", "radio", "Grade", {"choices": "low, Low | middle, Middle | high, High"}),
    ("days", "text", "Days until leaving", {"kind": "integer"}),
    ("left", "radio", "Left", {"choices": "yes, Yes | no, No"}),
]


def with_answers(frame: pd.DataFrame) -> pd.DataFrame:
    """Answers of everybody who has a score after the lessons."""
    rng, here = np.random.default_rng(4), frame["after"].notna().to_numpy()
    own = (frame["after"].fillna(20) - 20).to_numpy() / 4
    days = np.minimum(np.ceil(rng.exponential(60 * np.exp(own))), 90)
    made = {
        "absent": rng.poisson(np.exp(0.8 - own / 2)),
        "weeks": rng.integers(4, 9, len(frame)),
        "graded": np.array(["low", "middle", "high"], dtype=object)[np.digitize(own, [-0.5, 0.5])],
        "days": days.astype(int),
        "left": np.where(days < 90, "yes", "no"),
    }
    return frame.assign(**{f"{name}_t1": pd.Series(values, dtype=object).where(here) for name, values in made.items()})


@pytest.fixture(scope="module")
def run(tmp_path_factory) -> Project:
    project = Project(fresh(tmp_path_factory.mktemp("one_arm") / "project", "cpis").folder, "study")
    frame = people(("group",), (24, 6), "group").sample(frac=1, random_state=3).reset_index(drop=True)
    frame.loc[frame["arm"] == "usual", "group"] = np.nan
    NOUNS["group"] = "therapy group"
    content = plan(("group",), MODELS)
    content["design"]["levels"][0]["arms"] = ["new"]
    content["outcomes"] |= {name: {"role": "secondary"} | part for name, part in SECONDARY.items()}
    content["models"] = MODELS | {"equations": EQUATIONS, "mixed": MIXED, "hazards": HAZARDS}
    write_trial(project.study, with_answers(frame), content, FIELDS)
    project.run()
    return project


def test_one_arm_everybody_is_analysed_and_every_analysis_estimated(run):
    rows = pd.read_csv(run.study / "results" / "estimates.csv").set_index("analysis")
    assert rows["status"].eq("estimated").all()
    assert rows.loc["score.by_arm", "n_participants"] == rows.loc["score.robust", "n_participants"] > 130
    assert 11 < rows.loc["score.by_arm", "df"] < 60
    assert set(rows["warnings"].dropna()) <= {"The variance between groups was estimated as zero."}
    assert rows["warnings"].isna().sum() > 8


def test_one_arm_every_type_of_outcome_has_the_effect_and_the_degrees_of_freedom_of_its_shape(run):
    rows = pd.read_csv(run.study / "results" / "estimates.csv").set_index("analysis")
    by_groups = rows.loc[["passed.equations", "absent.equations", "leaving.hazards", "passed.risk", "grade.risk"], "df"]
    assert by_groups.between(11, 60).all()
    assert rows.loc[["passed.mixed", "absent.mixed", "grade.mixed"], "df"].eq(11).all()
    assert rows.loc[["absent.equations", "absent.mixed", "leaving.hazards", "grade.mixed"], "ratio"].notna().all()
    # the correlation of two of one group, where the model has one on a scale with a residual variance
    assert rows.loc[["score.by_arm", "passed.mixed", "grade.mixed"], "icc_cluster_group"].between(0, 1).all()


def test_one_arm_error_rates_are_simulated_of_scores_and_answers(run):
    rates = pd.read_csv(run.study / "results" / "error_rates.csv")
    headline = rates[(rates["model"] == "by_arm") & rates["comparator"].isna()]
    assert list(headline["correlations"]) == ["estimated", "assumed", "assumed"]
    assert headline["icc_cluster_group"].iloc[1:].tolist() == [0.05, 0.1]
    assert headline["replicates"].eq(200).all()
    assert headline["size"].between(0.01, 0.1).all()
    assert set(rates["outcome"]) == {"score", "passed", "absent", "grade"}
    naive = rates[rates["comparator"] == "people as if independent"]
    assert naive["size"].iloc[-1] > headline["size"].iloc[-1]
    page = (run.study / "results" / "report" / "findings.html").read_text(encoding="utf-8")
    text = " ".join(parse_html(page).text.split())
    assert "In 200 simulated studies of the same people and therapy groups and without a true difference" in text
    assert "between therapy groups or single people" not in text


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
