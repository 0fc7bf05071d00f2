"""Whether the chains of an imputation have come to where they stay."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

LIMIT = 1.05
"""A potential scale reduction above this is told; values near 1 mean that chains from different starts agree."""


@dataclass(frozen=True)
class Convergence:
    """How well the chains of one incomplete variable agree.

    Attributes
    ----------
    variable : str
    n_missing : int
    of_mean, of_spread : float
        Potential scale reduction of mean and standard deviation of the imputed values.
    """

    variable: str
    n_missing: int
    of_mean: float
    of_spread: float

    @property
    def worst(self) -> float:
        """The larger of the two."""
        return max(self.of_mean, self.of_spread)


def scale_reduction(trace: np.ndarray) -> float:
    """Potential scale reduction of Gelman and Rubin (1992), Stat Sci 7:457, over the second half of the chains.

    Parameters
    ----------
    trace : (sweeps, chains) float

    Returns
    -------
    float
        1 where nothing varies.
    """
    kept = trace[len(trace) // 2 :]
    n = len(kept)
    within = kept.var(axis=0, ddof=1).mean()
    between = kept.mean(axis=0).var(ddof=1)
    if not within > 0.0:
        return 1.0
    return float(np.sqrt((n - 1.0) / n + between / within))


def worst_of(parts: list[list[Convergence]]) -> list[Convergence]:
    """Of each variable the chains that agree least, over several blocks of chains; variables in the first's order."""
    return [max(same, key=lambda one: one.worst) for same in zip(*parts, strict=True)]
