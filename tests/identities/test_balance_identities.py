"""What weights that make arms alike are by their definition: exact balance, equality where there is nothing to do."""

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import minimize

from cpis_analysis.analyses.confounding.balance_weights import (
    can_reach,
    effective_size,
    entropy_weights,
    overlap_weights,
)
from cpis_analysis.lmm import cluster_robust, ols


@pytest.fixture(scope="module")
def sample():
    random = np.random.default_rng(4)
    X = random.normal(size=(90, 3))
    X[:, 2] = X[:, 2] > 0.4
    return X, random.random(90) < 1 / (1 + np.exp(-0.9 * X[:, 0] - 0.8 * X[:, 2]))


def test_overlap_weights_balance_the_means_of_their_logistic_model(sample):
    X, compared = sample
    w = overlap_weights(X, compared)
    assert [w[compared].sum(), w[~compared].sum()] == pytest.approx([1, 1], abs=1e-14)
    assert (w > 0).all()
    np.testing.assert_allclose(w[compared] @ X[compared], w[~compared] @ X[~compared], atol=1e-12)


def test_overlap_weights_know_no_difference_between_columns_that_span_the_same(sample):
    X, compared = sample
    mixed = np.column_stack([X @ [[1, 2, 0], [0, 1, 1], [3, 0, 1]], X[:, 0] - 5 * X[:, 2], np.full(90, 7.0)])
    np.testing.assert_allclose(overlap_weights(mixed, compared), overlap_weights(X, compared), rtol=1e-9)


def test_entropy_weights_reach_their_means_sum_to_one_and_lie_nearest_to_equal_ones(sample):
    X, compared = sample
    own, goal = X[compared], X.mean(axis=0)
    w = entropy_weights(own, goal)
    assert w.sum() == pytest.approx(1, abs=1e-14)
    assert (w > 0).all()
    np.testing.assert_allclose(w @ own, goal, atol=1e-12)
    # the primal problem by a general optimiser
    rules = [{"type": "eq", "fun": lambda v: v @ own - goal}, {"type": "eq", "fun": lambda v: v.sum() - 1}]
    primal = minimize(
        lambda v: (v * np.log(v)).sum(), np.full(len(own), 1 / len(own)), constraints=rules,
        bounds=[(1e-9, 1)] * len(own), method="SLSQP", options={"ftol": 1e-13, "maxiter": 500},
    )  # fmt: skip
    np.testing.assert_allclose(w, primal.x, atol=2e-5)


def test_weights_without_imbalance_are_equal(sample):
    half = sample[0][:40]
    X, compared = np.vstack([half, half]), np.repeat([True, False], 40)
    np.testing.assert_allclose(overlap_weights(X, compared), 1 / 40, rtol=1e-12)
    np.testing.assert_allclose(entropy_weights(half, half.mean(axis=0)), 1 / 40, rtol=1e-12)
    assert effective_size(np.full(40, 0.3)) == pytest.approx(40)


def test_entropy_target_beyond_or_on_the_edge_of_the_people_is_out_of_reach(sample):
    X = sample[0][:, :2]
    assert can_reach(X, X.mean(axis=0))
    assert not can_reach(X, X.max(axis=0) + 1.0)
    assert not can_reach(np.array([[0.0], [1.0], [2.0]]), np.array([2.0]))
    # each column within its range, not both together
    assert not can_reach(np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]]), np.array([0.9, 0.9]))
    with pytest.raises(ArithmeticError):
        entropy_weights(np.array([[0.0], [1.0], [2.0]]), np.array([2.5]))


def test_overlap_weights_refuse_columns_that_tell_the_arms_apart(sample):
    X, compared = sample
    with pytest.raises(ArithmeticError):
        overlap_weights(np.column_stack([X, compared.astype(float)]), compared)


@pytest.fixture(scope="module")
def clustered():
    random = np.random.default_rng(8)
    frame = pd.DataFrame({"team": np.repeat(np.arange(10), 9), "x": random.normal(size=90)})
    frame["arm"] = (frame["team"] % 2).astype(float)
    frame["y"] = random.normal(size=90) + random.normal(size=10)[frame["team"]] + frame["x"]
    return frame.assign(w=random.uniform(0.4, 2, 90))


def test_sampling_weights_all_equal_are_unweighted_cr2(clustered):
    plain = cluster_robust(ols("y ~ arm + x", clustered), "team", data=clustered).summary()
    for kind in ("CR2", "CR3"):
        equal = ols("y ~ arm + x", clustered, weights=np.full(90, 3.0))
        weighted = cluster_robust(equal, "team", kind, data=clustered, sampling=True)
        other = cluster_robust(ols("y ~ arm + x", clustered), "team", kind, data=clustered)
        pd.testing.assert_frame_equal(weighted.summary(), other.summary(), rtol=1e-9)
    assert plain["df"].notna().all()


def test_sampling_weights_cr2_is_its_definition(clustered):
    """Written out with matrices of all rows."""
    X = np.column_stack([np.ones(90), clustered["arm"], clustered["x"]])
    w, y = clustered["w"].to_numpy(), clustered["y"].to_numpy()
    bread = np.linalg.inv(X.T @ (w[:, None] * X))
    H = X @ bread @ (X * w[:, None]).T
    e, I_H = y - H @ y, np.eye(90) - H
    middle, g = np.zeros((3, 3)), []
    for team in range(10):
        own = np.flatnonzero(clustered["team"] == team)
        values, vectors = np.linalg.eigh((I_H @ I_H.T)[np.ix_(own, own)])
        A = vectors / np.sqrt(values) @ vectors.T
        score = (X[own] * w[own, None]).T @ A @ e[own]
        middle += np.outer(score, score)
        g.append(I_H[own].T @ A @ (X[own] * w[own, None]) @ bread)
    se = np.sqrt(np.diag(bread @ middle @ bread))
    G = np.array([part[:, 1] for part in g])
    df = np.trace(G @ G.T) ** 2 / ((G @ G.T) ** 2).sum()
    fit = cluster_robust(ols("y ~ arm + x", clustered, weights="w"), "team", data=clustered, sampling=True)
    table = fit.summary()
    np.testing.assert_allclose(table["std_error"], se, rtol=1e-10)
    assert table.loc["arm", "df"] == pytest.approx(df, rel=1e-9)
    joint = fit.joint_test(["arm"]).iloc[0]
    assert joint["p_value"] == pytest.approx(table.loc["arm", "p_value"], rel=1e-8)
    assert joint["df2"] == pytest.approx(df, rel=1e-9)
