"""Answers to single items in the analysis data, of scores whose items are imputed. Private, and in no result."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pandas as pd

from cpis_analysis.errors import DataError, Problem
from cpis_analysis.instruments.imputable_items import answer_columns, scored_answers
from cpis_analysis.instruments.settings import resolve
from cpis_analysis.intake.dictionary.dictionary import Variable
from cpis_analysis.study.dataset import AnalysisData


def with_answers(
    data: AnalysisData,
    interviews: pd.DataFrame,
    kept: Mapping[str, Sequence[str]],
    settings: Mapping[str, Any],
    participant: str,
) -> AnalysisData:
    """The data with the answers of some entries of the scoring settings, one column an item and wave.

    They are as the scoring rule reads them (of RG-UK 1 for access and 0 for none), and called by entry, place in the
    questionnaire and wave: ``rguk_item_03_6m``.

    Parameters
    ----------
    data : AnalysisData
    interviews : DataFrame
        Clean interviews, one row a person and wave.
    kept : mapping of entry to waves
    settings : mapping
        Scoring settings.
    participant : str
        Variable with the participant's number.

    Raises
    ------
    DataError
        Answers that can't be any, or columns that are there already.
    """
    people, added = data.participants[participant], {}
    for entry in resolve({name: settings[name] for name in kept}):
        answers = scored_answers(interviews.rename(columns={participant: "participant_id"}), entry)
        wave = interviews["wave"].astype(str).to_numpy()
        for name, column in zip(answer_columns(entry).values(), answers.T, strict=True):
            for one in kept[entry.name]:
                at = wave == one
                added[f"{name}_{one}"] = people.map(pd.Series(column[at], index=interviews.loc[at, participant]))
    taken = [name for name in added if name in data.participants]
    if taken:
        raise DataError(
            "The analysis data can't be built.",
            [
                Problem(
                    "two variables have this name in the analysis data",
                    variable=name,
                    hint="rename one of them in the dictionary, and with rename: in its file",
                )
                for name in taken
            ],
        )
    frame = pd.DataFrame(added, index=data.participants.index, dtype=float)
    return replace(data, participants=pd.concat([data.participants, frame], axis=1))


def described_answers(
    data: AnalysisData,
    dictionary: Mapping[str, Variable],
    kept: Mapping[str, Sequence[str]],
    settings: Mapping[str, Any],
) -> pd.DataFrame:
    """Rows of the codebook, one for each column of `with_answers`."""
    rows = []
    for entry in resolve({name: settings[name] for name in kept}):
        for item, name in answer_columns(entry).items():
            label = dictionary[item].label if item in dictionary else item
            for wave in kept[entry.name]:
                column = data.participants[f"{name}_{wave}"]
                row = {"variable": column.name, "label": label, "type": "number", "level": "participant", "waves": wave}
                source = f"answer to {item} as {entry.name} is scored"
                rows.append(row | {"missing": int(column.isna().sum()), "source": source})
    return pd.DataFrame(rows)
