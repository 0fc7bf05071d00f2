"""Simulated data of the reference fits: written once, kept beside this file. Run: python make_data.py"""

from pathlib import Path

import numpy as np
import pandas as pd

HERE = Path(__file__).parent


def write(name: str, frame: pd.DataFrame) -> None:
    frame.to_csv(HERE / f"{name}.csv", index=False, float_format="%.4f")


def logistic(eta: np.ndarray) -> np.ndarray:
    return 1.0 / (1.0 + np.exp(-eta))


def study(seed: int, n: int = 127) -> tuple[np.random.Generator, pd.DataFrame]:
    """Ten teams in five trusts, one team of each arm in every trust."""
    rng = np.random.default_rng(seed)
    team = rng.integers(0, 10, n)
    frame = pd.DataFrame({
        "trust": [f"u{t // 2}" for t in team], "team": [f"t{t}" for t in team], "arm": team % 2,
        "age": np.round(rng.normal(0, 1, n), 2), "place": team,
    })  # fmt: skip
    return rng, frame


rng, frame = study(11)
eta = 0.2 + 0.5 * frame["arm"] + 0.3 * frame["age"] + rng.normal(0, 0.7, 10)[frame["place"]]
frame["event"] = rng.binomial(1, logistic(eta))
write("nested", frame.drop(columns="place"))

rng, frame = study(12)
frame["event"] = rng.binomial(1, logistic(-0.3 + 0.4 * frame["arm"] + 0.2 * frame["age"]))
write("singular", frame.drop(columns="place"))

rng, frame = study(13)
# one event in one arm: the coefficient is large, and finite
frame["event"] = rng.binomial(1, logistic(-4.5 + 4.0 * frame["arm"] + 0.5 * frame["age"]
                                          + rng.normal(0, 0.5, 10)[frame["place"]]))  # fmt: skip
frame.loc[frame.index[frame["arm"] == 0][0], "event"] = 1
write("near_separation", frame.drop(columns="place"))

rng, frame = study(14, 160)
eta = 0.6 * frame["arm"] + 0.4 * frame["age"] + rng.normal(0, 0.6, 10)[frame["place"]]
frame["better"] = 1 + (logistic((eta + rng.logistic(size=160)).to_numpy())[:, None] > np.array([0.25, 0.5, 0.8])).sum(
    axis=1
)
write("ordinal", frame.drop(columns="place"))

rng, frame = study(15, 180)
mu = np.exp(1.0 + 0.3 * frame["arm"] + rng.normal(0, 0.4, 10)[frame["place"]])
frame["time"] = np.round(rng.uniform(0.5, 2.0, 180), 2)
frame["visits"] = rng.negative_binomial(1.8, 1.8 / (1.8 + mu * frame["time"]))
write("negative_binomial", frame.drop(columns="place"))

rng = np.random.default_rng(16)
person, item = np.repeat(np.arange(40), 6), np.tile(np.arange(6), 40)
ability, ease = rng.normal(0, 1, 40), rng.normal(0, 0.8, 6)
group = person % 2
frame = pd.DataFrame({"person": [f"p{k:02d}" for k in person], "item": [f"i{k}" for k in item], "group": group})
frame["solved"] = rng.binomial(1, logistic(0.3 + 0.5 * group + ability[person] + ease[item]))
write("crossed", frame)

rng = np.random.default_rng(17)
site, t = np.repeat(np.arange(24), 12), np.tile(np.linspace(-1, 1, 12), 24)
level = rng.multivariate_normal([0, 0], [[0.8, 0.3], [0.3, 0.6]], 24)
frame = pd.DataFrame({"site": [f"s{k:02d}" for k in site], "t": np.round(t, 4), "arm": site % 2})
frame["count"] = rng.poisson(np.exp(0.8 + 0.2 * frame["arm"] + 0.3 * t + level[site, 0] + level[site, 1] * t))
write("slopes", frame)

rng, frame = study(18, 150)
p = logistic(0.1 + 0.4 * frame["arm"] + rng.normal(0, 0.4, 10)[frame["place"]])
frame["score"] = rng.binomial(27, rng.beta(6 * p, 6 * (1 - p)))
frame["largest"] = 27
write("bounded_sum", frame.drop(columns="place"))
