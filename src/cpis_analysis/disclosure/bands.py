"""Shares of few people in bands: told where counts would give somebody away, and only as coarsely as that allows."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import product

import pandas as pd

from cpis_analysis.disclosure.cell_search import SHOWN, SMALL
from cpis_analysis.disclosure.counts import LOG_COLUMNS, Protected
from cpis_analysis.study.coding import ALL
from cpis_analysis.study.singled_out import OTHERS, SINGLED

FEWEST_VALUES = 3
"""Values that every hidden count keeps, given all that is printed."""
_HALVES = (0.5,)


def band_of(count: int, n: int, cuts: Sequence[float]) -> int:
    """In which band a share lies.

    Parameters
    ----------
    count, n : int
        The share is ``count / n``.
    cuts : sequence of float
        In increasing order. The first band ends below the first cut; the last begins above the last one, or at it where
        there is one cut only. Shares are compared exactly.
    """
    share, limits = Fraction(count, n), [Fraction(str(cut)) for cut in cuts]
    if len(limits) > 1 and share == limits[-1]:
        return len(limits) - 1
    return sum(share >= limit for limit in limits)


def possible_counts(
    parts: Sequence[int], bands: Sequence[int], cuts: Sequence[float], totals: Sequence[int]
) -> list[tuple[int, ...]]:
    """Every count of people in the parts of a group that agrees with what is printed.

    Parameters
    ----------
    parts : sequence of int
        People in each part, which readers are taken to know.
    bands : sequence of int
        Band in which each part is printed.
    cuts : sequence of float
    totals : sequence of int
        What the count of the whole group can be; one value where it is printed.

    Returns
    -------
    list of tuple of int
    """
    ranges = [
        [count for count in range(n + 1) if band_of(count, n, cuts) == band]
        for n, band in zip(parts, bands, strict=True)
    ]
    wanted = set(totals)
    return [counts for counts in product(*ranges) if sum(counts) in wanted]


def protect_singled_out(
    frame: pd.DataFrame, experience: pd.DataFrame, minimum: int, cuts: Sequence[float]
) -> Protected:
    """Put the shares of teams that are singled out, and of all others, into bands.

    Counts are not told, of the others neither: with the count of the group, which is printed, those of the few could be
    worked out from them. Every count keeps at least `FEWEST_VALUES` values; if the bands leave fewer, halves are tried,
    and if these do, nothing is told.

    Parameters
    ----------
    frame : DataFrame
        Of `study.singled_out.singled_out_counts`.
    experience : DataFrame
        Answers after disclosure control: what is printed of the same answers by arm.
    minimum : int
        Smallest number shown.
    cuts : sequence of float
        Where bands part.

    Returns
    -------
    Protected
        One frame, ``singled_out``: variable, code, arm, part, low, high (shares between which the part lies), least
        and most (whether the first and the last band), state. Without rows where nothing may be told.
    """
    columns = ["variable", "code", "arm", "part", "low", "high", "state"]
    for tried in (tuple(cuts), _HALVES):
        rows = _banded(frame, experience, minimum, tried)
        if rows is not None:
            return Protected({"singled_out": pd.DataFrame(rows, columns=columns)}, _log([]))
    log = [("singled_out", row.variable, row.code, row.arm, "bands") for row in frame.itertuples()]
    return Protected({"singled_out": pd.DataFrame([], columns=columns)}, _log(log))


def _log(rows: Sequence[tuple[object, ...]]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=list(LOG_COLUMNS))


def _banded(
    frame: pd.DataFrame, experience: pd.DataFrame, minimum: int, cuts: Sequence[float]
) -> list[tuple[object, ...]] | None:
    """Rows with their bands; None where these would leave a count too few values."""
    rows: list[tuple[object, ...]] = []
    ends = [0.0, *cuts, 1.0]
    for arm, part in frame.groupby("arm", sort=False):
        part = part.set_index("part").loc[[SINGLED, OTHERS]]
        n, counts = [int(value) for value in part["n"]], [int(value) for value in part["count"]]
        bands = [band_of(count, people, cuts) for count, people in zip(counts, n, strict=True)]
        printed = experience[
            (experience["variable"] == part["variable"].iloc[0])
            & (experience["code"].astype(str) == str(part["code"].iloc[0]))
            & (experience["trust"] == ALL)
            & (experience["group"] == arm)
        ]
        totals = _totals(printed, sum(counts), sum(n), minimum)
        left = possible_counts(n, bands, cuts, totals)
        hidden = [{found[place] for found in left} for place in range(len(n))]
        if len(totals) > 1:
            hidden.append({sum(found) for found in left})
        if any(len(values) < FEWEST_VALUES for values in hidden):
            return None
        rows += [
            (part.at[name, "variable"], part.at[name, "code"], arm, name, ends[band], ends[band + 1], SHOWN)
            for name, band in zip((SINGLED, OTHERS), bands, strict=True)
        ]
    return rows


def _totals(printed: pd.DataFrame, total: int, n: int, minimum: int) -> list[int]:
    """What the count of the group can be, as far as it is printed."""
    state = printed["state"].iloc[0] if len(printed) else None
    if state == SHOWN:
        return [total]
    if state == SMALL:
        return list(range(1, minimum))
    return list(range(n + 1))
