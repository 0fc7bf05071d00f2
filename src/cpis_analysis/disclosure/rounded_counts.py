"""Counts of people rounded to a multiple, and what is computed from them: shares, differences of shares and groups."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from cpis_analysis.publish.format import count
from cpis_analysis.study.balance import smd_categorical
from cpis_analysis.study.coding import ALL


def rounded_counts(summaries: Mapping[str, pd.DataFrame], to: int) -> dict[str, pd.DataFrame]:
    """Round the counts of characteristics, answers and events, and of those who have them, to a multiple.

    1. Numbers of people and of respondents: to the nearest multiple, halves up. Per cent are computed from these
       wherever they are printed, so that text, tables and figures agree.
    2. Standardised differences of categories, and differences in answers: from the rounded counts; an interval moves
       with its difference and keeps its width.

    Parameters
    ----------
    summaries : mapping
        After disclosure control.
    to : int
        1 leaves everything as counted.

    Returns
    -------
    dict
        Stages of the flow, numbers of missing values, and numbers of scores and of people analysed stay as counted.
    """
    result = dict(summaries)
    if to <= 1:
        return result
    for name in ("baseline", "retention"):
        if len(result.get(name, ())):
            result[name] = _characteristics(result[name], to)
    for name in ("experience", "pooled", "team_risks"):
        if len(result.get(name, ())):
            result[name] = _rounded(result[name], pd.Series(True, index=result[name].index), to)
    if len(result.get("outcomes", ())):
        frame = result["outcomes"]
        binary = frame["outcome"].isin(set(result["team_risks"]["outcome"]))
        result["outcomes"] = _rounded(frame, binary, to)
    if len(result.get("differences", ())):
        result["differences"] = _differences(result["differences"], result["experience"])
    return result


def rounding_notes(to: int, people: str = "people") -> tuple[str, ...]:
    """The footnote of a table with rounded counts; none where they are as counted. ``people`` are counted."""
    if to <= 1:
        return ()
    return (
        f"Numbers of {people} are rounded to the nearest {count(to)} and may not add up; per cent are those of the "
        "rounded numbers.",
    )


def _rounded(frame: pd.DataFrame, rows: pd.Series, to: int) -> pd.DataFrame:
    frame = frame.copy()
    for name in ("count", "n"):
        values = frame.loc[rows, name].astype(float)
        frame[name] = frame[name].astype(float)
        frame.loc[rows, name] = np.floor(values / to + 0.5) * to
    if frame["n"].notna().all():
        frame["n"] = frame["n"].astype(int)
    return frame


def _characteristics(frame: pd.DataFrame, to: int) -> pd.DataFrame:
    category = frame["kind"] == "category"
    frame = _rounded(frame, category, to)
    for _, part in frame[category].groupby("variable", sort=False):
        groups: Sequence[str] = list(dict.fromkeys(part["group"]))
        counts = {group: part.loc[part["group"] == group, "count"].to_numpy() for group in groups}
        for group in groups[1:]:
            rows = part.index[(part["group"] == group) & part["smd"].notna()]
            if len(rows) and group != ALL:
                frame.loc[rows, "smd"] = smd_categorical(counts[group], counts[groups[0]])
    return frame


def _differences(frame: pd.DataFrame, experience: pd.DataFrame) -> pd.DataFrame:
    frame = frame.copy()
    cells = experience[experience["trust"] == ALL].set_index(["variable", "code", "group"])
    share = (cells["count"] / cells["n"].where(cells["n"] > 0)).to_dict()
    for index, row in frame[frame["estimate"].notna()].iterrows():
        of = [share.get((row["variable"], row["code"], arm), np.nan) for arm in (row["group"], row["reference"])]
        moved = of[0] - of[1] - row["estimate"]
        frame.loc[index, ["estimate", "ci_low", "ci_high"]] = [
            row[name] + moved for name in ("estimate", "ci_low", "ci_high")
        ]
    return frame
