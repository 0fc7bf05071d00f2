"""The nearly optimal test of one contrast of a fitted mixed model: p-value, interval and the bound on power."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from cpis_analysis.errors import ModelError, Problem
from cpis_analysis.lmm.designs.contrasts import contrast_row
from cpis_analysis.lmm.designs.display import ShortRepr
from cpis_analysis.lmm.fits.fit import LinearMixedFit
from cpis_analysis.lmm.fits.plain_residuals import need_plain_residuals
from cpis_analysis.lmm.optimal_test.kept import trained_for
from cpis_analysis.lmm.optimal_test.path import Path
from cpis_analysis.lmm.optimal_test.problem import ReducedDesign, reduced_design
from cpis_analysis.lmm.optimal_test.region import Region
from cpis_analysis.lmm.optimal_test.trained import OptimalTest

MOST_RATIOS = 2


@dataclass(frozen=True, repr=False)
class NearlyOptimal(ShortRepr):
    """Inference on one contrast that holds its size for every variance ratio of a region.

    Attributes
    ----------
    estimate : float
        Of the mixed model; the test moves it by nothing.
    p_value : float
        Largest over the region of the variance ratios.
    ci_low, ci_high : float
        Values of the contrast that are not rejected at 1 - level; infinite where nothing far away is rejected.
    level : float
    power, bound : float
        Power of this test, averaged over the region's weights, for an effect of `effect` total SDs, and the most that
        any test with this size can have.
    effect : float
    largest_size : float
        Over a grid twice as fine as the training's.
    region : Region
    ratios : (K,) float
        Variance ratios of the fit, to the residual variance of a row of mean weight.
    outside : tuple of str
        Grouping factors whose estimated ratio lies beyond the region, where the size is not guaranteed.
    """

    estimate: float
    p_value: float
    ci_low: float
    ci_high: float
    level: float
    power: float
    bound: float
    effect: float
    largest_size: float
    region: Region
    ratios: np.ndarray
    outside: tuple[str, ...]


def nearly_optimal(
    fit: LinearMixedFit,
    weights: str | Mapping[str, float] | pd.Series | Sequence[float],
    *,
    level: float = 0.95,
    null: float = 0.0,
    region: Region | None = None,
) -> NearlyOptimal:
    """Test one contrast of a model with one or two random intercepts.

    1. The design is reduced to what depends on the contrast and the clusters (`optimal_design`).
    2. A test is trained for it, or taken from those of this process (`optimal_training`).
    3. The interval holds the values d0 for which y - a d0 is not rejected. Where the statistic is not monotone in the
       distance from the estimate, the hull is taken, and the p-value is the largest at any value as far from the
       estimate or farther, on the side of `null`. So p-value and interval always agree.

    Parameters
    ----------
    fit : LinearMixedFit
    weights : str, mapping, series or sequence
        A term, or weights on the coefficients as for `LinearMixedFit.contrast`.
    level : float
        Of the interval; the test is trained for alpha = 1 - level.
    null : float
        Value of the contrast under the null hypothesis.
    region : Region, optional

    Raises
    ------
    ModelError
        For random slopes, more than two random terms, more than a hundred clusters, a contrast that can't be
        estimated, or a level that is none.

    Notes
    -----
    Deterministic: the draws depend on the numbers of rows and clusters only. Rows in another order, a response that
    is shifted by the fixed effects or scaled, or a scaled contrast give the same p-value.
    """
    if not 0.5 <= level < 1.0:
        raise ModelError(
            "The nearly optimal test can't be made.",
            Problem("the level of the interval", value=str(level), allowed="from 0.5 to below 1"),
        )
    row = _row(fit, weights)
    design = _testable(fit, row)
    test = trained_for(design, 1.0 - level, region or Region())
    z, rest = _response(fit, test.design, row * design.sign)
    estimate = float(row @ fit.coefficients.to_numpy())
    # from the contrast's scale to that of its column at unit length and the response at unit scale
    length = 1.0 / float(np.linalg.norm(row @ fit.basis.back))
    unit = design.sign * fit.y_scale / length
    path = Path(test, z, rest, estimate / unit)
    low, high = sorted(end * unit for end in path.ends())
    ratios = np.asarray(fit.variance_ratios, dtype=float) * fit.basis.mean_weight
    largest = test.region.largest
    return NearlyOptimal(
        estimate,
        float(test.p_value(np.array(path.farther(null / unit)))),
        low,
        high,
        level,
        test.power,
        test.bound,
        test.effect / length,
        test.size,
        test.region,
        ratios,
        tuple(part.group for part, ratio in zip(fit.design.random, ratios, strict=True) if ratio > largest),
    )


def testable_design(
    fit: LinearMixedFit, weights: str | Mapping[str, float] | pd.Series | Sequence[float]
) -> ReducedDesign:
    """What a test of one contrast needs of the design; nothing is trained.

    Raises
    ------
    ModelError
        As `nearly_optimal` for what the test is not made for.
    """
    return _testable(fit, _row(fit, weights))


def _testable(fit: LinearMixedFit, row: np.ndarray) -> ReducedDesign:
    need_plain_residuals(fit, "the nearly optimal test")
    if fit.residual_variance is not None:
        raise ModelError(
            "The nearly optimal test can't be made.",
            Problem("the test is for a residual variance that is estimated", hint="use Kenward-Roger for this model"),
        )
    if len(fit.design.random) > MOST_RATIOS:
        raise ModelError(
            "The nearly optimal test can't be made.",
            Problem(
                "the model has more unknown variance ratios than the test is made for",
                value=", ".join(part.group for part in fit.design.random),
                allowed=f"at most {MOST_RATIOS} random terms",
                hint="use Kenward-Roger for this model",
            ),
        )
    return reduced_design(fit.basis, fit.design.random, row)


def _row(fit: LinearMixedFit, weights: str | Mapping[str, float] | pd.Series | Sequence[float]) -> np.ndarray:
    return contrast_row({weights: 1.0} if isinstance(weights, str) else weights, fit.design, fit.basis)


def _response(fit: LinearMixedFit, design: ReducedDesign, row: np.ndarray) -> tuple[np.ndarray, float]:
    """z and S of the fit's response at unit scale."""
    along = row @ fit.beta_ols / fit.y_scale
    z, rest = _reduced(fit, design, row, fit.y_scaled[:, None], np.array([along]))
    return z[:, 0], float(rest[0])


