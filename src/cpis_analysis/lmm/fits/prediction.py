"""Predictions of a fitted model for new rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from cpis_analysis.errors import ModelError, Problem
from cpis_analysis.lmm.designs.coded_columns import Column, FactorColumn, read_column
from cpis_analysis.lmm.designs.options import one_of
from cpis_analysis.lmm.fits.fit import LinearMixedFit


def predict(
    fit: LinearMixedFit,
    data: pd.DataFrame | Mapping[str, Any] | None = None,
    *,
    kind: str = "conditional",
    new_groups: str = "mean",
) -> pd.Series:
    """Predicted values for new rows.

    Parameters
    ----------
    fit : LinearMixedFit
    data : DataFrame, optional
        New rows; without it the fitted rows.
    kind : str
        ``conditional`` adds the conditional modes, ``marginal`` does not.
    new_groups : str
        Groups that were not in the fit: ``mean`` gives them effect zero (their expectation), ``error`` refuses.

    Returns
    -------
    Series
        NaN where a column is missing.

    Raises
    ------
    ModelError
        For unknown factor levels, missing columns, or unseen groups under ``error``.
    """
    one_of(kind, "kind", ("conditional", "marginal"))
    one_of(new_groups, "new_groups", ("mean", "error"))
    if data is None:
        return fit.fitted(kind)
    design = fit.design
    frame = data if isinstance(data, pd.DataFrame) else pd.DataFrame(dict(data))
    operands = {operand for term in design.coding.terms for operand, _ in term}
    parts = design.random if kind == "conditional" else ()
    for part in parts:
        operands |= {operand for term in part.coding.terms for operand, _ in term}
    needed = {operand.variable for operand in operands} | {name for part in parts for name in part.variables}
    problems = [
        Problem("no such column", variable=name, hint="name a column of the frame")
        for name in sorted(needed)
        if name not in frame.columns
    ]
    if problems:
        raise ModelError("New data do not fit the model.", problems)
    complete = ~frame[sorted(needed)].isna().any(axis=1).to_numpy() if needed else np.ones(len(frame), dtype=bool)
    rows = frame[complete]
    values = design.operand_values(rows, operands)
    X = design.coding.matrix(values, design.codings, len(rows))[:, list(fit.basis.kept)]
    found = X @ fit.beta
    for part, mode in zip(parts, fit.conditional_modes if parts else (), strict=True):
        where = {label: i for i, label in enumerate(part.grouping.labels)}
        columns = []
        for name in part.variables:
            column = read_column(rows, name)
            columns.append(_labels(column))
        keys = list(zip(*columns, strict=True))
        codes = np.array([where.get(key, -1) for key in keys], dtype=np.intp)
        unseen = sorted({":".join(map(str, key)) for key, code in zip(keys, codes, strict=True) if code < 0})
        if unseen and new_groups == "error":
            raise ModelError(
                "New data do not fit the model.",
                [
                    Problem(
                        "group not seen in the fit",
                        variable=part.group,
                        value=label,
                        hint="predict without random effects, or leave the group out",
                    )
                    for label in unseen
                ],
            )
        u = np.vstack([mode, np.zeros((1, part.q))])[codes]
        if part.columns is None:
            found = found + u[:, 0]
        else:
            found = found + (part.coding.matrix(values, design.codings, len(rows)) * u).sum(axis=1)
    out = np.full(len(frame), np.nan)
    out[complete] = found
    return pd.Series(out, index=frame.index, name="predicted")


def _labels(column: Column) -> list[object]:
    if isinstance(column, FactorColumn):
        return [column.levels[code] for code in column.codes]
    return [int(x) if float(x).is_integer() else float(x) for x in column.numbers]
