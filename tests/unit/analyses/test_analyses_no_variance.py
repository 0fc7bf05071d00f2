"""Rounding is no evidence: an outcome without the variance that an estimator needs is refused, whatever its unit."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from cpis_analysis.analyses.fitting.run import run_analysis
from cpis_analysis.errors import ModelError
from cpis_analysis.lmm import cluster_robust, lmer, ols
from cpis_analysis.lmm.designs.between_within import constant_within_groups
from cpis_analysis.plan.specification import ContrastSpec
from cpis_analysis.study.dataset import AnalysisData
from cpis_analysis.study_words import PEOPLE
from made_up_study import spec, study

pytestmark = pytest.mark.thorough

UNITS = [(1.0, 0.0), (1e-8, 0.0), (1e8, 0.0), (1.0, 1e6), (0.1, 0.3)]


def wanted(estimator, fixed="arm", **changes):
    formula = f"y_6m ~ {fixed}" + (" + (1 | trust:team)" if estimator == "mixed" else "")
    if estimator in ("logit", "identity"):
        made = replace(
            spec(formula, "ols_cr2"),
            estimator="gee",
            link=estimator,
            df_method="clusters-2",
            correlation="exchangeable",
            correction="mancl-derouen",
            outcome_type="binary",
        )
        return replace(made, **({"cluster": "team"} | changes))
    return spec(formula, estimator, **(({} if estimator == "mixed" else {"cluster": "team"}) | changes))


def with_outcome(values, size=6):
    data = study(size=size)
    return AnalysisData(data.participants.assign(y_6m=values(data.participants)), data.interviews)


def alike(people):
    """In every team the same six values, in one arm higher: nothing varies between the teams of an arm."""
    place = people.groupby(["trust", "team"], observed=True).cumcount()
    return np.array([1.1, 2.3, 3.7, 5.9, 8.3, 13.1])[place] + 2.0 * (people["arm"] == "i")


@pytest.mark.parametrize(("factor", "shift"), UNITS)
@pytest.mark.parametrize("estimator", ["mixed", "ols_cr2", "cluster_summary"])
def test_constant_outcome_is_refused(estimator, factor, shift):
    data = with_outcome(lambda people: np.full(len(people), factor * 3.3 + shift))
    with pytest.raises(ModelError, match=r"vary|variance|variation"):
        run_analysis(wanted(estimator), data)


@pytest.mark.parametrize(("factor", "shift"), UNITS)
@pytest.mark.parametrize("estimator", ["mixed", "ols_cr2", "cluster_summary"])
def test_outcome_that_columns_explain_is_refused(estimator, factor, shift):
    data = with_outcome(lambda people: factor * (2.0 * (people["arm"] == "i") + 0.3 * people["age"]) + shift)
    with pytest.raises(ModelError, match=r"vary|variance|explain"):
        run_analysis(wanted(estimator, "arm + age"), data)


@pytest.mark.parametrize(("factor", "shift"), UNITS)
@pytest.mark.parametrize("changes", [{"cluster": "team"}, {"cluster": "trust"}])
def test_no_variance_between_clusters_is_refused_by_cr2(factor, shift, changes):
    data = with_outcome(lambda people: factor * alike(people) + shift)
    with pytest.raises(ModelError, match="leave no variance to be estimated"):
        run_analysis(wanted("ols_cr2", **changes), data)


@pytest.mark.parametrize(("factor", "shift"), UNITS)
@pytest.mark.parametrize("changes", [{}, {"pairs": True}])
def test_no_variance_between_clusters_is_refused_by_cluster_means(factor, shift, changes):
    data = with_outcome(lambda people: factor * alike(people) + shift)
    with pytest.raises(ModelError, match="do not vary"):
        run_analysis(wanted("cluster_summary", **changes), data)


@pytest.mark.parametrize("link", ["logit", "identity"])
@pytest.mark.parametrize("correlation", ["exchangeable", "independence"])
@pytest.mark.parametrize("every", [2, 3])
def test_no_variance_between_clusters_is_refused_by_estimating_equations(link, correlation, every):
    """Halves are exact in the computer; thirds are not, so that rounding is left of the residuals of each team."""
    data = with_outcome(lambda people: 1.0 * (people.groupby(["trust", "team"], observed=True).cumcount() % every == 1))
    with pytest.raises(ModelError, match="leave no variance to be estimated"):
        run_analysis(wanted(link, correlation=correlation), data)


def test_risk_that_columns_explain_is_refused_by_estimating_equations():
    data = with_outcome(lambda people: (people["arm"] == "i") * 1.0)
    with pytest.raises(ModelError, match="no variance is left"):
        run_analysis(wanted("identity"), data)


def opposed(people):
    """Half of every team had the event, and age tells a little of who: the working correlation nears -1 / 5."""
    events = people.groupby(["trust", "team"], observed=True).cumcount() % 2 * 1.0
    events.iloc[0] = 1.0
    return events


@pytest.mark.parametrize("link", ["logit", "identity"])
def test_working_correlation_near_its_bound_is_warned_of(link):
    data = with_outcome(opposed)
    result = run_analysis(wanted(link, "arm + age"), data)
    near = f"near the lowest that teams of 6 {PEOPLE} allow (-0.200)"
    said = [line for line in result.estimate.warnings if near in line]
    assert len(said) == 1
    assert said[0] in result.messages
    assert "at least -0.200" in result.messages[-1]
    plain = run_analysis(wanted(link, "arm + age", correlation="independence"), data)
    assert not any("near the lowest" in line for line in plain.estimate.warnings)


def test_working_correlation_of_people_alike_is_not_warned_of():
    data = with_outcome(lambda people: (people["y_6m"] > people["y_6m"].median()) * 1.0, size=14)
    result = run_analysis(wanted("logit", "arm + age"), data)
    assert not any("near the lowest" in line for line in result.estimate.warnings)


def test_small_variance_between_clusters_is_still_evidence():
    """Teams that differ by a millionth of what people do are few; by a thousandth they have a standard error."""
    rng = np.random.default_rng(3)
    deviations = 0.01 * rng.normal(size=10)
    data = with_outcome(
        lambda people: alike(people) + deviations[people.groupby(["trust", "team"], observed=True).ngroup()]
    )
    for estimator in ("ols_cr2", "cluster_summary"):
        assert 0 < run_analysis(wanted(estimator), data).estimate.se < 0.02


@pytest.mark.parametrize("formula", ["y_6m ~ arm + trust", "y_6m ~ arm + age + y_0m + trust"])
def test_coefficients_that_clusters_leave_no_variance_have_none(formula):
    """With a column for each trust, clusters of trusts can't say how its coefficient varies, covariates or not."""
    people = study(size=[9, 7, 8, 9, 6, 8, 9, 7, 8, 6]).participants
    fit = ols(formula, people, reference={"arm": "c"})
    robust = cluster_robust(fit, "trust", data=people)
    table = robust.summary()
    assert np.isfinite(table.loc["arm[i]"]).all()
    assert table.loc["trust[B]", ["std_error", "df", "p_value", "ci_low"]].isna().all()
    assert table.loc["trust[B]", "estimate"] == pytest.approx(fit.coefficients["trust[B]"])
    with pytest.raises(ModelError, match="joint test"):
        robust.joint_test(["trust"])