def _reduced(
    fit: LinearMixedFit, design: ReducedDesign, row: np.ndarray, residuals: np.ndarray, estimates: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """z and S from least-squares residuals (n, B) and estimates of the contrast (B,)."""
    basis = fit.basis
    weights = np.ones(fit.n_obs) if basis.root_weights is None else basis.root_weights
    l = row @ basis.back
    along = estimates / np.linalg.norm(l)
    response = (residuals + np.outer(basis.Q @ l / np.linalg.norm(l), along)) * weights[:, None]
    sums = [np.zeros((part.n_groups, response.shape[1])) for part in fit.design.random]
    for part, total in zip(fit.design.random, sums, strict=True):
        np.add.at(total, part.codes, response * weights[:, None])
    return design.reduce(np.vstack([*sums, along]), np.einsum("nb,nb->b", response, response))


def trained_test(
    fit: LinearMixedFit, weights: str | Mapping[str, float], *, level: float = 0.95, region: Region | None = None
) -> OptimalTest:
    """The test of one contrast, for many responses on one design."""
    return trained_for(testable_design(fit, weights), 1.0 - level, region or Region())


def reduced_responses(
    fit: LinearMixedFit, test: OptimalTest, weights: str | Mapping[str, float], Y: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """What `OptimalTest.statistic` needs of responses (n, B) to the fit's design."""
    row = _row(fit, weights)
    row = row * reduced_design(fit.basis, fit.design.random, row).sign
    R, beta, scale = fit.basis.reduce(Y)
    return _reduced(fit, test.design, row, R, row @ beta / scale)
