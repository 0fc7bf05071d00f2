"""Therapy groups in one arm, single people in the other, against R.

Oracle: tests/golden/data/one_arm/make_reference.R with R 4.2.2. Residuals by arm: nlme 3.1-162, to 1e-5 (its variances
to 1e-4); one residual variance: lme4 1.1-31 with pbkrtest 0.5.2, to 1e-5; CR2 with single people as clusters:
clubSandwich 0.5.8, to 1e-8.
"""

import json
from pathlib import Path

import pandas as pd
import pytest

from cpis_analysis.analyses.fitting.run import run_analysis
from cpis_analysis.plan.schema_design import Design
from cpis_analysis.study.dataset import AnalysisData, with_single_people
from made_up_study import spec

HERE = Path(__file__).parents[1] / "data" / "one_arm"
EXPECTED = json.loads((HERE / "expected.json").read_text(encoding="utf-8"))
TRIAL = {"reference": "usual", "participant": "person", "outcome": "after", "baseline": "before", "followup": "after",
         "levels": ("group",)}  # fmt: skip
RANDOM = "after ~ arm + before + (0 + in_group | group)"


@pytest.fixture(scope="module")
def data():
    design = Design.model_validate(
        {
            "participant": "person",
            "arm": {"variable": "arm", "reference": "usual"},
            "levels": [{"variable": "group", "arms": ["new"]}],
            "waves": [{"name": "6m", "label": "After", "months": 6}],
        }
    )
    people = pd.read_csv(HERE / "people.csv")
    for name in ("arm", "group"):
        people[name] = pd.Categorical(people[name])
    seen = pd.DataFrame({"person": people.loc[people["after"].notna(), "person"], "wave": "6m"})
    people["has_0m"], people["has_6m"] = True, people["after"].notna()
    made = with_single_people(people, seen, design)
    return AnalysisData(made, made.iloc[:0])


def test_groups_that_vary_in_their_arm_with_residuals_by_arm_are_as_nlme_has_them(data):
    by_arm = spec(RANDOM, "mmrm", **TRIAL, covariance="independent", residual_by="arm", df_method="z")
    result, expected = run_analysis(by_arm, data), EXPECTED["by_arm"]
    found = result.estimate
    assert (found.estimate, found.se) == pytest.approx((expected["estimate"], expected["se"]), rel=1e-5)
    assert found.reml_loglik == pytest.approx(expected["loglik"], abs=1e-6)
    variances = sorted(row["variance"] for row in result.variance_components)
    assert variances == pytest.approx(sorted([expected["group"], *expected["residual"]]), rel=1e-4)


def test_groups_that_vary_in_their_arm_with_one_residual_are_as_lme4_and_pbkrtest_have_them(data):
    found, expected = run_analysis(spec(RANDOM, **TRIAL), data).estimate, EXPECTED["alike"]
    assert (found.estimate, found.se, found.df, found.p_value) == pytest.approx(
        tuple(expected[name] for name in ("estimate", "se", "df", "p")), rel=1e-5
    )
    assert found.reml_loglik == pytest.approx(expected["loglik"], abs=1e-6)


def test_least_squares_with_single_people_as_clusters_is_as_clubsandwich_has_it(data):
    found = run_analysis(spec("after ~ arm + before", "ols_cr2", **TRIAL, cluster="group"), data).estimate
    expected = EXPECTED["robust"]
    assert (found.estimate, found.se, found.df, found.p_value) == pytest.approx(
        tuple(expected[name] for name in ("estimate", "se", "df", "p")), rel=1e-8
    )
    assert not any("(alone)" in line for line in found.warnings)
    assert found.n_trusts == 9 + 52 - sum(data.participants["after"].isna() & data.participants["arm"].eq("usual"))


@pytest.mark.thorough
def test_a_random_intercept_of_everybody_holds_the_groups_variance_below_that_of_single_people(data):
    """Why a plan refuses it: the groups vary more (4.1) than single people do (3.4), and it can't say so."""
    options = TRIAL | {"covariance": "independent", "residual_by": "arm"}
    own, every = (
        run_analysis(spec(formula, "mmrm", **options), data)
        for formula in (RANDOM, RANDOM.replace("0 + in_group", "1"))
    )
    assert own.estimate.reml_loglik > every.estimate.reml_loglik + 0.01
    assert own.estimate.se > 1.05 * every.estimate.se
