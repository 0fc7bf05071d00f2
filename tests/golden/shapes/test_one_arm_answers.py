"""Events, counts, answers in order and times to an event where clusters are in one arm only, against R.

Oracle: tests/golden/data/one_arm/make_answers.R with R 4.2.2. Groups that vary in their own arm: lme4 1.1-31 and
ordinal 2022.11-16 (its standard error from the curvature of its likelihood), to 1e-5. Estimating equations:
clubSandwich 0.5.8 (CR2, to 1e-5 where fitted values hardly differ within groups), Kauermann and Carroll's covariance
and that of Mancl and DeRouen with degrees of freedom by arm written out, to 1e-7, and geepack 1.3.9 without a
correction. Hazards: survival 3.5-3, to 1e-7.
"""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from cpis_analysis.analyses.estimators.gee_equations import estimating_equations
from cpis_analysis.analyses.fitting.run import run_analysis
from cpis_analysis.lmm import glmer
from cpis_analysis.lmm.generalised.group_cells import cells_of
from cpis_analysis.lmm.generalised.laplace import gradient, laplace
from cpis_analysis.lmm.generalised.maximum import _value_of
from cpis_analysis.lmm.generalised.search import maximise
from cpis_analysis.plan.schema import Design
from cpis_analysis.study.dataset import AnalysisData, with_single_people
from made_up_study import spec

HERE = Path(__file__).parents[1] / "data" / "one_arm"
EXPECTED = json.loads((HERE / "answers.json").read_text(encoding="utf-8"))
TRIAL = {"reference": "usual", "participant": "person", "baseline": None, "levels": ("group",)}
OWN = "(0 + in_group | group)"
EQUATIONS = {"estimator": "gee", "cluster": "group", "link": "logit", "correlation": "independence",
             "correction": "kauermann-carroll", "df_method": "satterthwaite"}  # fmt: skip
MIXED = {"estimator": "glmm", "df_method": "between-within"}
EVENT = {"outcome": "well", "followup": "well", "outcome_type": "binary"}
COUNT = {"outcome": "visits", "followup": "visits", "outcome_type": "count", "family": "poisson", "exposure": "weeks"}
GRADE = {"outcome": "grade", "followup": "grade", "outcome_type": "ordinal", "family": "ordinal",
         "low": 0.0, "high": 3.0}  # fmt: skip
TIME = {"outcome": "left", "followup": "left", "outcome_type": "time_to_event", "family": "hazards",
        "exposure": "days", "estimator": "cox", "cluster": "group"}  # fmt: skip
CASES = {
    "well": ("well ~ arm + age + " + OWN, EVENT | MIXED | {"family": "binomial"}),
    "points9": ("well ~ arm + age + " + OWN, EVENT | MIXED | {"family": "binomial", "quadrature": 9}),
    "visits": ("visits ~ arm + " + OWN, COUNT | MIXED),
    "graded": ("grade ~ arm + age + " + OWN, GRADE | MIXED),
    "risk": ("well ~ arm + age", EVENT | EQUATIONS),
    "rate": ("visits ~ arm + age", COUNT | EQUATIONS),
    "hazard": ("left ~ arm + age", TIME | {"df_method": "satterthwaite"}),
}


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
    people = pd.read_csv(HERE / "answers.csv")
    for name in ("arm", "group"):
        people[name] = pd.Categorical(people[name])
    people["has_6m"] = True
    made = with_single_people(people, pd.DataFrame({"person": people["person"], "wave": "6m"}), design)
    return AnalysisData(made, made.iloc[:0])


@pytest.fixture(scope="module")
def results(data):
    return {name: run_analysis(analysis(name), data) for name in CASES}


def analysis(name):
    formula, options = CASES[name]
    return spec(formula, **(TRIAL | options))


@pytest.mark.parametrize("name", ["well", "points9", "visits", "graded"])
def test_groups_that_vary_in_their_arm_are_as_lme4_and_ordinal_have_them(name, results):
    result, expected = results[name], EXPECTED[name]
    assert (result.estimate.estimate, result.estimate.se) == pytest.approx(
        (expected["estimate"], expected["se"]), rel=1e-5
    )
    (component,) = result.variance_components
    assert component["variance"] == pytest.approx(expected["group"], rel=1e-5)
    # twelve groups less their mean; single people add nothing to what groups tell of each other
    assert result.estimate.df == 11
    if name != "visits":
        latent = expected["group"] / (expected["group"] + np.pi**2 / 3)
        assert result.estimate.icc_trust == pytest.approx(latent, rel=1e-5)


def test_standardised_risks_take_single_people_without_a_groups_effect(results, data):
    """By Monte Carlo: the risk of everybody in the arm averages over groups in it, the other arm's over nobody."""
    result, expected = results["well"], EXPECTED["well"]
    beta = [next(row for row in result.coefficients if row["term"] == term)["estimate"]
            for term in ("(Intercept)", "arm[new]", "age")]  # fmt: skip
    rng = np.random.default_rng(1)
    age = data.participants["age"].to_numpy(float)
    groups = np.sqrt(expected["group"]) * rng.normal(size=(4000, 1))
    risks = [
        float((1 / (1 + np.exp(-(beta[0] + beta[1] * new + beta[2] * age + new * groups)))).mean()) for new in (0, 1)
    ]
    means = {row["arm"]: row["estimate"] for row in result.adjusted_means}
    assert means["usual"] == pytest.approx(risks[0], abs=1e-6)
    assert means["new"] == pytest.approx(risks[1], abs=0.004)


