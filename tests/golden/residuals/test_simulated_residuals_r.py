"""Simulated residuals against their definitions in base R, predicted effects against lme4 (data/glmm/make_residuals.R).

The simulated responses and the numbers that break ties are those of R, so nothing random is left: equal to 1e-9.
Effects are taken at the estimates of lme4, which stops a little short of the maximum: to 1e-5 of a standard error.
"""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from cpis_analysis.analyses.residuals.generalised import generalised_diagnostics
from cpis_analysis.analyses.residuals.ranks import distances, scaled_residuals, share_as_far, spreads, two_sided
from cpis_analysis.lmm import glmer
from cpis_analysis.lmm.generalised.laplace import Parameters

DATA = Path(__file__).parents[1] / "data" / "glmm"
EXPECTED = json.loads((DATA / "residuals.json").read_text())
RESPONSES, UNIFORM = np.array(EXPECTED["responses"], dtype=float), np.array(EXPECTED["uniform"])


def test_scaled_residuals_equal_those_of_r_and_are_near_dharma():
    found = scaled_residuals(RESPONSES, UNIFORM)
    np.testing.assert_allclose(found[:, :5], EXPECTED["residuals"], atol=1e-9)
    # DHARMa ranks among the simulated data sets alone
    assert np.abs(found[:, 0] - np.array(EXPECTED["dharma"])).max() <= 1 / RESPONSES.shape[1] + 1e-9


def test_statistics_and_their_p_values_equal_those_of_r():
    distance = distances(scaled_residuals(RESPONSES, UNIFORM))
    assert distance[0] == pytest.approx(EXPECTED["distance"], abs=1e-9)
    assert share_as_far(distance) == pytest.approx(EXPECTED["distance_p"], abs=1e-12)
    spread = spreads(RESPONSES, RESPONSES.mean(axis=1))
    assert spread[0] / spread[1:].mean() == pytest.approx(EXPECTED["dispersion"], abs=1e-9)
    assert two_sided(spread) == pytest.approx(EXPECTED["dispersion_p"], abs=1e-12)
    zeros = (RESPONSES == 0).sum(axis=0)
    assert zeros[0] / zeros[1:].mean() == pytest.approx(EXPECTED["zeros"], abs=1e-9)
    assert two_sided(zeros) == pytest.approx(EXPECTED["zeros_p"], abs=1e-12)


def test_predicted_effects_equal_those_of_lme4():
    frame = pd.read_csv(DATA / "slopes.csv")
    frame = frame.iloc[np.linspace(0, len(frame) - 1, 60).astype(int)].reset_index(drop=True)
    model = glmer("count ~ arm + t + (1 | site)", frame, family="poisson").model
    assert model.data.y.tolist() == RESPONSES[:, 0].tolist()
    beta = np.array([EXPECTED["coefficients"][name] for name in ("(Intercept)", "arm", "t")])
    at = Parameters(beta, np.array([EXPECTED["variance"]]), np.zeros(0))
    found = generalised_diagnostics(model, at, "nobody", np.arange(60), np.random.default_rng(1))
    effects = {row["label"]: row for row in found["random_effects"]}
    assert effects.keys() == EXPECTED["modes"].keys()
    for label, mode in EXPECTED["modes"].items():
        assert effects[label]["mode"] == pytest.approx(mode, abs=1e-5 * effects[label]["se"])
