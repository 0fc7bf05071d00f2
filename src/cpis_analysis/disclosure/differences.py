"""Disclosure control of differences between arms in answers, whose counts may be hidden."""

from __future__ import annotations

import pandas as pd

from cpis_analysis.disclosure.cell_search import SECONDARY, SHOWN
from cpis_analysis.disclosure.counts import LOG_COLUMNS, Protected
from cpis_analysis.study.coding import ALL

HIDDEN, PANEL = "hidden counts", "answers by trust"
"""Why a difference, or its interval, is withheld."""

_OF_INTERVAL = ["se", "df", "ci_low", "ci_high"]


def protect_differences(frame: pd.DataFrame, protected: pd.DataFrame) -> Protected:
    """Withhold differences of hidden counts, and intervals that would give the answers of a trust away.

    A difference is shown if both arms' numbers are: it is that of their percentages. Where the answers are shown by
    trust too and some of those are hidden, the standard error is an equation in the hidden numbers. Because these are
    small whole numbers, even limits that are rounded to whole percentage points can have one solution only, so that
    the interval is withheld and the difference is shown.

    Parameters
    ----------
    frame : DataFrame
        Of `analyses.proportions.answer_differences`.
    protected : DataFrame
        Summary ``experience`` after disclosure control.

    Returns
    -------
    Protected
        One frame, ``differences``: with ``state`` (``shown`` or ``withheld``), and ``why`` is ``hidden counts`` or
        ``answers by trust`` where something is withheld.
    """
    frame = frame.reset_index(drop=True).copy()
    frame["why"] = frame["why"].astype(object)
    frame["state"] = SHOWN
    hidden = protected[protected["state"] != SHOWN]
    cells = set(zip(hidden["variable"], hidden["code"], hidden["trust"], hidden["group"], strict=True))
    by_trust = {variable for variable, _, trust, _ in cells if trust != ALL}
    for index, row in frame.iterrows():
        places = [(row["variable"], row["code"], ALL, arm) for arm in (row["reference"], row["group"])]
        if cells.intersection(places):
            frame.loc[index, ["estimate", *_OF_INTERVAL]] = float("nan")
            frame.loc[index, ["why", "state"]] = HIDDEN, SECONDARY
        elif row["variable"] in by_trust and row["se"] == row["se"]:
            frame.loc[index, _OF_INTERVAL] = float("nan")
            frame.loc[index, ["why", "state"]] = PANEL, SECONDARY
    log = [
        ("differences", row.variable, row.code, row.group, SECONDARY)
        for row in frame[frame["state"] != SHOWN].itertuples()
    ]
    return Protected({"differences": frame}, pd.DataFrame(log, columns=list(LOG_COLUMNS)))
