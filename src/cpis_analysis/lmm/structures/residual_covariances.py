"""Covariance matrices of the residuals of one person over the occasions, and how they are searched.

``phi`` are the parameters that are reported and that Kenward-Roger takes derivatives by (variances, covariances,
correlations, as SAS has them); ``theta`` is what the search moves, unconstrained wherever the matrix stays positive
definite for it.

=====================  ==========================  ===========================================
structure              phi                         theta
=====================  ==========================  ===========================================
unstructured           variances and covariances   log-Cholesky: rows of L over their diagonal
compound-symmetry      variance, covariance        logarithms of the two eigenvalues
ar1                    variance, correlation       log variance, artanh correlation
heterogeneous-ar1      variances, correlation      log variances, artanh correlation
toeplitz               covariance by distance      phi itself; no matrix, no likelihood
=====================  ==========================  ===========================================

Sources: Pinheiro & Bates (1996), Statistics and Computing 6:289 (log-Cholesky); Wolfinger (1996), Journal of
Agricultural, Biological, and Environmental Statistics 1:205 (the structures).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np


@dataclass(frozen=True)
class ResidualCovariance(ABC):
    """A covariance matrix (T, T) as a function of its parameters.

    Attributes
    ----------
    size : int
        Occasions T.
    """

    size: int

    @property
    @abstractmethod
    def count(self) -> int:
        """Number of parameters R."""

    @abstractmethod
    def names(self, occasions: Sequence[str]) -> list[str]:
        """What each parameter is."""

    @abstractmethod
    def matrix(self, phi: np.ndarray) -> np.ndarray:
        """The covariance matrix, (T, T)."""

    @abstractmethod
    def derivatives(self, phi: np.ndarray) -> np.ndarray:
        """Its derivatives by phi, (R, T, T)."""

    def second(self, phi: np.ndarray) -> np.ndarray | None:
        """Its second derivatives by phi, (R, R, T, T); None where it is linear in phi."""
        return None

    @abstractmethod
    def phi(self, theta: np.ndarray) -> np.ndarray:
        """Parameters at a point of the search."""

    @abstractmethod
    def theta(self, phi: np.ndarray) -> np.ndarray:
        """The point of the search with these parameters."""

    @abstractmethod
    def jacobian(self, theta: np.ndarray) -> np.ndarray:
        """d phi / d theta, (R, R)."""

    @abstractmethod
    def curvature(self, theta: np.ndarray, gradient: np.ndarray) -> np.ndarray:
        """sum_r gradient_r d2 phi_r / d theta2, (R, R)."""

    @abstractmethod
    def nearest(self, S: np.ndarray) -> np.ndarray:
        """Parameters of a matrix like S (T, T), which is positive definite: where a search starts."""

    @property
    def _distance(self) -> np.ndarray:
        at = np.arange(self.size)
        return np.abs(at[:, None] - at)


@dataclass(frozen=True)
class _Unstructured(ResidualCovariance):
    @property
    def count(self) -> int:
        return self.size * (self.size + 1) // 2

    @cached_property
    def _entries(self) -> tuple[np.ndarray, np.ndarray]:
        column, row = np.triu_indices(self.size)
        return row, column

    def names(self, occasions: Sequence[str]) -> list[str]:
        return [
            f"variance, {occasions[a]}" if a == b else f"covariance, {occasions[b]} and {occasions[a]}"
            for a, b in zip(*self._entries, strict=True)
        ]

    def matrix(self, phi: np.ndarray) -> np.ndarray:
        a, b = self._entries
        out = np.empty((self.size, self.size))
        out[a, b] = out[b, a] = phi
        return out

    def derivatives(self, phi: np.ndarray) -> np.ndarray:
        a, b = self._entries
        out = np.zeros((self.count, self.size, self.size))
        at = np.arange(self.count)
        out[at, a, b] = out[at, b, a] = 1.0
        return out

    def _factor(self, theta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The Cholesky factor and its derivatives (R, T, T)."""
        a, b = self._entries
        diagonal = a == b
        unit = np.eye(self.size)
        unit[a[~diagonal], b[~diagonal]] = theta[~diagonal]
        scale = np.exp(theta[diagonal])
        L = scale[:, None] * unit
        slopes = np.zeros((self.count, self.size, self.size))
        slopes[np.arange(self.count), a, b] = scale[a]
        slopes[np.flatnonzero(diagonal), a[diagonal]] = L
        return L, slopes

    def phi(self, theta: np.ndarray) -> np.ndarray:
        L, _ = self._factor(theta)
        return np.asarray((L @ L.T)[self._entries])

    def theta(self, phi: np.ndarray) -> np.ndarray:
        L = np.linalg.cholesky(self.matrix(phi))
        scale = np.diag(L)
        a, b = self._entries
        return np.where(a == b, np.log(scale)[a], (L / scale[:, None])[a, b])

    def jacobian(self, theta: np.ndarray) -> np.ndarray:
        L, slopes = self._factor(theta)
        half = slopes @ L.T
        a, b = self._entries
        return np.asarray((half + half.transpose(0, 2, 1))[:, a, b].T)

    def curvature(self, theta: np.ndarray, gradient: np.ndarray) -> np.ndarray:
        L, slopes = self._factor(theta)
        a, b = self._entries
        G = self.matrix(np.where(a == b, gradient, 0.5 * gradient))
        out = 2.0 * np.einsum("rij,sij->rs", slopes, G @ slopes)
        # the second derivatives of L: of a row by its scale twice, and by its scale and one of its entries
        weight = np.einsum("rij,ij->r", slopes, G @ L)
        each = np.arange(self.count)
        scale_of = each[a == b][a]
        out[scale_of, each] += 2.0 * weight
        out[each, scale_of] += np.where(a == b, 0.0, 2.0 * weight)
        return np.asarray(out)

    def nearest(self, S: np.ndarray) -> np.ndarray:
        return np.asarray(S[self._entries])


