"""Prior weights and a known residual variance in every structure, against brute force and nlme.

The oracle forms V and follows the papers: Kenward & Roger (1997) for the adjusted covariance and its df with the
parameters that are estimated, the definition of Satterthwaite's df by numerical derivatives.
"""

import json
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from cpis_analysis.errors import ModelError
from cpis_analysis.lmm import (
    bootstrap_test,
    cluster_robust,
    likelihood_grid,
    likelihood_ratio_test,
    lmer,
    nearly_optimal,
    ols,
    profile_intervals,
    refit,
    simulate,
)
from cpis_analysis.lmm.fits.model import fit_response

DATA = Path(__file__).parents[1] / "golden" / "data" / "lmm"
KNOWN = json.loads((DATA / "weighted.json").read_text())["known"]
FORMULAS = {
    "nested": "y ~ arm + x + (1 | trust/team)",
    "blocks": "y ~ arm + x + (1 + x | team)",
    "crossed": "y ~ arm + x + (1 | team) + (1 | day)",
    "none": "y ~ arm + x",
}
STRUCTURES = {
    "nested": "NestedStructure",
    "blocks": "BlockStructure",
    "crossed": "CrossedStructure",
    "none": "IndependentRows",
}
CASES = [(kind, weights, known) for kind in FORMULAS for weights in (False, True) for known in (None, 1.3)]


