"""Steps in a power of the variance of group means: first-order like straight ones, exact zeros, few of them needed."""

import numpy as np
import pandas as pd
import pytest

from cpis_analysis.lmm import lmer
from cpis_analysis.lmm.structures.bent_steps import bend_of, bent_step


def test_short_steps_are_straight_and_long_ones_are_not():
    psi, bend = np.array([0.5, 0.5, 0.5]), np.array([2.0, 2.0, 0.0])
    bend = bend_of(bend, np.array([1.0, 1.0, 0.0]))
    short = np.array([1e-6, -1e-6, 1e-6])
    np.testing.assert_allclose(bent_step(psi, short, bend) - psi, short, rtol=1e-5)
    # u = 1 + s psi with s / u = t: a step of one unit of u ends at u / (1 - 1/3)^3
    long = bent_step(psi[:1], np.array([0.5]), bend[:1])
    assert long[0] == pytest.approx(0.5 + ((1 - 1 / 3) ** -3 - 1) / 2.0)
    # where there is no bend a step of any length is straight
    assert bent_step(psi[2:], np.array([7.0]), bend[2:])[0] == pytest.approx(7.5)


def test_steps_end_at_zero_and_not_below():
    assert bent_step(np.array([0.1, 1e-14]), np.array([-5.0, 0.0]), np.ones(2)).tolist() == [0.0, 0.0]


@pytest.mark.parametrize("spread", [0.3, 3.0, 30.0])
def test_the_maximum_of_balanced_groups_is_reached_in_few_steps(spread):
    """Analysis of variance: the ratio is (F - 1) / n, wherever it lies."""
    rng = np.random.default_rng(8)
    data = pd.DataFrame({"team": np.repeat(np.arange(12), 10)})
    data["y"] = spread * rng.normal(size=12)[data["team"]] + rng.normal(size=120)
    means = data.groupby("team")["y"].mean()
    within = ((data["y"] - means[data["team"]].to_numpy()) ** 2).sum() / 108
    fit = lmer("y ~ 1 + (1 | team)", data)
    assert fit.optimum.psi[0] == pytest.approx((10 * means.var(ddof=1) / within - 1) / 10, rel=1e-9)
    assert fit.optimum.iterations <= 5
