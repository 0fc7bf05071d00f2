"""Draws of the imputation against posteriors that are known or found by brute force."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from cpis_analysis.formula.parse import parse_formula
from cpis_analysis.imputation.chained import impute
from cpis_analysis.imputation.probit import truncated
from cpis_analysis.imputation.rubin import pool
from cpis_analysis.lmm import lmer, refit

M = 2000


def test_impute_regression_draws_the_t_predictive_distribution():
    random = np.random.default_rng(1)
    n = 25
    x = random.normal(10, 2, n)
    y = 3 + x + random.normal(0, 2, n)
    frame = pd.DataFrame({"x": [*x, 13.0], "y": [*y, np.nan]})
    drawn = impute(frame, parse_formula("y ~ x"), m=M, random=random).drawn["y"][:, 0]
    X = np.column_stack([np.ones(n), x])
    b, inverse = np.linalg.lstsq(X, y, rcond=None)[0], np.linalg.inv(X.T @ X)
    s2, at = ((y - X @ b) ** 2).sum() / (n - 2), np.array([1.0, 13.0])
    expected = stats.t(n - 2, at @ b, np.sqrt(s2 * (1 + at @ inverse @ at)))
    # 2000 draws: the largest distance of distribution functions exceeds 0.0436 in 0.1% of runs
    assert stats.kstest(drawn, expected.cdf).statistic < 0.0436


def test_impute_random_intercept_has_the_posterior_of_a_grid():
    random = np.random.default_rng(4)
    group = np.repeat(np.arange(6), 5)
    n = len(group)
    y = 20 + random.normal(0, 2, 6)[group] + random.normal(0, 2, n)
    seen = np.arange(n) % 5 != 0
    frame = pd.DataFrame({"group": pd.Categorical(group.astype(str)), "y": np.where(seen, y, np.nan)})
    found = impute(frame, parse_formula("y ~ 1 + (1 | group)"), m=M, random=random)
    drawn = found.drawn["y"]

    # in units of the residual SD of the mean alone, as the priors are
    shift, scale = y[seen].mean(), y[seen].std(ddof=1)
    z, Z = (y[seen] - shift) / scale, (group[seen][:, None] == np.arange(6)).astype(float)
    taus, sigmas = np.linspace(0.01, 4, 60), np.linspace(0.35, 2.2, 30)
    log_density, mean = np.empty((60, 30)), np.empty((60, 30, 6))
    one = np.ones(len(z))
    for i, tau in enumerate(taus):
        for j, sigma in enumerate(sigmas):
            V = sigma**2 * np.eye(len(z)) + tau**2 * Z @ Z.T
            root = np.linalg.inv(V)
            precision = one @ root @ one
            b = one @ root @ z / precision
            rest = (z - b) @ root @ (z - b)
            prior = stats.t.logpdf(tau / 0.5, 3) - np.log(sigma)
            log_density[i, j] = -0.5 * (np.linalg.slogdet(V)[1] + np.log(precision) + rest) + prior
            mean[i, j] = b + tau**2 * Z.T @ root @ (z - b)
    weight = np.exp(log_density - log_density.max())
    weight /= weight.sum()
    expected = shift + scale * np.einsum("ij,ijg->g", weight, mean)
    error = drawn.std(axis=0) / np.sqrt(M)
    assert (np.abs(drawn.mean(axis=0) - expected) < 4.5 * error).all()
    residual = np.sqrt((weight * sigmas**2).sum()) * scale
    assert drawn.std(axis=0).min() > residual


def test_impute_binary_mean_is_that_of_a_probit_posterior():
    random = np.random.default_rng(2)
    y = np.r_[np.ones(9), np.zeros(21), np.full(10, np.nan)]
    drawn = impute(pd.DataFrame({"y": y}), parse_formula("y ~ 1"), m=M, random=random).drawn["y"]
    b = np.linspace(-3, 2, 4001)
    density = stats.norm.cdf(b) ** 9 * stats.norm.cdf(-b) ** 21 * np.exp(-0.5 * 0.01 * b**2)
    expected = (density * stats.norm.cdf(b)).sum() / density.sum()
    shares = drawn.mean(axis=1)
    assert shares.mean() == pytest.approx(expected, abs=4.5 * shares.std() / np.sqrt(M))


def test_impute_ordinal_shares_are_those_of_a_grid():
    random = np.random.default_rng(3)
    counts = (14, 6, 10)
    y = pd.Categorical.from_codes([*np.repeat([0, 1, 2], counts), *[-1] * 8], ["a", "b", "c"], ordered=True)
    drawn = impute(pd.DataFrame({"z": 1.0 + np.arange(38) % 2, "y": y}), parse_formula("z ~ 1"), auxiliary=["y"],
                   m=M, random=random).drawn["y"]  # fmt: skip
    shares = np.array([(drawn == k).mean(axis=1) for k in range(3)])
    # z says nothing beyond noise, but it is a predictor: its coefficient is integrated over too
    b, a, g = np.meshgrid(
        np.linspace(-1.2, 1.2, 31), np.linspace(-1.2, 1.4, 31), np.linspace(-3, 1.5, 31), indexing="ij"
    )
    z = 1.0 + np.arange(38) % 2
    z = (z - z.mean()) / z.std()
    log_density = -0.5 * (0.01 * a**2 + 0.16 * b**2 + (g / 2) ** 2)
    cells = {}
    for side in np.unique(z):
        eta, cut = a + b * side, np.exp(g)
        cells[side] = np.stack([stats.norm.cdf(-eta), stats.norm.cdf(cut - eta) - stats.norm.cdf(-eta),
                                stats.norm.sf(cut - eta)])  # fmt: skip
    for code, side in zip(np.asarray(y.codes)[:30], z[:30], strict=True):
        log_density = log_density + np.log(cells[side][code])
    weight = np.exp(log_density - log_density.max())
    weight /= weight.sum()
    expected = np.mean([(weight * cells[side]).sum(axis=(1, 2, 3)) for side in z[30:]], axis=0)
    error = shares.std(axis=1) / np.sqrt(M)
    assert (np.abs(shares.mean(axis=1) - expected) < 4.5 * error + 2e-3).all()


def test_truncated_normal_draws_follow_their_distribution_far_out_too():
    random = np.random.default_rng(6)
    for low, high in ((-np.inf, 0.0), (0.0, np.inf), (8.0, np.inf), (-np.inf, -30.0), (-0.3, 0.1), (6.0, 6.5)):
        drawn = truncated(np.zeros((1, 3000)), np.full((1, 3000), low), np.full((1, 3000), high), random)[0]
        assert stats.kstest(drawn, stats.truncnorm(low, high).cdf).statistic < 0.0365


def test_impute_outcome_alone_gives_the_estimate_of_likelihood_again():
    """With only the outcome missing and no auxiliary variable an imputation adds nothing but Monte Carlo error."""
    random = np.random.default_rng(8)
    team = np.arange(160) % 10
    x = random.normal(50, 10, 160)
    y = 0.5 * x + 3 * (team % 2) + random.normal(0, 2, 10)[team] + random.normal(0, 5, 160)
    frame = pd.DataFrame({"team": pd.Categorical(team.astype(str)), "arm": team % 2, "x": x,
                          "y": np.where(random.random(160) < 0.3, np.nan, y)})  # fmt: skip
    formula = parse_formula("y ~ arm + x + (1 | team)")
    observed = lmer(formula, frame).summary("kenward-roger").loc["arm"]
    m = 600
    found = impute(frame, formula, m=m, random=random)
    fit = lmer(formula, found.frame(0))
    Y = np.tile(frame["y"].to_numpy(), (m, 1))
    Y[:, frame["y"].isna()] = found.drawn["y"]
    one = refit(fit, Y.T, contrasts=["arm"], ddf="kenward-roger").contrasts["arm"]["kenward-roger"]
    pooled = pool(one.estimate, one.std_error, one.df)
    assert pooled.estimate == pytest.approx(
        observed["estimate"], abs=4 * pooled.estimate_error + 0.1 * observed["std_error"]
    )
    assert pooled.se == pytest.approx(observed["std_error"], rel=0.15)
    assert 0.02 < pooled.missing_information < 0.5


def test_impute_nominal_shares_are_those_of_probit_posteriors():
    """Without predictors the shares are products of those of each question, whose posteriors are one-dimensional."""
    counts = {"b": 16, "c": 9, "a": 5}
    y = pd.Categorical([*np.repeat(list(counts), list(counts.values())), *[None] * 10], categories=["a", "b", "c"])
    found = impute(pd.DataFrame({"y": y}), parse_formula("y ~ 1"), m=M, random=np.random.default_rng(5))
    shares = np.array([(found.drawn["y"] == k).mean(axis=1) for k in range(3)])

    def share(yes, no):
        b = np.linspace(-4, 4, 4001)
        density = stats.norm.cdf(b) ** yes * stats.norm.cdf(-b) ** no * np.exp(-0.5 * 0.01 * b**2)
        return (density * stats.norm.cdf(b)).sum() / density.sum()

    first, second = share(16, 14), share(9, 5)
    expected = [(1 - first) * (1 - second), first, (1 - first) * second]
    error = shares.std(axis=1) / np.sqrt(M)
    assert (np.abs(shares.mean(axis=1) - expected) < 4.5 * error).all()


def test_impute_nominal_categories_go_with_their_clusters():
    """A cluster whose people are all of one kind is completed with it; the other clusters have what was seen there."""
    random = np.random.default_rng(7)
    team = np.arange(600) % 6
    kinds = np.where(team == 0, "c", random.choice(["a", "b", "c"], 600, p=[0.6, 0.3, 0.1]))
    lost = random.random(600) < 0.3
    frame = pd.DataFrame(
        {"team": pd.Categorical(team.astype(str)), "kind": pd.Categorical(np.where(lost, None, kinds)), "y": 0.0}
    )
    frame["y"] = random.normal(0, 1, 600)
    found = impute(frame, parse_formula("y ~ 1 + (1 | team)"), auxiliary=["kind"], m=50, random=random)
    drawn = found.drawn["kind"]
    of_team = team[lost]
    assert (drawn[:, of_team == 0] == 2).mean() > 0.9
    seen = pd.Series(kinds[~lost & (team > 0)]).value_counts(normalize=True).sort_index().to_numpy()
    shares = [(drawn[:, of_team > 0] == k).mean() for k in range(3)]
    assert shares == pytest.approx(seen, abs=0.03)
