"""One portion of responses: solved together where the structure allows it, one by one elsewhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from cpis_analysis.errors import ModelError
from cpis_analysis.lmm.designs.display import ShortRepr
from cpis_analysis.lmm.designs.responses import same_within_groups
from cpis_analysis.lmm.designs.unusable import FLAT, WITHIN, UnusableResponse
from cpis_analysis.lmm.fits.fit import LinearMixedFit
from cpis_analysis.lmm.fits.model import fit_response
from cpis_analysis.lmm.fits.reml import stretch_of
from cpis_analysis.lmm.refits.search import search
from cpis_analysis.lmm.structures.nested import NestedStructure
from cpis_analysis.lmm.structures.nested_likelihood import contrast_moments, kenward_roger, satterthwaite

_PORTION_BYTES = 2_000_000
"""Of the columns of all groups. With more, arrays are so large that each is fetched from the system anew."""
_FEW = 4
"""So few responses take less time one by one: an evaluation of many costs half a millisecond, however few there are."""


@dataclass(frozen=True, eq=False, repr=False)
class Portion(ShortRepr):
    """Fits of the responses of a portion.

    Attributes
    ----------
    beta : (p, B) float
    variances : (R + 1, B) float
        In the order of the terms, then the residual.
    log_likelihood : (B,) float
    converged : (B,) bool
    found : dict of (label, method) to (3, B) float
        Estimate, standard error and df of each contrast.
    problems : dict of int to str
        Why a response can't be fitted.
    """

    beta: np.ndarray
    variances: np.ndarray
    log_likelihood: np.ndarray
    converged: np.ndarray
    found: dict[tuple[str, str], np.ndarray]
    problems: dict[int, str]


def portion_width(fit: LinearMixedFit) -> int:
    """Responses solved together: enough to spread the cost of a NumPy call, few enough for the cache."""
    if not isinstance(fit.structure, NestedStructure):
        return 64
    rows = len(fit.structure.class_count) + sum(len(starts) for starts in fit.structure.starts) + 8
    return int(np.clip(_PORTION_BYTES // (8 * rows * (fit.basis.p + 1)), 8, 2048))


def solve_portion(
    fit: LinearMixedFit, Y: np.ndarray, rows: Mapping[str, np.ndarray], methods: Sequence[str], boundary: str
) -> Portion:
    """Fit responses (n, B) and infer the contrasts of `rows`."""
    if isinstance(fit.structure, NestedStructure) and Y.shape[1] > _FEW:
        return _together(fit, fit.structure, Y, rows, methods, boundary)
    return _one_by_one(fit, Y, rows, methods, boundary)


def _together(
    fit: LinearMixedFit,
    structure: NestedStructure,
    Y: np.ndarray,
    rows: Mapping[str, np.ndarray],
    methods: Sequence[str],
    boundary: str,
) -> Portion:
    basis = fit.basis
    R, beta, scale = basis.reduce(Y)
    flat = basis.explained(Y, scale)
    if flat.any():
        R[:, flat] = fit.y_scaled[:, None]
    sums, stretch, known = structure.sums(R), 1.0, fit.residual_variance is not None
    if fit.residual_variance is not None:
        sums = sums.with_known(fit.residual_variance / basis.mean_weight / np.where(flat, 1.0, scale**2))
        stretch = stretch_of(fit.optimum.likelihood.sigma2)
    optimum = search(structure, sums, fit.reml, bounded=fit.bounded, stretch=stretch)
    point, gamma = optimum.point, optimum.gamma
    within = ~flat & (gamma >= 1e10).any(axis=0) & (not known)
    lost = np.flatnonzero(~flat & ~within & (~optimum.converged | (gamma > 1e4).any(axis=0)))
    if len(lost) and not known:
        within[lost] = same_within_groups(fit.design, Y[:, lost])
    problems = {int(j): FLAT for j in np.flatnonzero(flat)} | {int(j): WITHIN for j in np.flatnonzero(within)}
    converged = optimum.converged & ~flat & ~within
    mean_sigma2 = point.sigma2 * scale**2
    beta = beta + basis.back @ point.b * scale
    at = np.argsort(structure.order)
    variances = np.concatenate([gamma[at] * mean_sigma2, mean_sigma2[None] * basis.mean_weight])
    log_likelihood = fit.log_likelihood_of(point.value, np.where(flat, 1.0, scale))
    used = gamma > 0.0 if boundary == "drop" else np.ones_like(gamma, dtype=bool)
    found = {}
    for label, row in rows.items():
        moments = contrast_moments(structure, gamma, sums, point, row @ basis.back)
        for method in methods:
            variance = moments.variance
            if method == "kenward-roger":
                variance, dof = kenward_roger(structure, gamma, point, moments, used, known)
            elif method == "satterthwaite":
                dof = satterthwaite(structure, gamma, point, moments, fit.reml, fit.bounded, known)
            else:
                dof = np.full(Y.shape[1], fit.inference.df(method, boundary, row[None])[0])
            found[label, method] = np.array([row @ beta, np.sqrt(variance * mean_sigma2), dof])
    return Portion(beta, variances, log_likelihood, converged, found, problems)


def _one_by_one(
    fit: LinearMixedFit, Y: np.ndarray, rows: Mapping[str, np.ndarray], methods: Sequence[str], boundary: str
) -> Portion:
    B, p, R = Y.shape[1], fit.basis.p, len(fit.optimum.psi)
    beta, variances = np.full((p, B), np.nan), np.full((R + 1, B), np.nan)
    log_likelihood, converged = np.full(B, np.nan), np.zeros(B, dtype=bool)
    found = {(label, method): np.full((3, B), np.nan) for label in rows for method in methods}
    problems: dict[int, str] = {}
    for j in range(B):
        try:
            one = fit_response(fit, Y[:, j])
        except UnusableResponse as error:
            problems[j] = error.problems[0].message
            continue
        except ModelError:
            continue
        converged[j], log_likelihood[j], beta[:, j] = True, one.log_likelihood, one.beta
        variances[:R, j] = one.variance_parameters
        variances[R, j] = one.sigma2
        for label, row in rows.items():
            for method in methods:
                found[label, method][:, j] = _contrast(one, row, method, boundary)
    return Portion(beta, variances, log_likelihood, converged, found, problems)


def _contrast(fit: LinearMixedFit, row: np.ndarray, method: str, boundary: str) -> tuple[float, float, float]:
    l = row @ fit.basis.back
    variance = l @ fit.inference.covariance(method, boundary) @ l
    df = fit.inference.df(method, boundary, row[None])[0]
    return float(row @ fit.beta), float(np.sqrt(variance)) * fit.y_scale, float(df)
