"""What responses contribute to the likelihood of a nested model."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from cpis_analysis.lmm.designs.display import ShortRepr


@dataclass(frozen=True, repr=False)
class NestedSums(ShortRepr):
    """What one or more responses contribute; the last axis counts responses.

    Attributes
    ----------
    means : (P, C, B) float
        Means of the classes of innermost groups.
    spread : (U, P, P, B) float
        Sums of squares and products of group means around their class mean, by group size.
    within : (P, P, B) float
        Sums of squares and products within innermost groups.
    known : (B,) float, optional
        Residual variances, where they are known.
    """

    means: np.ndarray
    spread: np.ndarray
    within: np.ndarray
    known: np.ndarray | None = None

    @property
    def count(self) -> int:
        """Number of responses."""
        return self.means.shape[2]

    def take(self, columns: np.ndarray) -> NestedSums:
        """The sums of some responses (numbers, or which of them).

        Notes
        -----
        `take` leaves responses side by side in memory, as array operations want them; an index in brackets lays those
        of one class side by side, and everything after it takes half as long again.
        """
        columns = np.flatnonzero(columns) if columns.dtype == bool else columns
        means, spread, within = (of.take(columns, axis=-1) for of in (self.means, self.spread, self.within))
        return NestedSums(means, spread, within, None if self.known is None else self.known[columns])

    def with_known(self, known: np.ndarray | None) -> NestedSums:
        """The same with known residual variances (B,)."""
        return replace(self, known=known)
