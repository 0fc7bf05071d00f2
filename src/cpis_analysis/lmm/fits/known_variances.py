"""Generalised least squares at the variances of a fit, for rows beyond those that were fitted.

A sensitivity analysis of missing outcomes asks what the coefficients would be had rows without an outcome had one.
At given variances they are linear in the outcomes, so nothing has to be searched again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from cpis_analysis.errors import ModelError, Problem
from cpis_analysis.formula.parse import Operand
from cpis_analysis.lmm.designs.basis import orthogonalise
from cpis_analysis.lmm.designs.coded_columns import FactorCoding, read_column
from cpis_analysis.lmm.designs.design import Design
from cpis_analysis.lmm.designs.grouping import encode_groups
from cpis_analysis.lmm.fits.fit import LinearMixedFit
from cpis_analysis.lmm.fits.plain_residuals import need_plain_residuals
from cpis_analysis.lmm.structures.choose import choose_structure


def predictable_rows(fit: LinearMixedFit, frame: pd.DataFrame) -> np.ndarray:
    """Which rows the fixed part can say something about.

    A row needs a value of every variable of the formula but the outcome, levels of the fixed part's factors that
    occur in the fit (a group of a random term may be new), and a mean that the fit can estimate: not one that
    depends on a column that was left out because it repeated others among the fitted rows.

    Parameters
    ----------
    fit : LinearMixedFit
    frame : DataFrame

    Returns
    -------
    (rows,) bool

    Raises
    ------
    ModelError
        If a column is missing.
    """
    needed = _variables(fit.design)
    absent = [
        Problem("no such column", variable=name, hint="name a column of the frame")
        for name in needed
        if name not in frame
    ]
    if absent:
        raise ModelError("New data do not fit the model.", absent)
    good = frame[needed].notna().all(axis=1).to_numpy(copy=True)
    for operand, coding in fit.design.codings.items():
        if isinstance(coding, FactorCoding):
            column = read_column(frame, operand.variable).as_factor
            known = np.array([level in coding.levels for level in column.levels] + [False])
            good &= known[column.codes]
    if not fit.basis.dropped or not good.any():
        return good
    X = _columns(fit.design, frame[good])
    good[good] = fit.basis.row_space.contains(X)
    return good


def coefficients_at_fit(fit: LinearMixedFit, frame: pd.DataFrame, Y: np.ndarray) -> np.ndarray:
    """Coefficients of other outcomes on other rows, at the variances of the fit.

    1. Columns of the fixed part as the fit codes them: its levels, its constants of center() and scale().
    2. Groups of the random part as they are in `frame`; one that is new has the same variance.
    3. (X' H^-1 X)^-1 X' H^-1 Y, with H at the fit's variance ratios, zeros among them.

    Parameters
    ----------
    fit : LinearMixedFit
        Without prior weights.
    frame : DataFrame
        All rows, each `predictable_rows`; their outcome is not looked at.
    Y : (rows, B) float
        One outcome a column.

    Returns
    -------
    (p, B) float
        In the order of ``fit.term_names``.

    Raises
    ------
    ModelError
        If a row can't be predicted, the rows do not identify the coefficients, or the fit has prior weights.

    Notes
    -----
    Linear in Y. With Y the outcomes of the fitted rows and the predictions ``predict(fit, rows)`` of
    the others, the result is ``fit.coefficients`` exactly: the conditional means are the missing outcomes at which
    the sum of squares of generalised least squares is stationary in these outcomes too. So the coefficients of an
    outcome D that is a shift on the rows without outcome and zero elsewhere are the change of the estimates when the
    predictions are shifted by D.
    """
    need_plain_residuals(fit, "coefficients of other rows")
    Y = np.asarray(Y, dtype=float)
    problems = []
    if fit.design.weights is not None:
        problems.append(Problem("the fit has prior weights", hint="fit without weights"))
    if Y.ndim != 2 or len(Y) != len(frame) or not np.isfinite(Y).all():
        problems.append(
            Problem(
                "one finite outcome for each row is needed",
                value=str(Y.shape),
                hint="give as many values as the fit has rows",
            )
        )
    unknown = 0 if problems else int((~predictable_rows(fit, frame)).sum())
    if unknown:
        problems.append(Problem("rows that the model can't predict", count=unknown, hint="leave these rows out"))
    if problems:
        raise ModelError("The coefficients can't be computed.", problems)
    design = _design(fit.design, frame)
    basis = orthogonalise(np.ascontiguousarray(design.X[:, list(fit.basis.kept)]))
    if basis.dropped:
        raise ModelError(
            "The coefficients can't be computed.",
            Problem("the rows do not identify all of them", hint="give more rows, or fewer coefficients"),
        )
    structure = choose_structure(design, basis)
    psi = structure.layout.vector(
        [
            S / fit.sigma2 * np.outer(scale, scale)
            for S, scale in zip(fit.variances.covariances, structure.scales, strict=True)
        ]
    )
    R, beta, scale = basis.reduce(Y)
    p = basis.p
    for column in range(Y.shape[1]):
        _, A = structure.value(psi, structure.sums(np.ascontiguousarray(R[:, column])))
        beta[:, column] += basis.back @ np.linalg.solve(A[:p, :p], A[:p, p]) * scale[column]
    return beta


def _variables(design: Design) -> list[str]:
    """Columns of the fixed part and of the random part."""
    groups = [name for part in design.random for name in part.variables]
    return sorted({operand.variable for operand in design.codings} | set(groups))


def _values(design: Design, frame: pd.DataFrame) -> Mapping[Operand, np.ndarray]:
    return design.operand_values(frame, set(design.codings))


def _columns(design: Design, frame: pd.DataFrame) -> np.ndarray:
    return design.coding.matrix(_values(design, frame), design.codings, len(frame))


def _design(design: Design, frame: pd.DataFrame) -> Design:
    """The model's arrays for other rows, with an outcome of zero."""
    values, n = _values(design, frame), len(frame)
    random = tuple(
        replace(
            part,
            columns=None if part.columns is None else part.coding.matrix(values, design.codings, n),
            grouping=encode_groups([read_column(frame, name) for name in part.variables], None),
        )
        for part in design.random
    )
    return replace(
        design,
        y=np.zeros(n),
        X=design.coding.matrix(values, design.codings, n),
        values=dict(values),
        numbers={},
        random=random,
        rows=None,
        n_frame=n,
        missing={},
        index=frame.index,
    )
