"""One response of a small nested model as its error contrasts: the search then meets one matrix and no fixed part.

Notes
-----
What a response tells of a nested model are the means of the classes of groups, the spread of group means about them and
what is left within groups (`NestedSums`). In units in which all have the residual variance these are a few rows
W = [X y]: the class means; for each size of group the rows of a root of its sum of squares, which stand for groups of
that size; and the rows of a root of what is left within, which have no random effect. On these rows
H = I + sum psi_k Z_k Z_k'.

With B = [X K] an orthonormal basis of these rows (X'X = I), K spans what the fixed part leaves, the error contrasts.
The restricted likelihood is that of K'y, whose covariance is N = I + sum psi_k M_k with M_k = K'Z_k Z_k'K, and

P = K N^-1 K',  tr(P G_k) = tr(N^-1 M_k),  Phi X'H^-1 = F = [I, -H_xk N^-1] in the basis B

so Phi = F H F', its derivatives are F G_k F', and b = -H_xk N^-1 K'y.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cpis_analysis.lmm.structures.nested_dense import DenseClasses
from cpis_analysis.lmm.structures.nested_sums import NestedSums
from cpis_analysis.lmm.structures.sufficient_moments import Likelihood, Movements, Slopes

_ROUNDING = 1e-15
"""Share of a column's sum of squares that rounding leaves where there is nothing."""
_LARGEST_RATIO = 1e4
"""N holds ratios times sizes beside ones, so larger ratios would cost digits."""


@dataclass(frozen=True, repr=False)
class _ContrastSlopes(Slopes):
    """`Slopes` with what the fixed part is told by."""

    of: ErrorContrasts
    psi: np.ndarray
    inverse: np.ndarray
    residual: np.ndarray

    def complete(self) -> Likelihood:
        """With coefficients, their covariance and how it hangs on the variances."""
        of, inverse = self.of, self.inverse
        p, R, size = of.p, len(self.psi), len(of.in_basis[0])
        H = (self.psi @ of.in_basis.reshape(R, -1)).reshape(size, size)
        toward = H[:p, p:] @ inverse
        F = np.empty((p, size))
        F[:, :p] = np.eye(p)
        np.negative(toward, out=F[:, p:])
        moved = F @ of.in_basis
        between = moved[:, :, p:].reshape(R * p, size - p)
        return Likelihood(
            self.value, self.sigma2, self.gradient, self.observed, self.average, self.trace, self.expected,
            -H[:p, p:] @ self.residual, np.eye(p) + H[:p, :p] - toward @ H[p:, :p], of.known is not None,
            Movements(moved @ F.T, (between @ inverse @ between.T).reshape(R, p, R, p).transpose(0, 2, 1, 3)),
        )  # fmt: skip


