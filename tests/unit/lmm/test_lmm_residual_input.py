"""Residual covariances: what is refused and how it is said, what simulation gives, what fits can't be asked."""

import pickle

import numpy as np
import pandas as pd
import pytest

from cpis_analysis.errors import ModelError
from cpis_analysis.lmm import (
    bootstrap_test,
    cluster_jackknife,
    cluster_robust,
    coefficients_at_fit,
    likelihood_grid,
    likelihood_ratio_test,
    lmer,
    nearly_optimal,
    predict,
    refit,
    simulate,
    variance_intervals,
)

WITHIN = {"within": "pid", "occasion": "visit"}


@pytest.fixture(scope="module")
def frame():
    rng = np.random.default_rng(5)
    n, T = 60, 3
    S = 0.5 + 0.5 * np.eye(T)
    frame = pd.DataFrame({"pid": np.repeat(np.arange(n), T), "visit": np.tile(["a", "b", "c"], n)})
    frame["team"] = frame["pid"] // 6
    frame["arm"] = np.where(frame["team"] % 2, "new", "old")
    frame["y"] = rng.multivariate_normal(np.zeros(T), S, n).ravel() + 0.5 * rng.normal(size=10)[frame["team"]]
    return frame[rng.random(len(frame)) > 0.1].reset_index(drop=True)


@pytest.fixture(scope="module")
def fit(frame):
    return lmer("y ~ arm + visit + (1 | team)", frame, residual="unstructured", **WITHIN)


def refused(frame, formula="y ~ arm", **options):
    chosen = {"residual": "unstructured", **WITHIN, **options}
    with pytest.raises(ModelError) as caught:
        lmer(formula, frame, **chosen)
    return "\n".join(str(problem) for problem in caught.value.problems)


def test_options_that_do_not_fit_together_are_named(frame):
    assert "unstructured" in refused(frame, residual="unstructred")
    text = refused(frame, within=None, occasion=None)
    assert "within" in text
    assert "occasion" in text
    assert "take no such option" in refused(frame, residual="independent")
    assert "did you mean 'visit'" in refused(frame, occasion="visits")
    assert "which 'residual_by' names" in refused(frame, residual_by="group")
    assert "not offered" in refused(frame, weights=np.ones(len(frame)))
    assert "not offered" in refused(frame, residual_variance=1.0)
    assert "below zero" in refused(frame, bounded=False)


def test_rows_that_repeat_an_occasion_name_their_persons(frame):
    text = refused(pd.concat([frame, frame.iloc[[0, 40]]]))
    assert "more than one row of a person at the same visit" in text
    assert "[2 times]" in text
    assert all(str(frame["pid"][row]) in text for row in (0, 40))


def test_covariances_that_nobody_tells_are_named(frame):
    apart = frame[(frame["visit"] != "c") | (frame["pid"] % 2 == 0)]
    apart = apart[(apart["visit"] != "a") | (apart["pid"] % 2 == 1)]
    text = refused(apart)
    assert "nobody was seen at both visit[a] and visit[c]" in text
    assert "visit[b]" not in text
    # other structures can tell it
    assert lmer("y ~ arm", apart, residual="ar1", **WITHIN).converged
    assert "distance 2" in refused(apart, residual="toeplitz")
    assert "one occasion only" in refused(frame[frame["visit"] == "a"])
    once = frame.groupby("pid").head(1)
    assert "nobody was seen more than once" in refused(once, residual="compound-symmetry")


def test_groups_of_residuals_that_change_or_are_too_small_are_named(frame):
    assert "'visit' differs between the rows of a person" in refused(frame, residual_by="visit")
    lone = frame.assign(arm=np.where(frame["pid"] == frame["pid"][0], "third", frame["arm"]))
    assert "fewer than two persons in arm[third]" in refused(lone, residual_by="arm")


def test_a_person_effect_beside_a_whole_covariance_is_refused(frame):
    assert "cannot be told" in refused(frame, "y ~ arm + (1 | pid)")
    assert lmer("y ~ arm + (1 | pid)", frame, residual="ar1", **WITHIN).converged


