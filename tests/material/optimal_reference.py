"""The nearly optimal test by dense matrices, written from its definition: slow, and independent of the engine.

Only the weights of the two mixtures are taken from the trained test.
"""

from __future__ import annotations

import numpy as np
from scipy import linalg, special


class DenseDesign:
    """n by n matrices of a model with random intercepts.

    Parameters
    ----------
    X0 : (n, q) float
        Fixed effects without the contrast.
    a : (n,) float
        The contrast's column.
    groups : list of (n,) int
    """

    def __init__(self, X0, a, groups):
        self.X0, self.a = X0, a
        self.kernels = [np.equal.outer(codes, codes).astype(float) for codes in groups]
        self.Q0 = linalg.null_space(X0.T)
        self.m = self.Q0.shape[1]

    def V(self, ratios):
        return np.eye(len(self.a)) + sum(r * kernel for r, kernel in zip(ratios, self.kernels, strict=True))

    def log_densities(self, y, ratios, d):
        """log f0 and log f1 of the maximal invariant of y, but for one constant of the design."""
        V = self.V(ratios)
        P0 = self.Q0 @ np.linalg.inv(self.Q0.T @ V @ self.Q0) @ self.Q0.T
        log_det = np.linalg.slogdet(V)[1] + np.linalg.slogdet(self.X0.T @ np.linalg.inv(V) @ self.X0)[1]
        A, B, k = y @ P0 @ y, self.a @ P0 @ y, self.a @ P0 @ self.a
        null = -log_det / 2 - self.m / 2 * np.log(A)
        # the even part of int r^(m-1) exp(-r^2/2 + b r) dr is Kummer's function
        tilt = np.log(special.hyp1f1(self.m / 2, 0.5, (d * B) ** 2 / A / 2)) - d**2 * k / 2
        return null, null + tilt

    def statistic(self, y, null_points, null_weights, far_points, far_weights, effects):
        """log of the alternative's mixture less log of the null hypothesis's."""
        null = [np.log(w) + self.log_densities(y, at, 0.0)[0] for at, w in zip(null_points, null_weights, strict=True)]
        far = [
            np.log(w) + self.log_densities(y, at, d)[1]
            for at, w, d in zip(far_points, far_weights, effects, strict=True)
        ]
        return special.logsumexp(far) - special.logsumexp(null)

    def response(self, ratios, d, rng):
        root = np.linalg.cholesky(self.V(ratios))
        return root @ rng.standard_normal(len(self.a)) + self.a * d
