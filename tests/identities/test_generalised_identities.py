"""Generalised linear mixed models: brute force, and identities that need no other program."""

from functools import cache

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from scipy.optimize import minimize
from scipy.special import expit, gammaln

from cpis_analysis.errors import ModelError
from cpis_analysis.lmm import glmer, refit_generalised
from cpis_analysis.lmm.generalised.families import FAMILIES
from cpis_analysis.lmm.generalised.laplace import find_mode, gradient, laplace
from cpis_analysis.lmm.generalised.outcome import Observed
from cpis_analysis.lmm.generalised.quadrature import quadrature_value


def frame_of(seed=5, n=90):
    rng = np.random.default_rng(seed)
    team = rng.integers(0, 9, n)
    frame = pd.DataFrame({
        "team": [f"t{t}" for t in team], "trust": [f"u{t // 3}" for t in team], "item": [f"i{k % 5}" for k in range(n)],
        "arm": team % 2, "x": rng.normal(0, 1, n), "m": 12,
    })  # fmt: skip
    eta = 0.2 + 0.5 * frame["arm"] + 0.4 * frame["x"] + rng.normal(0, 0.8, 9)[team]
    frame["event"] = rng.binomial(1, expit(eta))
    frame["count"] = rng.negative_binomial(2.0, 2.0 / (2.0 + np.exp(eta)))
    frame["sum"] = rng.binomial(12, rng.beta(4 * expit(eta), 4 * (1 - expit(eta))))
    frame["grade"] = np.digitize(eta + rng.logistic(size=n), [-1.0, 0.5, 2.0])
    return frame


FRAME = frame_of()
RANDOM = ("(1 | team)", "(1 | trust/team)", "(1 | team) + (1 | item)", "(1 + x | team)")
OUTCOMES = {
    "binomial": ("event", {}), "poisson": ("count", {}), "negative_binomial": ("count", {}),
    "beta_binomial": ("sum", {"trials": "m"}), "ordinal": ("grade", {}),
}  # fmt: skip


@cache
def fit_of(family, random, points=1):
    outcome, options = OUTCOMES[family]
    return glmer(f"{outcome} ~ arm + x + {random}", FRAME, family=family, quadrature=points, **options)


def log_density(family, y, eta, psi):
    """The textbook's, one row after the other, in other words than the engine's."""
    if family == "binomial":
        return stats.bernoulli.logpmf(y, expit(eta))
    if family == "poisson":
        return stats.poisson.logpmf(y, np.exp(eta))
    if family == "negative_binomial":
        return stats.nbinom.logpmf(y, psi[0], psi[0] / (psi[0] + np.exp(eta)))
    if family == "beta_binomial":
        p = expit(eta)
        return stats.betabinom.logpmf(y, 12, psi[0] * p, psi[0] * (1 - p))
    edges = np.concatenate([[-np.inf], psi, [np.inf]])
    return np.log(expit(edges[y.astype(int) + 1] - eta) - expit(edges[y.astype(int)] - eta))


def dense_likelihood(fit, beta, theta, psi):
    """Laplace approximation with dense matrices: mode by a general optimiser, curvature by differences."""
    model = fit.model
    family, y = model.family.name, model.data.y
    factors = model.effects.layout.factors(theta)
    Z = np.zeros((len(y), model.effects.size))
    loading = model.effects.loading(factors)
    for a in range(loading.zeta.shape[1]):
        Z[np.arange(len(y)), loading.index[:, a]] += loading.zeta[:, a]
    fixed = model.X @ beta

    def negative(u):
        return -(log_density(family, y, fixed + Z @ u, psi).sum() - 0.5 * u @ u)

    # the rows' curvature by differences of the textbook's density
    def rows(u, h=1e-4):
        eta = fixed + Z @ u
        up, here, down = (log_density(family, y, eta + d, psi) for d in (h, 0.0, -h))
        return (up - down) / (2 * h), (up - 2 * here + down) / h**2

    u = np.zeros(Z.shape[1])
    for _ in range(50):
        slope, curve = rows(u)
        step = np.linalg.solve(np.eye(len(u)) + Z.T @ (-curve[:, None] * Z), Z.T @ slope - u)
        while negative(u + step) > negative(u) + 1e-10 and np.abs(step).max() > 1e-9:
            step = step / 2
        u = u + step
        if np.abs(step).max() < 1e-8:
            break
    H = np.eye(len(u)) + Z.T @ (-rows(u)[1][:, None] * Z)
    return -negative(u) - 0.5 * np.linalg.slogdet(H)[1]


