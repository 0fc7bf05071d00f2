"""Diagnostics of generalised mixed models: draws with known moments, ranks that are uniform, and what leaves."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit
from scipy.stats import kstest

from cpis_analysis.analyses.fitting.result_to_leave import result_to_leave
from cpis_analysis.analyses.fitting.run import run_analysis
from cpis_analysis.analyses.residuals.generalised import generalised_diagnostics
from cpis_analysis.analyses.residuals.ranks import scaled_residuals
from cpis_analysis.analyses.result_records import Names, result_from_record, result_to_record
from cpis_analysis.lmm.generalised.laplace import Parameters, find_mode
from cpis_analysis.lmm.generalised.model import read_model
from cpis_analysis.lmm.generalised.simulated import simulate_generalised
from cpis_analysis.study.dataset import AnalysisData
from made_up_study import answering_study, spec

pytestmark = pytest.mark.thorough

LEVELS = "(1 | trust) + (1 | trust:team)"
MANY = 20_000
KINDS = {
    "e": {"outcome_type": "binary", "family": "binomial"},
    "o": {"outcome_type": "ordinal", "family": "ordinal", "low": 0.0, "high": 2.0},
    "k": {"outcome_type": "count", "family": "poisson"},
    "b": {"outcome_type": "bounded_count", "family": "beta_binomial", "low": 0.0, "high": 12.0},
}


def read(family, people=6):
    """A model of `people` in each of four teams, with an arm."""
    frame = pd.DataFrame({"team": np.repeat(list("abcd"), people), "arm": np.repeat([0.0, 1.0], 2 * people)})
    frame["y"] = np.tile(np.arange(people) % 3, 4) if family != "binomial" else np.tile(np.arange(people) % 2, 4)
    frame["m"] = 12.0
    trials = "m" if family == "beta_binomial" else None
    return read_model(
        "y ~ arm + (1 | team)", frame, family=family, trials=trials, offset=None, weights=None, reference=None
    ).model


@pytest.mark.parametrize("family", ["binomial", "poisson", "negative_binomial", "beta_binomial", "ordinal"])
def test_draws_have_the_moments_of_the_family(family):
    """Without variance between clusters; within four standard errors of the mean and of the variance."""
    model = read(family)
    psi = {"negative_binomial": [np.log(2.0)], "beta_binomial": [np.log(4.0)], "ordinal": [-0.5, np.log(1.2)]}
    own = np.array(psi.get(family, []))
    beta = np.array([0.6]) if family == "ordinal" else np.array([-0.3, 0.8])
    drawn = simulate_generalised(model, Parameters(beta, np.zeros(1), own), MANY, np.random.default_rng(4))
    eta = model.X @ beta
    if family == "ordinal":
        below = expit(model.family.natural(own) - eta[:, None])
        shares = np.diff(np.column_stack([np.zeros(len(eta)), below, np.ones(len(eta))]), axis=1)
        mean, squares = shares @ np.arange(3), shares @ np.arange(3) ** 2
        variance = squares - mean**2
    elif family in ("binomial", "beta_binomial"):
        p, m = expit(eta), model.data.trials
        mean, variance = m * p, m * p * (1 - p) * (1 + (m - 1) / 5 if family == "beta_binomial" else 1)
    else:
        mean = np.exp(eta)
        variance = mean + (mean**2 / 2 if family == "negative_binomial" else 0)
    assert np.abs((drawn.mean(axis=1) - mean) / np.sqrt(variance / MANY)).max() < 4
    fourth = ((drawn - mean[:, None]) ** 4).mean(axis=1)
    error = np.sqrt((fourth - variance**2) / MANY)
    assert np.abs((drawn.var(axis=1) - variance) / error).max() < 4


def test_draws_have_random_effects_of_their_own():
    """Poisson with normal effects: E exp(eta + s/2), covariance within a team E1 E2 (exp(s) - 1), none between."""
    model, s, beta = read("poisson"), 0.25, np.array([0.4, 0.5])
    drawn = simulate_generalised(model, Parameters(beta, np.array([s]), np.zeros(0)), 60_000, np.random.default_rng(5))
    mean = np.exp(model.X @ beta + s / 2)
    assert drawn.mean(axis=1) == pytest.approx(mean, rel=0.03)
    found = np.cov(drawn)
    assert found[0, 1] == pytest.approx(mean[0] * mean[1] * (np.exp(s) - 1), rel=0.08)
    assert abs(found[0, 6]) < 0.05


def test_observed_residuals_are_uniform_where_the_model_holds_and_not_where_it_does_not():
    """200 data sets from the model and 200 with twice the counts; one residual of each, as these are independent."""
    model, at = read("poisson"), Parameters(np.array([0.4, 0.5]), np.array([0.25]), np.zeros(0))
    random = np.random.default_rng(6)
    simulated = simulate_generalised(model, at, 199, random)
    p_values = []
    for beta in (at.beta, at.beta + np.log(2.0)):
        found = simulate_generalised(model, replace(at, beta=beta), 200, random)
        ranks = [scaled_residuals(np.column_stack([y, simulated])[[0]], random.random((1, 200)))[0, 0] for y in found.T]
        p_values.append(kstest(ranks, "uniform").pvalue)
    assert p_values[0] > 0.05
    assert p_values[1] < 1e-4


@pytest.mark.parametrize("mean", [0.5, 30.0])
def test_ranks_equal_their_definition_with_few_and_with_many_values(mean):
    random = np.random.default_rng(2)
    responses, uniform = random.poisson(mean, (7, 40)).astype(float), random.random((7, 40))
    wanted = [
        [(np.sum(row < value) + u * np.sum(row == value)) / 40 for value, u in zip(row, ties, strict=True)]
        for row, ties in zip(responses, uniform, strict=True)
    ]
    np.testing.assert_allclose(scaled_residuals(responses, uniform), wanted, rtol=1e-14)


def test_p_values_are_uniform_where_the_model_holds():
    """Residuals share effects of clusters: a table for independent ones would be wrong here."""
    model, at = read("poisson"), Parameters(np.array([0.4, 0.5]), np.array([0.6]), np.zeros(0))
    data = simulate_generalised(model, at, 120, np.random.default_rng(7))
    found = []
    for place, y in enumerate(data.T):
        one = replace(model, data=replace(model.data, y=y))
        random = np.random.default_rng(100 + place)
        found.append(generalised_diagnostics(one, at, "person", np.arange(24), random)["simulated"])
    for name in ("distance_p", "dispersion_p", "zeros_p"):
        p = np.array([one[name] for one in found if name in one])
        assert 0.0 < (p <= 0.1).mean() < 0.2
    assert kstest([one["distance_p"] for one in found], "uniform").pvalue > 0.05


def test_counts_with_too_many_zeros_and_too_much_variance_are_seen():
    model, at = read("poisson", people=30), Parameters(np.array([1.0, 0.0]), np.array([0.05]), np.zeros(0))
    random = np.random.default_rng(8)
    y = random.poisson(2 * np.e, 120) * random.integers(0, 2, 120).astype(float)
    found = generalised_diagnostics(replace(model, data=replace(model.data, y=y)), at, "person", np.arange(120), random)
    tests = found["simulated"]
    assert (tests["dispersion"], tests["zeros"]) > (2.0, 3.0)
    assert max(tests["distance_p"], tests["dispersion_p"], tests["zeros_p"]) <= 0.01
    few = int((y > 0).sum()) + 1
    hidden = generalised_diagnostics(
        replace(model, data=replace(model.data, y=y)), at, "person", np.arange(120), random, few
    )
    assert "zeros" not in hidden["simulated"]


def test_many_rows_are_ranked_among_fewer_data_sets():
    model, at = read("binomial", people=1500), Parameters(np.array([0.2, -0.4]), np.array([0.7]), np.zeros(0))
    found = generalised_diagnostics(model, at, "person", np.arange(6000), np.random.default_rng(1))
    assert found["simulated"]["n_simulated"] == 166


def test_errors_of_predicted_effects_equal_dense_equations():
    model, at = read("binomial"), Parameters(np.array([0.2, -0.4]), np.array([0.7]), np.zeros(0))
    rows = generalised_diagnostics(model, at, "person", np.arange(24), np.random.default_rng(1))["random_effects"]
    mode = find_mode(model, at)
    p = expit(mode.eta)
    Z = np.eye(4)[model.effects.parts[0].codes]
    T = np.hstack([model.X, Z])
    inverse = np.linalg.inv(T.T @ (T * (p * (1 - p))[:, None]) + np.diag([0, 0, *[1 / 0.7] * 4]))
    assert [row["se"] for row in rows] == pytest.approx(np.sqrt(np.diag(inverse)[2:]).tolist(), rel=1e-8)
    # at the modes the likelihood's slope in each effect is its penalty
    b = np.array([row["mode"] for row in rows])
    assert b / 0.7 == pytest.approx(Z.T @ (model.data.y - p), abs=1e-7)


@pytest.fixture(scope="module")
def data():
    """An event, answers in order, a count and a bounded sum, with effects of teams."""
    made, wide, eta, random = answering_study()
    wide["k_6m"] = random.poisson(np.exp(0.3 * eta)).astype(float)
    wide["b_6m"] = random.binomial(12, random.beta(3 * expit(eta), 3 * expit(-eta))).astype(float)
    return AnalysisData(wide, made.interviews)


def model_of(kind, **changes):
    return spec(f"{kind}_6m ~ arm + {LEVELS}", "glmm", outcome=kind, name=f"{kind}.model", **KINDS[kind], **changes)


@pytest.mark.parametrize("kind", list(KINDS))
def test_every_type_of_outcome_has_diagnostics_that_leave_without_a_row(data, kind):
    result = result_to_leave(model_of(kind), data, 7, 0)
    found = result.diagnostics
    assert set(found) == {"residual_quantiles", "residual_by_fitted", "simulated", "random_effects"}
    assert found["simulated"]["distance_p"] >= 0.05
    assert ("dispersion" in found["simulated"]) == (kind in "kb")
    assert ("zeros" in found["simulated"]) == (kind == "k")
    quantiles = found["residual_quantiles"]
    inside = [a <= b <= c for a, b, c in zip(*(quantiles[name] for name in ("low", "observed", "high")), strict=True)]
    assert np.mean(inside) >= 0.9
    assert [row["n"] for row in found["residual_by_fitted"]] == [16, 16, 16, 16, 16, 15, 15, 15, 15]
    assert {row["group"] for row in found["random_effects"]} == {"trust", "trust:team"}
    drawn = [*quantiles["observed"], *(row["q50"] for row in found["residual_by_fitted"])]
    assert all(value == round(value, 2) for value in drawn)
    # effects of teams are rounded to a step of their mean
    fine = run_analysis(model_of(kind), data, 7).diagnostics["random_effects"]
    gaps = [abs(a["mode"] - b["mode"]) for a, b in zip(fine, found["random_effects"], strict=True)]
    assert 1e-4 < max(gaps) <= 0.05
    record = json.loads(json.dumps(result_to_record(result)))
    contrasts = {str(one.contrast): one.contrast for one in (result.estimate, *result.contrasts)}
    assert result_from_record(record, Names(contrasts, result.parts)).diagnostics == found


def test_few_people_of_an_answer_in_a_team_hide_the_effects_of_teams(data):
    for kind in "eo":
        assert result_to_leave(model_of(kind), data, 7, 5).diagnostics["random_effects"] == []


def test_pseudo_likelihood_simulates_the_outcome_and_not_its_working_response(data):
    pseudo = run_analysis(model_of("e", df_method="pseudo-likelihood, kenward-roger"), data, 7).diagnostics
    maximum = run_analysis(model_of("e"), data, 7).diagnostics
    # estimates are drawn towards zero a little, all else is the same
    assert pseudo["simulated"]["distance"] == pytest.approx(maximum["simulated"]["distance"], abs=0.03)
    modes = [[row["mode"] for row in one["random_effects"]] for one in (pseudo, maximum)]
    assert np.corrcoef(modes)[0, 1] > 0.99


def test_same_seed_same_diagnostics_in_any_order_of_rows(data):
    shuffled = AnalysisData(data.participants.sample(frac=1, random_state=3), data.interviews)
    first, again, turned, other = (
        json.dumps(result_to_leave(model_of("k"), rows, seed, 0).diagnostics)
        for rows, seed in ((data, 7), (data, 7), (shuffled, 7), (data, 8))
    )
    assert first == again == turned
    assert first != other
