"""What the engine asks of a covariance structure of the random effects."""

from __future__ import annotations

from typing import Any, Protocol, TypeGuard, TypeVar

import numpy as np

from cpis_analysis.lmm.structures.covariance_parameters import Layout
from cpis_analysis.lmm.structures.sufficient_moments import Likelihood, Moments

Sums = TypeVar("Sums")


class Structure(Protocol[Sums]):
    """How H = W^-1 + sum_r psi_r G_r of one design is evaluated without forming it.

    `Sums` is what an outcome contributes, in whatever shape the structure likes; nobody else looks inside.

    Attributes
    ----------
    layout : Layout
        Which variance parameters there are.
    scales : list of (q,) float
        What the columns of each random term were divided by; psi is in these units.
    n : int
        Rows.
    """

    layout: Layout
    scales: list[np.ndarray]
    n: int

    def outside(self) -> list[float]:
        """Share of each random term's columns that lies outside the fixed part."""

    def sums(self, y: np.ndarray) -> Sums:
        """What one scaled residual outcome (n,), orthogonal to the basis, contributes."""

    def value(self, psi: np.ndarray, sums: Sums) -> tuple[float, np.ndarray]:
        """log|H| and W'H^-1W (P, P), of which the likelihood is made."""

    def moments(self, psi: np.ndarray, sums: Sums) -> Moments:
        """All moments at psi; raises LinAlgError where H is not positive definite."""

    def modes(self, psi: np.ndarray, y: np.ndarray, c: np.ndarray) -> list[np.ndarray]:
        """Conditional modes Psi Z'H^-1 W c of each term (groups, q), in units of `scales`."""


class ScoredStructure(Structure[Sums], Protocol[Sums]):
    """A structure whose exact information is dear, so that it offers first derivatives alone."""

    def score(self, psi: np.ndarray, sums: Sums, reml: bool, known: float | None = None) -> Likelihood:
        """Likelihood, gradient and average information at psi; `known` is a known residual variance."""


def offers_score(structure: Structure[Any]) -> TypeGuard[ScoredStructure[Any]]:
    """Whether a structure is a `ScoredStructure`; asked once a fit, so not by the slow check of a protocol."""
    return hasattr(structure, "score")
