"""Residual covariances within the person and by arm, with and without clusters, against brute force.

The oracle forms V row by row from the parameters that a fit reports, takes its derivatives numerically, and follows
Kenward & Roger (1997), equations 2-7, with the term in second derivatives; Satterthwaite's df by the numerical Hessian
of the restricted likelihood. It shares no code with the engine.
"""

from functools import cache

import numpy as np
import pandas as pd
import pytest

from cpis_analysis.lmm import likelihood_ratio_test, lmer

WITHIN = {"within": "pid", "occasion": "wave"}
KINDS = ["unstructured", "compound-symmetry", "ar1", "heterogeneous-ar1", "toeplitz"]
CLUSTERED = " + (1 | trust/team)"


@cache
def study(teams=8, per=6, waves=3, seed=6):
    """People of teams seen up to three times, some visits missing, with variances that grow."""
    rng = np.random.default_rng(seed)
    n = teams * per
    team = np.repeat(np.arange(teams), per)
    at = np.arange(waves)
    sd = np.linspace(1.0, 1.7, waves)
    S = 0.6 ** np.abs(at[:, None] - at) * np.outer(sd, sd)
    y = rng.multivariate_normal(np.zeros(waves), S, n) + 0.7 * rng.normal(size=teams)[team][:, None]
    y += 0.5 * rng.normal(size=teams)[team // 2][:, None]
    y *= np.where(team % 2, 1.4, 1.0)[:, None]
    frame = pd.DataFrame({"pid": np.repeat([f"p{i}" for i in range(n)], waves), "wave": np.tile(at, n)})
    frame["team"], frame["trust"] = np.repeat(team, waves), np.repeat(team // 2, waves)
    frame["arm"] = np.where(frame["team"] % 2, "new", "old")
    frame["x"] = np.repeat(rng.normal(size=n), waves)
    frame["late"] = (frame["wave"] > 0).astype(float)
    frame["treated"] = (frame["team"] % 2).astype(float)
    frame["y"] = y.ravel() + frame["treated"] * frame["late"]
    return frame[rng.random(len(frame)) > 0.2].reset_index(drop=True)


class Dense:
    """V, likelihood and inference of a fit's model by its definition, over the parameters that the fit reports."""

    def __init__(self, fit, frame, kind, by=None):
        self.X, self.y, self.frame, self.kind, self.by = fit.design.X, fit.design.y, frame, kind, by
        self.parts = fit.design.random
        self.theta = np.append(fit.variance_parameters, fit.residual_parameters["estimate"])

    def sigma(self, phi, T):
        at = np.arange(T)
        distance = np.abs(at[:, None] - at)
        if self.kind == "independent":
            return np.array([[phi[0]]])
        if self.kind == "unstructured":
            S = np.zeros((T, T))
            S[np.triu_indices(T)] = phi
            return S + np.triu(S, 1).T
        if self.kind == "compound-symmetry":
            return np.where(distance == 0, phi[0], phi[1])
        if self.kind == "toeplitz":
            return phi[distance]
        sd = np.sqrt(np.broadcast_to(phi[:-1], T))
        return np.outer(sd, sd) * phi[-1] ** distance

    def V(self, theta):
        n = len(self.y)
        V, used = np.zeros((n, n)), 0
        for part in self.parts:
            same = part.codes[:, None] == part.codes[None, :]
            columns = np.ones((n, 1)) if part.columns is None else part.columns
            for b in range(part.q):
                for a in range(b, part.q):
                    outer = np.outer(columns[:, a], columns[:, b])
                    V += theta[used] * same * (outer if a == b else outer + outer.T)
                    used += 1
        groups = self.frame[self.by].to_numpy() if self.by else np.zeros(n)
        levels = sorted(set(groups))
        phi = np.split(theta[used:], len(levels))
        waves = sorted(self.frame["wave"].unique())
        S = np.array([self.sigma(one, len(waves)) for one in phi])
        person, group = self.frame["pid"].to_numpy(), np.searchsorted(levels, groups)
        if self.kind == "independent":
            return V + np.diag(S[group, 0, 0])
        wave = np.searchsorted(waves, self.frame["wave"])
        return V + (person[:, None] == person) * S[group[:, None], wave[:, None], wave]

    def phi(self, V):
        return np.linalg.inv(self.X.T @ np.linalg.solve(V, self.X))

    def log_likelihood(self, theta, reml=True):
        V = self.V(theta)
        phi, n, p = self.phi(V), *self.X.shape
        r = self.y - self.X @ (phi @ self.X.T @ np.linalg.solve(V, self.y))
        out = np.linalg.slogdet(V)[1] + r @ np.linalg.solve(V, r) + n * np.log(2 * np.pi)
        return -0.5 * (out - np.linalg.slogdet(phi)[1] - p * np.log(2 * np.pi) if reml else out)

    def steps(self, h):
        size = h * np.maximum(np.abs(self.theta), 0.1)
        return np.diag(size), size

    def derivatives(self):
        E, h = self.steps(1e-3)
        R = len(E)
        V = self.V(self.theta)
        G = [(self.V(self.theta + e) - self.V(self.theta - e)) / (2 * s) for e, s in zip(E, h, strict=True)]
        # central differences at two steps, extrapolated: V is smooth in its parameters
        H = [(self.V(self.theta + e / 2) - self.V(self.theta - e / 2)) / s for e, s in zip(E, h, strict=True)]
        G = [(4 * fine - coarse) / 3 for fine, coarse in zip(H, G, strict=True)]
        second = {}
        for r in range(R):
            for s in range(r + 1):
                if r == s:
                    found = (self.V(self.theta + E[r]) - 2 * V + self.V(self.theta - E[r])) / h[r] ** 2
                else:
                    ends = [self.V(self.theta + a * E[r] + b * E[s]) * a * b for a in (1, -1) for b in (1, -1)]
                    found = sum(ends) / (4 * h[r] * h[s])
                second[r, s] = second[s, r] = found
        return V, G, second

    def kenward_roger(self):
        V, G, second = self.derivatives()
        X, R = self.X, len(G)
        Vi, phi = np.linalg.inv(V), self.phi(V)
        P = [-X.T @ Vi @ g @ Vi @ X for g in G]
        Q = [[X.T @ Vi @ g @ Vi @ h @ Vi @ X for h in G] for g in G]
        information = np.array(
            [
                [
                    0.5 * np.trace(Vi @ G[r] @ Vi @ G[s])
                    - np.trace(phi @ Q[r][s])
                    + 0.5 * np.trace(phi @ P[r] @ phi @ P[s])
                    for s in range(R)
                ]
                for r in range(R)
            ]
        )
        W = np.linalg.inv(information)
        U = sum(
            W[r, s] * (Q[r][s] - P[r] @ phi @ P[s] - 0.25 * X.T @ Vi @ second[r, s] @ Vi @ X)
            for r in range(R)
            for s in range(R)
        )
        U = 0.5 * (U + U.T)
        df = []
        for l in np.eye(len(phi)):
            theta = np.outer(l, l) / (l @ phi @ l)
            t = np.array([np.trace(theta @ phi @ one @ phi) for one in P])
            df.append(2 / (t @ W @ t))
        return phi + 2 * phi @ U @ phi, np.array(df)

    def satterthwaite(self):
        E, h = self.steps(2e-3)
        R, ll = len(E), self.log_likelihood
        H = np.empty((R, R))
        for r in range(R):
            for s in range(r + 1):
                ends = sum(a * b * ll(self.theta + a * E[r] + b * E[s]) for a in (1, -1) for b in (1, -1))
                H[r, s] = H[s, r] = -ends / (4 * h[r] * h[s])
        C = np.linalg.inv(H)
        slopes = [
            (self.phi(self.V(self.theta + e)) - self.phi(self.V(self.theta - e))) / (2 * s)
            for e, s in zip(E, h, strict=True)
        ]
        phi, df = self.phi(self.V(self.theta)), []
        for j in range(len(phi)):
            g = np.array([slope[j, j] for slope in slopes])
            df.append(2 * phi[j, j] ** 2 / (g @ C @ g))
        return np.array(df)

    def is_top(self, reml):
        """No step along any parameter leads up."""
        here = self.log_likelihood(self.theta, reml)
        E, _ = self.steps(1e-4)
        return all(self.log_likelihood(self.theta + sign * e, reml) < here + 1e-10 for e in E for sign in (1, -1)
                   if not ((self.theta == 0.0) & (sign * e < 0)).any())  # fmt: skip


@pytest.mark.parametrize("random", ["", CLUSTERED], ids=["alone", "clusters"])
@pytest.mark.parametrize("kind", KINDS)
def test_fit_and_kenward_roger_equal_brute_force(kind, random):
    frame = study()
    fit = lmer(f"y ~ arm * late + x{random}", frame, residual=kind, **WITHIN)
    dense = Dense(fit, frame, kind)
    V = dense.V(dense.theta)
    np.testing.assert_allclose(fit.log_likelihood, dense.log_likelihood(dense.theta), atol=1e-8)
    assert dense.is_top(reml=True)
    np.testing.assert_allclose(fit.beta, dense.phi(V) @ dense.X.T @ np.linalg.solve(V, dense.y), atol=1e-8)
    np.testing.assert_allclose(fit.vcov("z"), dense.phi(V), atol=1e-9)
    adjusted, df = dense.kenward_roger()
    np.testing.assert_allclose(fit.vcov(), adjusted, rtol=1e-5, atol=1e-7)
    np.testing.assert_allclose(fit.summary()["df"], df, rtol=1e-5)
    np.testing.assert_allclose(fit.summary("satterthwaite")["df"], dense.satterthwaite(), rtol=2e-3)


@pytest.mark.parametrize(
    ("kind", "by", "random"),
    [
        ("independent", "arm", " + (1 | team)"),
        ("independent", "wave", " + (1 | trust) + (1 | pid)"),
        ("independent", "arm", " + (0 + treated | team)"),
        ("unstructured", "arm", " + (1 | team)"),
        ("ar1", "arm", " + (1 + late | team)"),
        ("ar1", None, " + (1 | team) + (1 | wave:trust)"),
    ],
)
def test_groups_slopes_and_crossings_equal_brute_force(kind, by, random):
    frame = study(per=9)
    options = {} if kind == "independent" else WITHIN
    fit = lmer(f"y ~ arm + late{random}", frame, residual=kind, residual_by=by, **options)
    dense = Dense(fit, frame, kind, by)
    V = dense.V(dense.theta)
    np.testing.assert_allclose(fit.log_likelihood, dense.log_likelihood(dense.theta), atol=1e-8)
    np.testing.assert_allclose(fit.vcov("z"), dense.phi(V), atol=1e-9)
    assert fit.is_singular or dense.is_top(reml=True)
    adjusted, df = dense.kenward_roger()
    np.testing.assert_allclose(fit.vcov(), adjusted, rtol=1e-5, atol=1e-7)
    np.testing.assert_allclose(fit.summary()["df"], df, rtol=1e-5)


@pytest.mark.parametrize("kind", ["unstructured", "ar1"])
def test_full_likelihood_and_its_modes_equal_brute_force(kind):
    frame = study()
    fit = lmer(f"y ~ arm{CLUSTERED}", frame, residual=kind, reml=False, **WITHIN)
    dense = Dense(fit, frame, kind)
    np.testing.assert_allclose(fit.log_likelihood, dense.log_likelihood(dense.theta, reml=False), atol=1e-8)
    assert dense.is_top(reml=False)
    left = np.linalg.solve(dense.V(dense.theta), dense.y - dense.X @ fit.beta)
    for k, part in enumerate(dense.parts):
        sums = np.bincount(part.codes, weights=left, minlength=part.n_groups)
        np.testing.assert_allclose(fit.conditional_modes[k][:, 0], fit.variance_parameters[k] * sums, atol=1e-8)


def test_compound_symmetry_is_a_random_intercept_of_the_person():
    frame = study()
    a = lmer(f"y ~ arm * late + x{CLUSTERED}", frame, residual="compound-symmetry", **WITHIN)
    b = lmer(f"y ~ arm * late + x{CLUSTERED} + (1 | pid)", frame)
    assert abs(a.log_likelihood - b.log_likelihood) < 1e-8
    for ddf in ("kenward-roger", "satterthwaite", "between-within"):
        np.testing.assert_allclose(a.summary(ddf), b.summary(ddf), rtol=1e-6, atol=1e-8)
    np.testing.assert_allclose(a.joint_test(["arm", "arm:late"]), b.joint_test(["arm", "arm:late"]), rtol=1e-6)
    total = b.sigma2 + b.variance_components.set_index("group")["variance"]["pid"]
    np.testing.assert_allclose(a.residual_parameters["estimate"], [total, total - b.sigma2], rtol=1e-6)
    np.testing.assert_allclose(a.fitted("marginal"), b.fitted("marginal"), atol=1e-7)


def test_two_waves_unstructured_of_every_group_is_a_fit_of_each():
    frame = study(waves=2)
    both = lmer("y ~ arm * late", frame, residual="unstructured", residual_by="arm", **WITHIN)
    parts = [lmer("y ~ late", one, residual="unstructured", **WITHIN) for _, one in frame.groupby("arm")]
    np.testing.assert_allclose(both.log_likelihood, sum(one.log_likelihood for one in parts), atol=1e-8)
    joined = pd.concat([one.residual_parameters["estimate"] for one in parts])
    np.testing.assert_allclose(both.residual_parameters["estimate"], joined, rtol=1e-6)


def test_units_of_columns_and_origins_do_not_matter():
    frame = study()
    formula = f"y ~ arm * late + x{CLUSTERED}"
    plain = lmer(formula, frame, residual="unstructured", **WITHIN)
    moved = frame.assign(y=1e6 * frame["y"] + 1e9, x=1e-7 * frame["x"] + 40.0)
    other = lmer(formula, moved, residual="unstructured", **WITHIN)
    for ddf in ("kenward-roger", "satterthwaite"):
        columns = ["df", "statistic"]
        one, two = (fit.summary(ddf).drop("(Intercept)")[columns] for fit in (plain, other))
        np.testing.assert_allclose(one, two, rtol=1e-5)
    grown = frame.assign(y=frame["y"] * frame["wave"].map({0: 1.0, 1: 1e3, 2: 1e-3}))
    lmer("y ~ arm", grown, residual="unstructured", **WITHIN)


def test_nested_structures_have_their_degrees_of_freedom():
    frame = study()
    fits = {kind: lmer("y ~ arm", frame, residual=kind, reml=False, **WITHIN) for kind in KINDS}
    for smaller, larger, df in [
        ("compound-symmetry", "toeplitz", 1),
        ("ar1", "toeplitz", 1),
        ("toeplitz", "unstructured", 3),
        ("ar1", "heterogeneous-ar1", 2),
    ]:
        found = likelihood_ratio_test(fits[smaller], fits[larger])
        assert found.df == df
        assert found.statistic >= 0.0
        assert not found.on_boundary
