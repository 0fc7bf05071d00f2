"""The same fits by the package glmm, where it is installed: a second opinion beside the stored numbers of R."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from cpis_analysis.lmm import glmer

DATA = Path(__file__).parents[1] / "data" / "glmm"
CASES = {
    "nested": ("event ~ arm + age + (1 | trust) + (1 | team)", "nested", "binomial"),
    "singular": ("event ~ arm + age + (1 | team)", "singular", "binomial"),
    "crossed": ("solved ~ group + (1 | person) + (1 | item)", "crossed", "binomial"),
    "grouse": (
        "TICKS ~ YEAR + cHEIGHT + (1 | LOCATION) + (1 | BROOD) + (1 | INDEX)", "grouseticks", "poisson",
    ),
    "trial_count": ("cnt ~ arm * wave + (1 | team) + (1 | id)", "trialglmm", "negative_binomial"),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_log_likelihood_is_not_below_that_of_the_peer_and_coefficients_are_the_same(name):
    peer = pytest.importorskip("glmm")
    formula, file, family = CASES[name]
    frame = pd.read_csv(DATA / f"{file}.csv")
    for column in ("LOCATION", "BROOD", "INDEX", "id"):
        if column in frame:
            frame[column] = "g" + frame[column].astype(str)
    ours = glmer(formula, frame, family=family)
    theirs = peer.fit(frame, formula, family={"negative_binomial": "negativebinomial"}.get(family, family))
    assert ours.log_likelihood > theirs.loglik - 1e-6
    estimates = np.asarray(theirs.beta, dtype=float)
    errors = ours.summary()["std_error"].to_numpy()
    assert np.abs((ours.coefficients.to_numpy() - estimates) / errors).max() < 2e-2
