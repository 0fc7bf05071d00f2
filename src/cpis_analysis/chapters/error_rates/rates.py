"""The simulated error rates of a run, by the correlations that they were simulated at."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from cpis_analysis.operating.comparators import LEAST_SQUARES
from cpis_analysis.publish.format import is_missing
from cpis_analysis.publish.sourced_columns import rows_of

__all__ = ["Simulated", "beside_words", "simulated_cells"]


@dataclass(frozen=True)
class Simulated:
    """What was simulated at one pair of correlations.

    Attributes
    ----------
    estimated : bool
        Whether the correlations are those of the headline model, or assumed.
    rows : tuple of mapping
        Rows of results/error_rates.csv: the headline first, then its comparators, then other analyses.
    """

    estimated: bool
    rows: tuple[Mapping[str, Any], ...]

    @property
    def headline(self) -> Mapping[str, Any]:
        return self.rows[0]

    def comparator(self, name: str) -> Mapping[str, Any] | None:
        """The row of a comparator, where there is one."""
        return next((row for row in self.rows if row["comparator"] == name), None)


def beside_words(comparator: str) -> str:
    """Words for a comparator of the headline."""
    return f"least squares, {comparator}" if comparator == LEAST_SQUARES else f"the same model {comparator}"


def simulated_cells(frame: pd.DataFrame) -> list[Simulated]:
    """The cells of the file, in its order; none where nothing was simulated."""
    return list(_cells(frame))


def _cells(frame: pd.DataFrame) -> Iterator[Simulated]:
    cells: dict[tuple[Any, ...], list[Mapping[str, Any]]] = {}
    for row in rows_of(frame):
        own = row | {"comparator": "" if is_missing(row["comparator"]) else str(row["comparator"])}
        cells.setdefault((row["correlations"], row["icc_trust"], row["icc_team"]), []).append(own)
    for (origin, *_), rows in cells.items():
        yield Simulated(origin == "estimated", tuple(rows))