def test_moderator_without_variance_between_clusters_is_refused():
    data = study(size=12)
    contrasts = (ContrastSpec("moderator", moderator="sex"),)
    people = data.participants
    place = people.groupby(["trust", "team"], observed=True).cumcount()
    people["sex"] = pd.Categorical(np.where(place % 2 == 0, "m", "f"))
    people["y_6m"] = np.where(place % 2 == 0, 1.3 * place, people["y_0m"])
    with pytest.raises(ModelError, match="no variance to be estimated"):
        run_analysis(
            spec("y_6m ~ arm * sex", "ols_cr2", cluster="team", contrasts=contrasts),
            AnalysisData(people, data.interviews),
        )


@pytest.mark.parametrize(("factor", "shift"), UNITS)
def test_constant_within_groups_is_relative_to_the_column(factor, shift):
    codes = np.repeat(np.arange(4), 5)
    between = factor * codes + shift
    within = factor * np.tile(np.arange(5), 4) + shift
    assert constant_within_groups(np.column_stack([between, within]), codes, 4).tolist() == [True, False]


def test_between_within_df_of_a_covariate_far_from_zero():
    """A date in seconds varies within teams although its range is small beside its size."""
    frame = study(size=8).participants
    near = np.random.default_rng(1).normal(0, 0.1, len(frame))
    a = lmer("y_6m ~ arm + day + (1 | trust:team)", frame.assign(day=near)).summary("between-within")
    b = lmer("y_6m ~ arm + day + (1 | trust:team)", frame.assign(day=near + 1e9)).summary("between-within")
    np.testing.assert_array_equal(a["df"], b["df"])


def test_constant_column_is_not_scaled():
    frame = study().participants.assign(x=0.1 + 0.2)
    with pytest.raises(ModelError, match="constant column"):
        ols("y_6m ~ arm + scale(x)", frame)
