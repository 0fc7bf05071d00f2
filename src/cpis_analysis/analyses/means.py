"""Adjusted means of the arms, and a summary's rows as plain records."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from cpis_analysis.errors import ModelError
from cpis_analysis.lmm import LinearMixedFit
from cpis_analysis.lmm.designs.marginal_means import marginal_rows
from cpis_analysis.plan.specification import AnalysisSpec

INFERENCE = ("estimate", "std_error", "df", "statistic", "p_value", "ci_low", "ci_high")
MEAN_COLUMNS = ("estimate", "std_error", "df", "ci_low", "ci_high")


def adjusted_means(
    spec: AnalysisSpec, fit: LinearMixedFit, contrast: Callable[[np.ndarray], pd.DataFrame]
) -> tuple[list[dict[str, Any]], tuple[str, ...]]:
    """Means by arm (and wave): predictions averaged over the rows analysed, each with its own covariates.

    Rows count by their weights where they have some.

    Parameters
    ----------
    spec : AnalysisSpec
    fit : LinearMixedFit
    contrast : callable
        Inference on one row of weights, as the analysis does it.

    Returns
    -------
    list of dict, tuple of str
        The means, or none and the reason.
    """
    fixed = {operand.variable for term in fit.design.formula.fixed_terms for operand in term}
    if spec.arm not in fixed:
        return [], ()
    by = [name for name in (spec.arm, "wave") if name in fixed]
    try:
        counted = "proportional" if fit.design.weights is None else "weighted"
        labels, weights = marginal_rows(fit.design, fit.basis, by, counted, {})
    except ModelError:
        return [], ("Adjusted means can't be computed from this model.",)
    records = []
    for label, row in zip(labels, weights, strict=True):
        (found,) = _rows(contrast(row))
        records.append(
            {"arm": label[0], "wave": label[1] if len(by) > 1 else None} | {name: found[name] for name in MEAN_COLUMNS}
        )
    return records, ()


def coefficient_records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows of a summary as plain records."""
    return [{"term": str(term)} | row for term, row in zip(table.index.tolist(), _rows(table), strict=True)]


def _rows(table: pd.DataFrame) -> list[dict[str, float]]:
    """The numbers of each row; a table that holds nothing else is taken as it is."""
    numbers = table if tuple(table.columns) == INFERENCE else table[list(INFERENCE)]
    return [dict(zip(INFERENCE, row, strict=True)) for row in numbers.to_numpy(dtype=float).tolist()]
