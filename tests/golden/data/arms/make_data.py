"""Makes people.csv, a made-up trial of three arms: run in this folder, python make_data.py."""

import numpy as np
import pandas as pd

ARMS = ("usual care", "group: A+B", "téléphone (1 - 2)")
rng = np.random.default_rng(20261130)
rows = []
for trust in "ABCDEFG":
    of_trust = rng.normal(0, 0.8)
    for place, arm in enumerate(ARMS):
        if (trust, place) in {("C", 1), ("F", 2)}:
            continue  # not every trust has teams of all arms
        of_team = of_trust + rng.normal(0, 1.0)
        for _ in range(rng.integers(3, 11)):
            before = 20 + of_team + rng.normal(0, 3)
            after = 8 + 0.6 * before + of_team + (0, 1.5, -0.4)[place] + rng.normal(0, 2.5)
            better = rng.random() < 1 / (1 + np.exp(-(-0.4 + (0, 0.9, 0.5)[place] + 0.5 * of_team)))
            rows.append(
                (arm, trust, f"T{place}", round(before, 3), round(after, 3), int(better), rng.choice(["f", "m"]))
            )
people = pd.DataFrame(rows, columns=["arm", "trust", "team", "y_0m", "y_6m", "better_6m", "gender"])
people.insert(0, "participant_id", [f"P{i:03d}" for i in range(len(people))])
people.loc[people.index[5::17], "y_6m"] = np.nan
people.to_csv("people.csv", index=False)
