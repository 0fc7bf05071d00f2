"""Rows of weights on the coefficients, from whatever a caller gives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from cpis_analysis.errors import ModelError, Problem, did_you_mean

_COLUMNS = pd.Index(["estimate", "std_error", "df", "statistic", "p_value", "ci_low", "ci_high"])

__all__ = ["contrast_matrix", "contrast_row", "inference_frame", "term_rows"]


def contrast_row(
    given: Mapping[str, float] | pd.Series | Sequence[float], names: Sequence[str], dropped: Sequence[str] = ()
) -> np.ndarray:
    """One row of weights (p,) from a mapping term -> weight or one weight a coefficient.

    Raises
    ------
    ModelError
        For unknown terms, dropped columns, wrong lengths, or nothing but zeros.
    """
    problems = []
    row = np.zeros(len(names))
    if isinstance(given, Mapping | pd.Series):
        for name, weight in given.items():
            if name in dropped:
                problems.append(Problem("the column was dropped, so the contrast cannot be estimated", variable=name))
            elif name not in names:
                problems.append(
                    Problem("no such term in the model", variable=str(name), allowed=", ".join(names),
                            hint=did_you_mean(name, names)))  # fmt: skip
            else:
                row[list(names).index(name)] += float(weight)
    else:
        values = np.asarray(given, dtype=float)
        if values.shape != (len(names),):
            problems.append(Problem("one weight for each coefficient is needed", value=str(values.shape),
                                    allowed=str(len(names))))  # fmt: skip
        else:
            row = values.copy()
    if not problems and (not np.isfinite(row).all() or not row.any()):
        problems.append(Problem("the weights must be finite and not all zero"))
    if problems:
        raise ModelError("The contrast cannot be computed.", problems)
    return row


def contrast_matrix(given: object, names: Sequence[str], dropped: Sequence[str] = ()) -> np.ndarray:
    """Several rows (q, p) from a matrix or a list of rows."""
    if isinstance(given, Mapping | pd.Series):
        return contrast_row(given, names, dropped)[None]
    if isinstance(given, np.ndarray) and given.ndim == 1:
        return contrast_row(given, names, dropped)[None]
    if isinstance(given, pd.DataFrame):
        given = given.to_numpy()
    return np.array([contrast_row(row, names, dropped) for row in given])


def term_rows(
    terms: Sequence[str], names: Sequence[str], owners: Mapping[str, Sequence[str]], dropped: Sequence[str] = ()
) -> np.ndarray:
    """Unit rows for the coefficients of whole terms ("arm") or of single columns ("arm[b]")."""
    chosen: list[str] = []
    problems = []
    for term in [terms] if isinstance(terms, str) else terms:
        found = [term] if term in names else [name for name in owners.get(term, ()) if name in names]
        if not found:
            known = [*owners, *names]
            message = "the column was dropped" if term in dropped or term in owners else "no such term in the model"
            problems.append(Problem(message, variable=str(term), hint=did_you_mean(term, known)))
        chosen += [name for name in found if name not in chosen]
    if problems or not chosen:
        raise ModelError("The joint test cannot be computed.", problems or [Problem("no term was named")])
    rows = np.zeros((len(chosen), len(names)))
    for i, name in enumerate(chosen):
        rows[i, list(names).index(name)] = 1.0
    return rows


def inference_frame(
    labels: Sequence[str], estimate: np.ndarray, std_error: np.ndarray, df: np.ndarray, level: float, index: str
) -> pd.DataFrame:
    """Estimates with t statistic, p-value and interval; infinite df means the normal distribution."""
    from scipy.special import ndtr, ndtri, stdtr, stdtrit

    if not 0.0 < level < 1.0:
        raise ModelError(
            "The interval cannot be computed.", [Problem("the level lies between 0 and 1", value=str(level))]
        )
    estimate, std_error, df = (np.asarray(x, dtype=float) for x in (estimate, std_error, df))
    with np.errstate(divide="ignore", invalid="ignore"):
        statistic = estimate / std_error
    normal = ~np.isfinite(df)
    safe = np.where(normal, 1.0, df)
    tail = 0.5 + level / 2.0
    # the lower tail at -|t| keeps its digits where one minus a distribution function would not
    p_value = 2.0 * np.where(normal, ndtr(-np.abs(statistic)), stdtr(safe, -np.abs(statistic)))
    margin = np.where(normal, ndtri(tail), stdtrit(safe, tail)) * std_error
    columns = np.array([estimate, std_error, df, statistic, p_value, estimate - margin, estimate + margin]).T
    return pd.DataFrame(columns, index=pd.Index(list(labels), name=index, dtype=object), columns=_COLUMNS)