@dataclass(frozen=True)
class _CompoundSymmetry(ResidualCovariance):
    @property
    def count(self) -> int:
        return 2

    def names(self, occasions: Sequence[str]) -> list[str]:
        return ["variance", "covariance"]

    def matrix(self, phi: np.ndarray) -> np.ndarray:
        return np.where(self._distance == 0, phi[0], phi[1])

    def derivatives(self, phi: np.ndarray) -> np.ndarray:
        same = np.eye(self.size)
        return np.array([same, 1.0 - same])

    @property
    def _of_eigenvalues(self) -> np.ndarray:
        """Variance and covariance as sums of the eigenvalue of differences and that of the mean."""
        share = 1.0 / self.size
        return np.array([[1.0 - share, share], [-share, share]])

    def phi(self, theta: np.ndarray) -> np.ndarray:
        return np.asarray(self._of_eigenvalues @ np.exp(theta))

    def theta(self, phi: np.ndarray) -> np.ndarray:
        return np.log(np.array([phi[0] - phi[1], phi[0] + (self.size - 1) * phi[1]]))

    def jacobian(self, theta: np.ndarray) -> np.ndarray:
        return np.asarray(self._of_eigenvalues * np.exp(theta))

    def curvature(self, theta: np.ndarray, gradient: np.ndarray) -> np.ndarray:
        return np.diag((gradient @ self._of_eigenvalues) * np.exp(theta))

    def nearest(self, S: np.ndarray) -> np.ndarray:
        variance = float(np.trace(S)) / self.size
        covariance = (float(S.sum()) - float(np.trace(S))) / (self.size * (self.size - 1))
        return np.array([variance, np.clip(covariance, -0.5 * variance / (self.size - 1), 0.95 * variance)])


