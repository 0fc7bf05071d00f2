"""The NICE Decision Support Unit mapping of EQ-5D-5L, read from a file that the user supplies."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..errors import DataError, Problem
from .carry import carried

if TYPE_CHECKING:
    import pandas as pd

KEYS = ("state", "age_band", "sex")
SEXES = ("male", "female")
N_STATES = 3125


@dataclass(frozen=True)
class DsuTable:
    """Values by age band, sex and state.

    Attributes
    ----------
    bands : tuple of (int, int or None)
        First and last year of age of each band, ascending; None is open-ended.
    values : ndarray of float, shape (bands, 2, 3125)
        Sexes in the order male, female; states 11111, 11112, ..., 55555.
    """

    bands: tuple[tuple[int, int | None], ...]
    values: np.ndarray


def read_dsu_table(path: str | Path) -> DsuTable:
    """Read and check a mapping.

    Parameters
    ----------
    path : str or Path
        CSV with the columns ``state`` (11111 to 55555), ``age_band`` (``18-34``, ``65+``), ``sex`` (``male``,
        ``female``) and exactly one more, the values.

    Returns
    -------
    DsuTable

    Raises
    ------
    DataError
        If the file is absent, a column is missing, a value is not a number from -1 to 1, bands overlap, or a
        state is absent or repeated; all problems are listed.
    """
    import pandas as pd

    name = str(path)
    try:
        table = pd.read_csv(path, dtype=str, keep_default_na=False)
    except (OSError, ValueError) as error:
        raise DataError(
            "The EQ-5D value set cannot be read.",
            Problem(str(error), file=name, hint="correct the file, or give another"),
        ) from error
    wanted = ", ".join((*KEYS, "and one column of values"))
    problems = [
        Problem(f"column {key} is missing", file=name, line=1, allowed=wanted)
        for key in KEYS
        if key not in table.columns
    ]
    others = [column for column in table.columns if column not in KEYS]
    if len(others) != 1:
        problems.append(
            Problem("needs exactly one column of values", file=name, line=1, value=", ".join(others), allowed=wanted)
        )
    if problems:
        raise DataError("The EQ-5D value set cannot be used.", problems)
    return _checked(table, others[0], name)


def dsu_values(frame: pd.DataFrame, index: np.ndarray, age: str, sex: str, table: DsuTable) -> np.ndarray:
    """Look up the value of each row's state, age band and sex.

    Parameters
    ----------
    frame : DataFrame
        Interviews with ``participant_id``, ``wave``, age and sex; age and sex asked once hold later too.
    index : ndarray of int, shape (n,)
        Place of each row's state, -1 where incomplete.
    age, sex : str
        Columns.
    table : DsuTable
        The mapping.

    Returns
    -------
    ndarray of float, shape (n,)
        NaN where the state is incomplete, age or sex unknown, or the person younger than the first band.
    """
    years = np.array([np.nan if one is None else float(one) for one in carried(frame, age)])
    who = carried(frame, sex)
    result = np.full(len(frame), np.nan)
    for band, (first, last) in enumerate(table.bands):
        in_band = (years >= first) & (years < (np.inf if last is None else last + 1))
        for place, code in enumerate(SEXES):
            rows = in_band & (who == code) & (index >= 0)
            result[rows] = table.values[band, place, index[rows]]
    return result


def _checked(table: pd.DataFrame, column: str, name: str) -> DsuTable:
    import pandas as pd

    numbers = pd.to_numeric(table[column], errors="coerce").to_numpy(dtype=float)
    bands = table["age_band"].map(_band)
    checks = (
        ("state", ~table["state"].str.fullmatch("[1-5]{5}").to_numpy(), "11111 to 55555"),
        ("age_band", bands.isna().to_numpy(), "such as 18-34 or 65+"),
        ("sex", ~table["sex"].isin(SEXES).to_numpy(), ", ".join(SEXES)),
        (column, ~(np.abs(numbers) <= 1), "a number from -1 to 1"),
        ("state", table.duplicated(list(KEYS)).to_numpy(), "each state once for an age band and sex"),
    )
    problems = []
    for variable, bad, allowed in checks:
        if bad.any():
            first = int(np.flatnonzero(bad)[0])
            found = str(table[variable].iloc[first])
            problems.append(
                Problem(
                    "value cannot be used",
                    file=name,
                    line=first + 2,
                    variable=variable,
                    value=found,
                    allowed=allowed,
                    count=int(bad.sum()),
                )
            )
    if problems:
        raise DataError("The EQ-5D value set cannot be used.", problems)
    order = sorted(set(bands), key=lambda band: band[0])
    for (_, last), (first, _) in pairwise(order):
        if last is None or first <= last:
            problems.append(
                Problem("age bands overlap", file=name, variable="age_band", hint="give each age one band in the file")
            )
    if len(table) != len(order) * len(SEXES) * N_STATES:
        problems.append(
            Problem(
                "states are missing",
                file=name,
                value=f"{len(table)} rows",
                allowed=f"{len(order) * len(SEXES) * N_STATES} rows: {N_STATES} states for each age band and sex",
            )
        )
    if problems:
        raise DataError("The EQ-5D value set cannot be used.", problems)
    values = np.empty((len(order), len(SEXES), N_STATES))
    digits = table["state"].astype(int).to_numpy()
    state = sum(((digits // 10**power) % 10 - 1) * 5**power for power in range(5))
    place = {band: number for number, band in enumerate(order)}
    row_sex = (table["sex"] == SEXES[1]).to_numpy(dtype=int)
    values[bands.map(place).to_numpy(dtype=int), row_sex, state] = numbers
    return DsuTable(tuple(order), values)


def _band(text: str) -> tuple[int, int | None] | None:
    closed = re.fullmatch(r"(\d+)\s*[-–]\s*(\d+)", text)
    if closed and int(closed[1]) <= int(closed[2]):
        return int(closed[1]), int(closed[2])
    open_ended = re.fullmatch(r"(\d+)\s*\+", text)
    return (int(open_ended[1]), None) if open_ended else None
