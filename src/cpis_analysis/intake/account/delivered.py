"""A file as it was delivered, whatever program wrote it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import numpy as np

from cpis_analysis.intake.account.working_tables import Notice


@dataclass(frozen=True)
class MissingCodes:
    """Values that the file itself declares missing.

    Attributes
    ----------
    codes : tuple of str
    ranges : tuple of (float, float)
        Smallest and largest value, both included.
    """

    codes: tuple[str, ...] = ()
    ranges: tuple[tuple[float, float], ...] = ()

    def holds(self, text: str) -> bool:
        """Whether a text is declared missing."""
        if text in self.codes:
            return True
        try:
            value = float(text)
        except ValueError:
            return False
        return any(low <= value <= high for low, high in self.ranges)


@dataclass(frozen=True)
class Delivered:
    """Columns of text with what the file says about them.

    Attributes
    ----------
    format : str
        csv, redcap, qualtrics, spss, stata or excel.
    header : tuple of str
        Names of the columns; they may repeat or be empty.
    columns : tuple of (n,) object arrays
        Cells, in the order of the header; the empty text where nothing is written.
    lines : (n,) int array
        Where each row stands: the line of a text file, the row of a sheet, the case of a data file plus one.
    labels : tuple of str
        The file's own label of each column; empty where it has none.
    value_labels : mapping of int to mapping
        By column, the label of each value.
    missing : mapping of int to MissingCodes
        By column, what the file declares missing.
    remarks : tuple of str
        What was found out about the file, for the report.
    decimal_comma : bool
        A comma in a number can only be decimal.
    day_zero : date, optional
        Day 0 of a workbook in which dates may be numbers of days.
    notices : tuple of (int, Notice)
        By column, cells of which the file says more than their text.
    date_cells : mapping of int to (n,) bool array
        By column of a sheet: where a true date stands (or a number that can be the number of a day), not text.
    """

    format: str
    header: tuple[str, ...]
    columns: tuple[np.ndarray, ...]
    lines: np.ndarray
    labels: tuple[str, ...]
    value_labels: Mapping[int, Mapping[str, str]] = field(default_factory=dict)
    missing: Mapping[int, MissingCodes] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()
    decimal_comma: bool = False
    day_zero: date | None = None
    notices: tuple[tuple[int, Notice], ...] = ()
    date_cells: Mapping[int, np.ndarray] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.lines)

    def of(self, rows: np.ndarray) -> Delivered:
        """The file as if it had only some of its rows ((n,) bool)."""
        return replace(
            self,
            columns=tuple(cells[rows] for cells in self.columns),
            lines=self.lines[rows],
            notices=tuple((at, notice.of(rows)) for at, notice in self.notices),
            date_cells={at: cells[rows] for at, cells in self.date_cells.items()},
        )

    def with_columns(self, columns: Sequence[np.ndarray]) -> Delivered:
        """The file with other cells."""
        return replace(self, columns=tuple(columns))


def as_column(values: Iterable[Any]) -> np.ndarray:
    """(n,) object array of texts."""
    values = list(values)
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array
