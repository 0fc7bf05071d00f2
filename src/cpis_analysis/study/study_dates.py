"""When people were recruited and seen, and how long after the first time the second came."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

_COLUMNS = ["stage", "first", "last", "n", "median", "q1", "q3"]


def study_dates(
    participants: pd.DataFrame,
    recruited_on: str | None,
    interview_date: str | None,
    waves: Sequence[str],
    minimum: int,
    ends: tuple[str | None, str],
) -> pd.DataFrame:
    """Months of recruitment and of each wave, and days from baseline to the primary wave.

    Parameters
    ----------
    participants : DataFrame
        Analysis data, one row a person.
    recruited_on, interview_date : str or None
        Variable of the date of recruitment, and of the date at a wave (``VARIABLE_WAVE``).
    waves : sequence of str
    minimum : int
        Of fewer people nothing is told.
    ends : (str or None, str)
        Baseline, None where the study has none, and the primary wave.

    Returns
    -------
    DataFrame
        A row a stage: ``recruited``, each wave, ``interval``. ``first`` and ``last`` are months such as 2018-02, since
        the day belongs to one person; ``median``, ``q1`` and ``q3`` are whole days between baseline and primary wave.
        Stages without dates have no row.
    """
    rows = []
    named = {"recruited": recruited_on}
    named |= {wave: f"{interview_date}_{wave}" if interview_date else None for wave in waves}
    found = {}
    for stage, column in named.items():
        if column is None or column not in participants:
            continue
        dates = pd.to_datetime(participants[column], errors="coerce")
        known = dates.dropna()
        if len(known) < max(minimum, 1):
            continue
        found[stage] = dates
        rows.append({"stage": stage, "n": len(known), "first": f"{known.min():%Y-%m}", "last": f"{known.max():%Y-%m}"})
    if ends[0] in found and ends[1] in found:
        days = (found[ends[1]] - found[ends[0]]).dt.days.dropna()
        if len(days) >= max(minimum, 1):
            q1, median, q3 = days.quantile([0.25, 0.5, 0.75]).round()
            rows.append({"stage": "interval", "n": len(days), "median": median, "q1": q1, "q3": q3})
    return pd.DataFrame(rows, columns=_COLUMNS)
