"""Two-stage comparison of log cluster rates: against Student's t by hand, and what it refuses."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from cpis_analysis.analyses.fitting.run import run_analysis
from cpis_analysis.analyses.rows.analysis_rows import analysis_rows
from cpis_analysis.errors import ModelError
from cpis_analysis.lmm.generalised.log_linear import log_linear
from cpis_analysis.operating.many import analyse_many, with_outcome
from made_up_study import spec, study

TEAMS = tuple(f"{trust}/{team}/{'ci'[team]}" for trust in "ABCDE" for team in (0, 1))
SIZES = (9, 14, 7, 12, 10, 8, 15, 11, 9, 13)


def counted(**changes):
    """The made-up study, its outcome a count over times of one to three."""
    data = study(TEAMS, size=SIZES)
    people, random = data.participants, np.random.default_rng(7)
    time = random.integers(1, 4, len(people)).astype(float)
    counts = random.poisson(time * np.exp(0.1 * (people["y_6m"] - 9.0))).astype(float)
    return replace(data, participants=people.assign(y_6m=counts, t_6m=time, **changes))


def rates(formula="y_6m ~ arm", **changes):
    values = {"estimator": "cluster_rates", "cluster": "team", "outcome_type": "count", "exposure": "t_6m"}
    return spec(formula, **(values | changes))


def by_team(people):
    sums = people.groupby(["trust", "team", "arm"], observed=True)[["y_6m", "t_6m"]].sum().reset_index()
    return sums.assign(value=np.log(sums["y_6m"].clip(lower=0.5) / sums["t_6m"]))


def test_without_covariates_it_is_students_t_of_log_rates():
    data = counted()
    found = run_analysis(rates(), data)
    sums = by_team(data.participants)
    one, zero = (sums.loc[sums["arm"] == arm, "value"] for arm in ("i", "c"))
    test = stats.ttest_ind(one, zero)
    assert found.estimate.estimate == pytest.approx(one.mean() - zero.mean(), rel=1e-10)
    assert (found.estimate.p_value, found.estimate.df) == (pytest.approx(test.pvalue, rel=1e-9), 8)
    assert found.scale.name == "cluster_rate"
    assert (found.scale.mean, found.scale.means) == ("average cluster's rate", "cluster rates")
    assert found.adjusted_means == []


def test_paired_it_is_the_t_of_differences_within_trusts():
    data = counted()
    found = run_analysis(rates(pairs=True), data).estimate
    wide = by_team(data.participants).pivot(index="trust", columns="arm", values="value")
    test = stats.ttest_rel(wide["i"], wide["c"])
    assert (found.p_value, found.df) == (pytest.approx(test.pvalue, rel=1e-9), 4)


def test_another_unit_of_time_and_counts_in_parts_change_nothing():
    data, one = counted(), rates("y_6m ~ arm + age + gender")
    first = run_analysis(one, data).estimate
    days = replace(data, participants=data.participants.assign(t_6m=365.25 * data.participants["t_6m"]))
    again = run_analysis(one, days).estimate
    for name in ("estimate", "se", "p_value"):
        assert getattr(again, name) == pytest.approx(getattr(first, name), rel=1e-8)


def test_slopes_solve_poissons_equations_and_hold_where_rates_are_exactly_those_of_the_covariates():
    random = np.random.default_rng(3)
    X = np.column_stack([np.ones(80), random.normal(size=80), random.integers(0, 2, 80)])
    offset = random.normal(0, 0.3, 80)
    counts = random.poisson(np.exp(X @ [0.4, 0.5, -0.3] + offset)[:, None], (80, 3)).astype(float)
    beta, covariance = log_linear(X, counts, offset)
    mean = np.exp(X @ beta + offset[:, None])
    assert np.abs(X.T @ (counts - mean)).max() < 1e-5
    information = (X * mean[:, [1]]).T @ X
    np.testing.assert_allclose(covariance[1], np.linalg.inv(information), rtol=1e-5)
    exact, _ = log_linear(X, np.exp(X @ [0.4, 0.5, -0.3] + offset)[:, None], offset)
    np.testing.assert_allclose(exact[:, 0], [0.4, 0.5, -0.3], rtol=1e-8)


def test_slopes_without_end_are_not_given():
    X = np.column_stack([np.ones(20), np.repeat([0.0, 1.0], 10)])
    beta, _ = log_linear(X, np.repeat([[0.0], [3.0]], 10, axis=0), np.zeros(20))
    assert np.isnan(beta).all()


def test_a_team_without_counts_gets_half_a_count_as_all_do_and_says_so():
    data = counted()
    people = data.participants
    none = (people["trust"] == "A") & (people["team"] == "0")
    data = replace(data, participants=people.assign(y_6m=people["y_6m"].where(~none, 0.0)))
    found = run_analysis(rates(), data)
    sums = by_team(data.participants.assign(y_6m=data.participants["y_6m"]))
    sums["value"] = np.log((sums["y_6m"] + 0.5) / sums["t_6m"])
    gap = sums.loc[sums["arm"] == "i", "value"].mean() - sums.loc[sums["arm"] == "c", "value"].mean()
    assert found.estimate.estimate == pytest.approx(gap, rel=1e-10)
    assert any("0.5 was added" in text for text in found.estimate.warnings)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        (lambda people: people["y_6m"].where(people["arm"] == "i", 0.0), "nothing was counted in the arm 'c'"),
        (lambda people: people["y_6m"].where(people["gender"] == "f", 0.0), "slopes have no finite estimate"),
    ],
    ids=["arm", "level"],
)
def test_ratios_without_end_are_refused(values, said):
    data = counted()
    data = replace(data, participants=data.participants.assign(y_6m=values(data.participants)))
    with pytest.raises(ModelError, match=said):
        run_analysis(rates("y_6m ~ arm + gender"), data)


@pytest.mark.parametrize("pairs", [False, True])
def test_many_counts_give_what_single_analyses_do(pairs):
    data, one = counted(), rates("y_6m ~ arm + age + gender", pairs=pairs)
    rows = analysis_rows(one, data)
    Y = np.random.default_rng(4).poisson(2.0, (len(rows.frame), 4)).astype(float)
    Y[:, 2] *= (rows.frame["arm"] == "i").to_numpy()
    team = (rows.frame["trust"].astype(str) + rows.frame["team"].astype(str)).to_numpy()
    Y[team == "A0", 3] = 0.0
    (found,) = analyse_many([one], rows, Y)
    assert found.failed.tolist() == [False, False, True, False]
    for j in (0, 1, 3):
        single = run_analysis(one, with_outcome(one, rows, data, Y[:, j])).estimate
        assert found.estimate[j] == pytest.approx(single.estimate, rel=1e-7)
        assert found.se[j] == pytest.approx(single.se, rel=1e-7)
        assert found.p_values()[j] == pytest.approx(single.p_value, rel=1e-6)


def test_covariates_of_people_are_taken_out():
    """Arms that differ in a covariate alone, which makes the counts: the ratio is one, and the crude one is not."""
    data = counted()
    people = data.participants
    x = pd.Series(np.random.default_rng(2).normal(size=len(people)), people.index) + (people["arm"] == "i")
    data = replace(data, participants=people.assign(age=x, y_6m=np.round(40 * people["t_6m"] * np.exp(0.7 * x))))
    adjusted, crude = (run_analysis(rates(f), data).estimate for f in ("y_6m ~ arm + age", "y_6m ~ arm"))
    assert abs(adjusted.estimate) < 0.01
    assert crude.estimate > 0.4