@pytest.mark.parametrize("name", ["risk", "rate"])
def test_estimating_equations_are_as_written_out_in_r(name, results):
    found, expected = results[name].estimate, EXPECTED[name]
    assert (found.estimate, found.se, found.df) == pytest.approx(
        (expected["estimate"], expected["se"], expected["df"]), rel=1e-7
    )
    # counts with one variance for groups and single people are warned of, with what to do
    assert [warning.partition(" Write ")[2][:11] for warning in found.warnings] == ["correction:"] * (name == "rate")


@pytest.mark.parametrize("name", ["risk", "rate"])
def test_estimating_equations_by_arm_are_as_written_out_in_r(name, data):
    by_arm = run_analysis(replace(analysis(name), correction="mancl-derouen"), data).estimate
    expected = EXPECTED[name]
    assert (by_arm.estimate, by_arm.se, by_arm.df) == pytest.approx(
        (expected["estimate"], expected["se_by_arm"], expected["df_by_arm"]), rel=1e-7
    )
    assert not by_arm.warnings


def test_without_covariates_degrees_of_freedom_by_arm_are_welch_s():
    """Ten groups of four against fifty: of the means of groups and the values of single people, by scipy."""
    rng = np.random.default_rng(7)
    grouped, alone = rng.poisson(np.repeat(rng.gamma(3, 1, (10, 1)), 4, axis=1)), rng.poisson(3.0, 50)
    y = np.concatenate([grouped.ravel(), alone]).astype(float)
    X = np.column_stack([np.ones(90), np.repeat([1.0, 0.0], [40, 50])])
    codes = np.concatenate([np.repeat(np.arange(10), 4), np.arange(10, 60)])
    found = estimating_equations(y, X, codes, "log", "independence", "mancl-derouen")
    arms = np.repeat([1, 0], [10, 50])
    # Mancl and DeRouen divide the sum of squares by less than the number less one
    own, other = grouped.mean(axis=1) / grouped.mean() * np.sqrt(10 / 9), alone / alone.mean() * np.sqrt(50 / 49)
    welch = stats.ttest_ind(own, other, equal_var=False).df
    assert found.degrees_of_freedom(np.array([0.0, 1.0]), arms) == pytest.approx(welch, rel=1e-9)
    assert found.covariance[1, 1] == pytest.approx(own.var(ddof=1) / 10 + other.var(ddof=1) / 50, rel=1e-9)


def test_estimating_equations_without_a_correction_are_as_geepack_has_them(data):
    people = data.participants
    X = np.column_stack([np.ones(len(people)), people["in_group"], people["age"]]).astype(float)
    found = estimating_equations(
        people["visits"].to_numpy(float), X, people["group"].cat.codes.to_numpy(), "log", "independence", "none",
        np.log(people["weeks"].to_numpy(float)),
    )  # fmt: skip
    expected = EXPECTED["uncorrected"]
    assert (found.coefficients[1], np.sqrt(found.covariance[1, 1])) == pytest.approx(
        (expected["estimate"], expected["se"]), rel=1e-7
    )


def test_estimating_equations_of_odds_are_as_clubsandwich_has_them(results):
    row = next(row for row in results["risk"].coefficients if row["term"] == "arm[new]")
    expected = EXPECTED["odds"]
    assert (row["estimate"], row["std_error"], row["df"]) == pytest.approx(
        (expected["estimate"], expected["se"], expected["df"]), rel=1e-5
    )


def test_hazards_are_as_survival_has_them_and_their_correction_as_written_out(results, data):
    found, expected = results["hazard"].estimate, EXPECTED["hazard"]
    assert (found.estimate, found.se, found.df) == pytest.approx(
        (expected["estimate"], expected["corrected"], expected["df"]), rel=1e-7
    )
    assert not found.warnings
    plain = run_analysis(spec("left ~ arm + age", **(TRIAL | TIME | {"df_method": "clusters-2"})), data).estimate
    assert (plain.estimate, plain.se) == pytest.approx((expected["estimate"], expected["se"]), rel=1e-7)
    assert "from 12 groups" in plain.warnings[0]


def test_cells_of_groups_in_one_arm_are_as_rows_one_by_one(data):
    """Newton steps over cells, with slopes that do not vary within them, reach the maximum of the plain search."""
    fit = glmer("well ~ arm + age + " + OWN, data.participants, family="binomial", reference={"arm": "usual"})
    assert cells_of(fit.model) is not None
    slow = maximise(fit.model, _value_of(fit.model, lambda at, mode: (laplace(mode), gradient(fit.model, at, mode))))
    assert fit.maximum.x == pytest.approx(slow.x, rel=1e-5)
    assert fit.maximum.covariance == pytest.approx(slow.covariance, rel=1e-4, abs=1e-5)
