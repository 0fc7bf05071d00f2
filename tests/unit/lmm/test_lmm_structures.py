"""The structures are different roads to the same sums: recursion, dense classes, blocks, elimination, and V itself."""

import numpy as np
import pandas as pd
import pytest

from cpis_analysis.lmm import lmer
from cpis_analysis.lmm.structures.block_diagonal import BlockStructure
from cpis_analysis.lmm.structures.crossed import CrossedStructure
from cpis_analysis.lmm.structures.nested import NestedStructure
from cpis_analysis.lmm.structures.nested_likelihood import evaluate
from cpis_analysis.lmm.structures.sufficient_moments import likelihood, with_residual

FIELDS = ("log_det", "A", "T", "P", "TT", "Q")


def nested(seed=0, weights=False):
    rng = np.random.default_rng(seed)
    rows = [(a, b, c, r) for a in range(4) for b in range(3) for c in range(4) for r in range(int(rng.integers(1, 4)))]
    frame = pd.DataFrame(rows, columns=["a", "b", "c", "r"])
    frame["x"] = rng.normal(size=len(frame))
    frame["y"] = frame["x"] + rng.normal(size=4)[frame["a"]] + rng.normal(size=len(frame))
    frame = frame.astype({"a": str, "b": str, "c": str})
    return lmer("y ~ x + (1 | a/b/c)", frame, weights=rng.uniform(0.5, 2, len(frame)) if weights else None)


def crossed(seed=0):
    rng = np.random.default_rng(seed)
    n = 300
    frame = pd.DataFrame({"a": rng.integers(0, 40, n), "b": rng.integers(0, 12, n), "c": rng.integers(0, 5, n)})
    frame["x"] = rng.normal(size=n)
    frame["y"] = frame["x"] + rng.normal(size=12)[frame["b"]] + rng.normal(size=n)
    return lmer("y ~ x + (1 | a) + (0 + x | b) + (1 | c)", frame, weights=rng.uniform(0.5, 2, n))


def dense(fit, psi):
    """The sums from H itself, in internal units."""
    n = fit.n_obs
    root = fit.basis.root_weights
    R0 = np.ones(n) if root is None else 1.0 / root**2
    G = []
    for part, scale in zip(fit.design.random, fit.structure.scales, strict=True):
        z = np.ones(n) if part.columns is None else part.columns[:, 0] / scale[0]
        G.append(np.where(part.codes[:, None] == part.codes, np.outer(z, z), 0.0))
    H = np.diag(R0) + sum(s * g for s, g in zip(psi, G, strict=True))
    Hi = np.linalg.inv(H)
    W = np.column_stack([fit.basis.Q, fit.y_scaled])
    HG = [Hi @ g for g in G]
    return {
        "log_det": np.linalg.slogdet(H)[1] - np.log(R0).sum(),
        "A": W.T @ Hi @ W,
        "T": np.array([np.trace(g) for g in HG]),
        "P": np.array([W.T @ g @ Hi @ W for g in HG]),
        "TT": np.array([[np.sum(g * h.T) for h in HG] for g in HG]),
        "Q": np.array([[W.T @ g @ h @ Hi @ W for h in HG] for g in HG]),
    }


def close(found, expected):
    for name in FIELDS:
        value = expected[name] if isinstance(expected, dict) else getattr(expected, name)
        size = max(np.abs(value).max(), 1.0 if name == "log_det" else 1e-12)
        np.testing.assert_allclose(np.asarray(getattr(found, name)) / size, np.asarray(value) / size, atol=1e-11)


