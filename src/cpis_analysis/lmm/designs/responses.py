"""Outcomes that can't be fitted, said in the same words by a fit and by thousands of refits."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from cpis_analysis.errors import ModelError, Problem
from cpis_analysis.lmm.designs.design import Design
from cpis_analysis.lmm.designs.unusable import INFINITE, MEND_INFINITE, MISSING, UnusableResponse

_MOST_LISTED = 10


def finite_responses(design: Design, Y: np.ndarray | pd.DataFrame | pd.Series) -> tuple[np.ndarray, dict[int, Problem]]:
    """Outcomes as an array (n, B), and what is wrong with those that have missing or infinite values.

    Parameters
    ----------
    design : Design
    Y : (n,) or (n, B)
        For the fitted rows, or for every row of the original frame.

    Raises
    ------
    ModelError
        If there is no response, or not one row for each row of the design.
    """
    values = np.asarray(Y, dtype=float)
    if values.ndim == 1:
        values = values[:, None]
    if design.rows is not None and len(values) == design.n_frame:
        values = values[design.rows]
    if values.ndim != 2 or len(values) != design.n:
        lengths = str(sorted({design.n, len(values)})) if values.ndim == 2 else str(np.shape(Y))
        raise ModelError(
            "The columns have different lengths.",
            Problem("lengths", value=lengths, hint="give columns of one length"),
        )
    if not values.shape[1]:
        problem = Problem(
            "there is no response", variable=str(design.formula.response), hint="give one column a response"
        )
        raise ModelError("The model cannot be fitted.", problem)
    if np.isfinite(values).all():
        return values, {}
    missing, infinite = np.isnan(values).sum(axis=0), np.isinf(values).sum(axis=0)
    found = {}
    for j in np.flatnonzero(missing + infinite).tolist():
        what, count = (MISSING, missing[j]) if missing[j] else (INFINITE, infinite[j])
        hint = "a refit can't leave rows out; fit the model anew" if missing[j] else MEND_INFINITE
        found[j] = Problem(what, variable=str(design.formula.response), count=int(count), hint=hint)
    return values, found


def same_within_groups(design: Design, Y: np.ndarray) -> np.ndarray:
    """Outcomes (n, B) of which the fixed part leaves no variation within the smallest groups, (B,) bool.

    Their residual variance is zero, so that a search for its ratio to the others ends nowhere.
    """
    if not design.random:
        return np.zeros(Y.shape[1], dtype=bool)
    part = max(design.random, key=lambda one: one.n_groups)
    both = np.hstack([design.X, Y])
    means = np.array([np.bincount(part.codes, weights=column, minlength=part.n_groups) for column in both.T])
    within = both - (means / np.bincount(part.codes, minlength=part.n_groups)).T[part.codes]
    X, left = within[:, : design.X.shape[1]], within[:, design.X.shape[1] :]
    left = left - X @ np.linalg.lstsq(X, left, rcond=1e-10)[0]
    return np.abs(left).max(axis=0) <= 1e-10 * np.abs(Y).max(axis=0)


def refuse_responses(problems: Mapping[int, Problem], Y: np.ndarray | pd.DataFrame | pd.Series) -> None:
    """Raise for unusable outcomes, each by the name of its column or its number if there are several.

    Raises
    ------
    UnusableResponse
    """
    if not problems:
        return
    several = np.ndim(Y) == 2 and np.shape(Y)[1] > 1
    names = list(Y.columns) if isinstance(Y, pd.DataFrame) else None
    listed = []
    for j, problem in list(problems.items())[:_MOST_LISTED]:
        place = f" (response {j if names is None else names[j]})" if several else ""
        listed.append(
            Problem(problem.message + place, variable=problem.variable, hint=problem.hint, count=problem.count)
        )
    if len(problems) > _MOST_LISTED:
        listed.append(Problem(f"and {len(problems) - _MOST_LISTED} more responses", hint="correct these first"))
    raise UnusableResponse("The model cannot be fitted.", listed)
