"""The variances of a solution in the units of the data."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from cpis_analysis.lmm.designs.display import ShortRepr
from cpis_analysis.lmm.fits.solution import Solution

__all__ = ["Variances"]


@dataclass(frozen=True, eq=False, repr=False)
class Variances(ShortRepr):
    """Covariance matrices of the random terms and the residual variance.

    Attributes
    ----------
    of : Solution
    """

    of: Solution

    @cached_property
    def covariances(self) -> list[np.ndarray]:
        """Covariance matrix (q, q) of each random term."""
        layout, psi = self.of.structure.layout, self.of.optimum.psi
        return [
            layout.matrix(psi, k) * self.of.mean_sigma2 / np.outer(scale, scale)
            for k, scale in enumerate(self.of.structure.scales)
        ]

    def frames(self) -> list[tuple[str, pd.DataFrame]]:
        """Grouping factor and labelled covariance matrix of each random term."""
        return [
            (part.group, pd.DataFrame(S, index=list(part.names), columns=list(part.names)))
            for part, S in zip(self.of.design.random, self.covariances, strict=True)
        ]

    def table(self) -> pd.DataFrame:
        """Columns group, name, variance, std_dev; the last row is the residual."""
        rows = [
            (part.group, name, float(S[a, a]))
            for part, S in zip(self.of.design.random, self.covariances, strict=True)
            for a, name in enumerate(part.names)
        ]
        rows.append(("Residual", "", self.of.sigma2))
        frame = pd.DataFrame(rows, columns=["group", "name", "variance"])
        frame["std_dev"] = np.sign(frame["variance"]) * np.sqrt(frame["variance"].abs())
        return frame

    @cached_property
    def names(self) -> list[tuple[str, str]]:
        """Grouping factor and effect of each variance parameter; ``a, b`` is a covariance."""
        parts = self.of.design.random
        return [
            (parts[k].group, parts[k].names[a] if a == b else f"{parts[k].names[b]}, {parts[k].names[a]}")
            for k, a, b in self.of.structure.layout.entries
        ]

    @cached_property
    def parameters(self) -> np.ndarray:
        """Variances and covariances in the order of `names`."""
        return np.array([self.covariances[k][a, b] for k, a, b in self.of.structure.layout.entries])
