"""Cells of the run's files by value, so that a printed number can be traced to the one it was rounded from."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from numbers import Real
from typing import Any

import pandas as pd

__all__ = ["Cell", "Sources", "cells_of_frame", "cells_of_record"]

Label = Callable[[Mapping[str, Any], str], Iterable[str]]

_LONGEST = 400
"""Longer lists are data of a figure, not results that are printed."""


@dataclass(frozen=True)
class Cell:
    """One value in a file.

    Attributes
    ----------
    file, row, column : str
        Where it stands.
    value : float
    labels : tuple of str
        What the row is about, in the words of the report, in small letters.
    """

    file: str
    row: str
    column: str
    value: float
    labels: tuple[str, ...] = ()


@dataclass
class Sources:
    """Cells of all files, those of the files that come first preferred."""

    cells: list[Cell] = field(default_factory=list)

    def add(self, cells: Iterable[Cell]) -> None:
        """Take cells in; has to be done before the first question."""
        self.cells.extend(cells)

    def best(self, values: Iterable[float], context: str) -> tuple[Cell, int] | None:
        """The cell that holds one of the values (or its negative) and whose labels the context names most fully.

        Returns
        -------
        (Cell, int) or None
            The cell, and how many cells fit equally well.
        """
        best: Cell | None = None
        top, equal = -math.inf, 0
        for value in values:
            for cell in self._by_value.get(_key(value), ()):
                score = _score(cell.labels, context)
                if score > top:
                    best, top, equal = cell, score, 1
                elif score == top:
                    equal += 1
        return (best, equal) if best else None

    @cached_property
    def _by_value(self) -> dict[float, list[Cell]]:
        known: dict[float, list[Cell]] = {}
        for cell in self.cells:
            known.setdefault(_key(cell.value), []).append(cell)
        return known


def cells_of_frame(
    file: str, frame: pd.DataFrame, label: Label, *, prefix: str = "", first: int = 0
) -> Iterator[Cell]:
    """Numbers of a frame; the text of a row gives its labels.

    Parameters
    ----------
    label : callable
        (row, column) -> words for the text in that column of the row.
    prefix : str
        Stands before the number of the row.
    first : int
        Number of the first row.
    """
    numeric = [name for name in frame if pd.api.types.is_numeric_dtype(frame[name])
               and not pd.api.types.is_bool_dtype(frame[name])]
    named = [name for name in frame if name not in numeric]
    for place, record in enumerate(frame.to_dict("records"), start=first):
        words = tuple(dict.fromkeys(
            text.lower() for name in named for text in label(record, str(name)) if text
        ))
        for name in numeric:
            if _finite(record[name]):
                yield Cell(file, f"{prefix}{place}", str(name), float(record[name]), words)


def cells_of_record(
    file: str, record: Any, row: str, label: Label, column: str = "",
    words: tuple[str, ...] = (),
) -> Iterator[Cell]:
    """Numbers of nested mappings and lists; the column is the path to the number."""
    if isinstance(record, Mapping):
        own = tuple(text.lower() for key, value in record.items() if isinstance(value, str)
                    for text in label(record, str(key)) if text)
        for key, value in record.items():
            keyed = (*words, *own, str(key).replace("_", " ").lower())
            yield from cells_of_record(file, value, row, label, f"{column}.{key}".lstrip("."), keyed)
    elif isinstance(record, list | tuple):
        if len(record) <= _LONGEST:
            for place, value in enumerate(record):
                yield from cells_of_record(file, value, row, label, f"{column}[{place}]", words)
    elif _finite(record):
        yield Cell(file, row, column, float(record), tuple(dict.fromkeys(words)))


def _finite(value: Any) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool) and math.isfinite(value)


def _key(value: float) -> float:
    return abs(float(value))


def _score(labels: tuple[str, ...], context: str) -> float:
    """Letters of the labels that the context names, less a little for those that it does not."""
    return sum(len(label) if label in context else -0.5 for label in labels)
