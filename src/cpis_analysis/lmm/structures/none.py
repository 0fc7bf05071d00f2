"""No random effects: ordinary least squares as the mixed model without terms."""

from __future__ import annotations

import numpy as np

from cpis_analysis.lmm.designs.basis import Basis
from cpis_analysis.lmm.structures.covariance_parameters import Layout
from cpis_analysis.lmm.structures.sufficient_moments import Moments


class IndependentRows:
    """The structure of a model whose only variance is the residual one."""

    def __init__(self, basis: Basis) -> None:
        self.layout = Layout(())
        self.scales: list[np.ndarray] = []
        self.n, self.p = basis.Q.shape
        self._root = basis.root_weights

    def outside(self) -> list[float]:
        """Shares of the random terms outside the fixed part: none."""
        return []

    def sums(self, y: np.ndarray) -> np.ndarray:
        """W'W for one scaled residual outcome."""
        WW = np.eye(self.p + 1)
        WW[self.p, self.p] = y @ y if self._root is None else y @ (y * self._root**2)
        return WW

    def value(self, psi: np.ndarray, sums: np.ndarray) -> tuple[float, np.ndarray]:
        """log|H| = 0 and W'W."""
        return 0.0, sums

    def moments(self, psi: np.ndarray, sums: np.ndarray) -> Moments:
        """Moments without variance parameters."""
        dim = len(sums)
        none = np.zeros(0)
        return Moments(
            self.n, none, 0.0, sums, none, np.zeros((0, dim, dim)), np.zeros((0, 0)), np.zeros((0, 0, dim, dim))
        )

    def modes(self, psi: np.ndarray, y: np.ndarray, c: np.ndarray) -> list[np.ndarray]:
        """No conditional modes."""
        return []
