"""Rows of a fit in which its residuals are independent with variance one."""

from __future__ import annotations

import numpy as np

from cpis_analysis.lmm.fits.solution import Solution

__all__ = ["whitened"]


def whitened(solution: Solution, M: np.ndarray) -> np.ndarray:
    """L^-1 M of rows M (n, k), where R = L L' is the covariance of the residuals, person by person.

    The rows of a person are taken in the order of the occasions, so with residuals e the result for e are the
    normalised residuals of nlme.
    """
    part = solution.design.residual
    M = M.astype(float)
    if part is None:
        weights = 1.0 if solution.design.weights is None else np.sqrt(solution.design.weights)[:, None]
        return np.asarray(M * weights / np.sqrt(solution.sigma2))
    T = len(part.occasion_labels)
    place = np.full((part.n_persons, T), -1)
    place[part.person, part.occasion] = np.arange(len(M))
    kinds, kind = np.unique(np.column_stack([part.group, place >= 0]), axis=0, return_inverse=True)
    kind, out = kind.ravel(), np.empty_like(M)
    for number, (group, *seen) in enumerate(kinds.tolist()):
        at = np.flatnonzero(seen)
        rows = place[kind == number][:, at]
        L = np.linalg.cholesky(solution.residual_matrices[group][np.ix_(at, at)])
        out[rows] = np.linalg.inv(L) @ M[rows]
    return out
