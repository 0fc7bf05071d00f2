"""New responses from a fitted model, and predictions for new rows."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from cpis_analysis.errors import ModelError, Problem
from cpis_analysis.lmm.columns import read_column
from cpis_analysis.lmm.fit import LinearMixedFit

__all__ = ["predict", "simulate"]


def simulate(
    fit: LinearMixedFit,
    n: int = 1,
    *,
    seed: int | np.random.Generator,
    beta: np.ndarray | None = None,
    covariances: list[np.ndarray] | None = None,
    sigma2: float | None = None,
) -> np.ndarray:
    """Draw responses for the fitted rows: new random effects and new errors.

    Parameters
    ----------
    fit : LinearMixedFit
    n : int
        Number of responses.
    seed : int or Generator
    beta : (p,) float, optional
        Coefficients instead of the estimates.
    covariances : list of (q, q) float, optional
        Covariance matrix of each random term instead of the estimates.
    sigma2 : float, optional
        Residual variance instead of the estimate.

    Returns
    -------
    (rows, n) float

    Raises
    ------
    ModelError
        When a covariance is not positive semi-definite (an unbounded fit).
    """
    rng = np.random.default_rng(seed)
    sigma2 = fit.sigma2 if sigma2 is None else sigma2
    matrices = fit._covariances if covariances is None else covariances
    X = fit.design.X[:, list(fit.basis.kept)]
    mean = fit.fitted("marginal").to_numpy() if beta is None else X @ np.asarray(beta, dtype=float)
    out = np.repeat(mean[:, None], n, axis=1)
    for part, S in zip(fit.design.random, matrices, strict=True):
        values, vectors = np.linalg.eigh(np.atleast_2d(S))
        if values[0] < -1e-12 * max(values[-1], 1e-300):
            raise ModelError("The model cannot be simulated.", [Problem("a variance is negative", variable=part.group)])
        root = vectors * np.sqrt(np.maximum(values, 0.0))
        for a in range(part.q):
            u = np.zeros((part.n_groups, n))
            if a == 0:
                draws = rng.standard_normal((part.q, part.n_groups, n))
            for b in range(part.q):
                u += root[a, b] * draws[b]
            out += u[part.codes] if part.columns is None else part.columns[:, a, None] * u[part.codes]
    spread = np.sqrt(sigma2) / (1.0 if fit.basis.root_weights is None else fit.basis.root_weights[:, None])
    out += spread * rng.standard_normal(out.shape)
    return out


def predict(
    fit: LinearMixedFit,
    data: pd.DataFrame | Mapping | None = None,
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
    if kind not in ("conditional", "marginal") or new_groups not in ("mean", "error"):
        raise ModelError(
            "Unknown option.",
            [Problem("kind is conditional or marginal, new_groups is mean or error", value=f"{kind}, {new_groups}")],
        )
    if data is None:
        return fit.fitted(kind)
    design = fit.design
    frame = data if isinstance(data, pd.DataFrame) else pd.DataFrame(dict(data))
    operands = {operand for term in design.coding.terms for operand, _ in term}
    parts = design.random if kind == "conditional" else ()
    for part in parts:
        operands |= {operand for term in part.coding.terms for operand, _ in term}
    needed = {operand.variable for operand in operands} | {name for part in parts for name in part.variables}
    problems = [Problem("no such column", variable=name) for name in sorted(needed) if name not in frame.columns]
    if problems:
        raise ModelError("New data do not fit the model.", problems)
    complete = ~frame[sorted(needed)].isna().any(axis=1).to_numpy() if needed else np.ones(len(frame), dtype=bool)
    rows = frame[complete]
    values = design.operand_values(rows, operands)
    X = design.coding.matrix(values, design.codings, len(rows))[:, list(fit.basis.kept)]
    found = X @ fit._beta
    for part, mode in zip(parts, fit._modes if parts else (), strict=True):
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
                [Problem("group not seen in the fit", variable=part.group, value=label) for label in unseen],
            )
        u = np.vstack([mode, np.zeros((1, part.q))])[codes]
        if part.columns is None:
            found = found + u[:, 0]
        else:
            found = found + (part.coding.matrix(values, design.codings, len(rows)) * u).sum(axis=1)
    out = np.full(len(frame), np.nan)
    out[complete] = found
    return pd.Series(out, index=frame.index, name="predicted")


def _labels(column) -> list:
    if column.codes is not None:
        return [column.levels[code] for code in column.codes]
    return [int(x) if float(x).is_integer() else float(x) for x in column.numbers]
