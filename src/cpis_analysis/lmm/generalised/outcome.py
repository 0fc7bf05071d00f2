"""What was observed in each row, and what a distribution must say of it.

A family knows one row at a time: the log density l(y | eta, psi), its first three derivatives in the linear predictor
eta, and the derivatives of l, l' and l'' in the parameters psi of its own (thresholds, the logarithm of a dispersion).
All arrays have one entry a row and, where a family has parameters of its own, one column a parameter.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Protocol, TypeGuard

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Observed:
    """What was observed in each row.

    Attributes
    ----------
    y : (n,) float
        The outcome: 0 and 1, a count, or the place of an ordered category from 0.
    trials : (n,) float
        Number of trials of a binomial outcome; ones for other families.
    weights : (n,) float
        Prior weights: how often the row counts.
    levels : int
        Number of ordered categories; 0 for other families.
    """

    y: Array
    trials: Array
    weights: Array
    levels: int = 0

    @cached_property
    def weighted(self) -> Array:
        """Outcomes times weights."""
        return self.weights * self.y

    @cached_property
    def totals(self) -> Array:
        """Trials times weights."""
        return self.weights * self.trials


@dataclass(frozen=True)
class Derivatives:
    """Log density and its derivatives in the linear predictor, one a row, weighted.

    Attributes
    ----------
    log : (n,)
        The log density without the part that depends on the data alone.
    first, second, third : (n,)
        Derivatives in eta.
    """

    log: Array
    first: Array
    second: Array
    third: Array


class Family(Protocol):
    """One distribution with its link."""

    name: str
    link: str
    limit: str
    """What to try where an own parameter has no finite estimate; empty, or begins with a comma."""

    def at_limit(self, data: Observed, psi: Array) -> bool:
        """Whether psi is so far out that its estimate is not finite."""

    def parameters(self, data: Observed) -> list[str]:
        """Names of the parameters psi of its own, as they are reported."""

    def start(self, data: Observed) -> Array:
        """Where the search for psi begins."""

    def natural(self, psi: Array) -> Array:
        """The reported parameters: thresholds, dispersion."""

    def jacobian(self, psi: Array) -> Array:
        """d natural / d psi."""

    def possible(self, data: Observed, y: Array) -> NDArray[np.bool_]:
        """Which outcomes the family can have."""

    def side(self, data: Observed) -> Array:
        """Where a row wants its linear predictor to go: 1 up without end, -1 down, 0 neither."""

    def constant(self, data: Observed) -> float:
        """The part of the log-likelihood that depends on the data alone."""

    def at(self, data: Observed, eta: Array, psi: Array) -> Derivatives:
        """Log density and derivatives in eta."""

    def own(self, data: Observed, eta: Array, psi: Array) -> tuple[Array, Array, Array]:
        """(n, m) derivatives of l, l' and l'' in psi."""

    def mean(self, eta: Array) -> Array:
        """Expected value (of one trial) at eta; of ordered categories, eta itself."""


class FamilyOfOne(Family, Protocol):
    """A family without parameters of its own whose information is positive everywhere."""

    def fourth(self, data: Observed, here: Derivatives) -> Array:
        """Fourth derivative of the log density in eta, from the others."""

    def linked(self, data: Observed) -> Array:
        """The outcome on the scale of the link, pulled from the bounds by half an event."""


def has_no_parameters(family: Family) -> TypeGuard[FamilyOfOne]:
    """Whether a family is one without parameters of its own."""
    return hasattr(family, "fourth")
