"""Makes people.csv, times to an event in three arms with many ties: run in this folder, python make_data.py."""

import numpy as np
import pandas as pd

rng = np.random.default_rng(77)
rows = []
for trust in "ABCDEFGH":
    for team, arm in enumerate(("usual", "letter (1)", "home: visit")):
        frailty = rng.normal(0, 0.4)
        for _ in range(rng.integers(7, 15)):
            age = int(rng.integers(20, 70))
            hazard = np.exp(-5 + (0, -0.5, -0.1)[team] + 0.02 * (age - 45) + frailty)
            time = int(np.ceil(rng.exponential(1 / hazard) / 7) * 7)
            watched = int(rng.choice([180, 180, 120]))
            rows.append((arm, trust, f"T{team}", age, min(time, watched), int(time <= watched)))
people = pd.DataFrame(rows, columns=["arm", "trust", "team", "age", "days_6m", "event_6m"])
people.insert(0, "participant_id", [f"P{i:03d}" for i in range(len(people))])
people.to_csv("people.csv", index=False)
