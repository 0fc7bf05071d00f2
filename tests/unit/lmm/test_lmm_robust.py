"""Cluster-robust errors against the formulas written out with full matrices, also where clusters share effects."""

import numpy as np
import pandas as pd
import pytest

from cpis_analysis.errors import ModelError
from cpis_analysis.lmm import cluster_robust, lmer, ols


def frame(seed=0):
    rng = np.random.default_rng(seed)
    rows = [(t, k, i) for t in range(5) for k in range(2) for i in range(int(rng.integers(3, 7)))]
    data = pd.DataFrame(rows, columns=["trust", "team", "person"])
    data["arm"] = np.where(data["team"] == 1, "new", "usual")
    data["x"] = rng.normal(size=len(data))
    data["y"] = rng.normal(size=5)[data["trust"]] + rng.normal(size=10)[2 * data["trust"] + data["team"]]
    data["y"] += rng.normal(size=len(data))
    data["unit"] = data["trust"].astype(str) + "/" + data["team"].astype(str)
    return data.astype({"trust": str, "team": str})


def by_hand(fit, codes, kind):
    """Standard errors and df from V, X and the projections themselves."""
    X = fit.design.X
    V = fit.sigma2 * np.eye(len(X))
    for part, (_, S) in zip(fit.design.random, fit.random_covariances, strict=True):
        V += S.iloc[0, 0] * (part.codes[:, None] == part.codes)
    Vi = np.linalg.inv(V)
    M = np.linalg.inv(X.T @ Vi @ X)
    H = X @ M @ X.T @ Vi
    spread = (np.eye(len(X)) - H) @ V @ (np.eye(len(X)) - H).T
    e = fit.residuals("marginal").to_numpy()
    R = Vi @ X @ M
    total, G = 0.0, np.zeros((len(X), X.shape[1], codes.max() + 1))
    for j in range(codes.max() + 1):
        at = np.flatnonzero(codes == j)
        block = np.ix_(at, at)
        if kind == "CR2":
            D = np.linalg.cholesky(V[block]).T
            values, vectors = np.linalg.eigh(D @ spread[block] @ D.T)
            good = values > 1e-10 * values.max()
            A = D.T @ (vectors[:, good] / np.sqrt(values[good])) @ vectors[:, good].T @ D
        else:
            A = np.linalg.inv(np.eye(len(at)) - H[block])
        score = R[at].T @ A @ e[at]
        total = total + np.outer(score, score)
        G[at, :, j] = A.T @ R[at]
    df = []
    for i in range(X.shape[1]):
        pairs = G[:, i].T @ spread @ G[:, i]
        df.append(np.trace(pairs) ** 2 / (pairs**2).sum())
    return np.sqrt(np.diag(total)), np.array(df)


@pytest.mark.parametrize("kind", ["CR2", "CR3"])
@pytest.mark.parametrize("cluster", ["trust", "unit"])
@pytest.mark.parametrize(
    "formula", ["y ~ arm + x + (1 | trust) + (1 | unit)", "y ~ arm + x + (1 | unit)", "y ~ arm + x"]
)
def test_robust_errors_match_full_matrices(formula, cluster, kind):
    data = frame()
    fit = lmer(formula, data) if "|" in formula else ols(formula, data)
    robust = cluster_robust(fit, cluster, kind, data=data)
    se, df = by_hand(fit, pd.factorize(data[cluster])[0], kind)
    table = robust.summary()
    np.testing.assert_allclose(table["std_error"], se, rtol=1e-8)
    np.testing.assert_allclose(table["df"], df, rtol=1e-8)
    shared = "(1 | trust)" in formula and cluster == "unit"
    assert bool(robust.messages) == shared


def test_robust_contrast_and_joint_test_agree_for_one_row():
    fit = lmer("y ~ arm + x + (1 | trust)", frame())
    robust = cluster_robust(fit, "trust")
    row, joint = robust.contrast({"x": 1.0}).iloc[0], robust.joint_test("x").iloc[0]
    np.testing.assert_allclose(joint["statistic"], row["statistic"] ** 2, rtol=1e-8)
    np.testing.assert_allclose(joint[["df2", "p_value"]], row[["df", "p_value"]], rtol=1e-6)


def test_robust_errors_refuse_impossible_clusters():
    data = frame()
    fit = ols("y ~ arm + x", data)
    with pytest.raises(ModelError, match="one cluster only"):
        cluster_robust(fit, np.zeros(len(data)))
    with pytest.raises(ModelError, match="one label a row"):
        cluster_robust(fit, ["a", "b"])
    with pytest.raises(ModelError, match="neither a grouping factor"):
        cluster_robust(fit, "trust")
    with pytest.raises(ModelError, match="missing labels"):
        cluster_robust(fit, data["trust"].where(data.index > 2))
    with pytest.raises(ModelError, match="CR2, CR3"):
        cluster_robust(fit, data["trust"], "CR1")
