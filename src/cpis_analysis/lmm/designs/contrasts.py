"""Rows of weights on the coefficients, from whatever a caller gives; refused where the data can't tell them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from cpis_analysis.errors import ModelError, Problem, did_you_mean
from cpis_analysis.lmm.designs.basis import Basis
from cpis_analysis.lmm.designs.coded_columns import FactorCoding
from cpis_analysis.lmm.designs.design import Design, term_label
from cpis_analysis.lmm.designs.estimability import explaining_terms

_COLUMNS = pd.Index(["estimate", "std_error", "df", "statistic", "p_value", "ci_low", "ci_high"])


def contrast_row(
    given: Mapping[str, float] | pd.Series | Sequence[float], design: Design, basis: Basis, label: str = "contrast"
) -> np.ndarray:
    """One row of weights on the kept coefficients (p,).

    Parameters
    ----------
    given : mapping, Series or sequence
        Column -> weight, where a column that was left out may be weighed too; or one weight for each kept coefficient
        or for each column of the design.
    design, basis : Design, Basis
    label : str
        What a message calls it.

    Raises
    ------
    ModelError
        For unknown terms, wrong lengths, nothing but zeros, or a contrast that the data can't tell.
    """
    problems = []
    names = design.term_names
    row = np.zeros(len(names))
    if isinstance(given, Mapping | pd.Series):
        for name, weight in given.items():
            if name not in names:
                problems.append(
                    Problem("no such term in the model", variable=str(name), allowed=", ".join(names),
                            hint=did_you_mean(name, names)))  # fmt: skip
            else:
                row[names.index(name)] += float(weight)
        label = " ".join(f"{float(weight):+g} {name}" for name, weight in given.items()).removeprefix("+1 ")
    else:
        values = np.asarray(given, dtype=float)
        if values.shape == (basis.p,):
            row[list(basis.kept)] = values
        elif values.shape == (len(names),):
            row = values.copy()
        else:
            problems.append(Problem("one weight for each coefficient is needed", value=str(values.shape),
                                    allowed=str(basis.p)))  # fmt: skip
            row[0] = 1.0
    if not problems and (not np.isfinite(row).all() or not row.any()):
        problems.append(
            Problem("the weights must be finite and not all zero", hint="give at least one weight that is not zero")
        )
    if problems:
        raise ModelError("The contrast cannot be computed.", problems)
    return estimable_rows(row[None], design, basis, [label])[0]


_EMPTY = "is there a row for every combination of levels?"


def estimable_rows(
    rows: np.ndarray, design: Design, basis: Basis, labels: Sequence[str], hint: str = _EMPTY
) -> np.ndarray:
    """Weights on all columns of a design (q, all) as weights on the kept coefficients (q, p).

    `hint` is what to look at where no term explains why a row can't be told.

    Raises
    ------
    ModelError
        For every row that lies outside the row space of the design, naming what explains it.
    """
    good = basis.row_space.contains(rows)
    if not good.all():
        raise ModelError(
            "The contrast cannot be computed.",
            [
                not_estimable(row, design, label, hint)
                for row, label, fine in zip(rows, labels, good, strict=True)
                if not fine
            ],
        )
    return rows[:, list(basis.kept)]


def not_estimable(row: np.ndarray, design: Design, label: str, hint: str = _EMPTY) -> Problem:
    """Why the data can't tell a contrast."""
    terms = explaining_terms(design, row)
    if not terms:
        return Problem(
            "the data can't tell it: a column of it was dropped because no row, or no other row, tells it",
            variable=label,
            hint=hint,
        )
    return Problem(
        f"it can be computed from {' and '.join(terms)}, so the data can't tell its effect from theirs "
        "(one of the columns was dropped)",
        variable=label,
        hint=f"leave {' or '.join(terms)} out",
    )


def term_rows(terms: str | Sequence[str], design: Design, basis: Basis) -> np.ndarray:
    """Weights (q, all columns) for testing that whole terms ("arm") or single columns ("arm[b]") have no effect.

    1. The unit rows of a term's columns. Without an intercept, the columns of a term of factors alone are the means of
       its cells; that these are zero is no question about the term, so their differences from the first are taken.
    2. What the data can tell of these rows: a basis of their estimable combinations.

    Raises
    ------
    ModelError
        For unknown terms, or terms of which the data can tell nothing, naming what explains them.
    """
    names, coding = list(design.term_names), design.coding
    by_term: dict[frozenset[str], int] = {
        frozenset(map(str, term)): number for number, term in enumerate(design.formula.fixed_terms)
    }
    rows, problems, found_any = [], [], False
    for term in [terms] if isinstance(terms, str) else terms:
        number = by_term.get(frozenset(part.strip() for part in str(term).split(":")))
        number = by_term.get(frozenset()) if term == "(Intercept)" else number
        if term in names:
            unit = np.eye(len(names))[[names.index(term)]]
        elif number is not None:
            unit = np.eye(len(names))[[j for j, owner in enumerate(coding.term_of_column) if owner == number]]
            if () not in design.formula.fixed_terms and _cell_means(design, number):
                seen = design.X.any(axis=0) @ unit.T > 0
                unit = unit[seen]
                unit = unit[1:] - unit[0]
        else:
            known = [*(term_label(one) for one in design.formula.fixed_terms), *names]
            problems.append(
                Problem(
                    "no such term in the model",
                    variable=str(term),
                    hint=did_you_mean(str(term), known) or "name a term of the formula",
                )
            )
            continue
        found_any = True
        told = basis.row_space.testable(unit)
        if not len(told):
            problems.append(not_estimable(unit.sum(axis=0) if len(unit) else np.zeros(len(names)), design, str(term)))
        rows.append(told)
    if problems or not found_any:
        raise ModelError(
            "The joint test cannot be computed.",
            problems or [Problem("no term was named", hint="name a term of the formula")],
        )
    return np.vstack(rows)


def _cell_means(design: Design, number: int) -> bool:
    """Whether a term's columns are one a cell of its factors."""
    recipe = design.coding.terms[number]
    return bool(recipe) and all(isinstance(design.codings[operand], FactorCoding) and full for operand, full in recipe)


def inference_frame(
    labels: Sequence[str], estimate: np.ndarray, std_error: np.ndarray, df: np.ndarray, level: float, index: str
) -> pd.DataFrame:
    """Estimates with t statistic, p-value and interval; infinite df means the normal distribution."""
    from scipy.special import ndtr, ndtri, stdtr, stdtrit

    if not 0.0 < level < 1.0:
        raise ModelError(
            "The interval cannot be computed.",
            Problem("the level lies between 0 and 1", value=str(level), hint="write 0.95 for 95%"),
        )
    estimate, std_error, df = (np.asarray(x, dtype=float) for x in (estimate, std_error, df))
    with np.errstate(divide="ignore", invalid="ignore"):
        statistic = estimate / std_error
    normal = ~np.isfinite(df)
    none = not normal.any()
    safe = df if none else np.where(normal, 1.0, df)
    tail = 0.5 + level / 2.0
    # the lower tail at -|t| keeps its digits where one minus a distribution function would not
    lower = -np.abs(statistic)
    p_value, quantile = stdtr(safe, lower), stdtrit(safe, tail)
    if not none:
        p_value, quantile = np.where(normal, ndtr(lower), p_value), np.where(normal, ndtri(tail), quantile)
    p_value, margin = 2.0 * p_value, quantile * std_error
    columns = np.array([estimate, std_error, df, statistic, p_value, estimate - margin, estimate + margin]).T
    return pd.DataFrame(columns, index=pd.Index(list(labels), name=index, dtype=object), columns=_COLUMNS, copy=False)
