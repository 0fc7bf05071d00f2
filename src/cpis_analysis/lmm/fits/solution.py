"""A design with the maximum of its likelihood: what every question to a fit starts from."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from cpis_analysis.lmm.designs.basis import Basis
from cpis_analysis.lmm.designs.design import Design
from cpis_analysis.lmm.designs.display import ShortRepr
from cpis_analysis.lmm.fits.hill import Optimum
from cpis_analysis.lmm.structures.residual import ResidualStructure
from cpis_analysis.lmm.structures.structure import Structure
from cpis_analysis.lmm.structures.sufficient_moments import Moments


@dataclass(frozen=True, eq=False, repr=False)
class Solution(ShortRepr):
    """The arrays of a model and the maximum that was found.

    Parameters are in the units of the data; nothing is rounded.

    Attributes
    ----------
    design : Design
    basis : Basis
    structure : Structure
        How V is built.
    optimum : Optimum
        Maximum of the likelihood, in internal units.
    reml, bounded : bool
    beta_ols : (p,) float
        Ordinary least squares coefficients.
    y_scaled : (n,) float
        OLS residuals at unit scale.
    y_scale : float
        Their scale.
    residual_variance : float, optional
        The residual variance, where it is known.
    """

    design: Design
    basis: Basis
    structure: Structure[Any]
    optimum: Optimum
    reml: bool
    bounded: bool
    beta_ols: np.ndarray
    y_scaled: np.ndarray
    y_scale: float
    residual_variance: float | None = None

    @property
    def n_obs(self) -> int:
        """Rows used."""
        return self.design.n

    @property
    def df_residual(self) -> int:
        """Rows less fixed effects."""
        return self.n_obs - self.basis.p

    @property
    def sigma2(self) -> float:
        """Residual variance (of a row of weight one); their mean over the rows where they differ."""
        part = self.design.residual
        if part is not None:
            variances = np.array([np.diag(S) for S in self.residual_matrices])
            return float(variances[part.group[part.person], part.occasion].mean())
        return self.mean_sigma2 * self.basis.mean_weight

    @property
    def mean_sigma2(self) -> float:
        """Residual variance of a row of mean weight, or that unit of variances in which the search has its ratios."""
        return self.optimum.likelihood.sigma2 * self.y_scale**2

    @cached_property
    def beta(self) -> np.ndarray:
        """Coefficients of the kept columns, (p,)."""
        return self.beta_ols + self.basis.back @ self.optimum.likelihood.b * self.y_scale

    @cached_property
    def moments(self) -> Moments:
        """All moments at the maximum; large crossed models make them only when inference asks."""
        found = self.optimum.moments
        if found is None:
            found = self.structure.moments(self.optimum.psi, self.structure.sums(self.y_scaled))
        return found

    @cached_property
    def residual_matrices(self) -> list[np.ndarray]:
        """Covariance (T, T) of a person's residuals in each group, where residuals have one; else none."""
        if not isinstance(self.structure, ResidualStructure):
            return []
        return [S * self.mean_sigma2 for S in self.structure.residual_matrices(self.optimum.psi)]

    @cached_property
    def conditional_modes(self) -> list[np.ndarray]:
        """Conditional modes of each random term (groups, q), in the units of the data."""
        c = np.append(-self.optimum.likelihood.b, 1.0)
        modes = self.structure.modes(self.optimum.psi, self.y_scaled, c)
        return [mode * self.y_scale / scale for mode, scale in zip(modes, self.structure.scales, strict=True)]

    @cached_property
    def marginal_residuals(self) -> np.ndarray:
        """Outcome less the fixed part, (n,)."""
        return (self.y_scaled - self.basis.Q @ self.optimum.likelihood.b) * self.y_scale

    def log_likelihood_of(self, value: np.ndarray | float, y_scale: np.ndarray | float) -> Any:
        """Log-likelihood with all constants, as lme4's logLik, from values in internal units."""
        df = self.df_residual if self.reml else self.n_obs
        out = value - 0.5 * df * (1.0 + np.log(2.0 * np.pi)) - df * np.log(y_scale)
        if self.reml:
            out = out - 0.5 * self.basis.log_det
        return out + 0.5 * self.basis.sum_log_weights
