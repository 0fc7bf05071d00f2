"""Weights by the inverse of the probability of follow-up against R's glm and clubSandwich (data/follow_up)."""

import json
from pathlib import Path

import pandas as pd
import pytest

from cpis_analysis.analyses.fitting.run import run_analysis
from cpis_analysis.analyses.missing_values.weighting import weighted_rows
from cpis_analysis.analyses.rows.analysis_rows import analysis_rows
from cpis_analysis.study.dataset import AnalysisData
from made_up_study import spec

DATA = Path(__file__).parents[1] / "data"
EXPECTED = json.loads((DATA / "follow_up" / "expected.json").read_text())


@pytest.fixture(scope="module")
def data():
    people = pd.read_csv(DATA / "confounding" / "people.csv", keep_default_na=False, na_values=[""])
    people["arm"] = pd.Categorical(people["arm"], ["comparison", "implementation"])
    texts = people.select_dtypes(exclude="number").columns.difference(["arm"])
    people[texts] = people[texts].astype("category")
    people["participant_id"] = [f"P{place:03d}" for place in range(len(people))]
    return AnalysisData(people, pd.DataFrame())


def weighted(cluster, by_arm):
    names = {"outcome": "rguk", "name": "rguk.model", "baseline": "rguk_0m", "followup": "rguk_6m"}
    return spec(
        "rguk_6m ~ arm + rguk_0m + age + gender", "ols_cr2", cluster=cluster, missing="inverse_probability",
        predictors=("rguk_0m", "age", "relationship"), predictors_by_arm=by_arm, reference="comparison", **names,
    )  # fmt: skip


@pytest.mark.parametrize("by_arm", [False, True])
def test_follow_up_weights_match_glm_with_jeffreys_prior(data, by_arm):
    wanted = weighted("trust", by_arm)
    weights = weighted_rows(wanted, data, analysis_rows(wanted, data)).weights
    expected = EXPECTED["by_arm" if by_arm else "one_slope"]
    assert EXPECTED["program"].startswith("R ")
    found = [len(weights), weights.sum() ** 2 / (weights**2).sum(), weights.max(), weights.min()]
    assert found == pytest.approx([expected[key] for key in ("n", "effective", "largest", "smallest")], rel=1e-8)


@pytest.mark.parametrize("by_arm", [False, True])
@pytest.mark.parametrize(("cluster", "name"), [("trust", "trust"), ("team", "cluster")])
def test_differences_weighted_for_follow_up_match_clubsandwich(data, cluster, name, by_arm):
    found = run_analysis(weighted(cluster, by_arm), data)
    expected = EXPECTED["by_arm" if by_arm else "one_slope"]
    ours = [found.estimate.estimate, found.estimate.se, found.estimate.df]
    assert ours == pytest.approx([expected[f"{name}_{key}"] for key in ("estimate", "se", "df")], rel=1e-8)
    (said,) = [line for line in found.messages if "weighted" in line]
    assert f"for {expected['lost']} without it" in said
    assert (", each arm apart; effective" in said) is by_arm
