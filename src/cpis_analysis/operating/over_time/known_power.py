"""Power of one difference over time from its variance and degrees of freedom at the true covariances."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cpis_analysis.errors import ModelError, Problem
from cpis_analysis.lmm.fits.at_variances import sampling_variance
from cpis_analysis.lmm.fits.fit import LinearMixedFit
from cpis_analysis.operating.over_time.wave_study import wave_weights
from cpis_analysis.operating.tested_effects.halving import least_found


@dataclass(frozen=True)
class KnownPower:
    """What is known of a difference before it is estimated.

    Attributes
    ----------
    difference : str
        Of `wave_study.DIFFERENCES`.
    standard_error : float
        SD of its estimates over studies like this one.
    df : float
        Of its t test.
    level : float
        Of its interval.
    """

    difference: str
    standard_error: float
    df: float
    level: float

    def power(self, effect: float) -> float:
        """Share of studies that find a true difference: the noncentral t beyond its two limits."""
        from scipy import special

        shift = effect / self.standard_error
        limit = float(special.stdtrit(self.df, (1.0 + self.level) / 2.0))
        upper = 1.0 - special.nctdtr(self.df, abs(shift), limit)
        return float(upper + special.nctdtr(self.df, abs(shift), -limit))

    def detectable(self, power: float = 0.8) -> float:
        """True difference that so many studies find."""
        low, high = 0.0, self.standard_error
        while self.power(high) < power:
            low, high = high, 2.0 * high
        return least_found(self.power, power, low, high, 50)


def wave_rows(fit: LinearMixedFit, arm: str, waves: Sequence[str]) -> np.ndarray:
    """Weights on the coefficients (T, p) of the arms' difference at each wave.

    Raises
    ------
    ModelError
        If the model does not have the arm's difference at each wave.
    """
    design, kept = fit.design, fit.basis.kept
    codings = {operand.variable: coding for operand, coding in design.codings.items()}
    rows = np.zeros((len(waves), design.X.shape[1]))
    terms = design.formula.fixed_terms
    own = {frozenset(operand.variable for operand in term): number for number, term in enumerate(terms)}
    sought = (frozenset({arm}), frozenset({arm, "wave"}))
    if any(one not in own for one in sought) or not hasattr(codings.get("wave"), "levels"):
        problem = Problem(
            f"it needs the difference of {arm} at each wave", value=fit.formula, hint=f"write {arm} * wave"
        )
        raise ModelError("The model has no difference at each wave.", problem)
    owner = np.array(design.coding.term_of_column)
    own_column, products = (np.flatnonzero(owner == own[one]) for one in sought)
    if len(own_column) != 1:
        problem = Problem("of several arms no power is told", value=fit.formula, hint="leave all but two out")
        raise ModelError("The model has no single difference at each wave.", problem)
    rows[:, own_column[0]] = 1.0
    # of two arms a product has one column for each wave but the first, in their order
    others = [str(level) for level in codings["wave"].levels[1:]]  # type: ignore[union-attr]
    for level, column in zip(others, products, strict=True):
        rows[list(waves).index(level), column] = 1.0
    return rows[:, list(kept)]


def difference_rows(fit: LinearMixedFit, arm: str, waves: Sequence[str], differences: Sequence[str]) -> np.ndarray:
    """Weights on the coefficients (q, p) of differences over the waves."""
    return np.array([wave_weights(one, len(waves)) for one in differences]) @ wave_rows(fit, arm, waves)


def power_of(
    fit: LinearMixedFit, arm: str, waves: Sequence[str], differences: Sequence[str], level: float, unit: float = 1.0
) -> list[KnownPower]:
    """Power of differences over the waves of a model at its variances, in units of `unit`."""
    rows = difference_rows(fit, arm, waves, differences)
    variance, df = sampling_variance(fit, rows)
    return [
        KnownPower(one, float(np.sqrt(v)) / unit, float(d), level)
        for one, v, d in zip(differences, variance, df, strict=True)
    ]
