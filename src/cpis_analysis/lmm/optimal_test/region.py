"""What the variance ratios may be, and which of them count how much for power."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Region:
    """What the variance ratios may be, and which of them count how much for power.

    Attributes
    ----------
    largest : float
        Largest ratio of each random term's variance to the residual variance: 0.6 is a share of 0.375 where there
        is no other term.
    typical : float
        Scale of the half-normal weights on the ratio of SDs, over which power is averaged.
    points : int
        Points of the null hypothesis along each ratio, evenly spaced in the ratio of SDs; for one ratio twice as many.
    """

    largest: float = 0.6
    typical: float = 0.33
    points: int = 10

    def grid(self, ratios: int, points: int | None = None) -> np.ndarray:
        """Points (J, K) of the region, so many along each ratio."""
        points = points or (self.points if ratios > 1 else 2 * self.points)
        axis = np.linspace(0.0, np.sqrt(self.largest), points) ** 2
        return np.array(np.meshgrid(*[axis] * ratios, indexing="ij")).reshape(ratios, -1).T

    def finer(self, ratios: int) -> np.ndarray:
        """The points at which the size is looked at: those of the grid and one between any two along each ratio."""
        return self.grid(ratios, 2 * (self.points if ratios > 1 else 2 * self.points) - 1)

    def alternatives(self, ratios: int) -> np.ndarray:
        """Points of the alternative, over which power is averaged: half as many along each ratio."""
        return self.grid(ratios, (self.points if ratios > 1 else 2 * self.points) // 2 + 1)

    def weights(self, grid: np.ndarray) -> np.ndarray:
        """Weights (J,) of the alternatives, which sum to one."""
        w = np.exp(-0.5 * grid.sum(axis=1) / self.typical**2)
        return w / w.sum()
