"""The simulated error rates of a run, by the correlations that they were simulated at."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from cpis_analysis.methods import measured_sizes
from cpis_analysis.operating.simulated_names import ANSWERS, LEAST_SQUARES, comparator_words
from cpis_analysis.plan.naming import Noun, study_words
from cpis_analysis.publish.format import is_missing
from cpis_analysis.publish.sources.sourced import setting
from cpis_analysis.publish.sources.sourced_columns import rows_of
from cpis_analysis.words.labels import Labels

_CODE = "src/cpis_analysis/methods/measured_sizes.py"
NOMINAL = setting(measured_sizes.NOMINAL, _CODE, "NOMINAL")
TOO_OFTEN = setting(measured_sizes.TOO_OFTEN, _CODE, "TOO_OFTEN")


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


@dataclass(frozen=True)
class AnswerRates:
    """What was simulated of the headline of one answer or count.

    Attributes
    ----------
    outcome : str
    rows : tuple of mapping
        Rows of results/error_rates.csv, one a pair of correlations.
    """

    outcome: str
    rows: tuple[Mapping[str, Any], ...]

    @property
    def too_often(self) -> tuple[Mapping[str, Any], ...]:
        """Rows at which the test was wrong too often, by more than the simulation's own error."""
        return tuple(row for row in self.rows if row["size"] > TOO_OFTEN and row["size_low"] > NOMINAL)


def simulated_answers(frame: pd.DataFrame, labels: Labels) -> list[AnswerRates]:
    """Answers and counts of which anything was simulated, in the plan's order."""
    found: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows_of(frame):
        if row.get("drawn") == ANSWERS and row["replicates"]:
            found.setdefault(str(row["outcome"]), []).append(row)
    return [AnswerRates(name, tuple(found[name])) for name in labels.outcomes() if name in found]


def beside_words(comparator: str, person: Noun) -> str:
    """Words for a comparator of the headline."""
    said = study_words(person)(comparator_words(comparator))
    return f"least squares, {said}" if comparator == LEAST_SQUARES else f"the same model {said}"


def simulated_cells(frame: pd.DataFrame) -> list[Simulated]:
    """The cells of the primary outcome's headline, a score, in the file's order; none where nothing was simulated."""
    return list(_cells(frame))


def _cells(frame: pd.DataFrame) -> Iterator[Simulated]:
    cells: dict[tuple[Any, ...], list[Mapping[str, Any]]] = {}
    for row in rows_of(frame):
        if row.get("drawn") == ANSWERS:
            continue
        own = row | {"comparator": "" if is_missing(row["comparator"]) else str(row["comparator"])}
        cells.setdefault((row["correlations"], row["icc_trust"], row["icc_team"]), []).append(own)
    for (origin, *_), rows in cells.items():
        yield Simulated(origin == "estimated", tuple(rows))
