"""Likelihood-ratio test of one model against another that contains it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cpis_analysis.errors import ModelError, Problem
from cpis_analysis.lmm.designs.checks import same_groups
from cpis_analysis.lmm.designs.design import RandomPart
from cpis_analysis.lmm.designs.residual import RESIDUALS, ResidualPart
from cpis_analysis.lmm.fits.fit import LinearMixedFit

_CASES_OF = {
    "independent": RESIDUALS,
    "compound-symmetry": ("toeplitz", "unstructured"),
    "ar1": ("toeplitz", "heterogeneous-ar1", "unstructured"),
    "heterogeneous-ar1": ("unstructured",),
    "toeplitz": ("unstructured",),
    "unstructured": (),
}
"""The structures of residuals of which each is a case."""

_OUTSIDE = 1e-7
"""Share of a column's length outside another model's columns below which it lies among them."""


@dataclass(frozen=True)
class LikelihoodRatioTest:
    """Result of `likelihood_ratio_test`.

    Attributes
    ----------
    statistic : float
        Twice the difference of the log-likelihoods.
    df : int
        Parameters that the larger model has more.
    p_value : float
        By the chi-squared distribution.
    on_boundary : bool
        Whether the larger model has more variances. That they are zero lies on the edge of what they can be, so the
        p-value is too large: for one variance it is twice what it should be (Stram & Lee 1994, Biometrics 50:1171).
    """

    statistic: float
    df: int
    p_value: float
    on_boundary: bool


def likelihood_ratio_test(smaller: LinearMixedFit, larger: LinearMixedFit) -> LikelihoodRatioTest:
    """Test a model against a larger one that contains it.

    Parameters
    ----------
    smaller, larger : LinearMixedFit
        Of the same rows, weights, outcome and known residual variance, and of the same likelihood. Fixed parts may
        differ under ML only.

    Raises
    ------
    ModelError
        With everything that makes the two no pair: other rows or outcomes, other weights, REML beside ML, REML with
        different fixed parts (their likelihoods are of different data), or a model that is not part of the other.

    Notes
    -----
    With few clusters the chi-squared distribution is too narrow for fixed effects: use Kenward-Roger (`joint_test`) or
    `bootstrap_test`.
    """
    from scipy.special import chdtrc

    problems = _other_data(smaller, larger)
    if not problems:
        problems = _not_nested(smaller, larger)
    if problems:
        raise ModelError("The models can't be compared by their likelihoods.", problems)
    statistic = max(2.0 * (_comparable(larger) - _comparable(smaller)), 0.0)
    df = larger.n_parameters - smaller.n_parameters
    variances = len(larger.variance_parameters) > len(smaller.variance_parameters)
    return LikelihoodRatioTest(statistic, df, float(chdtrc(df, statistic)), variances)


def _comparable(fit: LinearMixedFit) -> float:
    """Log-likelihood, under REML without the term that depends on how the same fixed part is written."""
    return fit.log_likelihood + (0.5 * fit.basis.log_det if fit.reml else 0.0)


def _other_data(smaller: LinearMixedFit, larger: LinearMixedFit) -> list[Problem]:
    problems = []
    if smaller.n_obs != larger.n_obs:
        hint = "fit both to the rows that are complete for the larger model"
        problems.append(Problem("different rows", value=f"{smaller.n_obs} and {larger.n_obs}", hint=hint))
    elif not np.array_equal(smaller.design.y, larger.design.y):
        problems.append(Problem("different outcomes, or rows in another order", hint="fit both to the same frame"))
    elif not _same_weights(smaller.design.weights, larger.design.weights):
        problems.append(Problem("different prior weights", hint="fit both with the same weights"))
    if smaller.residual_variance != larger.residual_variance:
        problems.append(Problem("different residual variances are taken as known", hint="fit both with the same"))
    if smaller.reml != larger.reml:
        problems.append(Problem("one is a REML fit, the other an ML fit", hint="fit both with reml=False"))
    if smaller.bounded != larger.bounded:
        problems.append(Problem("variances may be negative in one of the two only", hint="fit both with bounded=True"))
    return problems


def _same_weights(one: np.ndarray | None, other: np.ndarray | None) -> bool:
    if one is None or other is None:
        return one is other
    return np.array_equal(one, other)


def _not_nested(smaller: LinearMixedFit, larger: LinearMixedFit) -> list[Problem]:
    problems = []
    outside = _fixed_outside(smaller, larger)
    if smaller.reml and (outside or smaller.basis.p != larger.basis.p):
        problems.append(
            Problem("REML fits with different fixed parts are likelihoods of different data",
                    hint="fit both with reml=False")
        )  # fmt: skip
    elif outside:
        problems.append(
            Problem(
                "the fixed part of the smaller model is not part of the larger one's",
                hint="compare models of which one holds all terms of the other",
            )
        )
    for part in smaller.design.random:
        if not any(_contains(other, part) for other in larger.design.random):
            problems.append(
                Problem("a random term of the smaller model is not in the larger one",
                        variable=f"({' + '.join(part.names)} | {part.group})", hint="compare models of which one "
                                                                                    "holds all terms of the other")
            )  # fmt: skip
    if not _residuals_within(smaller.design.residual, larger.design.residual):
        given = [str(fit.design.residual.term) if fit.design.residual else "independent residuals" for fit in
                 (smaller, larger)]  # fmt: skip
        problems.append(Problem("residuals of the smaller model are no case of the larger one's",
                                value=" and ".join(given), hint="give both the same covariance of residuals, or "
                                                                "the smaller one independent residuals"))  # fmt: skip
    if not problems and larger.n_parameters <= smaller.n_parameters:
        problems.append(Problem("the larger model has no more parameters", hint="give the smaller model first"))
    return problems


def _residuals_within(smaller: ResidualPart | None, larger: ResidualPart | None) -> bool:
    """Whether a structure of the residuals is a case of another one."""
    if smaller is None or larger is None:
        return smaller is None
    one, other = smaller.term, larger.term
    same = np.array_equal(smaller.occasion, larger.occasion) and np.array_equal(smaller.person, larger.person)
    if one.covariance != "independent" and not same:
        return False
    return one.by in (None, other.by) and other.covariance in (one.covariance, *_CASES_OF[one.covariance])


def _fixed_outside(smaller: LinearMixedFit, larger: LinearMixedFit) -> bool:
    inner, outer = smaller.basis.Q, larger.basis.Q
    root = larger.basis.root_weights
    if root is not None:
        inner, outer = inner * root[:, None], outer * root[:, None]
    left = inner - outer @ (outer.T @ inner)
    return bool((np.linalg.norm(left, axis=0) > _OUTSIDE).any())


def _contains(larger: RandomPart, smaller: RandomPart) -> bool:
    """Whether the effects of one random term are among those of another with the same groups."""
    if not same_groups(larger, smaller):
        return False
    return all(
        any(np.allclose(column, other, rtol=1e-10, atol=0.0) for other in _effects(larger))
        for column in _effects(smaller)
    )


def _effects(part: RandomPart) -> list[np.ndarray]:
    return [np.ones(len(part.codes))] if part.columns is None else list(part.columns.T)
