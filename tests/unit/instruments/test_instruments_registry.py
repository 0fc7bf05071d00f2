"""The registry of instruments: one that only this file knows is checked, described and scored like the others."""

import numpy as np
import pandas as pd

from cpis_analysis.instruments import INSTRUMENTS, check_settings, score_interviews
from cpis_analysis.instruments.plain import summed_items
from cpis_analysis.instruments.settings import required_items, score_infos


def test_registry_one_more_entry_is_all_that_a_new_instrument_needs(monkeypatch):
    note = "Made up."
    mood = summed_items(
        "mood", "Mood, two items", "Mood", n_items=2, low=0, high=3, max_missing=0, note=note, source="-"
    )
    monkeypatch.setitem(INSTRUMENTS, "mood", mood)
    assert check_settings({"mood": {}}) == []
    assert required_items({"mood": {}}) == {"mood": ["mood_01", "mood_02"]}
    assert (score_infos({"mood": {}})["mood"].low, score_infos({"mood": {}})["mood"].high) == (0, 6)
    frame = pd.DataFrame(
        {
            "participant_id": ["1", "2"],
            "wave": pd.Categorical(["0m", "0m"], ["0m"]),
            "mood_01": [1.0, 3.0],
            "mood_02": [2.0, np.nan],
        }
    )
    scored = score_interviews(frame, {"mood": {}}).interviews
    assert scored["mood"].iloc[0] == 3
    assert scored["mood"].isna().tolist() == [False, True]
