"""Outcomes completed by predictions and shifted by arm: lme4 with its variances held fixed (data/lmm/make_shifts.R).

Tolerances: the engine and lme4 find variances that differ in the ninth digit, and the coefficients by less.
"""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from cpis_analysis.lmm import coefficients_at_fit, lmer, ols

DATA = Path(__file__).parents[1] / "data" / "lmm"
CASES = json.loads((DATA / "shifts.json").read_text())["cases"]


def trial(lost):
    frame = pd.read_csv(DATA / "data" / "trialancova.csv")
    team, trust = (pd.factorize(frame[name], sort=True)[0] + 1 for name in ("team", "trust"))
    frame["spread"] = frame["y1"] + 4 * np.sin(team) + 3 * np.cos(2 * trust)
    missing = frame.index.isin(np.array(lost) - 1)
    return frame, missing


@pytest.mark.parametrize("name", sorted(CASES))
def test_shift_of_missing_outcomes_matches_lme4_at_fixed_theta(name):
    case = CASES[name]
    frame, missing = trial(case["lost"])
    response = case["formula"].split(" ~ ")[0]
    seen = frame.assign(**{response: frame[response].mask(missing)})
    fit = (lmer if "|" in case["formula"] else ols)(case["formula"], seen)
    np.testing.assert_allclose(fit.coefficients, case["mar"], rtol=2e-6)
    arms = np.array([missing & (frame["arm"] == 0), missing & (frame["arm"] == 1)], dtype=float).T
    per_point = coefficients_at_fit(fit, frame, arms)
    for key, shift in (("reference", (-5, 0)), ("other", (0, 3)), ("both", (-5, 3))):
        if key in case:
            np.testing.assert_allclose(fit.coefficients + per_point @ shift, case[key], rtol=2e-6)
