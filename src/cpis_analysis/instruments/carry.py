"""What was asked once and holds at later waves: the weights of goals, age, sex."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd


def wave_order(waves: pd.Series, stated: Sequence[str] | None = None) -> list[str]:
    """Put the waves of a column in time order.

    Parameters
    ----------
    waves : Series
        Wave of each row.
    stated : sequence of str, optional
        The order, where the study states it. Otherwise the order of the categories, or that of the
        number in the name (``0m``, ``6m``, ``12m``), names without a number last and alphabetically.

    Returns
    -------
    list of str
        Waves that occur in the column.
    """
    present = sorted({str(wave) for wave in waves.dropna()}, key=_number_first)
    known = list(map(str, stated)) if stated is not None else []
    if not known and hasattr(waves.dtype, "categories"):
        known = [str(category) for category in waves.dtype.categories]
    first = [wave for wave in known if wave in present]
    return first + [wave for wave in present if wave not in first]


def carried(frame: pd.DataFrame, column: str) -> np.ndarray:
    """Give each row the person's first value at the same or an earlier wave.

    Never backwards: what was first asked at six months says nothing of baseline.

    Parameters
    ----------
    frame : DataFrame
        Has ``participant_id`` and ``wave``; a categorical ``wave`` gives the order.
    column : str
        What to carry.

    Returns
    -------
    ndarray of object, shape (rows,)
        None where there is nothing to carry.
    """
    place = {wave: number for number, wave in enumerate(wave_order(frame["wave"]))}
    position = np.array([place.get(str(wave), len(place)) for wave in frame["wave"]], dtype=int)
    person = frame["participant_id"].to_numpy()
    value = frame[column].astype(object).to_numpy()
    known = frame[column].notna().to_numpy()
    first: dict[object, int] = {}
    for row in np.lexsort((np.arange(len(frame)), position)):
        if known[row]:
            first.setdefault(person[row], int(row))
    result = np.full(len(frame), None, dtype=object)
    for row in range(len(frame)):
        origin = first.get(person[row])
        if origin is not None and position[origin] <= position[row]:
            result[row] = value[origin]
    return result


def _number_first(wave: str) -> tuple[float, str]:
    number = re.search(r"\d+(?:\.\d+)?", wave)
    return (float(number.group()) if number else float("inf"), wave)
