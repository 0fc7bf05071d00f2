"""Jeffreys' penalty of the coefficients: what keeps them finite where an outcome separates.

The log-likelihood gets half the log determinant of the information X'W X of the model without random effects, which
falls without end in every direction in which coefficients grow without end. With variances of zero this is Firth's
logistic (or Poisson) regression exactly; with random effects it is the penalty of coefficients of Sterzinger and
Kosmidis at full weight, and none on the variances.

Firth (1993), Biometrika 80:27; Kosmidis & Firth (2021), Biometrika 108:71 (finiteness); Sterzinger & Kosmidis (2023),
Statistics and Computing 33:53, sect. 6.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cpis_analysis.lmm.generalised.outcome import FamilyOfOne, Observed

Array = NDArray[np.float64]


def jeffreys(family: FamilyOfOne, data: Observed, X: Array, offset: Array, beta: Array) -> tuple[Array, Array, Array]:
    """Penalty (B,), slope (B, p) and Hessian (B, p, p) at coefficients (B, p) of X (n, p).

    With weights w, I = X'WX, h_i = x_i'I^-1 x_i and M_j = X'diag(w' x_j)X, the slope is sum_i h_i w'_i x_ij / 2 and the
    Hessian sum_i h_i w''_i x_ij x_ik / 2 - tr(I^-1 M_j I^-1 M_k) / 2.
    """
    here = family.at(data, beta @ X.T + offset, np.zeros(0))
    weights, change, bend = -here.second, -here.third, -family.fourth(data, here)
    information = np.einsum("bn,ni,nj->bij", weights, X, X)
    inverse = np.linalg.inv(information)
    h = np.einsum("ni,bij,nj->bn", X, inverse, X)
    M = np.einsum("bn,ni,nj,nk->bijk", change, X, X, X, optimize=True)
    turned = np.einsum("bai,bijk->bajk", inverse, M)
    hessian = 0.5 * np.einsum("bn,ni,nj->bij", h * bend, X, X) - 0.5 * np.einsum("baij,biak->bjk", turned, turned)
    slope = 0.5 * (h * change) @ X
    return 0.5 * np.linalg.slogdet(information)[1], slope, hessian
