"""Penalised fits of outcomes that separate, against Firth's regression by brglm2 (data/glmm/make_penalised.R).

The references know no random effects: groups here differ less than chance would have them differ, so their variance is
estimated as zero, and the model is the same. The Python package firthmodels 0.8.2 gives the first one as well.
"""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from cpis_analysis.lmm import glmer

DATA = Path(__file__).parents[1] / "data" / "glmm"
EXPECTED = json.loads((DATA / "penalised.json").read_text())


def frame_of(name):
    frame = pd.read_csv(DATA / "singular.csv")
    if name == "told_by_covariates":
        frame["event"] = (frame["age"] + frame["arm"] > 0.5).astype(int)
    else:
        frame["event"] = frame["event"] * frame["arm"]
    frame["count"] = frame["event"] * (1 + 2 * (frame["age"] > 0))
    outcome = "count" if name == "no_count_in_an_arm" else "event"
    frame = frame.sort_values(["arm", outcome, "age"])
    return outcome, frame.assign(half=[f"h{k}" for k in frame.groupby(["arm", outcome]).cumcount() % 2])


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_penalised_fit_equals_the_reference(name):
    outcome, frame = frame_of(name)
    family = "poisson" if outcome == "count" else "binomial"
    fit = glmer(f"{outcome} ~ arm + age + (1 | half)", frame, family=family, separation="penalise")
    assert fit.is_singular
    assert "no finite estimate" in fit.messages[0]
    found, expected = fit.summary(), EXPECTED[name]
    error = np.array(expected["std_error"])
    assert np.abs((found["estimate"] - expected["estimate"]) / error).max() < 1e-5
    assert found["std_error"].to_numpy() == pytest.approx(error, rel=1e-5)
    assert fit.log_likelihood == pytest.approx(expected["log_likelihood"], abs=1e-5)
