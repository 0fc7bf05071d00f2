"""Quadrature over two nested random intercepts against integrals on a fine grid, and against that over one."""

import itertools

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from scipy.special import expit, logsumexp

from cpis_analysis.errors import ModelError
from cpis_analysis.lmm import glmer
from cpis_analysis.lmm.generalised.laplace import find_mode
from cpis_analysis.lmm.generalised.nested_quadrature import lay_nodes, nested_value
from cpis_analysis.lmm.generalised.quadrature import quadrature_value

GRID = np.linspace(-8.0, 8.0, 121)


def frame_of():
    rng = np.random.default_rng(8)
    trust, team = np.repeat(np.arange(6), 15), np.repeat(np.arange(18), 5)
    frame = pd.DataFrame({"trust": [f"u{k}" for k in trust], "team": [f"t{k}" for k in team]})
    frame["x"] = rng.normal(size=90)
    eta = 0.3 * frame["x"] + rng.normal(0, 1.2, 6)[trust] + rng.normal(0, 1.4, 18)[team]
    frame["event"] = rng.binomial(1, expit(eta))
    frame["count"] = rng.negative_binomial(1.5, 1.5 / (1.5 + np.exp(0.8 * eta)))
    return frame.assign(grade=np.digitize(eta + rng.logistic(size=90), [-1.0, 1.0]))


FRAME = frame_of()
OUTCOMES = {"event": "binomial", "count": "negative_binomial", "grade": "ordinal"}


def log_density(family, y, eta, psi):
    if family == "binomial":
        return stats.bernoulli.logpmf(y, expit(eta))
    if family == "negative_binomial":
        return stats.nbinom.logpmf(y, psi[0], psi[0] / (psi[0] + np.exp(eta)))
    edges = np.concatenate([[-np.inf], psi, [np.inf]])
    return np.log(expit(edges[y.astype(int) + 1] - eta) - expit(edges[y.astype(int)] - eta))


def on_a_grid(fit):
    """Every integral by the trapezoidal rule, which for such functions is exact to rounding."""
    model, at = fit.model, fit.model.split(fit.maximum.x)
    outer, inner = model.effects.parts
    log_weight = stats.norm.logpdf(GRID) + np.log(GRID[1] - GRID[0])
    total = 0.0
    for trust in range(outer.n_groups):
        of_trust = log_weight.copy()
        for team in np.unique(inner.codes[outer.codes == trust]):
            rows = inner.codes == team
            fixed = (model.X @ at.beta + model.offset)[rows]
            eta = fixed[:, None, None] + np.sqrt(at.theta[0]) * GRID[:, None] + np.sqrt(at.theta[1]) * GRID
            y = np.broadcast_to(model.data.y[rows, None, None], eta.shape)
            log = log_density(model.family.name, y, eta, fit.own_parameters.to_numpy()).sum(axis=0)
            of_trust += logsumexp(log + log_weight, axis=1)
        total += logsumexp(of_trust)
    return total


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_log_likelihood_equals_integrals_on_a_grid(outcome):
    fit = glmer(f"{outcome} ~ x + (1 | trust/team)", FRAME, family=OUTCOMES[outcome], quadrature=25)
    assert (fit.variance_components["variance"] > 0.1).all()
    assert fit.log_likelihood == pytest.approx(on_a_grid(fit), abs=3e-6)
    laplace = glmer(f"{outcome} ~ x + (1 | trust/team)", FRAME, family=OUTCOMES[outcome])
    assert abs(laplace.log_likelihood - on_a_grid(laplace)) > 1e-3


def test_maximum_is_that_of_the_integral():
    """Small steps away from it, on the grid."""
    fit = glmer("event ~ x + (1 | trust/team)", FRAME, family="binomial", quadrature=25)
    best = on_a_grid(fit)
    errors, information = np.sqrt(np.diag(fit.maximum.covariance)), np.diag(np.linalg.inv(fit.maximum.covariance))
    for place, sign in itertools.product((1, 2), (-1.0, 1.0)):
        x = fit.maximum.x.copy()
        x[place] += sign * 0.02 * errors[place]
        kept = fit.maximum.x.copy()
        fit.maximum.x[:] = x
        # the information says by how much it falls
        fall = 0.5 * (0.02 * errors[place]) ** 2 * information[place]
        assert best - on_a_grid(fit) == pytest.approx(fall, rel=0.05, abs=1e-7)
        fit.maximum.x[:] = kept


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_gradient_equals_differences_at_points_that_stay(outcome):
    fit = glmer(f"{outcome} ~ x + (1 | trust/team)", FRAME, family=OUTCOMES[outcome])
    x = fit.maximum.x + 0.05
    nodes = lay_nodes(fit.model, fit.maximum.x, 5)
    slope = nested_value(fit.model, x, nodes)[1]
    for place, step in enumerate(np.eye(len(x)) * 1e-6):
        change = nested_value(fit.model, x + step, nodes)[0] - nested_value(fit.model, x - step, nodes)[0]
        assert slope[place] == pytest.approx(change / 2e-6, abs=1e-5 * np.abs(slope).max())


def test_without_variance_between_outer_groups_it_is_quadrature_over_the_inner_ones():
    two = glmer("event ~ x + (1 | trust/team)", FRAME, family="binomial").model
    one = glmer("event ~ x + (1 | team)", FRAME, family="binomial").model
    x = np.array([0.1, 0.4, 0.0, 1.3])
    at = one.split(x[[0, 1, 3]])
    expected = quadrature_value(one, at, find_mode(one, at), 21)[0]
    assert nested_value(two, x, lay_nodes(two, x, 21))[0] == pytest.approx(expected, abs=1e-7)


def test_terms_that_are_not_nested_have_no_rule():
    with pytest.raises(ModelError, match="two random intercepts that are nested"):
        glmer(
            "event ~ x + (1 | team) + (1 | item)",
            FRAME.assign(item=["a", "b", "c"] * 30),
            family="binomial",
            quadrature=5,
        )
