"""Generalised linear mixed models against glmmTMB, lme4 and ordinal (data/glmm/make_reference.R).

Held: coefficients to 1e-4 of their standard error, standard errors to 1e-4, and a log-likelihood that is never lower by
more than 1e-6. Where the references' own standard errors are rougher (differences in badly scaled columns, or at a zero
variance; `wine`), `LOOSE` says how much is allowed; tests/identities/test_generalised_identities.py has some by force.
"""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from cpis_analysis.lmm import glmer

pytestmark = pytest.mark.thorough

DATA = Path(__file__).parents[1] / "data" / "glmm"
EXPECTED = json.loads((DATA / "expected.json").read_text())

LOOSE = {"contraception": 2e-4, "ordinal": 5e-4, "wine": 2e-2}

TRIAL = "~ arm * wave + (1 | team) + (1 | id)"
CASES = {
    "nested": ("event ~ arm + age + (1 | trust) + (1 | team)", "nested", {"family": "binomial"}),
    "singular": ("event ~ arm + age + (1 | team)", "singular", {"family": "binomial"}),
    "near_separation": ("event ~ arm + age + (1 | team)", "near_separation", {"family": "binomial"}),
    "crossed": ("solved ~ group + (1 | person) + (1 | item)", "crossed", {"family": "binomial"}),
    "negative_binomial": (
        "visits ~ arm + (1 | trust) + (1 | team)", "negative_binomial",
        {"family": "negative_binomial", "offset": "log_time"},
    ),
    "poisson_slopes": ("count ~ arm + t + (1 + t | site)", "slopes", {"family": "poisson"}),
    "bounded_sum": ("score ~ arm + age + (1 | team)", "bounded_sum", {"family": "beta_binomial", "trials": "largest"}),
    "contraception": (
        "use ~ age + age2 + urban + livch + (1 | district)", "Contraception", {"family": "binomial"},
    ),
    "cbpp": ("y ~ period + (1 | herd)", "cbppbern", {"family": "binomial"}),
    "grouse": (
        "TICKS ~ YEAR + cHEIGHT + (1 | LOCATION) + (1 | BROOD) + (1 | INDEX)", "grouseticks", {"family": "poisson"},
    ),
    "trial_binary": (f"bin {TRIAL}", "trialglmm", {"family": "binomial"}),
    "trial_count": (f"cnt {TRIAL}", "trialglmm", {"family": "negative_binomial"}),
    "nested_quadrature": ("event ~ arm + age + (1 | team)", "nested", {"family": "binomial", "quadrature": 25}),
    "cbpp_quadrature": ("y ~ period + (1 | herd)", "cbppbern", {"family": "binomial", "quadrature": 9}),
    "ordinal": ("better ~ arm + age + (1 | trust) + (1 | team)", "ordinal", {"family": "ordinal"}),
    "wine": ("rating ~ temp + contact + (1 | judge)", "wine", {"family": "ordinal"}),
    "wine_quadrature": (
        "rating ~ temp + contact + (1 | judge)", "wine", {"family": "ordinal", "quadrature": 10},
    ),
    "trial_ordinal": (f"ord {TRIAL}", "trialglmm", {"family": "ordinal"}),
}  # fmt: skip


def fitted(name):
    formula, file, options = CASES[name]
    frame = pd.read_csv(DATA / f"{file}.csv")
    if options.get("offset") == "log_time":
        frame["log_time"] = np.log(frame["time"])
    return glmer(formula, frame, **options)


@pytest.mark.parametrize("name", sorted(CASES))
def test_fit_equals_the_reference(name):
    fit, expected = fitted(name), EXPECTED[name]
    found = fit.summary()
    if fit.labels:
        # ordinal puts thresholds first
        steps = len(fit.labels) - 1
        found = pd.concat([found.iloc[-steps:], found.iloc[:-steps]])
    error = np.array(expected["std_error"])
    assert np.abs((found["estimate"] - expected["estimate"]) / error).max() < 1e-4
    assert np.abs(found["std_error"] / error - 1.0).max() < LOOSE.get(name, 1e-4)
    assert fit.log_likelihood > expected["log_likelihood"] - 1e-6
    if "dispersion" in expected and len(fit.own_parameters):
        assert fit.own_parameters.iloc[0] == pytest.approx(expected["dispersion"], rel=1e-4)
    assert fit.converged
