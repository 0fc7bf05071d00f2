"""Diagnostics against dense formulas and against models that are right and wrong."""

import numpy as np
import pytest

from cpis_analysis.analyses.diagnostics import bins_along, fit_diagnostics
from cpis_analysis.lmm import lmer, ols
from cpis_analysis.lmm.fits.mixed_equations import ScaledTerm, mixed_equations
from made_up_study import study


def test_diagnostics_modes_and_their_errors_match_dense_formulas():
    wide = study(size=[5, 8, 6, 7, 9, 4, 6, 7, 8, 5], trust_sd=1.0).participants
    fit = lmer("y_6m ~ arm + age + (1 | trust) + (1 | trust:team)", wide, reference={"arm": "c"})
    found = fit_diagnostics(fit, "participant_id", np.random.default_rng(1))["random_effects"]
    trust, team, residual = fit.variance_components["variance"]
    Zs = [np.eye(part.n_groups)[part.codes] for part in fit.design.random]
    Z, D = np.hstack(Zs), np.diag(np.repeat([trust, team], [z.shape[1] for z in Zs]))
    X, y = fit.design.X, fit.design.y
    W = np.linalg.inv(Z @ D @ Z.T + residual * np.eye(len(y)))
    P = W - W @ X @ np.linalg.solve(X.T @ W @ X, X.T @ W)
    assert [row["mode"] for row in found] == pytest.approx((D @ Z.T @ P @ y).tolist(), rel=1e-6, abs=1e-8)
    errors = np.sqrt(np.diag(D - D @ Z.T @ P @ Z @ D))
    assert [row["se"] for row in found] == pytest.approx(errors.tolist(), rel=1e-6)
    assert found[5]["label"] == "A / North"


def test_diagnostics_residuals_match_studentised_ols():
    wide = study().participants
    fit = ols("y_6m ~ arm + y_0m", wide)
    found = fit_diagnostics(fit, "participant_id", np.random.default_rng(1))
    X = fit.design.X
    leverage = np.einsum("ij,jk,ik->i", X, np.linalg.inv(X.T @ X), X)
    studentised = fit.residuals().to_numpy() / np.sqrt(fit.sigma2 * (1 - leverage))
    quantiles = found["residual_quantiles"]
    assert quantiles["observed"] == pytest.approx(np.quantile(studentised, quantiles["probability"]).tolist())
    assert found["random_effects"] == []


def test_diagnostics_envelope_holds_normal_residuals_and_shows_heavy_tails():
    wide = study(size=20, seed=8).participants
    outside = {}
    for name, noise in (
        ("normal", np.random.default_rng(3).normal(size=200)),
        ("heavy", np.random.default_rng(3).standard_t(1.5, size=200)),
    ):
        fit = lmer("z ~ arm + (1 | trust:team)", wide.assign(z=noise), reference={"arm": "c"})
        q = fit_diagnostics(fit, "participant_id", np.random.default_rng(1))["residual_quantiles"]
        observed, low, high = (np.array(q[name]) for name in ("observed", "low", "high"))
        outside[name] = int(((observed < low) | (observed > high)).sum())
    assert outside["normal"] <= 3
    assert outside["heavy"] >= 10


def test_diagnostics_equations_match_dense_ones_with_people_eliminated():
    rng = np.random.default_rng(5)
    n = 240
    people, teams = np.repeat(np.arange(80), 3), np.repeat(np.arange(8), 30)
    slopes = np.column_stack([np.ones(n), np.tile([0.0, 1.0, 2.0], 80)]) @ np.array([[0.9, 0.2], [0.0, 0.4]]).T
    terms = [ScaledTerm(np.full((n, 1), 0.7), teams, 8), ScaledTerm(slopes, people, 80)]
    X = np.column_stack([np.ones(n), rng.normal(size=n) * 1e4])
    found = mixed_equations(X, terms)

    W = np.hstack([X / np.linalg.norm(X, axis=0), *(term.matrix.toarray() for term in terms)])
    inverse = np.linalg.inv(W.T @ W + np.diag(np.r_[0.0, 0.0, np.ones(W.shape[1] - 2)]))
    hat, y = W @ inverse @ W.T, rng.normal(size=(n, 3))
    assert found.eliminated is terms[1]
    np.testing.assert_allclose(found.leverages(), np.diag(hat), rtol=1e-10)
    np.testing.assert_allclose(found.fitted(y), hat @ y, rtol=1e-9, atol=1e-11)
    np.testing.assert_allclose(found.inverse_block(0, 3, 1), inverse[5:6, 5:6], rtol=1e-9)
    np.testing.assert_allclose(found.inverse_block(1, 40, 2), inverse[90:92, 90:92], rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("n", [3, 44, 46, 127, 400])
def test_bins_are_told_as_each_alone(n: int) -> None:
    rng = np.random.default_rng(n)
    fitted, residual = rng.normal(size=n), rng.normal(size=n)
    bins = np.array_split(np.argsort(fitted, kind="stable"), int(np.clip(n // 15, 1, 10)))
    assert bins_along(fitted, residual) == [
        {
            "fitted_mid": np.median(fitted[members]),
            "n": len(members),
            **dict(zip(("q10", "q50", "q90"), np.quantile(residual[members], [0.1, 0.5, 0.9]), strict=True)),
        }
        for members in bins
    ]