class ErrorContrasts:
    """The restricted likelihood of one response of a nested model with few classes of groups.

    Parameters
    ----------
    classes : DenseClasses
    sums : NestedSums
        Of one response.
    known : float, optional
        The residual variance, where it is known.
    """

    def __init__(self, classes: DenseClasses, sums: NestedSums, known: float | None) -> None:
        self.inner, self.known = classes.inner, known
        p = len(sums.means) - 1
        self.p, self.df, self.sizes = p, classes.n - p, classes.sizes
        # beside the columns of X, which have length one, the outcome must not hide what is rounding
        unit = np.ones(p + 1)
        unit[p] = 1.0 / np.sqrt(classes.n)
        spread_sizes = classes.sizes[classes.spread_sizes]
        grams = np.concatenate([sums.within[None, :, :, 0], sums.spread[..., 0] * spread_sizes[:, None, None]])
        values, vectors = np.linalg.eigh(grams * (unit[:, None] * unit))
        told = values > _ROUNDING
        roots = vectors.transpose(0, 2, 1)[told] * np.sqrt(values[told])[:, None] / unit
        W = np.concatenate([sums.means[:, :, 0].T * classes.root_mass[:, None], roots])
        # the rows of a root of a spread stand for as many groups of that size
        stand_for = told.sum(axis=1)
        self.beyond = classes.beyond.copy()
        self.beyond[classes.spread_sizes] -= stand_for[1:]
        basis = np.linalg.qr(W[:, :p], mode="complete")[0]
        basis[:, :p] = W[:, :p]
        C, R, size = len(classes.root_mass), len(classes.columns), len(W)
        effects = basis[:C].T @ classes.scaled_Z
        self.in_basis = np.empty((R, size, size))
        for k, columns in enumerate(classes.columns):
            np.matmul(effects[:, columns], effects[:, columns].T, out=self.in_basis[k])
        several = basis[C + stand_for[0] :]
        if len(several):
            self.in_basis[self.inner] += (several.T * spread_sizes.repeat(stand_for[1:])) @ several
        # of the contrasts alone, once a row each and once side by side
        self.y = W[:, p] @ basis[:, p:]
        size -= p
        M = self.in_basis[:, p:, p:]
        self._each = M.reshape(R, size * size)
        self._beside = M.transpose(1, 0, 2).reshape(size, R * size)

    def reach(self, psi: np.ndarray) -> bool:
        """Whether ratios are small enough to keep the digits."""
        return bool(psi.max() <= _LARGEST_RATIO)

    def slopes(self, psi: np.ndarray) -> Slopes:
        """Likelihood and derivatives at psi (R,), which must not be negative."""
        R, size, inner = len(psi), len(self.y), self.inner
        N = (psi @ self._each).reshape(size, size)
        N.reshape(-1)[:: size + 1] += 1.0
        pivots = np.linalg.cholesky(N).diagonal()
        inverse = np.linalg.inv(N)
        turned = (inverse @ self._beside).reshape(size, R, size)
        across = turned.transpose(1, 0, 2).reshape(R, size * size)
        expected = across @ turned.transpose(1, 2, 0).reshape(R, size * size).T
        trace = across[:, :: size + 1].sum(axis=1)
        residual = inverse @ self.y
        along = (residual @ self._beside).reshape(R, size)
        g = along @ residual
        q = along @ inverse @ along.T
        rss = float(self.y @ residual)
        by_size = 1.0 + psi[inner] * self.sizes
        weights = self.sizes / by_size
        trace[inner] += self.beyond @ weights
        expected[inner, inner] += self.beyond @ (weights * weights)
        log_det = 2.0 * np.log(pivots).sum() + self.beyond @ np.log(by_size)
        df = self.df
        if self.known is None:
            if not rss > 0:
                raise np.linalg.LinAlgError("nothing is left for the residual variance")
            sigma2 = rss / df
            value = -0.5 * (df * np.log(sigma2) + log_det)
            gg = g[:, None] * (g / (df * sigma2**2))
        else:
            sigma2 = self.known
            value = -0.5 * (df * np.log(sigma2) + log_det + rss / sigma2 - df)
            gg = np.zeros((R, R))
        qs = q / sigma2
        return _ContrastSlopes(
            float(value), sigma2, -0.5 * (trace - g / sigma2), qs - 0.5 * (gg + expected), 0.5 * (qs - gg), trace,
            expected, self, psi, inverse, residual,
        )  # fmt: skip

    def values(self, points: np.ndarray) -> np.ndarray:
        """The likelihood alone at many psi (R, points), (points,).

        Notes
        -----
        Bordered by y the last pivot of N tells y'N^-1y. It is at most y'y, as N is at least the identity, so with twice
        that in the corner there is always a pivot.
        """
        size, count = len(self.y), points.shape[1]
        twice = 2.0 * float(self.y @ self.y)
        bordered = np.empty((count, size + 1, size + 1))
        N = (points.T @ self._each).reshape(count, size, size)
        N.reshape(count, -1)[:, :: size + 1] += 1.0
        bordered[:, :size, :size] = N
        bordered[:, size, :size] = self.y
        bordered[:, size, size] = twice
        pivots = np.linalg.cholesky(bordered).diagonal(axis1=1, axis2=2)
        rss = twice - pivots[:, size] ** 2
        by_size = 1.0 + points[self.inner, :, None] * self.sizes
        log_det = 2.0 * np.log(pivots[:, :size]).sum(axis=1) + np.log(by_size) @ self.beyond
        if self.known is None:
            return np.asarray(-0.5 * (self.df * np.log(rss / self.df) + log_det))
        return np.asarray(-0.5 * (self.df * (np.log(self.known) - 1.0) + rss / self.known + log_det))
