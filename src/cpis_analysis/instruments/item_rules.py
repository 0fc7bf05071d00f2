"""What complete answers to a scale make: the rule by which imputed items become a score.

There is nothing to prorate where nothing is missing: the rule is a sum or a mean of turned answers, or a table of sums.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .scale import ScaleRule


@dataclass(frozen=True)
class ItemRule:
    """How complete answers become a score.

    Attributes
    ----------
    scale : ScaleRule
        Items, their range, which are reversed, and whether they are summed or averaged.
    conversion : tuple of float
        Score of each raw sum, from the smallest possible in steps of 1; empty for none.
    """

    scale: ScaleRule
    conversion: tuple[float, ...] = ()

    @property
    def bounds(self) -> tuple[float, float]:
        """Smallest and largest possible score."""
        return (self.conversion[0], self.conversion[-1]) if self.conversion else self.scale.bounds

    @property
    def low(self) -> tuple[float, ...]:
        """Smallest answer to each item."""
        return _each(self.scale.low, len(self.scale.items))

    @property
    def high(self) -> tuple[float, ...]:
        """Largest answer to each item."""
        return _each(self.scale.high, len(self.scale.items))

    @property
    def weights(self) -> tuple[float, ...]:
        """1 for each item, -1 for a reversed one."""
        return tuple(-1.0 if item in self.scale.reverse else 1.0 for item in self.scale.items)

    @property
    def constant(self) -> float:
        """What reversal adds: low + high of each reversed item."""
        ends = zip(self.weights, self.low, self.high, strict=True)
        return float(sum(low + high for weight, low, high in ends if weight < 0))

    @property
    def divisor(self) -> float:
        """Number of items of a mean, 1 of a sum."""
        return float(len(self.scale.items)) if self.scale.method == "mean" else 1.0


def _each(limit: object, n: int) -> tuple[float, ...]:
    return tuple(np.broadcast_to(np.asarray(limit, dtype=float), (n,)).tolist())