@dataclass(frozen=True)
class _Autoregressive(ResidualCovariance):
    """Correlations rho^|distance|, with one variance or one for each occasion."""

    heterogeneous: bool

    @property
    def count(self) -> int:
        return self.size + 1 if self.heterogeneous else 2

    def names(self, occasions: Sequence[str]) -> list[str]:
        variances = [f"variance, {name}" for name in occasions] if self.heterogeneous else ["variance"]
        return [*variances, "correlation"]

    def _correlations(self, rho: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Correlations with their first and second derivatives by rho."""
        d = self._distance
        return rho**d, d * rho ** np.maximum(d - 1, 0), d * (d - 1) * rho ** np.maximum(d - 2, 0)

    def _sd(self, phi: np.ndarray) -> np.ndarray:
        return np.sqrt(np.broadcast_to(phi[:-1], self.size))

    def matrix(self, phi: np.ndarray) -> np.ndarray:
        sd = self._sd(phi)
        return np.outer(sd, sd) * self._correlations(phi[-1])[0]

    def _rows(self, phi: np.ndarray) -> np.ndarray:
        """Outer products of each occasion's unit vector with the standard deviations, made symmetric, (T, T, T)."""
        half = np.eye(self.size)[:, :, None] * self._sd(phi)
        return np.asarray(half + half.transpose(0, 2, 1))

    def derivatives(self, phi: np.ndarray) -> np.ndarray:
        sd, (C, slope, _) = self._sd(phi), self._correlations(phi[-1])
        by_rho = np.outer(sd, sd) * slope
        if not self.heterogeneous:
            return np.array([C, by_rho])
        return np.concatenate([self._rows(phi) * C / (2.0 * sd[:, None, None]), by_rho[None]])

    def second(self, phi: np.ndarray) -> np.ndarray:
        sd, (C, slope, bend) = self._sd(phi), self._correlations(phi[-1])
        out = np.zeros((self.count, self.count, self.size, self.size))
        out[-1, -1] = np.outer(sd, sd) * bend
        if not self.heterogeneous:
            out[0, 1] = out[1, 0] = slope
            return out
        rows = self._rows(phi)
        for k in range(self.size):
            out[k, -1] = out[-1, k] = rows[k] * slope / (2.0 * sd[k])
            for l in range(self.size):
                pair = np.zeros((self.size, self.size))
                pair[k, l] += 0.25 / (sd[k] * sd[l])
                pair[l, k] += 0.25 / (sd[k] * sd[l])
                out[k, l] = pair * C
            out[k, k] -= rows[k] * C / (4.0 * sd[k] ** 3)
        return out

    def phi(self, theta: np.ndarray) -> np.ndarray:
        return np.append(np.exp(theta[:-1]), np.tanh(theta[-1]))

    def theta(self, phi: np.ndarray) -> np.ndarray:
        return np.append(np.log(phi[:-1]), np.arctanh(phi[-1]))

    def jacobian(self, theta: np.ndarray) -> np.ndarray:
        return np.diag(np.append(np.exp(theta[:-1]), 1.0 - np.tanh(theta[-1]) ** 2))

    def curvature(self, theta: np.ndarray, gradient: np.ndarray) -> np.ndarray:
        rho = np.tanh(theta[-1])
        return np.diag(gradient * np.append(np.exp(theta[:-1]), -2.0 * rho * (1.0 - rho**2)))

    def nearest(self, S: np.ndarray) -> np.ndarray:
        variances = np.diag(S)
        sd = np.sqrt(variances)
        rho = float(np.clip(np.mean(np.diag(S, 1) / (sd[1:] * sd[:-1])), -0.9, 0.95))
        return np.append(variances if self.heterogeneous else variances.mean(), rho)


@dataclass(frozen=True)
class _Toeplitz(ResidualCovariance):
    @property
    def count(self) -> int:
        return self.size

    def names(self, occasions: Sequence[str]) -> list[str]:
        return ["variance", *(f"covariance at distance {d}" for d in range(1, self.size))]

    def matrix(self, phi: np.ndarray) -> np.ndarray:
        return np.asarray(phi[self._distance])

    def derivatives(self, phi: np.ndarray) -> np.ndarray:
        return np.array([(self._distance == d).astype(float) for d in range(self.size)])

    def phi(self, theta: np.ndarray) -> np.ndarray:
        return np.array(theta, dtype=float)

    def theta(self, phi: np.ndarray) -> np.ndarray:
        return np.array(phi, dtype=float)

    def jacobian(self, theta: np.ndarray) -> np.ndarray:
        return np.eye(self.size)

    def curvature(self, theta: np.ndarray, gradient: np.ndarray) -> np.ndarray:
        return np.zeros((self.size, self.size))

    def nearest(self, S: np.ndarray) -> np.ndarray:
        phi = np.array([np.diag(S, d).mean() for d in range(self.size)])
        # averages along the diagonals of a positive definite matrix need not be one
        while np.linalg.eigvalsh(self.matrix(phi))[0] < 0.05 * phi[0]:
            phi[1:] *= 0.8
        return phi


def residual_covariance(kind: str, size: int) -> ResidualCovariance:
    """The structure of a name, over a number of occasions; one variance where there is one occasion."""
    if size == 1 or kind == "unstructured":
        return _Unstructured(size)
    if kind in ("ar1", "heterogeneous-ar1"):
        return _Autoregressive(size, kind != "ar1")
    return {"compound-symmetry": _CompoundSymmetry, "toeplitz": _Toeplitz}[kind](size)
