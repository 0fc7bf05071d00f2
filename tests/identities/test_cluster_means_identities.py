"""Means of clusters in formulas: what within and between parts must be, and over whom a mean is."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from cpis_analysis.analyses.fitting.run import run_analysis
from cpis_analysis.analyses.rows.analysis_rows import analysis_rows
from cpis_analysis.errors import ModelError
from cpis_analysis.lmm import lmer, ols
from cpis_analysis.study.dataset import AnalysisData
from explain_cases import case_spec, stored_data

RANDOM = "(1 | trust:team)"


@pytest.fixture(scope="module")
def data():
    return stored_data()


@pytest.fixture(scope="module")
def rows(data):
    """Everybody followed up, of whom the means then are."""
    people = data.participants.dropna(subset=["y_6m", "y_0m"])
    return people.assign(place=people["trust"].astype(str) + people["team"].astype(str)).reset_index(drop=True)


def coefficients(data, formula, **more):
    result = run_analysis(replace(case_spec("ancova"), formula=formula, **more), data)
    return {row["term"]: row["estimate"] for row in result.coefficients}


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"estimator": "ols_cr2", "cluster": "team", "df_method": "satterthwaite"},
        {"estimator": "mmrm", "covariance": "independent", "residual_by": "arm"},
    ],
    ids=["mixed", "ols_cr2", "mmrm"],
)
def test_cluster_parts_are_the_covariate_and_its_mean_written_otherwise(data, more):
    """x + mean = within + mean: the slope within is that of x, and the mean's is the difference between both slopes."""
    tail = "" if more.get("estimator") == "ols_cr2" else f" + {RANDOM}"
    one = coefficients(data, f"y_6m ~ arm + y_0m + mean(y_0m | team){tail}", **more)
    two = coefficients(data, f"y_6m ~ arm + within(y_0m | team) + mean(y_0m | team){tail}", **more)
    assert two["within(y_0m | team)"] == pytest.approx(one["y_0m"], rel=1e-7)
    between = two["mean(y_0m | team)"]
    assert between - one["y_0m"] == pytest.approx(one["mean(y_0m | team)"], rel=1e-6)
    assert two["arm[i]"] == pytest.approx(one["arm[i]"], rel=1e-6)


@pytest.mark.parametrize("case", ["gee", "glmm", "jackknife_team", "permuted"])
def test_difference_between_the_arms_is_the_same_however_the_parts_are_written(data, case):
    spec = case_spec(case)
    outcome, tail = spec.formula.split(" ~ ")[0], f" + {RANDOM}" if "|" in spec.formula else ""
    one, two = (
        run_analysis(replace(spec, formula=f"{outcome} ~ arm + {part} + mean(y_0m | team){tail}"), data).estimate
        for part in ("y_0m", "within(y_0m | team)")
    )
    assert (one.estimate, one.se) == pytest.approx((two.estimate, two.se), rel=1e-6)


def test_slope_within_is_that_of_fixed_clusters(rows):
    """Mundlak 1978: beside the mean of the same rows, the slope within is that of a model with a constant a cluster."""
    fixed = ols("y_6m ~ y_0m + place", rows).summary("residual").loc["y_0m", "estimate"]
    mixed = lmer("y_6m ~ y_0m + mean(y_0m | place) + (1 | place)", rows)
    assert mixed.summary("z").loc["y_0m", "estimate"] == pytest.approx(fixed, rel=1e-9)


def test_slope_between_of_clusters_of_one_size_is_that_of_their_means(rows):
    """Balanced: the slope of the mean is least squares of the clusters' means of the outcome on theirs."""
    smallest = rows["place"].value_counts().min()
    alike = rows.groupby("place").head(smallest)
    means = alike.groupby("place", as_index=False)[["y_6m", "y_0m"]].mean()
    between = ols("y_6m ~ y_0m", means).summary("residual").loc["y_0m", "estimate"]
    mixed = lmer("y_6m ~ within(y_0m | place) + mean(y_0m | place) + (1 | place)", alike).summary("z")
    assert mixed.loc["mean(y_0m | place)", "estimate"] == pytest.approx(between, rel=1e-9)


