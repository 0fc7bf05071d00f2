"""Stage one of a comparison of cluster means: the slopes of covariates that vary among the people of a cluster."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cpis_analysis.analyses.rows.fit_warnings import OutcomeWarning
from cpis_analysis.analyses.rows.named_estimability import Columns
from cpis_analysis.study_words import PEOPLE

NOTABLE = 0.05
"""Share of the standard error that the slopes' uncertainty may add before it is warned of."""

OVERWHELMING = 5.0
"""Times the standard error of alike clusters that the slopes' uncertainty may be before the comparison is refused."""


@dataclass(frozen=True)
class FirstStage:
    """Outcomes without what covariates of people make of them.

    Attributes
    ----------
    value : (n,) float
        Outcomes less the slopes times `X`.
    X : (n, q) float
        What varies within clusters, about its mean.
    slopes : (q, q) float
        Covariance of its slopes, people taken as independent.
    error : float
        Standard deviation that people leave.
    explained : bool
        Whether the columns explain every outcome, so that nothing is left.
    """

    value: np.ndarray
    X: np.ndarray
    slopes: np.ndarray
    error: float
    explained: bool = False


def first_stage(columns: Columns, constant: list[int]) -> FirstStage:
    """Least squares on all columns, and the outcomes less the slopes times what varies within clusters.

    Parameters
    ----------
    columns : Columns
        With the arm among them, so that the slopes are those within arms.
    constant : list of int
        Columns that do not vary within clusters.
    """
    design, basis = columns.design, columns.basis
    _, beta, scale = basis.reduce(design.y[:, None])
    within, X = within_clusters(columns, constant)
    error = float(scale[0]) * np.sqrt(design.n / max(design.n - basis.p, 1))
    back = basis.back[within] * error
    explained = bool(basis.explained(design.y[:, None], np.array([error]))[0])
    return FirstStage(design.y - X @ beta[within, 0], X, back @ back.T, error, explained)


def within_clusters(columns: Columns, constant: list[int]) -> tuple[list[int], np.ndarray]:
    """Places among the coefficients of columns that vary within clusters, and their values about the mean (n, q)."""
    X, kept = columns.design.X, columns.basis.kept
    places = [place for place, j in enumerate(kept) if j not in constant and np.ptp(X[:, j]) > 0]
    chosen = X[:, [kept[place] for place in places]]
    return places, chosen - chosen.mean(axis=0)


def slopes_error(first: FirstStage, apart: np.ndarray) -> float:
    """Standard error of the slopes' part of the estimate.

    The estimate is the difference of the means less the slopes times the difference in covariates (`apart`, (q,), as
    stage two finds it), so their uncertainty adds `apart` V `apart` to its variance.
    """
    return float(np.sqrt(apart @ first.slopes @ apart))


def uncertain_slopes(error: float, se: float) -> tuple[str, ...]:
    """Warning where arms lie so far apart in covariates that the slopes' own uncertainty (`slopes_error`) matters."""
    more = np.sqrt(1 + (error / se) ** 2) - 1
    if more < NOTABLE:
        return ()
    text = (
        f"The arms lie apart in covariates of {PEOPLE}: the uncertainty of their slopes, which a comparison of "
        f"cluster means leaves out, would make the standard error {100 * more:.0f}% larger."
    )
    return (OutcomeWarning(text),)
