"""Where a number comes from: a cell of a file, or how it follows from cells."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Cell:
    """One value in a file.

    Attributes
    ----------
    file : str
    row : str
        Line of a CSV file (the first row is line 2), name of an analysis, or ``frame:row`` of the summaries.
    column : str
        Column, or the path to the value within a record.
    kind : str
        ``cell``, ``setting`` for a key of the plan or a constant of the code, ``suppressed`` for the limit that stands
        for a small count.
    """

    file: str
    row: str
    column: str
    kind: str = "cell"


@dataclass(frozen=True)
class Rows:
    """Where the rows of a frame stand that are numbered from 0 on."""

    file: str
    prefix: str
    first: int

    def cell(self, place: int) -> Cell:
        """The row of this number, without a column."""
        return Cell(self.file, f"{self.prefix}{self.first + place}", "")

    def __deepcopy__(self, memo: Any) -> Rows:
        # a frame copies what is noted of it at every turn
        return self


@dataclass(frozen=True)
class Listing:
    """Several values.

    Attributes
    ----------
    cells : tuple of Cell
        Where they stand.
    values : tuple
    described : bool
        There is one cell, and its `row` says in words which rows are meant.
    """

    cells: tuple[Cell, ...]
    values: tuple[Any, ...]
    described: bool = False


@dataclass(frozen=True)
class Made:
    """How a value follows from others.

    Attributes
    ----------
    by : str
        An operator (``+ - * /``), or a function of `publish.sources.arithmetic`.
    parts : tuple of (value, source)
        What it is applied to; the source is None for a constant and a `Listing` for a column.
    """

    by: str
    parts: tuple[tuple[Any, Source | None], ...]


Source = Cell | Listing | Made


def below(path: str, key: str) -> str:
    """Path of a key; a key that is no simple word stands in brackets."""
    if "." in key or "[" in key or "]" in key:
        return f'{path}["{key}"]'
    return f"{path}.{key}" if path else key