@pytest.mark.parametrize("family", sorted(OUTCOMES))
@pytest.mark.parametrize("random", RANDOM)
def test_log_likelihood_equals_a_dense_one_of_textbook_densities(family, random):
    fit = fit_of(family, random)
    at = fit.model.split(fit.maximum.x)
    psi = fit.own_parameters.to_numpy()
    assert fit.log_likelihood == pytest.approx(dense_likelihood(fit, at.beta, at.theta, psi), abs=2e-5)


def likelihood_at(fit, x, points=1):
    at = fit.model.split(x)
    mode = find_mode(fit.model, at)
    if points > 1:
        return quadrature_value(fit.model, at, mode, points)
    return laplace(mode), gradient(fit.model, at, mode)


@pytest.mark.parametrize(("random", "points"), [*((text, 1) for text in RANDOM), ("(1 | team)", 7)])
@pytest.mark.parametrize("family", sorted(OUTCOMES))
def test_gradient_equals_differences_of_the_likelihood(family, random, points):
    fit = fit_of(family, random, points)
    p, k = fit.model.X.shape[1], len(fit.model.effects.layout.entries)
    x = fit.maximum.x + np.random.default_rng(3).normal(0, 0.1, len(fit.maximum.x))
    x[p : p + k] = np.where(fit.model.effects.layout.bounded, np.abs(x[p : p + k]) + 0.1, x[p : p + k])
    slope = likelihood_at(fit, x, points)[1]
    steps = np.eye(len(x)) * 1e-5
    by_differences = [
        (likelihood_at(fit, x + h, points)[0] - likelihood_at(fit, x - h, points)[0]) / 2e-5 for h in steps
    ]
    assert slope == pytest.approx(by_differences, abs=1e-5 * np.abs(slope).max())


@pytest.mark.parametrize(("family", "scale"), [("binomial", 1.0), ("binomial", 1e4), ("ordinal", 1.0)])
def test_standard_errors_equal_the_curvature_by_brute_force(family, scale):
    """Fourth-order differences of the log-likelihood alone, in steps of a standard error."""
    outcome, options = OUTCOMES[family]
    frame = FRAME.assign(x=FRAME["x"] * scale + 3.0 * scale)
    fit = glmer(f"{outcome} ~ arm + x + (1 | team)", frame, family=family, **options)
    free = np.flatnonzero(~fit.maximum.at_bound)
    root = np.linalg.cholesky(fit.maximum.covariance[np.ix_(free, free)])

    def value(t):
        x = fit.maximum.x.copy()
        x[free] += root @ t
        return likelihood_at(fit, x)[0]

    # in directions of the covariance's root the information is the identity, if the covariance is right
    size, e = len(free), np.eye(len(free)) * 0.02
    found = np.empty((size, size))
    for i in range(size):
        for j in range(size):
            corners = value(e[i] + e[j]) - value(e[i] - e[j]) - value(-e[i] + e[j]) + value(-e[i] - e[j])
            wide = value(2 * e[i] + 2 * e[j]) - value(2 * e[i] - 2 * e[j])
            wide += value(-2 * e[i] - 2 * e[j]) - value(-2 * e[i] + 2 * e[j])
            found[i, j] = -(4.0 * corners / (4 * 0.02**2) - wide / (16 * 0.02**2)) / 3.0
    assert found == pytest.approx(np.eye(size), abs=2e-4)