@pytest.mark.parametrize("weights", [False, True])
@pytest.mark.parametrize("psi", [(0.3, 0.7, 1.5), (0.0, 0.2, 0.0), (0.0, 0.0, 0.0), (1e-6, 50.0, 3.0)])
def test_nested_recursion_and_dense_classes_match_v(psi, weights):
    fit, psi = nested(weights=weights), np.array(psi)
    structure = fit.structure
    assert isinstance(structure, NestedStructure)
    sums = structure.sums(fit.y_scaled)
    expected = dense(fit, psi)
    close(structure.moments(psi, sums), expected)
    structure._dense = None
    close(structure.moments(psi, sums), expected)
    blocks = BlockStructure(fit.design.random, fit.basis)
    close(blocks.moments(psi, blocks.sums(fit.y_scaled)), expected)
    c = np.array([0.3, -0.2, 1.0])
    for one, two in zip(structure.modes(psi, fit.y_scaled, c), blocks.modes(psi, fit.y_scaled, c), strict=True):
        np.testing.assert_allclose(one, two, atol=1e-10)
    np.testing.assert_allclose(structure.outside(), blocks.outside(), atol=1e-12)


@pytest.mark.parametrize("psi", [(0.3, 0.7, 1.5), (0.0, 0.2, 0.4), (0.5, 0.0, 0.1)])
def test_elimination_and_blocks_match_v(psi):
    fit, psi = crossed(), np.array(psi)
    expected = dense(fit, psi)
    for kind in (BlockStructure, CrossedStructure):
        structure = kind(fit.design.random, fit.basis)
        sums = structure.sums(fit.y_scaled)
        found = structure.moments(psi, sums)
        close(found, expected)
        log_det, A = structure.value(psi, sums)
        np.testing.assert_allclose(log_det, expected["log_det"], rtol=1e-11)
        np.testing.assert_allclose(A, expected["A"], atol=1e-10)
    exact = likelihood(found, True)
    score = structure.score(psi, sums, True)
    np.testing.assert_allclose(score.value, exact.value, rtol=1e-12)
    np.testing.assert_allclose(score.gradient, exact.gradient, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(score.average, exact.average, rtol=1e-9, atol=1e-9)


def test_large_crossed_fit_equals_the_block_fit(monkeypatch):
    rng = np.random.default_rng(3)
    n = 300
    frame = pd.DataFrame({"s": rng.integers(0, 40, n), "d": rng.integers(0, 12, n), "x": rng.normal(size=n)})
    frame["y"] = 0.2 * frame["x"] + 0.4 * rng.normal(size=40)[frame["s"]] + rng.normal(size=12)[frame["d"]]
    frame["y"] += rng.normal(size=n)
    blocks = lmer("y ~ x + (1 | s) + (1 | d)", frame)
    assert isinstance(blocks.structure, BlockStructure)
    monkeypatch.setattr("cpis_analysis.lmm.structures.choose.LARGE_BLOCK", 10)
    large = lmer("y ~ x + (1 | s) + (1 | d)", frame)
    assert isinstance(large.structure, CrossedStructure)
    np.testing.assert_allclose(large.log_likelihood, blocks.log_likelihood, rtol=1e-12)
    np.testing.assert_allclose(large.variance_parameters, blocks.variance_parameters, rtol=1e-5)
    for ddf in ("kenward-roger", "satterthwaite"):
        np.testing.assert_allclose(large.summary(ddf), blocks.summary(ddf), rtol=1e-5)
    np.testing.assert_allclose(large.fitted(), blocks.fitted(), atol=1e-5)


def test_many_groups_use_the_recursion_and_agree_with_blocks():
    rng = np.random.default_rng(4)
    frame = pd.DataFrame({"g": rng.integers(0, 300, 1200)})
    frame["h"] = frame["g"] // 6
    frame["y"] = rng.normal(size=300)[frame["g"]] + rng.normal(size=1200)
    fit = lmer("y ~ 1 + (1 | h/g)", frame)
    assert fit.structure._dense is None
    blocks = BlockStructure(fit.design.random, fit.basis)
    close(blocks.moments(fit.optimum.psi, blocks.sums(fit.y_scaled)), fit.moments)


def test_residual_parameter_follows_from_the_others():
    fit = nested(weights=True)
    m = with_residual(fit.moments)
    root = fit.basis.root_weights
    H = np.diag(1 / root**2)
    for part, s in zip(fit.design.random, fit.optimum.psi, strict=True):
        H = H + s * (part.codes[:, None] == part.codes)
    Hi = np.linalg.inv(H)
    W = np.column_stack([fit.basis.Q, fit.y_scaled])
    R0 = np.diag(1 / root**2)
    np.testing.assert_allclose(m.T[0], np.trace(Hi @ R0), rtol=1e-9)
    np.testing.assert_allclose(m.P[0], W.T @ Hi @ R0 @ Hi @ W, atol=1e-9 * np.abs(m.P[0]).max())
    np.testing.assert_allclose(m.TT[0, 0], np.trace(Hi @ R0 @ Hi @ R0), rtol=1e-9)


@pytest.mark.parametrize("weights", [False, True])
@pytest.mark.parametrize("reml", [True, False])
def test_many_responses_in_whitened_columns_equal_the_moments_of_each(reml, weights):
    fit = nested(2, weights)
    rng = np.random.default_rng(8)
    Y, _, _ = fit.basis.reduce(rng.normal(size=(fit.n_obs, 40)))
    psi = rng.uniform(0.0, 1.0, (3, 40)) * (rng.uniform(size=(3, 40)) < 0.7)
    structure = fit.structure
    many = evaluate(structure, structure.gamma(psi), structure.sums(Y), reml)
    order = structure.order
    for j in range(40):
        one = likelihood(structure.moments(psi[:, j], structure.sums(Y[:, j])), reml)
        assert many.value[j] == pytest.approx(one.value, rel=1e-12)
        assert many.sigma2[j] == pytest.approx(one.sigma2, rel=1e-10)
        np.testing.assert_allclose(many.b[:, j], one.b, rtol=1e-8, atol=1e-12)
        np.testing.assert_allclose(many.Li[:, :, j].T @ many.Li[:, :, j], one.Phi, rtol=1e-8, atol=1e-12)
        for name in ("gradient", "trace"):
            np.testing.assert_allclose(getattr(many, name)[:, j], getattr(one, name)[order], rtol=1e-8, atol=1e-8)
        for name in ("observed", "average", "expected"):
            found, expected = getattr(many, name)[:, :, j], getattr(one, name)[np.ix_(order, order)]
            np.testing.assert_allclose(found, expected, rtol=1e-8, atol=1e-8)


def test_sums_of_some_responses_keep_them_side_by_side_in_memory():
    fit = nested(2)
    Y, _, _ = fit.basis.reduce(np.random.default_rng(8).normal(size=(fit.n_obs, 40)))
    sums = fit.structure.sums(Y).with_known(np.arange(40.0))
    for columns in (np.array([3, 3, 17]), np.arange(40) % 2 == 0):
        some = sums.take(columns)
        for name in ("means", "spread", "within", "known"):
            found = getattr(some, name)
            assert found.flags.c_contiguous
            np.testing.assert_array_equal(found, getattr(sums, name)[..., columns])


def test_likelihood_of_many_responses_reads_nothing_that_it_has_not_written(monkeypatch):
    """Memory that was never written may hold anything, a number that signals when it is added among it."""
    fit = nested(weights=False)
    structure, psi = fit.structure, np.array([0.3, 0.7, 1.5])
    sums = structure.sums(fit.y_scaled)
    assert len(sums.spread)
    expected = evaluate(structure, structure.gamma(psi)[:, None], sums, True)

    def signalling(shape, dtype=float, **more):
        made = np.zeros(shape, dtype=dtype, **more)
        if made.dtype == float:
            made.view(np.uint64)[...] = 0x7FF0000000000001
        return made

    monkeypatch.setattr(np, "empty", signalling)
    with np.errstate(invalid="raise", over="raise"):
        found = evaluate(structure, structure.gamma(psi)[:, None], sums, True)
    for name in ("value", "gradient", "expected", "q", "P"):
        np.testing.assert_array_equal(getattr(found, name), getattr(expected, name))