def test_a_visit_that_repeats_another_has_no_numbers(frame):
    wide = frame.pivot(index="pid", columns="visit", values="y").dropna()
    wide["b"] = 2.0 * wide["a"]
    long = wide.stack().rename("y").reset_index()
    with pytest.raises(ModelError, match="could not be fitted"):
        lmer("y ~ visit", long, residual="unstructured", **WITHIN)


def test_rows_without_person_or_occasion_are_counted(frame):
    holes = frame.astype({"pid": float})
    holes.loc[[3, 8], "pid"] = np.nan
    holes.loc[5, "visit"] = None
    fit = lmer("y ~ arm", holes, residual="ar1", **WITHIN)
    assert fit.n_dropped == 3
    assert "pid 2" in fit.messages[0]
    assert "visit 1" in fit.messages[0]


def test_order_of_rows_does_not_matter(frame, fit):
    shuffled = lmer(
        "y ~ arm + visit + (1 | team)", frame.sample(frac=1.0, random_state=1), residual="unstructured", **WITHIN
    )
    np.testing.assert_allclose(shuffled.summary(), fit.summary(), rtol=1e-7)


def test_fit_shows_its_residuals_and_no_row(fit, frame):
    text = repr(fit)
    assert "unstructured residuals within pid over visit" in text
    assert "visit[b]" in text
    assert not any(f"{value:.5g}" in text for value in frame["y"])
    label, covariance = fit.residual_covariances[0]
    assert label == ""
    np.testing.assert_allclose(np.diag(covariance), fit.variance_components["variance"].iloc[1:])
    assert pickle.loads(pickle.dumps(fit)).log_likelihood == fit.log_likelihood
    assert fit.n_parameters == 4 + 1 + 6
    assert 0.0 < fit.icc["team"] < 1.0
    np.testing.assert_allclose(predict(fit, frame), fit.fitted())


def test_simulated_responses_have_the_covariance_of_the_fit(fit):
    Y = simulate(fit, 20_000, seed=2)
    design = fit.design
    rows = [np.flatnonzero(design.residual.person == person) for person in range(8)]
    whole = next(one for one in rows if len(one) == 3)
    expected = fit.residual_matrices[0] + fit.variance_parameters[0]
    np.testing.assert_allclose(np.cov(Y[whole]), expected, atol=0.08 * fit.sigma2)
    with pytest.raises(ModelError, match="more than one variance"):
        simulate(fit, 1, seed=2, sigma2=1.0)


QUESTIONS = {
    "refit": lambda fit, frame: refit(fit, np.zeros((fit.n_obs, 2))),
    "bootstrap": lambda fit, frame: bootstrap_test(fit, {"arm[old]": 1}, n=10, seed=1),
    "grid": lambda fit, frame: likelihood_grid(fit, frame["y"].to_numpy(), np.ones((1, 1))),
    "intervals": lambda fit, frame: variance_intervals(fit),
    "robust": lambda fit, frame: cluster_robust(fit, "team"),
    "jackknife": lambda fit, frame: cluster_jackknife(fit, "team"),
    "other rows": lambda fit, frame: coefficients_at_fit(fit, frame, frame[["y"]].to_numpy()),
    "nearly optimal": lambda fit, frame: nearly_optimal(fit, "arm[old]"),
}


@pytest.mark.parametrize("question", QUESTIONS)
def test_questions_for_plain_residuals_are_refused(question, fit, frame):
    with pytest.raises(ModelError) as caught:
        QUESTIONS[question](fit, frame)
    assert "unstructured residuals within pid over visit" in str(caught.value)


def test_structures_that_are_no_cases_of_each_other_are_not_compared(frame):
    one = lmer("y ~ arm", frame, residual="ar1", **WITHIN)
    other = lmer("y ~ arm", frame, residual="compound-symmetry", **WITHIN)
    with pytest.raises(ModelError, match="no case of the larger"):
        likelihood_ratio_test(one, other)