@cache
def frame():
    rng = np.random.default_rng(11)
    n = 120
    team = np.repeat(np.arange(12), 10)
    frame = pd.DataFrame({"team": team, "trust": team // 3, "day": rng.integers(0, 8, n), "x": rng.normal(size=n)})
    frame["arm"] = team % 2
    frame["w"] = rng.uniform(0.4, 2.5, n) * 50.0
    level, slope = rng.normal(size=12), 0.8 * rng.normal(size=12)
    frame["y"] = 2.0 * np.array([-1.0, 1.2, -0.6, 0.9])[frame["trust"]] + level[team] + slope[team] * frame["x"]
    frame["y"] += 0.8 * rng.normal(size=8)[frame["day"]] + rng.normal(size=n)
    return frame


@pytest.fixture(autouse=True)
def elimination_for_small_crossed_models(monkeypatch):
    monkeypatch.setattr("cpis_analysis.lmm.structures.choose.LARGE_BLOCK", 10)


def fitted(kind, weights=False, known=None, **options):
    if weights and known is not None:
        known = known * frame()["w"].mean()
    chosen = {"weights": "w" if weights else None, "residual_variance": known, **options}
    fit = (ols if kind == "none" else lmer)(FORMULAS[kind], frame(), **chosen)
    assert type(fit.structure).__name__ == STRUCTURES[kind]
    return fit


class Dense:
    """V, likelihood and inference of a fit's model by its definition."""

    def __init__(self, fit):
        self.y, self.X, self.reml = fit.design.y, fit.design.X, fit.reml
        self.known = fit.residual_variance is not None
        n = len(self.y)
        weights = np.ones(n) if fit.design.weights is None else fit.design.weights
        G = []
        for part in fit.design.random:
            same = part.codes[:, None] == part.codes[None, :]
            columns = np.ones((n, 1)) if part.columns is None else part.columns
            for b in range(part.q):
                for a in range(b, part.q):
                    outer = np.outer(columns[:, a], columns[:, b])
                    G.append(same * (outer if a == b else outer + outer.T))
        self.residual = np.diag(1.0 / weights)
        self.G = G if self.known else [self.residual, *G]
        self.fixed = fit.sigma2 * self.residual if self.known else np.zeros((n, n))
        self.theta = fit.variance_parameters if self.known else np.append(fit.sigma2, fit.variance_parameters)

    def V(self, theta):
        return self.fixed + sum(t * g for t, g in zip(theta, self.G, strict=True))

    def phi(self, theta):
        return np.linalg.inv(self.X.T @ np.linalg.solve(self.V(theta), self.X))

    def beta(self, theta):
        return self.phi(theta) @ self.X.T @ np.linalg.solve(self.V(theta), self.y)

    def log_likelihood(self, theta):
        V = self.V(theta)
        r = self.y - self.X @ self.beta(theta)
        n, p = self.X.shape
        out = np.linalg.slogdet(V)[1] + r @ np.linalg.solve(V, r)
        if self.reml:
            return -0.5 * (out - np.linalg.slogdet(self.phi(theta))[1] + (n - p) * np.log(2 * np.pi))
        return -0.5 * (out + n * np.log(2 * np.pi))

    def kenward_roger(self):
        Vi, phi = np.linalg.inv(self.V(self.theta)), self.phi(self.theta)
        P = [-self.X.T @ Vi @ g @ Vi @ self.X for g in self.G]
        Q = [[self.X.T @ Vi @ g @ Vi @ h @ Vi @ self.X for h in self.G] for g in self.G]
        R = len(self.G)
        information = np.array(
            [
                [
                    0.5 * np.trace(Vi @ self.G[r] @ Vi @ self.G[s])
                    - np.trace(phi @ Q[r][s])
                    + 0.5 * np.trace(phi @ P[r] @ phi @ P[s])
                    for s in range(R)
                ]
                for r in range(R)
            ]
        )
        W = np.linalg.inv(information) if R else information.reshape(0, 0)
        U = sum((W[r, s] * (Q[r][s] - P[r] @ phi @ P[s]) for r in range(R) for s in range(R)), np.zeros_like(phi))
        adjusted = phi + 2 * phi @ U @ phi
        df = []
        for l in np.eye(len(phi)):
            theta = np.outer(l, l) / (l @ phi @ l)
            A1 = sum(
                W[r, s] * np.trace(theta @ phi @ P[r] @ phi) * np.trace(theta @ phi @ P[s] @ phi)
                for r in range(R)
                for s in range(R)
            )
            df.append(2 / A1 if R else np.inf)
        return adjusted, np.array(df)

    def derivative(self, function, h):
        eye = np.eye(len(self.theta)) * h
        return np.array([(function(self.theta + e) - function(self.theta - e)) / (2 * e.max()) for e in eye])

    def satterthwaite(self):
        h = 1e-3 * np.abs(self.theta)
        eye = np.eye(len(h)) * h
        here = self.theta
        hessian = np.array(
            [
                [
                    sum(s * t * self.log_likelihood(here + s * a + t * b) for s in (-1, 1) for t in (-1, 1))
                    / (4 * a.max() * b.max())
                    for b in eye
                ]
                for a in eye
            ]
        ).reshape(len(h), len(h))
        C = np.linalg.inv(-hessian) if len(h) else hessian
        variance = np.diag(self.phi(here))
        gradient = self.derivative(lambda theta: np.diag(self.phi(theta)), h).reshape(len(h), len(variance))
        with np.errstate(divide="ignore"):
            return 2 * variance**2 / np.einsum("rp,rs,sp->p", gradient, C, gradient)


@pytest.mark.parametrize(("kind", "weights", "known"), CASES)
@pytest.mark.parametrize("reml", [True, False])
def test_the_maximum_of_the_likelihood_by_brute_force(kind, weights, known, reml):
    fit = fitted(kind, weights, known, reml=reml)
    dense = Dense(fit)
    assert (fit.variance_components["variance"] > 0).all()
    assert fit.log_likelihood == pytest.approx(dense.log_likelihood(dense.theta), rel=1e-10)
    np.testing.assert_allclose(fit.coefficients, dense.beta(dense.theta), rtol=1e-7)
    if len(dense.theta):
        slope = dense.derivative(dense.log_likelihood, 1e-5 * np.abs(dense.theta)) * np.abs(dense.theta)
        np.testing.assert_allclose(slope, 0.0, atol=2e-5)
        for seed in range(5):
            moved = dense.theta * np.random.default_rng(seed).uniform(0.6, 1.6, len(dense.theta))
            if np.linalg.eigvalsh(dense.V(moved))[0] > 0:
                assert dense.log_likelihood(moved) < fit.log_likelihood


@pytest.mark.parametrize(("kind", "weights", "known"), CASES)
def test_kenward_roger_and_satterthwaite_by_brute_force(kind, weights, known):
    fit = fitted(kind, weights, known)
    dense = Dense(fit)
    covariance, df = dense.kenward_roger()
    np.testing.assert_allclose(fit.vcov("kenward-roger"), covariance, rtol=1e-6, atol=1e-9 * covariance.max())
    np.testing.assert_allclose(fit.summary("kenward-roger")["df"], df, rtol=1e-6)
    np.testing.assert_allclose(fit.vcov("satterthwaite"), dense.phi(dense.theta), rtol=1e-7, atol=1e-12)
    np.testing.assert_allclose(fit.summary("satterthwaite")["df"], dense.satterthwaite(), rtol=2e-4)


@pytest.mark.parametrize(("kind", "weights", "known"), [case for case in CASES if case[0] != "none" or not case[1]])
def test_refits_equal_single_fits(kind, weights, known):
    fit = fitted(kind, weights, known)
    # the third is twenty times as large, so that another share of it is known
    Y = simulate(fit, 3, seed=1) * np.array([1.0, 1.0, 20.0])
    found = refit(fit, Y, contrasts=["arm", "x"])
    for j in range(3):
        one = fit_response(fit, Y[:, j])
        np.testing.assert_allclose(found.coefficients[j], one.coefficients, rtol=1e-7)
        np.testing.assert_allclose(
            found.variances[j], np.append(one.variance_parameters, one.sigma2), rtol=1e-5, atol=1e-8 * Y[:, j].var()
        )
        np.testing.assert_allclose(found.log_likelihood[j], one.log_likelihood, rtol=1e-10)
        for term in ("arm", "x"):
            for method in ("kenward-roger", "satterthwaite"):
                row, batch = one.contrast({term: 1.0}, method).iloc[0], found.contrasts[term][method]
                np.testing.assert_allclose(batch.std_error[j], row["std_error"], rtol=1e-6)
                np.testing.assert_allclose(batch.df[j], row["df"], rtol=1e-4)


@pytest.mark.parametrize("weights", ["none", "weights"])
@pytest.mark.parametrize("sigma", [20, 40])
def test_a_known_residual_variance_matches_nlme(weights, sigma):
    """By ML; the REML fits of nlme with a fixed sigma miss the maximum (the next test has it in closed form)."""
    data = pd.read_csv(DATA / "data" / "sleepstudy.csv")
    w = 0.5 + np.arange(1, len(data) + 1) % 7 / 4 if weights == "weights" else None
    fit = lmer("Reaction ~ Days + (1 | Subject)", data, reml=False, weights=w, residual_variance=sigma**2)
    expected = KNOWN["ML"][weights][f"s{sigma}"]
    np.testing.assert_allclose(fit.coefficients, expected["beta"], rtol=1e-5)
    np.testing.assert_allclose(fit.variance_parameters, [expected["variance"]], rtol=1e-4)


@pytest.mark.parametrize("sigma", [20, 40])
def test_a_known_residual_variance_in_a_balanced_design_in_closed_form(sigma):
    data = pd.read_csv(DATA / "data" / "sleepstudy.csv")
    fit = lmer("Reaction ~ Days + (1 | Subject)", data, residual_variance=sigma**2)
    between = 10 * data.groupby("Subject")["Reaction"].mean().var()
    np.testing.assert_allclose(fit.variance_parameters, [(between - sigma**2) / 10], rtol=1e-9)
    # of what varies between subjects only, the variance has the subjects' degrees of freedom
    np.testing.assert_allclose(fit.contrast({"(Intercept)": 1.0, "Days": 4.5})["df"], 17.0, rtol=1e-8)
    assert fit.summary().loc["Days", "df"] > 1e6


@pytest.mark.parametrize("kind", FORMULAS)
def test_weights_of_one_are_none_and_their_unit_only_moves_sigma(kind):
    plain = fitted(kind)
    ones = (ols if kind == "none" else lmer)(FORMULAS[kind], frame(), weights=np.ones(len(frame())))
    np.testing.assert_allclose(ones.summary(), plain.summary(), rtol=1e-9)
    weighted = fitted(kind, True)
    tiny = (ols if kind == "none" else lmer)(FORMULAS[kind], frame(), weights=frame()["w"].to_numpy() * 1e-9)
    np.testing.assert_allclose(tiny.summary(), weighted.summary(), rtol=1e-9)
    assert tiny.sigma2 == pytest.approx(weighted.sigma2 * 1e-9, rel=1e-9)
    assert tiny.log_likelihood == pytest.approx(weighted.log_likelihood, rel=1e-11)


@pytest.mark.parametrize("kind", FORMULAS)
def test_the_estimate_taken_as_known_gives_the_same_estimates(kind):
    free = fitted(kind, True)
    known = fitted(kind, True, None, residual_variance=free.sigma2)
    np.testing.assert_allclose(known.coefficients, free.coefficients, rtol=1e-7)
    np.testing.assert_allclose(known.variance_parameters, free.variance_parameters, rtol=1e-5)
    assert known.log_likelihood == pytest.approx(free.log_likelihood, rel=1e-11)
    assert known.n_parameters == free.n_parameters - 1
    assert (known.summary()["df"] > free.summary()["df"]).all()


def test_nothing_unknown_makes_every_test_a_z_test():
    known = ols("y ~ arm * x", frame(), residual_variance=1.0)
    for method in ("kenward-roger", "satterthwaite"):
        np.testing.assert_allclose(known.summary(method), known.summary("z"))
        np.testing.assert_allclose(known.joint_test(["arm", "x"], method), known.joint_test(["arm", "x"], "z"))
    flat = lmer("x ~ arm + (1 | team)", frame(), residual_variance=50.0)
    assert flat.is_singular
    assert np.isinf(flat.summary("satterthwaite")["df"]).all()
    assert np.isinf(flat.summary("kenward-roger", boundary="drop")["df"]).all()
    assert np.isfinite(flat.summary("kenward-roger")["df"]).all()


@pytest.mark.parametrize("known", [1e-4, 1e-2, 1e4])
def test_the_search_finds_the_maximum_however_small_the_known_part_is(known):
    data = frame().groupby("team", as_index=False).mean().assign(place=lambda d: d["team"].astype(int) // 2)
    fit = lmer("y ~ x + (1 | place)", data, residual_variance=known)
    dense = Dense(fit)
    best = max(dense.log_likelihood(np.array([theta])) for theta in [0.0, *np.geomspace(1e-3, 1e3, 400)])
    assert fit.log_likelihood > best - 1e-3


def test_profile_intervals_hold_what_the_likelihood_ratio_does_not_reject():
    fit = fitted("nested", True, 1.3)
    table = profile_intervals(fit)
    dense = Dense(fit)
    for r, (name, low, high) in enumerate(
        table[table["quantity"] == "variance"][["group", "ci_low", "ci_high"]].itertuples(index=False)
    ):
        if name == "Residual":
            assert low == high == fit.sigma2
            continue
        for end in (low, high):
            if end > 0:
                other = np.geomspace(1e-4, 30, 1500)
                grid = [np.array([end, v]) if r == 0 else np.array([v, end]) for v in [0.0, *other]]
                left = 2 * (fit.log_likelihood - max(map(dense.log_likelihood, grid[::10])))
                assert left == pytest.approx(3.841, abs=0.02)


def test_grids_and_bootstraps_take_the_known_variance_as_known():
    for kind in ("nested", "crossed"):
        fit = fitted(kind, True, 1.3)
        found = likelihood_grid(fit, fit.design.y, fit.variance_ratios[None])
        assert found[0, 0] == pytest.approx(fit.log_likelihood, rel=1e-10)
    test = bootstrap_test(fitted("nested", True, 1.3), {"x": 1.0}, n=200, seed=1, ddf="z")
    assert test.null.std() == pytest.approx(1.0, abs=0.2)


def test_robust_errors_do_not_ask_whether_the_variance_is_known():
    free = fitted("nested", True)
    known = fitted("nested", True, None, residual_variance=free.sigma2)
    one, other = (cluster_robust(fit, "trust", data=frame()).summary() for fit in (free, known))
    np.testing.assert_allclose(one, other, rtol=1e-4)


@pytest.mark.parametrize("value", [0.0, -1.0, np.nan, np.inf])
def test_impossible_known_variances_are_refused(value):
    with pytest.raises(ModelError, match="a finite number above zero"):
        lmer(FORMULAS["nested"], frame(), residual_variance=value)


def test_what_needs_an_estimated_residual_variance_says_so():
    with pytest.raises(ModelError, match="that is estimated"):
        nearly_optimal(fitted("nested", False, 1.3), "arm")
    with pytest.raises(ModelError, match="taken as known"):
        likelihood_ratio_test(fitted("none", reml=False), fitted("nested", False, 1.3, reml=False))
