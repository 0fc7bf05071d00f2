"""The columns that a formula names, read from a data frame: what is unusable is said, incomplete rows are left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from cpis_analysis.errors import ModelError, Problem, did_you_mean
from cpis_analysis.formula.parse import Formula
from cpis_analysis.lmm.designs.cluster_parts import with_cluster_parts
from cpis_analysis.lmm.designs.coded_columns import Column, NumberColumn, read_column
from cpis_analysis.lmm.designs.display import ShortRepr


@dataclass(frozen=True, repr=False)
class ModelFrame(ShortRepr):
    """Columns and weights of a model with the rows that are complete.

    Attributes
    ----------
    columns : dict of str to Column
        With all rows of the frame.
    weights : (n,) float or None
        Of the complete rows.
    rows : (n,) int or None
        Positions of the complete rows; None when all are.
    n_frame : int
        Rows of the frame.
    missing : dict of str to int
        Missing values by column.
    index : pandas.Index
        Labels of the complete rows.
    """

    columns: dict[str, Column]
    weights: np.ndarray | None
    rows: np.ndarray | None
    n_frame: int
    missing: dict[str, int]
    index: pd.Index

    @property
    def n(self) -> int:
        """Complete rows."""
        return self.n_frame if self.rows is None else len(self.rows)

    def numbers(self, column: NumberColumn) -> np.ndarray:
        """Numbers of the complete rows."""
        return column.numbers if self.rows is None else column.numbers[self.rows]


def read_model_frame(
    formula: Formula,
    frame: pd.DataFrame | Mapping[str, Any],
    weights: str | np.ndarray | None,
    reference: Mapping[str, object],
    contrasts: Mapping[str, str],
    more: Mapping[str, str] | None = None,
) -> ModelFrame:
    """Read the columns of a formula, and those that options name (`more`, columns by option).

    Raises
    ------
    ModelError
        With every unknown column or option, unusable column or weight, or if no row is complete.
    """
    frame = with_cluster_parts(frame, formula.cluster_parts)

    def absent(message: str, name: str) -> Problem:
        return Problem(
            message, variable=name, hint=did_you_mean(name, [str(one) for one in frame]) or "name a column of the frame"
        )

    problems = [absent("no such column", name) for name in formula.variables if name not in frame]
    others = more or {}
    problems += [
        absent(f"no such column, which '{option}' names", name) for option, name in others.items() if name not in frame
    ]
    problems += _wrong_options(formula, reference, contrasts)
    if isinstance(weights, str) and weights not in frame:
        problems.append(absent("no such column of weights", weights))
    if problems:
        raise ModelError("The model does not fit the data frame.", problems)
    columns = _columns([*formula.variables, *others.values()], frame)
    lengths = {len(column.missing) for column in columns.values()}
    n = max(lengths)
    if len(lengths) > 1:
        raise ModelError(
            "The columns have different lengths.",
            Problem("lengths", value=str(sorted(lengths)), hint="give columns of one length"),
        )
    values = None if weights is None else _weights(frame, weights, n)
    rows, missing = _complete_rows(columns, values, n)
    if not (n if rows is None else len(rows)):
        listed = [
            Problem("missing values", variable=k, count=v, hint="leave rows with missing values out, or fill them in")
            for k, v in missing.items()
            if v
        ]
        raise ModelError("No row has a value in every column of the model.", listed)
    index = getattr(frame, "index", None)
    index = index if isinstance(index, pd.Index) else pd.RangeIndex(n)
    if rows is None:
        return ModelFrame(columns, values, None, n, missing, index)
    return ModelFrame(columns, None if values is None else values[rows], rows, n, missing, index[rows])


def _wrong_options(formula: Formula, reference: Mapping[str, object], contrasts: Mapping[str, str]) -> list[Problem]:
    problems = []
    for option, given in (("reference", reference), ("contrasts", contrasts)):
        for name in given:
            if name not in formula.variables:
                hint = did_you_mean(name, formula.variables)
                problems.append(Problem(f"'{option}' names a column that the formula does not use",
                                        variable=str(name), hint=hint))  # fmt: skip
    for name, kind in contrasts.items():
        if kind not in ("treatment", "sum"):
            problems.append(Problem("unknown contrasts", variable=name, value=str(kind), allowed="treatment, sum"))
    return problems


def _columns(names: Sequence[str], frame: pd.DataFrame | Mapping[str, Any]) -> dict[str, Column]:
    columns: dict[str, Column] = {}
    problems: list[Problem] = []
    for name in dict.fromkeys(names):
        try:
            columns[name] = read_column(frame, name)
        except ModelError as error:
            problems += error.problems
    if problems:
        raise ModelError("The model does not fit the data frame.", problems)
    return columns


def _weights(frame: pd.DataFrame | Mapping[str, Any], weights: str | np.ndarray, n: int) -> np.ndarray:
    """Prior weights (n,) of all rows."""
    name = weights if isinstance(weights, str) else "weights"
    values = np.asarray(frame[weights] if isinstance(weights, str) else weights, dtype=float)
    problems = []
    if values.shape != (n,):
        problems.append(
            Problem(
                "one weight a row is needed",
                variable=name,
                value=str(values.shape),
                hint="give as many weights as rows",
            )
        )
    elif (values <= 0).any() or np.isinf(values).any():
        bad = int(((values <= 0) | np.isinf(values)).sum())
        problems.append(
            Problem("weights must be positive numbers", variable=name, count=bad, hint="leave rows of weight zero out")
        )
    if problems:
        raise ModelError("The weights cannot be used.", problems)
    return values


def _complete_rows(
    columns: Mapping[str, Column], weights: np.ndarray | None, n: int
) -> tuple[np.ndarray | None, dict[str, int]]:
    """Positions of the rows without missing values (None for all), and the missing values by column."""
    missing: dict[str, int] = {}
    mask = np.zeros(n, dtype=bool)
    for name, column in columns.items():
        this = column.missing
        count = int(np.count_nonzero(this))
        missing[name] = count
        if count:
            mask |= this
    if weights is not None:
        this = np.isnan(weights)
        missing["weights"] = int(np.count_nonzero(this))
        mask |= this
    return (np.flatnonzero(~mask) if mask.any() else None), missing
