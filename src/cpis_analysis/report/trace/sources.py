"""Cells of the run's files by value, so that a printed number can be traced to the one it was rounded from."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from numbers import Real
from typing import Any

import pandas as pd

__all__ = ["Cell", "Sources", "below", "cells_of_frame", "cells_of_record"]

Label = Callable[[Mapping[str, Any], str], Iterable[str]]

_LONGEST = 400
"""Longer lists are data of a figure, not results that are printed."""
_UNNAMED = 0.5
"""What a label that is not named beside a number counts against a cell, in letters."""


@dataclass(frozen=True)
class Cell:
    """One value in a file, or one that follows from such values.

    Attributes
    ----------
    file, row, column : str
        Where it stands; empty for a value that is derived.
    value : float
    labels : tuple of str
        What the row is about, in the words of the report, in small letters.
    owners : tuple of str
        Analysis and outcome that it belongs to; empty for none.
    derived : str
        How it follows from other cells: an expression in the names of `parts`; see `numbers_derived`.
    parts : mapping of str to Cell
        The cells that the expression names.
    """

    file: str
    row: str
    column: str
    value: float
    labels: tuple[str, ...] = ()
    owners: tuple[str, ...] = ()
    derived: str = ""
    parts: Mapping[str, Cell] = field(default_factory=dict)

    def record(self) -> dict[str, Any]:
        """Where the value stands, or how it is derived, for numbers.json."""
        if not self.derived:
            return {"source": self.place()}
        return {
            "derived": self.derived,
            "from": {
                name: {**part.place(), **({} if math.isnan(part.value) else {"value": part.value})}
                for name, part in self.parts.items()
            },
        }

    def place(self) -> dict[str, str]:
        """File, row and column."""
        return {"file": self.file, "row": self.row, "column": self.column}


class Sources:
    """Cells of all files, those of the files that come first preferred."""

    def __init__(self) -> None:
        self._by_value: dict[float, list[Cell]] = {}
        self._by_owner: dict[tuple[str, float], list[Cell]] = {}
        self._last: dict[float, list[Cell]] = {}
        self._named: dict[str, dict[str, bool]] = {}
        self.cells: list[Cell] = []

    def add(self, cells: Iterable[Cell], *, last: bool = False) -> None:
        """Take cells in; `last`: to be asked where no other holds a value."""
        known = self._last if last else self._by_value
        for cell in cells:
            self.cells.append(cell)
            value = _key(cell.value)
            known.setdefault(value, []).append(cell)
            for owner in cell.owners:
                self._by_owner.setdefault((owner, value), []).append(cell)

    def best(self, values: Iterable[float], context: str, owners: Iterable[str] = ()) -> tuple[Cell, int] | None:
        """The cell that holds one of the values (or its negative) and whose labels the context names most fully.

        Parameters
        ----------
        values : iterable of float
        context : str
            What is printed round the number, in small letters.
        owners : iterable of str
            Analyses and outcomes that the place is about, the nearest first: their cells come before all others.

        Returns
        -------
        (Cell, int) or None
            The cell, and how many cells of the same file fit equally well.
        """
        values = list(dict.fromkeys(values))
        for owner in owners:
            found = self._best(
                [cell for value in values for cell in self._by_owner.get((owner, _key(value)), ())], context
            )
            if found:
                return found
        for known in (self._by_value, self._last):
            found = self._best([cell for value in values for cell in known.get(_key(value), ())], context)
            if found:
                return found
        return None

    def _best(self, cells: list[Cell], context: str) -> tuple[Cell, int] | None:
        if not cells:
            return None
        # the same context comes many times, a number after another
        named = self._named.get(context)
        if named is None:
            self._named.clear()
            named = self._named[context] = {}
        best: Cell | None = None
        top, equal = -math.inf, 0
        for cell in cells:
            score = 0.0
            for label in cell.labels:
                if label not in named:
                    named[label] = label in context
                score += len(label) if named[label] else -_UNNAMED
            if score > top:
                best, top, equal = cell, score, 1
            elif score == top and best is not None and cell.file == best.file:
                equal += 1
        return (best, equal) if best else None


def cells_of_frame(
    file: str,
    frame: pd.DataFrame,
    label: Label,
    *,
    prefix: str = "",
    first: int = 0,
    words: Label | None = None,
    owners: tuple[str, ...] = (),
    name: str = "",
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
    words : callable, optional
        (row, column) -> words that the report uses for a column of numbers.
    owners : tuple of str
        Columns whose text owns the row.
    name : str
        Of the frame; it owns every row, and ``owner|name`` the rows of an owner.
    """
    numeric = [
        str(column)
        for column in frame
        if pd.api.types.is_numeric_dtype(frame[column]) and not pd.api.types.is_bool_dtype(frame[column])
    ]
    named = [str(column) for column in frame if column not in numeric]
    for place, record in enumerate(frame.to_dict("records"), start=first):
        said = tuple(dict.fromkeys(text.lower() for column in named for text in label(record, column) if text))
        mine = tuple(str(record[column]) for column in owners if isinstance(record.get(column), str))
        if name:
            mine = (*mine, name, *(f"{owner}|{name}" for owner in mine))
        for column in numeric:
            if _finite(record[column]):
                more = tuple(words(record, column)) if words else ()
                yield Cell(file, f"{prefix}{place}", column, float(record[column]), (*said, *more), mine)


def cells_of_record(
    file: str,
    record: Any,
    row: str,
    label: Label,
    column: str = "",
    words: tuple[str, ...] = (),
    owners: tuple[str, ...] = (),
) -> Iterator[Cell]:
    """Numbers of nested mappings and lists; the column is the path to the number."""
    if isinstance(record, Mapping):
        own = tuple(
            text.lower()
            for key, value in record.items()
            if isinstance(value, str)
            for text in label(record, str(key))
            if text
        )
        for key, value in record.items():
            keyed = (*words, *own, str(key).replace("_", " ").lower())
            yield from cells_of_record(file, value, row, label, below(column, str(key)), keyed, owners)
    elif isinstance(record, list | tuple):
        if len(record) <= _LONGEST:
            for place, value in enumerate(record):
                yield from cells_of_record(file, value, row, label, f"{column}[{place}]", words, owners)
    elif _finite(record):
        yield Cell(file, row, column, float(record), tuple(dict.fromkeys(words)), owners)


def below(path: str, key: str) -> str:
    """Path of a key; a key that is no simple word stands in brackets."""
    if any(character in key for character in ".[]"):
        return f'{path}["{key}"]'
    return f"{path}.{key}".lstrip(".")


def _finite(value: Any) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool) and math.isfinite(value)


def _key(value: float) -> float:
    # what is computed in another order differs in the last digits
    return float(f"{abs(value):.12g}")
