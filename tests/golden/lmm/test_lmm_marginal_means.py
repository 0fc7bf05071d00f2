"""Adjusted means of transformed covariates, and joint tests without an intercept, against emmeans and pbkrtest.

Numbers: data/means/make_reference.R. There the transformed covariate is a column of its own, which emmeans holds at its
mean over people; held at the untransformed mean, as emmeans does by default, both means lie beside the outcome's.
"""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from cpis_analysis.analyses.fitting.run import run_analysis
from cpis_analysis.lmm import lmer, ols, predict
from cpis_analysis.study.dataset import AnalysisData
from explain_cases import case_spec

FOLDER = Path(__file__).parents[1] / "data" / "means"
EXPECTED = json.loads((FOLDER / "expected.json").read_text())
FORMULAS = {
    "log1p": "after ~ arm + before + log1p(calls) + (1 | team)",
    "square": "after ~ arm + before + calls + square(calls) + (1 | team)",
    "product": "after ~ arm + before * calls + (1 | team)",
    "sex_proportional": "after ~ arm + sex + before + (1 | team)",
    "sex_equal": "after ~ arm + sex + log1p(calls) + (1 | team)",
}
USUAL = {"arm": "usual"}


@pytest.fixture(scope="module")
def clinic():
    return pd.read_csv(FOLDER / "clinic.csv")


@pytest.mark.parametrize("name", FORMULAS)
def test_marginal_means_match_emmeans(name, clinic):
    fit = lmer(FORMULAS[name], clinic, reference=USUAL)
    means = fit.marginal_means("arm", weights="equal" if name == "sex_equal" else "proportional")
    assert means.index.tolist() == ["usual", "new"]
    # lme4's optimiser stops at about 1e-6 of the deviance
    np.testing.assert_allclose(means[["estimate", "std_error", "df"]], EXPECTED[name], rtol=2e-5)


def test_marginal_means_of_a_transformed_covariate_are_means_over_people(clinic):
    """Identity: the mean prediction over everybody in either arm, in plan and engine."""
    fit = lmer(FORMULAS["log1p"], clinic, reference=USUAL)
    b = fit.coefficients
    both = [
        b["(Intercept)"]
        + shift
        + (b["before"] * clinic["before"] + b["log1p(calls)"] * np.log1p(clinic["calls"])).mean()
        for shift in (0.0, b["arm[new]"])
    ]
    np.testing.assert_allclose(fit.marginal_means("arm")["estimate"], both, rtol=1e-12)
    plain = ols("after ~ arm + log1p(calls) + arm:before", clinic).marginal_means("arm")["estimate"]
    assert plain.min() < clinic["after"].mean() < plain.max()
    at = fit.marginal_means("arm", at={"calls": 0.0})["estimate"] - fit.marginal_means("arm")["estimate"]
    np.testing.assert_allclose(at, -b["log1p(calls)"] * np.log1p(clinic["calls"]).mean(), rtol=1e-9)
    people = clinic.rename(columns={"after": "y_6m"}).assign(
        participant_id=[f"P{i}" for i in range(len(clinic))], trust=clinic["team"]
    )
    spec = replace(
        case_spec("ancova"),
        formula="y_6m ~ arm + before + log1p(calls) + (1 | trust)",
        levels=("trust",),
        reference="usual",
    )
    result = run_analysis(spec, AnalysisData(people, pd.DataFrame()))
    np.testing.assert_allclose([row["estimate"] for row in result.adjusted_means], both, rtol=1e-9)


def test_marginal_means_with_several_factors_average_over_people(clinic):
    """Brute force: everybody's prediction at each pair of levels, interactions and all."""
    fit = ols("after ~ arm * sex + sex:log1p(calls) + before", clinic, reference=USUAL)
    found = fit.marginal_means(["arm", "sex"])
    for row in found.reset_index().itertuples():
        predicted = predict(fit, clinic.assign(arm=row.arm, sex=row.sex))
        assert row.estimate == pytest.approx(predicted.mean(), rel=1e-12)
    alone = fit.marginal_means("arm")["estimate"]
    for value, arm in zip(alone, ("usual", "new"), strict=True):
        assert value == pytest.approx(predict(fit, clinic.assign(arm=arm)).mean(), rel=1e-12)


@pytest.mark.parametrize(
    "formula",
    [
        "after ~ arm + before + (1 | team)",
        "after ~ 0 + arm + before + (1 | team)",
        "after ~ before + arm - 1 + (1 | team)",
    ],
)
def test_joint_test_of_the_arm_is_of_the_difference_with_or_without_an_intercept(formula, clinic):
    """Without an intercept the arm's coefficients are the means of the arms: that both are zero is another question."""
    fit = lmer(formula, clinic, reference=USUAL)
    found = fit.joint_test(["arm"]).iloc[0]
    expected = EXPECTED["joint"]
    np.testing.assert_allclose(found[["statistic", "df1", "df2", "p_value"]].astype(float), expected, rtol=2e-5)
    assert found["p_value"] == pytest.approx(EXPECTED["emmeans_joint"][3], rel=2e-5)
    assert found["statistic"] == pytest.approx(float(fit.marginal_differences("arm")["statistic"].iloc[0]) ** 2)


def test_joint_test_of_cells_without_an_intercept_is_of_their_differences(clinic):
    cells = ols("after ~ 0 + arm:sex + before", clinic).joint_test(["arm:sex"]).iloc[0]
    crossed = ols("after ~ arm * sex + before", clinic).joint_test(["arm", "sex", "arm:sex"]).iloc[0]
    assert cells["statistic"] == pytest.approx(crossed["statistic"])
    assert (cells["df1"], crossed["df1"]) == (3, 3)
    slopes = ols("after ~ 0 + arm + arm:before", clinic).joint_test(["arm:before"]).iloc[0]
    assert slopes["df1"] == 2


def test_golden_means_name_the_programs():
    assert all(word in EXPECTED["program"] for word in ("R 4", "lme4", "pbkrtest", "emmeans"))
