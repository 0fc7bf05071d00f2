"""Chains of one incomplete variable: a mixed model drawn from its posterior, then the missing values from the model.

All chains are steps of the same array operations, one chain a completed data set.

Notes
-----
y = X b + sum_k a_k c_k h_k[group] + e, the effects of groups drawn, so that imputations vary as clusters do. Priors: b
nearly flat (normal with SD 30 residual SDs on standardised columns; 2.5 for probit models, so that separated answers
have an end), residual variance 1 / s2, SD of each random term half-t with 3 degrees of freedom and scale 0.5 residual
SDs. Effects are drawn together with b, and scaled by a redundant factor a_k (parameter expansion), which makes the
half-t prior and lets chains leave an SD near zero.

References
----------
Gelman A (2006). Bayesian Analysis 1:515-534 (half-t prior by parameter expansion).
Albert JH, Chib S (1993). J Am Stat Assoc 88:669-679 (probit data augmentation).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cpis_analysis.imputation.incomplete import Incomplete
from cpis_analysis.imputation.probit import between_cuts, drawn_cuts, truncated

_SLOPE_PRECISION = {"continuous": 1e-3, "binary": 0.16, "ordinal": 0.16}
_INTERCEPT_PRECISION = {"continuous": 1e-6, "binary": 0.01, "ordinal": 0.01}
_PRIOR_DF = 3.0
_PRIOR_SCALE = 0.5


@dataclass(frozen=True)
class Component:
    """One random term with a variance of its own: group of each row, and what varies (None for the intercept)."""

    codes: np.ndarray
    n_groups: int
    column: np.ndarray | None

    def matrix(self) -> np.ndarray:
        """Columns of the groups, (n, groups)."""
        out = np.zeros((len(self.codes), self.n_groups))
        out[np.arange(len(self.codes)), self.codes] = 1.0 if self.column is None else self.column
        return out


class MixedChains:
    """State of the chains of one incomplete variable.

    Parameters
    ----------
    target : Incomplete
    components : sequence of Component
    chains : int
    random : Generator
    among : (n,) bool, optional
        Rows that the model is about; default: those with a value.
    slope_precision : float, optional
        Of the coefficients' prior on standardised columns; default by kind.
    """

    def __init__(
        self,
        target: Incomplete,
        components: Sequence[Component],
        chains: int,
        random: np.random.Generator,
        among: np.ndarray | None = None,
        slope_precision: float | None = None,
    ) -> None:
        self.kind, self.chains, self.random = target.kind, chains, random
        self._slope_precision = _SLOPE_PRECISION[target.kind] if slope_precision is None else slope_precision
        self.missing = target.missing
        self.levels = target.n_levels
        self.among: np.ndarray = ~target.missing if among is None else among
        self.values = target.values[self.among]
        Z = np.hstack([np.zeros((len(target.missing), 0)), *(one.matrix() for one in components)])
        self.Z, self.Z_missing = Z[self.among], Z[self.missing]
        self.term = np.repeat(np.arange(len(components)), [one.n_groups for one in components])
        self.ZZ = self.Z.T @ self.Z
        M, J = chains, len(self.term)
        self.a = np.full((M, len(components)), _PRIOR_SCALE) * np.exp(
            0.5 * random.standard_normal((M, len(components)))
        )
        self.spread: np.ndarray = np.ones((M, len(components)))
        self.effects: np.ndarray = random.standard_normal((M, J))
        self.sigma2: np.ndarray = np.ones(M)
        self.cuts = np.tile(np.arange(max(self.levels - 1, 1), dtype=float), (M, 1))
        self.coefficients: np.ndarray | None = None
        self._location: tuple[np.ndarray, np.ndarray] | None = None
        self._response = (0.0, 1.0)
        self._fixed_XX: np.ndarray | None = None

    def sweep(self, X: np.ndarray, names: Sequence[str], values: np.ndarray | None = None) -> np.ndarray:
        """One draw of everything, given the predictors.

        Parameters
        ----------
        X : (K, n, p) float
            Predictors of all rows, the first the intercept; K is 1 where all chains share them, else the number of
            chains.
        names : sequence of str
        values : (M, rows) float, optional
            Values of the rows that the model is about, where each chain has its own: scores of imputed items.

        Returns
        -------
        (M, missing) float
            Drawn values of the missing rows; levels from 0 for binary and ordinal variables.
        """
        if values is not None:
            self.values = values
        if self._location is None:
            self._start(X, names)
        X = self._standard(X)
        seen, lacking = X[:, self.among], X[:, self.missing]
        z = self._latent(seen)
        beta = self._draw_coefficients(seen, z)
        fixed = (seen @ beta[:, :, None])[:, :, 0]
        self._draw_factors(z - fixed)
        self._draw_variances(z - fixed - self._spread_over(self.Z))
        self.coefficients = beta
        eta = (lacking @ beta[:, :, None])[:, :, 0] + self._spread_over(self.Z_missing)
        drawn = eta + np.sqrt(self.sigma2)[:, None] * self.random.standard_normal(eta.shape)
        if self.kind == "continuous":
            shift, scale = self._response
            return shift + scale * drawn
        if self.kind == "binary":
            return (drawn > 0.0).astype(float)
        return (drawn[:, :, None] > self.cuts[:, None, :]).sum(axis=2).astype(float)

    def slopes(self) -> np.ndarray:
        """Coefficients of the last draw on the scale of predictors and variable, the intercept's too, (M, p)."""
        if self.coefficients is None or self._location is None:
            return np.empty((self.chains, 0))
        (mean, sd), (shift, scale) = self._location, self._response
        out = self.coefficients * scale / sd
        out[:, 0] += shift - (out[:, 1:] * mean[1:]).sum(axis=1)
        return out

    def variances(self) -> np.ndarray:
        """Variance of each random term and of the residual, (M, terms + 1), on the scale of the variable."""
        of_terms = (self.a * self.spread) ** 2
        return np.column_stack([of_terms, self.sigma2]) * self._response[1] ** 2

    def _start(self, X: np.ndarray, names: Sequence[str]) -> None:
        """Constants of the standardisation, from the first predictors; the chains keep them."""
        mean, sd = X.mean(axis=(0, 1)), X.std(axis=(0, 1))
        flat = sd <= 1e-12 * np.maximum(np.abs(mean), 1.0)
        mean[0] = 0.0
        self._location = (mean, np.where(flat, 1.0, sd))
        intercept = np.array([name == "(Intercept)" for name in names])
        self.precision = np.where(intercept, _INTERCEPT_PRECISION[self.kind], self._slope_precision)
        if self.kind == "continuous":
            first = self._standard(X[:1])[0][self.among]
            values = self.values.reshape(-1, len(first))[0]
            y = values - values.mean()
            ridge = first.T @ first + np.diag(self.precision)
            residual = y - first @ np.linalg.solve(ridge, first.T @ y)
            room = max(len(y) - first.shape[1], 1)
            scale = float(np.sqrt((residual**2).sum() / room))
            self._response = (float(values.mean()), scale if scale > 0.0 else 1.0)

    def _standard(self, X: np.ndarray) -> np.ndarray:
        mean, sd = self._location if self._location else (0.0, 1.0)
        return (X - mean) / sd

    def _spread_over(self, Z: np.ndarray) -> np.ndarray:
        """What the drawn effects add to rows, (M, rows)."""
        return (self.effects * self.a[:, self.term]) @ Z.T

    def _latent(self, X: np.ndarray) -> np.ndarray:
        """The response of the linear model: standardised values, or latent draws given the last state."""
        if self.kind == "continuous":
            standard = (self.values - self._response[0]) / self._response[1]
            return np.broadcast_to(standard, (self.chains, standard.shape[-1]))
        codes = np.broadcast_to(self.values.astype(np.intp), (self.chains, len(self.values)))
        eta = self._spread_over(self.Z)
        if self.coefficients is not None:
            eta = eta + (X @ self.coefficients[:, :, None])[:, :, 0]
        if self.kind == "ordinal":
            self.cuts = drawn_cuts(codes, eta, self.cuts, self.random)
            low, high = between_cuts(codes, self.cuts)
        else:
            low, high = np.where(codes == 1, 0.0, -np.inf), np.where(codes == 1, np.inf, 0.0)
        return truncated(eta, low, high, self.random)

    def _draw_coefficients(self, X: np.ndarray, z: np.ndarray) -> np.ndarray:
        """Coefficients, with the unscaled effects of the groups drawn beside them."""
        M, p, J = self.chains, X.shape[2], len(self.term)
        across = np.swapaxes(X, 1, 2)
        if len(X) > 1 or self._fixed_XX is None:
            self._fixed_XX, self._fixed_XZ = across @ X, across @ self.Z
        factor = self.a[:, self.term]
        weight = (1.0 / self.sigma2)[:, None, None]
        Q = np.empty((M, p + J, p + J))
        Q[:, :p, :p] = self._fixed_XX * weight
        Q[:, :p, p:] = self._fixed_XZ * factor[:, None, :] * weight
        Q[:, p:, :p] = np.swapaxes(Q[:, :p, p:], 1, 2)
        Q[:, p:, p:] = self.ZZ * factor[:, :, None] * factor[:, None, :] * weight
        diagonal = np.arange(p + J)
        Q[:, diagonal[:p], diagonal[:p]] += self.precision
        Q[:, diagonal[p:], diagonal[p:]] += 1.0 / self.spread[:, self.term] ** 2
        right = (
            np.concatenate([(across @ z[:, :, None])[:, :, 0], (z @ self.Z) * factor], axis=1) / self.sigma2[:, None]
        )
        root = np.linalg.cholesky(Q)
        half = np.linalg.solve(root, right[:, :, None]) + self.random.standard_normal((M, p + J, 1))
        drawn = np.linalg.solve(np.swapaxes(root, 1, 2), half)[:, :, 0]
        self.effects = drawn[:, p:]
        return drawn[:, :p]

    def _draw_factors(self, residual: np.ndarray) -> None:
        """The redundant factors of the random terms, given effects and the fixed part."""
        terms = self.a.shape[1]
        if not terms:
            return
        C = np.stack([self.effects[:, self.term == k] @ self.Z[:, self.term == k].T for k in range(terms)], axis=1)
        weight = 1.0 / self.sigma2
        Q = (C @ np.swapaxes(C, 1, 2)) * weight[:, None, None] + np.eye(terms) / _PRIOR_SCALE**2
        right = (C @ residual[:, :, None])[:, :, 0] * weight[:, None]
        root = np.linalg.cholesky(Q)
        half = np.linalg.solve(root, right[:, :, None]) + self.random.standard_normal((self.chains, terms, 1))
        self.a = np.linalg.solve(np.swapaxes(root, 1, 2), half)[:, :, 0]

    def _draw_variances(self, residual: np.ndarray) -> None:
        for k in range(self.a.shape[1]):
            h = self.effects[:, self.term == k]
            shape, rate = (_PRIOR_DF + h.shape[1]) / 2.0, (_PRIOR_DF + (h**2).sum(axis=1)) / 2.0
            self.spread[:, k] = np.sqrt(rate / self.random.standard_gamma(shape, self.chains))
        if self.kind == "continuous":
            n = residual.shape[1]
            self.sigma2 = (residual**2).sum(axis=1) / 2.0 / self.random.standard_gamma(n / 2.0, self.chains)