def test_quadrature_equals_numerical_integration():
    fit = glmer("event ~ arm + (1 | team)", FRAME, family="binomial", quadrature=31)
    at = fit.model.split(fit.maximum.x)
    sd, codes = np.sqrt(at.theta[0]), fit.model.effects.parts[0].codes
    grid = np.linspace(-9, 9, 4001)
    total = 0.0
    for team in range(codes.max() + 1):
        rows = codes == team
        eta = (fit.model.X @ at.beta)[rows, None] + sd * grid
        log = stats.bernoulli.logpmf(fit.model.data.y[rows, None], expit(eta)).sum(axis=0)
        total += np.log(np.trapezoid(np.exp(log) * stats.norm.pdf(grid), grid))
    assert fit.log_likelihood == pytest.approx(total, abs=1e-8)


def test_one_point_of_quadrature_is_the_laplace_approximation():
    fit = fit_of("binomial", "(1 | team)")
    value, slope = likelihood_at(fit, fit.maximum.x, 1)
    at = fit.model.split(fit.maximum.x)
    found = quadrature_value(fit.model, at, find_mode(fit.model, at), 1)
    assert found[0] == pytest.approx(value, abs=1e-10)
    assert found[1] == pytest.approx(slope, abs=1e-8)


def test_without_variance_between_teams_it_is_a_logistic_regression():
    # every other person of a trust had the event: trusts are more alike than chance
    frame = FRAME.assign(event=FRAME.groupby("trust").cumcount() % 2)
    fit = glmer("event ~ arm + x + (1 | trust)", frame, family="binomial")
    assert fit.is_singular
    X = np.column_stack([np.ones(len(frame)), frame["arm"], frame["x"]])

    def negative(beta):
        return -stats.bernoulli.logpmf(frame["event"], expit(X @ beta)).sum()

    best = minimize(negative, np.zeros(3), method="BFGS", options={"gtol": 1e-9})
    assert fit.coefficients.to_numpy() == pytest.approx(best.x, abs=1e-6)
    p = expit(X @ best.x)
    errors = np.sqrt(np.diag(np.linalg.inv(X.T @ (X * (p * (1 - p))[:, None]))))
    assert fit.summary()["std_error"].to_numpy() == pytest.approx(errors, rel=1e-5)


def same(a, b, *, rel=1e-6, flip=1.0, terms=None):
    one, two = a.summary(), b.summary()
    for term in terms or one.index:
        assert one.loc[term, "estimate"] == pytest.approx(flip * two.loc[term, "estimate"], rel=rel, abs=1e-6)
        assert one.loc[term, "std_error"] == pytest.approx(two.loc[term, "std_error"], rel=10 * rel)


@pytest.mark.parametrize("family", sorted(OUTCOMES))
def test_order_of_rows_and_scale_of_a_covariate_change_nothing(family):
    outcome, options = OUTCOMES[family]
    formula = f"{outcome} ~ arm + x + (1 | trust/team)"
    fit = fit_of(family, "(1 | trust/team)")
    same(fit, glmer(formula, FRAME.sample(frac=1.0, random_state=1), family=family, **options))
    other = glmer(formula, FRAME.assign(x=FRAME["x"] * 1e6 - 4e6), family=family, **options)
    assert other.log_likelihood == pytest.approx(fit.log_likelihood, abs=1e-7)
    same(fit, other, terms=["arm"])
    assert other.coefficients["x"] * 1e6 == pytest.approx(fit.coefficients["x"], rel=1e-5)


def test_events_counted_as_trials_equal_single_answers():
    counted = FRAME.groupby(["team", "arm"], as_index=False).agg(event=("event", "sum"), trials=("event", "size"))
    one = glmer("event ~ arm + (1 | team)", FRAME, family="binomial")
    two = glmer("event ~ arm + (1 | team)", counted, family="binomial", trials="trials")
    same(one, two)
    ways = gammaln(counted["trials"] + 1) - gammaln(counted["event"] + 1)
    ways -= gammaln(counted["trials"] - counted["event"] + 1)
    assert two.log_likelihood - one.log_likelihood == pytest.approx(ways.sum(), abs=1e-7)


def test_rows_that_count_twice_equal_rows_that_stand_twice():
    frame = FRAME.assign(weight=np.where(np.arange(len(FRAME)) % 3 == 0, 2.0, 1.0))
    doubled = pd.concat([FRAME, FRAME.iloc[::3]])
    for family, (outcome, options) in OUTCOMES.items():
        formula = f"{outcome} ~ arm + (1 | team)"
        one = glmer(formula, frame, family=family, weights="weight", **options)
        two = glmer(formula, doubled, family=family, **options)
        same(one, two)
        assert one.log_likelihood == pytest.approx(two.log_likelihood, abs=1e-7)


