"""Parameters of the random effects and of the residual covariance together.

``psi`` are the variances and covariances of the random terms, then the parameters of the residual covariance, group
after group; all in the units of the scaled outcome, so there is no residual variance beside them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from cpis_analysis.lmm.structures.covariance_parameters import Layout
from cpis_analysis.lmm.structures.residual_covariances import ResidualCovariance


@dataclass(frozen=True)
class JointLayout(Layout):
    """Parameters of random terms and residuals.

    Attributes
    ----------
    covariance : ResidualCovariance
        Of each group's residuals.
    groups : int
        Groups with residual covariances of their own.
    """

    covariance: ResidualCovariance
    groups: int

    @property
    def first(self) -> int:
        """Position of the first parameter of the residuals."""
        return len(self.entries)

    @cached_property
    def of_group(self) -> list[slice]:
        """Positions of each group's residual parameters."""
        size = self.covariance.count
        return [slice(self.first + g * size, self.first + (g + 1) * size) for g in range(self.groups)]

    @property
    def curved(self) -> bool:
        """Whether theta differs from psi: it does."""
        return True

    @cached_property
    def bounded(self) -> np.ndarray:
        """Which elements of theta must not be negative: single variances of random terms."""
        return np.append(super().bounded, np.zeros(self.groups * self.covariance.count, dtype=bool))

    def zeros(self, psi: np.ndarray) -> list[int]:
        """Positions of the random terms' variances that are exactly zero."""
        return super().zeros(psi[: self.first])

    def psi(self, theta: np.ndarray) -> np.ndarray:
        """Variances, covariances and correlations from theta."""
        return np.concatenate(
            [super().psi(theta[: self.first]), *(self.covariance.phi(theta[one]) for one in self.of_group)]
        )

    def theta_of_terms(self, psi: np.ndarray) -> np.ndarray:
        """Theta of the random terms."""
        return super().theta(psi[: self.first])

    def theta(self, psi: np.ndarray) -> np.ndarray:
        """Theta from psi."""
        return np.concatenate([self.theta_of_terms(psi), *(self.covariance.theta(psi[one]) for one in self.of_group)])

    def jacobian(self, theta: np.ndarray) -> np.ndarray:
        """d psi / d theta, (R, R)."""
        J = np.zeros((len(theta), len(theta)))
        J[: self.first, : self.first] = super().jacobian(theta[: self.first])
        for one in self.of_group:
            J[one, one] = self.covariance.jacobian(theta[one])
        return J

    def curvature(self, theta: np.ndarray, gradient: np.ndarray) -> np.ndarray:
        """sum_r gradient_r d2 psi_r / d theta2, (R, R)."""
        out = np.zeros((len(theta), len(theta)))
        out[: self.first, : self.first] = super().curvature(theta[: self.first], gradient[: self.first])
        for one in self.of_group:
            out[one, one] = self.covariance.curvature(theta[one], gradient[one])
        return out
