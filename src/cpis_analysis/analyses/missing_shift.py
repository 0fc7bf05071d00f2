"""By how much an estimate moves for each point by which missing outcomes differ from expectation, arm by arm."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from cpis_analysis.analyses.estimate import MissingShift
from cpis_analysis.analyses.rows.analysis_rows import AnalysisRows
from cpis_analysis.lmm import LinearMixedFit, coefficients_at_fit, predictable_rows
from cpis_analysis.plan.specification import AnalysisSpec


@dataclass(frozen=True)
class Completed:
    """People analysed, and those without the outcome of whom the model can say what to expect.

    Attributes
    ----------
    everyone : DataFrame
        Those analysed first; categories are codes.
    absent : (n,) bool
        Who lacks the outcome.
    arm : (n,) str
    """

    everyone: pd.DataFrame
    absent: np.ndarray
    arm: np.ndarray

    def shifts(self, spec: AnalysisSpec, other_arm: str) -> np.ndarray:
        """Indicators of those without the outcome in the reference and in the other arm, (n, 2)."""
        return np.column_stack([self.absent & (self.arm == code) for code in (spec.reference, other_arm)]).astype(float)


def completed_people(spec: AnalysisSpec, rows: AnalysisRows, fit: LinearMixedFit) -> Completed:
    """Join the people without the outcome to those analysed."""
    lacking = rows.without_outcome
    known = predictable_rows(fit, lacking) if len(lacking) else np.zeros(0, dtype=bool)
    everyone = pd.concat([_plain(rows.frame), _plain(lacking[known])], ignore_index=True)
    return Completed(everyone, np.arange(len(everyone)) >= len(rows.frame), everyone[spec.arm].astype(str).to_numpy())


def missing_shift(spec: AnalysisSpec, rows: AnalysisRows, fit: LinearMixedFit, term: str) -> MissingShift:
    """Complete the missing outcomes by their expectation, shift them, and see what the estimate does.

    1. People without the outcome, of whom the model can say what to expect, join the people analysed.
    2. Their expected outcome is the mean given covariates and predicted effects of trust and team. With it the
       estimate is what it was: this needs no computing.
    3. The coefficient of the arm in an outcome that is 1 for those of one arm and 0 for everybody else, at the
       variances of the fit, is the change of the estimate for each point.

    Parameters
    ----------
    spec : AnalysisSpec
        One row a participant, the effect is the arm's.
    rows : AnalysisRows
    fit : LinearMixedFit
        Of `rows`, mixed or least squares.
    term : str
        The reported coefficient.

    Notes
    -----
    With D the indicator of the completed people of each arm, b(delta) = b + (X' V^-1 X)^-1 X' V^-1 D delta, over
    everybody. The change depends on who is missing and on the variances alone, not on any outcome, so given who is
    missing it is a constant: standard error and degrees of freedom stay those of the fit.
    """
    people = completed_people(spec, rows, fit)
    arms = (spec.reference, rows.other_arm)
    change = np.zeros(2)
    if people.absent.any():
        shifts = people.shifts(spec, rows.other_arm)
        change = coefficients_at_fit(fit, people.everyone, shifts)[fit.term_names.index(term)]
    observed, added = (
        [int((people.arm[where] == code).sum()) for code in arms] for where in (~people.absent, people.absent)
    )
    return MissingShift(
        float(change[0]),
        float(change[1]),
        observed[0],
        observed[1],
        added[0],
        added[1],
        n_left_out=rows.n_people - len(people.everyone),
    )


def _plain(frame: pd.DataFrame) -> pd.DataFrame:
    """Categories as their codes, so that frames with other categories can be joined."""
    categorical = [name for name in frame if isinstance(frame[name].dtype, pd.CategoricalDtype)]
    return frame.astype(dict.fromkeys(categorical, object))
