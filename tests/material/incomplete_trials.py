"""Two-arm trials of ten teams with values missing at random: what imputations are compared on."""

from __future__ import annotations

import numpy as np
import pandas as pd

TRIALS = 200
EFFECT = 3.0


def continuous_trial(number: int) -> pd.DataFrame:
    """150 people; a third of outcomes are lost, more in one arm and where the baseline is low; 15% of baselines."""
    random = np.random.default_rng([20260130, number])
    n = 150
    team = np.concatenate([np.arange(10), np.arange(10), np.arange(10), random.integers(0, 10, n - 30)])
    arm = team % 2
    y0 = 50 + random.normal(0, 3, 10)[team] + random.normal(0, 10, n)
    aux = 20 + 0.3 * y0 + random.normal(0, 5, n)
    y = 10 + 0.5 * y0 + EFFECT * arm + 0.6 * aux + random.normal(0, 2.0, 10)[team] + random.normal(0, 6, n)
    lost = random.random(n) < 1 / (1 + np.exp(0.9 - 0.6 * arm + 0.06 * (y0 - 50) + 0.08 * (aux - 35)))
    late = random.random(n) < 1 / (1 + np.exp(1.9 + 0.08 * (aux - 35)))
    return pd.DataFrame(
        {"team": team, "arm": arm, "y0": np.where(late, np.nan, y0), "aux": aux, "y": np.where(lost, np.nan, y)}
    )


def binary_trial(number: int) -> pd.DataFrame:
    """300 people; an event that a third of people are not asked about, more in one arm and where `aux` is high."""
    random = np.random.default_rng([20260131, number])
    n = 300
    team = np.concatenate([np.arange(10), np.arange(10), random.integers(0, 10, n - 20)])
    arm = team % 2
    aux = random.normal(0, 1, n)
    eta = -0.2 + 0.6 * arm + 1.0 * aux + random.normal(0, 0.3, 10)[team]
    event = (random.random(n) < 1 / (1 + np.exp(-eta))).astype(float)
    lost = random.random(n) < 1 / (1 + np.exp(0.8 - 0.6 * arm - 0.8 * aux))
    return pd.DataFrame({"team": team, "arm": arm, "aux": aux, "y": np.where(lost, np.nan, event)})
