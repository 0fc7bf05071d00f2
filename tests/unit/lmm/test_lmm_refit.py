"""Many responses at once: equal to one by one, to the bit on any number of cores, honest about failures."""

import numpy as np
import pandas as pd
import pytest

from cpis_analysis.lmm import bootstrap_test, likelihood_grid, lmer, null_t, refit, simulate
from cpis_analysis.lmm.fits.model import fit_response

pytestmark = pytest.mark.thorough


def study(seed=0, waves=2):
    rng = np.random.default_rng(seed)
    rows = [
        (t, k, i, w) for t in range(5) for k in range(2) for i in range(int(rng.integers(8, 14))) for w in range(waves)
    ]
    frame = pd.DataFrame(rows, columns=["trust", "team", "person", "wave"])
    frame = frame[(frame["wave"] == 0) | (rng.random(len(frame)) > 0.4)].reset_index(drop=True)
    frame["arm"] = np.where(frame["team"] == 1, "new", "usual")
    frame["y"] = rng.normal(size=len(frame))
    return frame.astype({"trust": str, "team": str, "person": str})


def compare_one_by_one(fit, Y, label, rtol=1e-10):
    found = refit(fit, Y, contrasts=[label], ddf=("kenward-roger", "satterthwaite", "between-within"))
    assert found.converged.all()
    for j in range(Y.shape[1]):
        one = fit_response(fit, Y[:, j])
        np.testing.assert_allclose(found.log_likelihood[j], one.log_likelihood, rtol=rtol)
        np.testing.assert_allclose(found.coefficients[j], one.coefficients, rtol=1e-9, atol=rtol)
        expected = np.append(one.variance_parameters, one.sigma2)
        np.testing.assert_allclose(found.variances[j], expected, rtol=1e-7, atol=1e-9 * expected.sum())
        assert (found.zero[j] == (expected == 0.0)).all()
        for ddf, result in found.contrasts[label].items():
            row = one.contrast({label: 1.0}, ddf).iloc[0]
            batch = [getattr(result, name)[j] for name in row.index]
            np.testing.assert_allclose(batch, row, rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize(
    "formula",
    [
        "y ~ arm*wave + (1 | trust/team/person)",
        "y ~ arm + (1 | trust/team)",
        "y ~ arm + wave + (1 | trust:team:person)",
    ],
)
def test_batched_nested_equals_one_by_one(formula):
    frame = study()
    fit = lmer(formula, frame, reference={"arm": "usual"})
    rng = np.random.default_rng(1)
    Y = rng.normal(size=(len(frame), 40))
    Y += rng.choice([0.0, 0.0, 0.7], size=40) * rng.normal(size=(5, 40))[frame["trust"].astype(int)]
    compare_one_by_one(fit, Y, "arm[new]")


def test_batched_with_weights_equals_one_by_one():
    frame = study(2, waves=1)
    weights = np.random.default_rng(5).uniform(0.5, 2.0, len(frame))
    fit = lmer("y ~ arm + (1 | trust/team)", frame, weights=weights, reference={"arm": "usual"})
    Y = simulate(fit, 20, seed=3)
    compare_one_by_one(fit, Y, "arm[new]")


def test_batched_with_slopes_equals_one_by_one():
    frame = study(3)
    fit = lmer("y ~ wave + (1 + wave | trust)", frame)
    compare_one_by_one(fit, np.random.default_rng(2).normal(size=(len(frame), 4)), "wave")


def test_one_core_equals_two_bit_for_bit():
    frame = study()
    fit = lmer("y ~ arm*wave + (1 | trust/team/person)", frame)
    Y = np.random.default_rng(4).normal(size=(len(frame), 600))
    seen = []
    one = refit(fit, Y, contrasts=["wave"], progress=lambda done, of: seen.append((done, of)))
    two = refit(fit, Y, contrasts=["wave"], n_jobs=2)
    assert seen[-1] == (600, 600)
    for name in ("coefficients", "variances", "log_likelihood", "zero", "converged"):
        assert np.array_equal(getattr(one, name), getattr(two, name))
    for ddf, result in one.contrasts["wave"].items():
        assert np.array_equal(result.p_value, two.contrasts["wave"][ddf].p_value)


def test_boundary_drop_is_offered_in_batches():
    frame = study()
    fit = lmer("y ~ arm + (1 | trust/team)", frame, reference={"arm": "usual"})
    Y = np.random.default_rng(8).normal(size=(len(frame), 20))
    found = refit(fit, Y, contrasts=["arm[new]"], ddf="kenward-roger", boundary="drop")
    for j in range(20):
        row = fit_response(fit, Y[:, j]).contrast({"arm[new]": 1.0}, boundary="drop")
        np.testing.assert_allclose(found.contrasts["arm[new]"]["kenward-roger"].df[j], row["df"].iloc[0], rtol=1e-7)


@pytest.mark.parametrize("formula", ["y ~ arm + (1 | trust/team)", "y ~ arm + (1 | trust) + (0 + wave | person)"])
def test_likelihood_grid_contains_the_maximum(formula):
    frame = study(5)
    frame["y"] += np.random.default_rng(1).normal(size=5)[frame["trust"].astype(int)]
    fit = lmer(formula, frame)
    grid = np.vstack([fit.variance_ratios, fit.variance_ratios + np.array([0.3, 0.0]), np.zeros(2)])
    found = likelihood_grid(fit, np.column_stack([frame["y"], 2 * frame["y"]]), grid)
    np.testing.assert_allclose(found[0, 0], fit.log_likelihood, rtol=1e-10)
    assert found[1, 0] < found[0, 0]
    np.testing.assert_allclose(found[:, 0] - found[:, 1], fit.df_residual * np.log(2), rtol=1e-9)


def test_null_t_at_zero_ratios_is_about_normal():
    fit = lmer("y ~ arm + (1 | trust/team)", study())
    t = null_t(fit, {"arm[usual]": 1.0}, np.zeros(2), n=2000, seed=1)
    assert len(t) == 2000
    assert abs(t.mean()) < 0.1
    # the truth has no cluster variance, so the model's errors are too large
    assert 0.75 < t.std() < 1.0


def test_bootstrap_p_value_agrees_with_kenward_roger_where_both_hold():
    frame = study(7)
    fit = lmer("y ~ arm*wave + (1 | trust/team/person)", frame)
    wave = bootstrap_test(fit, {"wave": 1.0}, n=1000, seed=2)
    assert abs(wave.p_value - fit.summary().loc["wave", "p_value"]) < 4 * max(wave.mc_error, 0.005)
