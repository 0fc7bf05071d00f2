"""Answers to the experience questions, by arm, by outer cluster and for all arms together: which counts are shown."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

import pandas as pd

from cpis_analysis.disclosure.cell_search import SECONDARY, SHOWN, Sum, protect
from cpis_analysis.disclosure.counts import LOG_COLUMNS, Protected
from cpis_analysis.study.coding import ALL


@dataclass(frozen=True)
class Asked:
    """How the questions are told.

    Attributes
    ----------
    panels : tuple of str
        Questions that are shown by outer cluster too. The more is shown, the more has to be withheld.
    pooled : tuple of str
        Questions that are shown for all arms together; where the answers by arm would take these along, they go.
    only_pooled : tuple of str
        Those of them that are shown in no other way.
    shown_first : tuple of str
        Outer clusters whose counts are withheld only where those of others don't do.
    best_first : tuple of str
        Questions whose first answer is withheld only where the others don't do, so that what is hidden lies together.
    """

    panels: tuple[str, ...] = ()
    pooled: tuple[str, ...] = ()
    only_pooled: tuple[str, ...] = ()
    shown_first: tuple[str, ...] = ()
    best_first: tuple[str, ...] = ()


def protect_experience(frame: pd.DataFrame, minimum: int, asked: Asked | None = None) -> Protected:
    """Hide small counts of answers, in all the ways in which a question is told at once.

    Parameters
    ----------
    frame : DataFrame
        As `study.experience.experience_counts` gives it: variable, code, trust, group, n, count.
    minimum : int
    asked : Asked, optional
        Default: by arm alone. Rows of everything that is not told are dropped, so that they need not be protected.

    Returns
    -------
    Protected
        ``experience``, by arm and by outer cluster and arm, and ``pooled``, of all arms together. Numbers of
        respondents are shown as counted.
    """
    asked = asked or Asked()
    frame = frame[_told(frame, asked)].reset_index(drop=True).copy()
    frame["state"] = SHOWN
    for variable, part in frame.groupby("variable", sort=False):
        for index, state in _states(part, minimum, asked, str(variable)).items():
            frame.at[index, "state"] = state
    hidden = frame["state"] != SHOWN
    frame["count"] = frame["count"].astype(float)
    frame.loc[hidden, "count"] = float("nan")
    together = frame["group"] == ALL
    log = [
        (
            "pooled" if row.group == ALL else "experience",
            row.variable,
            row.code,
            row.group if row.trust == ALL else f"{row.trust}, {row.group}",
            row.state,
        )
        for row in frame[hidden].itertuples()
    ]
    return Protected(
        {
            "experience": frame[~together].reset_index(drop=True),
            "pooled": frame[together].reset_index(drop=True),
        },
        pd.DataFrame(log, columns=list(LOG_COLUMNS)),
    )


def _told(frame: pd.DataFrame, asked: Asked) -> pd.Series:
    variable, everywhere, everybody = frame["variable"], frame["trust"] == ALL, frame["group"] == ALL
    # the arms are set beside each other and not added up unless that is told: a total would have more withheld
    by_arm = ~everybody & ~variable.isin(asked.only_pooled) & (everywhere | variable.isin(asked.panels))
    return by_arm | (everybody & everywhere & variable.isin(asked.pooled))


def _states(part: pd.DataFrame, minimum: int, asked: Asked, variable: str) -> dict[int, str]:
    """State of each row of one question."""
    cells = [(row.Index, (str(row.code), str(row.trust), str(row.group))) for row in part.itertuples()]
    key: dict[Hashable, int] = {place: index for index, place in cells}
    counts: dict[Hashable, int] = {place: int(part.at[index, "count"]) for place, index in key.items()}
    trusts = [str(trust) for trust in dict.fromkeys(part["trust"]) if trust != ALL]
    groups = [str(group) for group in dict.fromkeys(part["group"]) if group != ALL]
    codes = [str(code) for code in dict.fromkeys(part["code"])]
    places = dict.fromkeys(place[1:] for _, place in cells)
    sums = [
        Sum(tuple((code, *place) for code in codes), int(part.at[key[codes[0], *place], "n"]))
        for place in places
        if all((code, *place) in key for code in codes)
    ]
    for code in codes:
        for group in groups if trusts else ():
            inner = tuple((code, trust, group) for trust in trusts if (code, trust, group) in key)
            sums.append(Sum(inner, (code, ALL, group)))
        if groups and (code, ALL, ALL) in key:
            sums.append(Sum(tuple((code, ALL, group) for group in groups), (code, ALL, ALL)))
    last = {
        place
        for _, place in cells
        if place[2] == ALL or place[1] in asked.shown_first or (variable in asked.best_first and place[0] == codes[0])
    }
    states = protect(counts, sums, minimum, last)
    everybody = [place for _, place in cells if place[2] == ALL]
    if everybody and groups and any(states[place] == SECONDARY for place in everybody):
        # the answers of everybody are what is asked for: those of the arms go, and take nothing along
        alone = protect(
            {place: counts[place] for place in everybody},
            [one for one in sums if set(one.parts) <= set(everybody)],
            minimum,
        )
        states = dict.fromkeys(key, SECONDARY) | alone
    return {key[place]: state for place, state in states.items()}
