"""Probabilities of follow-up: what a model in each arm is the same as, and what it can tell that one slope can't."""

import numpy as np
import pandas as pd
import pytest

from cpis_analysis.analyses.missing_values.weighting import follow_up_probabilities


@pytest.fixture(scope="module")
def people():
    """Arms in one of which those low in x are lost, and of a third code everybody is kept."""
    random = np.random.default_rng(8)
    arm = np.repeat(["c", "i", "k"], [90, 60, 10])
    x = random.normal(0, 1, 160)
    kept = (random.random(160) < np.where(arm == "c", 1 / (1 + np.exp(-0.3 - 1.5 * x)), 0.7)) | (arm == "k")
    return pd.DataFrame({"arm": pd.Categorical(arm), "x": x, "g": random.choice(["f", "m"], 160)}), kept


def test_by_arm_is_a_model_in_each_arm_and_the_one_with_all_interactions(people):
    frame, kept = people
    found = follow_up_probabilities(frame, kept, ("x", "g"), by="arm")
    for arm in ("c", "i"):
        own = (frame["arm"] == arm).to_numpy()
        alone = follow_up_probabilities(frame[own].reset_index(drop=True), kept[own], ("x", "g"))
        np.testing.assert_allclose(found[own], alone, rtol=1e-10)
    # Jeffreys' prior of the model with all interactions is the product of those of the arms
    two = (frame["arm"] != "k").to_numpy()
    crossed = frame[two].assign(t=(frame["arm"] == "i").astype(float), m=(frame["g"] == "m").astype(float))
    crossed = crossed.assign(tx=crossed["t"] * crossed["x"], tm=crossed["t"] * crossed["m"])
    joint = follow_up_probabilities(crossed, kept[two], ("t", "x", "m", "tx", "tm"))
    np.testing.assert_allclose(found[two], joint, rtol=1e-7)
    assert (found[~two] == 1.0).all()


def test_by_arm_recovers_probabilities_that_one_slope_can_not_tell():
    random = np.random.default_rng(4)
    reference, x = np.arange(20_000) % 2 == 0, random.normal(0, 1, 20_000)
    true = np.where(reference, 1 / (1 + np.exp(-0.3 - 1.5 * x)), 0.7)
    frame = pd.DataFrame({"arm": np.where(reference, "c", "i"), "x": x})
    kept = random.random(20_000) < true
    assert np.abs(follow_up_probabilities(frame, kept, ("x",), by="arm") - true).max() < 0.05
    assert np.abs(follow_up_probabilities(frame, kept, ("arm", "x")) - true).max() > 0.2
