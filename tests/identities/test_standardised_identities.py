"""Standardised risks and means: integrals by brute force, derivatives by differences, what zero effects get wrong."""

from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import integrate, stats
from scipy.special import expit, logit

from cpis_analysis.errors import ModelError
from cpis_analysis.lmm import glmer, standardised
from cpis_analysis.lmm.generalised.standardised import _mean

DATA = Path(__file__).resolve().parents[1] / "golden" / "data" / "glmm"


@cache
def binary(random="(1 | trust/team)"):
    frame = pd.read_csv(DATA / "nested.csv").assign(group=lambda f: np.where(f["arm"] == 1, "new", "as usual"))
    return frame, glmer(f"event ~ group + age + {random}", frame, family="binomial")


def test_risks_equal_integrals_over_the_random_effects():
    frame, fit = binary()
    found = standardised(fit, "group").means
    at = fit.model.split(fit.maximum.x)
    sd = np.sqrt(at.theta.sum())
    intercept, effect, age = fit.coefficients
    for level, arm in (("as usual", 0), ("new", 1)):
        risks = [
            integrate.quad(lambda b, eta=eta: expit(eta + b) * stats.norm.pdf(b, 0, sd), -12, 12)[0]
            for eta in intercept + effect * arm + age * frame["age"]
        ]
        assert found.loc[level, "estimate"] == pytest.approx(np.mean(risks), abs=1e-7)


def test_risks_at_zero_effects_lie_elsewhere():
    """The teams differ by 1.04 on the logit scale: the difference of risks at zero is a tenth too large."""
    frame, fit = binary()
    intercept, effect, age = fit.coefficients
    at_zero = expit(intercept + effect + age * frame["age"]).mean() - expit(intercept + age * frame["age"]).mean()
    true = standardised(fit, "group").comparisons.loc[("new", "as usual", "difference"), "estimate"]
    assert at_zero / true > 1.1


@pytest.mark.parametrize("random", ["(1 | trust/team)", "(1 + age | team)"])
def test_standard_errors_are_those_of_the_delta_method(random):
    frame, fit = binary(random)
    X = fit.model.X.copy()
    X[:, 1] = 1.0
    slope = _mean(fit, X, fit.model.effects.z)[1]
    moved = []
    for step in np.eye(len(slope)) * 1e-6:
        ends = []
        for sign in (1, -1):
            x = fit.maximum.x.copy()
            x[: len(step)] += sign * step
            at = fit.model.split(x)
            zeta = fit.model.effects.loading(fit.model.effects.layout.factors(at.theta)).zeta
            grid = np.linspace(-9, 9, 3001)
            spread = np.sqrt((zeta**2).sum(axis=1))[:, None] * grid
            ends.append(np.trapezoid(expit((X @ at.beta)[:, None] + spread) * stats.norm.pdf(grid), grid).mean())
        moved.append((ends[0] - ends[1]) / 2e-6)
    # a variance at zero has a slope from above only
    free = ~fit.maximum.at_bound[: len(slope)]
    assert slope[free] == pytest.approx(np.array(moved)[free], abs=1e-6)
    error = standardised(fit, "group").means.loc["new", "std_error"]
    size = len(slope)
    assert error == pytest.approx(np.sqrt(slope @ fit.maximum.covariance[:size, :size] @ slope), rel=1e-10)
    assert len(frame) == fit.n_obs


def test_measures_agree_with_each_other_and_with_the_degrees_of_freedom():
    _, fit = binary()
    found = standardised(fit, "group", df=8.0)
    usual, new = found.means["estimate"]
    by = found.comparisons.xs(("new", "as usual"), level=("level", "reference"))
    assert by.loc["difference", "estimate"] == pytest.approx(new - usual)
    assert by.loc["ratio", "estimate"] == pytest.approx(new / usual)
    assert np.log(by.loc["odds_ratio", "estimate"]) == pytest.approx(logit(new) - logit(usual))
    wide = standardised(fit, "group").comparisons["ci_high"] - standardised(fit, "group").comparisons["ci_low"]
    assert (found.comparisons["ci_high"] - found.comparisons["ci_low"] > wide).all()
    assert ((by["p_value"] < 0.05) == (by["ci_low"] > [0, 1, 1])).all()
    turned = standardised(fit, "group", values=["new", "as usual"]).comparisons
    assert turned.loc[("as usual", "new", "ratio"), "estimate"] == pytest.approx(1 / by.loc["ratio", "estimate"])


def test_counts_have_means_in_closed_form():
    frame = pd.read_csv(DATA / "slopes.csv")
    fit = glmer("count ~ arm + t + (1 + t | site)", frame, family="poisson")
    found = standardised(fit, "arm")
    sites = fit.model.effects
    S = (lambda L: L @ L.T)(sites.layout.factors(fit.model.split(fit.maximum.x).theta)[0])
    z = np.column_stack([np.ones(len(frame)), frame["t"]])
    spread = np.einsum("ni,ij,nj->n", z, S, z)
    usual = np.exp(fit.coefficients["(Intercept)"] + fit.coefficients["t"] * frame["t"] + spread / 2).mean()
    assert found.means["estimate"].iloc[0] == pytest.approx(usual, rel=1e-9)
    ratio = found.comparisons.loc[("1.0", "0.0", "ratio")]
    # without an interaction the ratio of means is the ratio within a site, with its standard error
    assert np.log(ratio["estimate"]) == pytest.approx(fit.coefficients["arm"], abs=1e-9)
    assert ratio["std_error"] == pytest.approx(fit.summary().loc["arm", "std_error"], rel=1e-6)
    assert "odds_ratio" not in found.comparisons.index.get_level_values("measure")


def test_what_cannot_be_standardised_is_refused():
    _, fit = binary()
    for name, values, said in (("trust", None, "no such variable"), ("age", None, "more than two values"),
                               ("group", ["old"], "no such level")):  # fmt: skip
        with pytest.raises(ModelError, match=said):
            standardised(fit, name, values=values)