def test_means_are_over_everybody_whose_value_is_known_and_once_a_person(data):
    spec = replace(case_spec("ancova"), formula=f"y_6m ~ arm + mean(y_0m | team) + mean(arm | trust) + {RANDOM}")
    people = data.participants
    wide = analysis_rows(spec, data).frame
    assert len(wide) < people["y_0m"].notna().sum()
    expected = people.groupby(["trust", "team"], observed=True)["y_0m"].mean()
    found = wide.groupby(["trust", "team"], observed=True)["mean(y_0m | team)"].agg(["min", "max"])
    np.testing.assert_allclose(found, np.column_stack([expected, expected]), rtol=1e-14)
    share = people.assign(i=(people["arm"] == "i").astype(float)).groupby("trust", observed=True)["i"].mean()
    of_trust = wide.groupby("trust", observed=True)["mean(arm | trust)"].first()
    np.testing.assert_allclose(of_trust, share, rtol=1e-14)
    # a person's two interviews do not count twice
    long = replace(spec, rows="long", formula=f"y ~ arm * wave + mean(y_0m | team) + {RANDOM}", effect="arm:wave")
    talks = analysis_rows(long, data).frame
    again = talks.groupby(["trust", "team"], observed=True)["mean(y_0m | team)"].agg(["min", "max"])
    np.testing.assert_allclose(again, found, rtol=1e-14)


def test_mean_is_of_the_population_that_is_analysed(data):
    spec = replace(
        case_spec("ancova"), formula=f"y_6m ~ arm + mean(y_0m | team) + {RANDOM}", where=(("gender", ("f",)),)
    )
    women = data.participants[data.participants["gender"] == "f"]
    expected = women.groupby(["trust", "team"], observed=True)["y_0m"].mean()
    found = analysis_rows(spec, data).frame.groupby(["trust", "team"], observed=True)["mean(y_0m | team)"].first()
    np.testing.assert_allclose(found, expected, rtol=1e-14)


def test_cluster_t_takes_a_mean_as_a_covariate_of_clusters(data):
    """The same numbers as with the column made beforehand, and one degree of freedom."""
    people = data.participants
    made = people.groupby(["trust", "team"], observed=True)["y_0m"].transform("mean")
    spec = case_spec("cluster_t")
    one = run_analysis(replace(spec, formula="y_6m ~ arm + within(y_0m | team) + mean(y_0m | team)"), data).estimate
    other = AnalysisData(people.assign(made=made, apart=people["y_0m"] - made), data.interviews)
    two = run_analysis(replace(spec, formula="y_6m ~ arm + apart + made"), other).estimate
    assert (one.estimate, one.se) == pytest.approx((two.estimate, two.se), rel=1e-9)
    assert one.df == two.df == 7


def test_weighted_rows_know_the_means_too(data):
    weighted = replace(
        case_spec("cr2_team"),
        formula="y_6m ~ arm + y_0m + mean(y_0m | team)",
        missing="inverse_probability",
        predictors=("y_0m",),
    )
    assert run_analysis(weighted, data).estimate.n_participants > 50


@pytest.mark.parametrize(
    ("formula", "said"),
    [
        (f"y_6m ~ arm + mean(gender | team) + {RANDOM}", "only numbers, and yes and no, have a mean"),
        (f"y_6m ~ arm + mean(y_0m | gender) + {RANDOM}", "a mean is over clusters of the design"),
        (f"y_6m ~ arm + mean(arm | team) + {RANDOM}", "the arm can be computed from mean\\(arm | team\\)"),
    ],
)
def test_means_that_can_not_be_are_refused(data, formula, said):
    with pytest.raises(ModelError, match=said):
        run_analysis(replace(case_spec("ancova"), formula=formula), data)


def test_permutation_refuses_the_share_of_the_arms_that_it_exchanges(data):
    spec = replace(case_spec("permuted"), formula="y_6m ~ arm + mean(arm | trust)")
    with pytest.raises(ModelError, match="the share of an arm changes"):
        run_analysis(spec, data)


def test_engine_makes_means_of_the_rows_it_is_given(rows):
    frame = rows.assign(m=rows.groupby("place")["y_0m"].transform("mean"))
    one, two = (lmer(f"y_6m ~ {name} + (1 | place)", frame) for name in ("mean(y_0m | place)", "m"))
    np.testing.assert_allclose(one.beta, two.beta, rtol=1e-12)
    with pytest.raises(ModelError, match="nowhere"):
        lmer("y_6m ~ mean(nowhere | place) + (1 | place)", pd.DataFrame(frame))
