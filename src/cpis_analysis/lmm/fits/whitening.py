"""Rows of a fit in which its residuals are independent with variance one."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cpis_analysis.lmm.designs.residual import ResidualPart


def whitened(part: ResidualPart, covariances: Sequence[np.ndarray], M: np.ndarray) -> np.ndarray:
    """L^-1 M of rows M (n, k), where R = L L' is the covariance of the residuals, person by person.

    The rows of a person are taken in the order of the occasions, so with residuals e the result for e are the
    normalised residuals of nlme.

    Parameters
    ----------
    part : ResidualPart
        Of the fit's design.
    covariances : sequence of (T, T) float
        Of the residuals over the occasions, of each group (`LinearMixedFit.residual_matrices`).
    M : (n, k) float
    """
    M = M.astype(float)
    T = len(part.occasion_labels)
    place = np.full((part.n_persons, T), -1)
    place[part.person, part.occasion] = np.arange(len(M))
    kinds, kind = np.unique(np.column_stack([part.group, place >= 0]), axis=0, return_inverse=True)
    kind, out = kind.ravel(), np.empty_like(M)
    for number, (group, *seen) in enumerate(kinds.tolist()):
        at = np.flatnonzero(seen)
        rows = place[kind == number][:, at]
        L = np.linalg.cholesky(covariances[group][np.ix_(at, at)])
        out[rows] = np.linalg.inv(L) @ M[rows]
    return out