def test_two_ordered_categories_are_a_logistic_model():
    ordered = glmer("event ~ arm + x + (1 | team)", FRAME, family="ordinal")
    binary = fit_of("binomial", "(1 | team)")
    same(ordered, binary, terms=["arm", "x"])
    assert ordered.own_parameters.iloc[0] == pytest.approx(-binary.coefficients["(Intercept)"], abs=1e-6)


def test_categories_in_the_other_order_turn_the_sign():
    formula = "grade ~ arm + x + (1 | team)"
    one = glmer(formula, FRAME, family="ordinal")
    two = glmer(formula, FRAME.assign(grade=3 - FRAME["grade"]), family="ordinal")
    same(one, two, flip=-1.0, terms=["arm", "x"])


def test_offset_moves_the_intercept_only():
    shifted = FRAME.assign(exposure=np.log(3.0))
    one = glmer("count ~ arm + (1 | team)", FRAME, family="poisson")
    two = glmer("count ~ arm + (1 | team)", shifted, family="poisson", offset="exposure")
    same(one, two, terms=["arm"])
    assert one.coefficients["(Intercept)"] - two.coefficients["(Intercept)"] == pytest.approx(np.log(3.0), abs=1e-6)


@pytest.mark.parametrize("name", sorted(FAMILIES))
def test_derivatives_of_a_family_equal_differences(name):
    family = FAMILIES[name]()
    rng = np.random.default_rng(2)
    n, h = 40, 1e-5
    y = rng.integers(0, 2 if name == "binomial" else 4, n).astype(float)
    data = Observed(y, np.full(n, 1.0 if name == "binomial" else 9.0), rng.uniform(0.5, 2.0, n), 4)
    psi, eta = family.start(data) + 0.1, rng.normal(0, 2, n)
    here, up, down = (family.at(data, eta + step, psi) for step in (0.0, h, -h))
    assert here.first == pytest.approx((up.log - down.log) / (2 * h), abs=1e-6)
    assert here.second == pytest.approx((up.first - down.first) / (2 * h), abs=1e-6)
    assert here.third == pytest.approx((up.second - down.second) / (2 * h), abs=1e-6)
    for column, step in enumerate(np.eye(len(psi)) * h):
        ahead, behind = family.at(data, eta, psi + step), family.at(data, eta, psi - step)
        own = family.own(data, eta, psi)
        for found, name_of in zip(own, ("log", "first", "second"), strict=True):
            by_differences = (getattr(ahead, name_of) - getattr(behind, name_of)) / (2 * h)
            assert found[:, column] == pytest.approx(by_differences, abs=1e-6)


@pytest.mark.parametrize(
    ("change", "options", "said"),
    [
        ({"event": 1}, {"family": "binomial"}, "does not vary"),
        ({"event": 2}, {"family": "binomial"}, "outside what is possible"),
        ({"event": 0.5}, {"family": "binomial"}, "other than 0 and 1"),
        ({"event": -1}, {"family": "poisson"}, "no counts"),
        ({"event": "yes"}, {"family": "binomial"}, "must be numbers"),
        ({"team": "t1"}, {"family": "binomial"}, "one level"),
        ({}, {"family": "gamma"}, "unknown family"),
        ({}, {"family": "beta_binomial"}, "needs its largest value"),
        ({}, {"family": "binomial", "trials": "tries"}, "no such column"),
    ],
)
def test_what_cannot_be_fitted_is_refused_in_words(change, options, said):
    with pytest.raises(ModelError, match=said):
        glmer("event ~ arm + (1 | team)", FRAME.assign(**change), **options)


@pytest.mark.parametrize("seed", [1, 3, 5])
def test_counts_that_vary_no_more_than_by_chance_are_refused_with_the_family_to_take(seed):
    rng = np.random.default_rng(seed)
    frame = FRAME.assign(count=rng.poisson(3.0, len(FRAME)))
    with pytest.raises(ModelError, match="family='poisson'"):
        glmer("count ~ arm + (1 | team)", frame, family="negative_binomial")


