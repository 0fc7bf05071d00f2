"""Restricted pseudo-likelihood against a dense one, and identities."""

from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import minimize
from scipy.special import expit

from cpis_analysis.errors import ModelError
from cpis_analysis.lmm import glmer, pseudo_likelihood

DATA = Path(__file__).resolve().parents[1] / "golden" / "data" / "glmm"
FORMULA = "event ~ arm + age + (1 | trust/team)"


@cache
def frame_of(name):
    return pd.read_csv(DATA / f"{name}.csv")


def dense(y, X, groups, mean, rounds=40):
    """Wolfinger & O'Connell's rounds with dense matrices; variances by a general optimiser."""
    Z = [(codes[:, None] == np.unique(codes)).astype(float) for codes in groups]
    eta, variances = np.log((y + 0.5) / (1.5 - y)) if mean is expit else np.log(y + 0.5), np.full(len(Z), 0.5)
    for _ in range(rounds):
        mu = mean(eta)
        slope = mu * (1 - mu) if mean is expit else mu
        z = eta + (y - mu) / slope

        def pieces(variances, slope=slope):
            V = np.diag(1 / slope) + sum(v * part @ part.T for v, part in zip(variances, Z, strict=True))
            inside = np.linalg.inv(V)
            return V, inside, np.linalg.inv(X.T @ inside @ X)

        def restricted(log_variances, z=z, pieces=pieces):
            V, inside, cov = pieces(np.exp(log_variances))
            rest = z - X @ (cov @ X.T @ inside @ z)
            return 0.5 * (np.linalg.slogdet(V)[1] - np.linalg.slogdet(cov)[1] + rest @ inside @ rest)

        found = minimize(restricted, np.log(variances), method="L-BFGS-B", bounds=[(-18, 5)] * len(Z),
                         options={"ftol": 1e-14, "gtol": 1e-9})  # fmt: skip
        variances = np.exp(found.x)
        _, inside, cov = pieces(variances)
        beta = cov @ X.T @ inside @ z
        random = sum(v * part @ part.T for v, part in zip(variances, Z, strict=True))
        eta = X @ beta + random @ inside @ (z - X @ beta)
    return beta, np.sqrt(np.diag(cov)), variances


@pytest.mark.parametrize(("name", "outcome", "family"), [
    ("nested", "event", "binomial"), ("near_separation", "event", "binomial"), ("slopes", "count", "poisson"),
])  # fmt: skip
def test_coefficients_errors_and_variances_equal_a_dense_one(name, outcome, family):
    frame = frame_of(name)
    frame = frame.iloc[:96]
    group, second = ("site", "t") if name == "slopes" else ("team", "age")
    fit = pseudo_likelihood(f"{outcome} ~ arm + {second} + (1 | {group})", frame, family=family)
    X = np.column_stack([np.ones(len(frame)), frame["arm"], frame[second]])
    y = frame[outcome].to_numpy(dtype=float)
    beta, errors, variances = dense(y, X, [frame[group].to_numpy()], expit if family == "binomial" else np.exp)
    assert fit.coefficients.to_numpy() == pytest.approx(beta, abs=2e-5)
    assert fit.summary("z")["std_error"].to_numpy() == pytest.approx(errors, rel=1e-4)
    assert fit.variance_components["variance"].iloc[0] == pytest.approx(variances[0], abs=2e-5)


def test_known_residual_variance_is_no_parameter_of_kenward_roger():
    """A contrast between ten teams: about K - 2 degrees of freedom, as in a linear model."""
    frame = frame_of("nested")
    fit = pseudo_likelihood("event ~ arm + (1 | team)", frame, family="binomial")
    df = fit.summary("kenward-roger").loc["arm", "df"]
    assert 6.0 < df < 10.0
    assert fit.summary("kenward-roger").loc["arm", "std_error"] >= fit.summary("z").loc["arm", "std_error"] * 0.999


def test_without_variance_between_teams_it_is_the_likelihoods_fit():
    frame = frame_of("nested")
    frame = frame.assign(event=frame.groupby("trust").cumcount() % 2)
    one = pseudo_likelihood("event ~ arm + age + (1 | trust)", frame, family="binomial")
    two = glmer("event ~ arm + age + (1 | trust)", frame, family="binomial")
    assert one.is_singular
    assert one.coefficients.to_numpy() == pytest.approx(two.coefficients.to_numpy(), abs=1e-6)
    assert one.summary("z")["std_error"].to_numpy() == pytest.approx(two.summary()["std_error"].to_numpy(), rel=1e-5)


def test_events_among_trials_equal_single_answers_and_rows_may_stand_in_any_order():
    frame = frame_of("nested").assign(old=lambda f: f["age"] > 0)
    keys = ["trust", "team", "arm", "old"]
    counted = frame.groupby(keys, as_index=False).agg(event=("event", "sum"), m=("event", "size"))
    formula = "event ~ arm + old + (1 | trust/team)"
    one = pseudo_likelihood(formula, frame.sample(frac=1, random_state=2), family="binomial")
    two = pseudo_likelihood(formula, counted, family="binomial", trials="m")
    assert one.coefficients.to_numpy() == pytest.approx(two.coefficients.to_numpy(), abs=1e-6)
    assert one.vcov("z").to_numpy() == pytest.approx(two.vcov("z").to_numpy(), rel=1e-4)


def test_offset_moves_the_intercept_only():
    frame = frame_of("slopes").assign(exposure=np.log(4.0))
    one = pseudo_likelihood("count ~ arm + (1 | site)", frame, family="poisson")
    two = pseudo_likelihood("count ~ arm + (1 | site)", frame, family="poisson", offset="exposure")
    assert one.coefficients["arm"] == pytest.approx(two.coefficients["arm"], abs=1e-7)
    assert one.coefficients["(Intercept)"] - two.coefficients["(Intercept)"] == pytest.approx(np.log(4.0), abs=1e-7)


def test_separation_and_other_families_are_refused():
    frame = frame_of("nested")
    with pytest.raises(ModelError, match="separation"):
        pseudo_likelihood(FORMULA, frame.assign(event=frame["arm"]), family="binomial")
    with pytest.raises(ModelError, match="separation"):
        glmer(FORMULA, frame.assign(event=frame["arm"]), family="binomial")
    with pytest.raises(ModelError, match="binomial, poisson"):
        pseudo_likelihood("event ~ arm + (1 | team)", frame, family="negative_binomial")