def test_rows_without_trials_or_offset_are_left_out():
    holes = FRAME.assign(m=FRAME["m"].astype(float).where(np.arange(len(FRAME)) > 4))
    fit = glmer("sum ~ arm + (1 | team)", holes, family="beta_binomial", trials="m")
    assert fit.n_obs == len(FRAME) - 5
    same(fit, glmer("sum ~ arm + (1 | team)", FRAME.iloc[5:], family="beta_binomial", trials="m"))


def test_result_names_its_parts_and_shows_no_rows():
    fit = fit_of("binomial", "(1 | trust/team)")
    assert list(fit.summary().columns) == ["estimate", "std_error", "statistic", "p_value", "ci_low", "ci_high"]
    assert list(fit.summary().index) == ["(Intercept)", "arm", "x"]
    assert list(fit.variance_components["group"]) == ["trust:team", "trust"]
    assert len(repr(fit)) < 300
    assert fit.n_groups == {"trust": 3, "trust:team": 9}


@pytest.mark.parametrize(
    ("family", "random", "points"),
    [
        ("binomial", "(1 | team)", 1), ("binomial", "(1 | trust/team)", 1), ("poisson", "(1 | trust/team)", 1),
        ("poisson", "(1 | team) + (1 | item)", 1), ("binomial", "(1 | team)", 7), ("ordinal", "(1 | team)", 1),
    ],
)  # fmt: skip
def test_refits_equal_single_fits(family, random, points):
    outcome = OUTCOMES[family][0]
    fit = fit_of(family, random, points)
    rng = np.random.default_rng(4)
    columns = [FRAME[outcome].to_numpy(), *(rng.permutation(FRAME[outcome].to_numpy()) for _ in range(3))]
    found = refit_generalised(fit, np.column_stack(columns))
    assert found.converged.all()
    for place, column in enumerate(columns):
        frame = FRAME.assign(**{outcome: column})
        one = glmer(f"{outcome} ~ arm + x + {random}", frame, family=family, quadrature=points)
        assert found.coefficients.iloc[place].to_numpy() == pytest.approx(one.coefficients.to_numpy(), abs=1e-6)
        errors = one.summary()["std_error"].to_numpy()[: len(one.terms)]
        assert found.std_errors.iloc[place].to_numpy() == pytest.approx(errors, rel=1e-4)
        assert found.log_likelihood[place] == pytest.approx(one.log_likelihood, abs=1e-8)
        variances = one.variance_components["variance"].to_numpy()[::-1]
        assert found.variances.iloc[place].to_numpy() == pytest.approx(variances, abs=1e-5)
        assert found.own.iloc[place].to_numpy() == pytest.approx(one.own_parameters.to_numpy(), abs=1e-6)


def test_refits_of_many_equal_refits_of_few_and_separation_gives_no_number():
    fit = fit_of("binomial", "(1 | trust/team)")
    rng = np.random.default_rng(6)
    Y = np.column_stack([*(rng.permutation(FRAME["event"].to_numpy()) for _ in range(50)), FRAME["arm"]])
    found = refit_generalised(fit, Y)
    assert not found.converged[-1]
    assert found.coefficients.iloc[-1].isna().all()
    assert np.isnan(found.log_likelihood[-1])
    again = refit_generalised(fit, Y[:, 49:])
    assert found.coefficients.iloc[49].to_numpy() == pytest.approx(again.coefficients.iloc[0].to_numpy(), abs=1e-9)
    assert found.converged[:-1].all()


@pytest.mark.parametrize(
    ("random", "responses", "said"),
    [
        ("(1 | team)", np.zeros((89, 2)), "shape"),
        ("(1 | team)", np.full((90, 2), 3.0), "can't have"),
    ],
)
def test_refits_refuse_what_they_cannot_do(random, responses, said):
    with pytest.raises(ModelError, match=said):
        refit_generalised(fit_of("binomial", random), responses)
    with pytest.raises(ModelError, match="can't have"):
        refit_generalised(fit_of("ordinal", random), np.ones((90, 1)))
