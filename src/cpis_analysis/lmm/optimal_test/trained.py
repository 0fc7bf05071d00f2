"""A trained test: its statistic, its p-values, and what of it is kept for other responses to the same design."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from cpis_analysis.lmm.designs.display import ShortRepr
from cpis_analysis.lmm.optimal_test.line import BothMixtures
from cpis_analysis.lmm.optimal_test.mixtures import Mixture, Tilt
from cpis_analysis.lmm.optimal_test.problem import ReducedDesign
from cpis_analysis.lmm.optimal_test.region import Region


@dataclass(frozen=True, repr=False)
class OptimalTest(ShortRepr):
    """A trained test.

    Attributes
    ----------
    design : ReducedDesign
    region : Region
    alpha : float
    effect : float
        Size of the effect for which power is averaged: of the contrast's column at unit length, in total SDs (residual
        and all random terms).
    critical : float
        The null hypothesis is rejected where the statistic is as large or larger.
    power, bound : float
        Weighted average power of this test, and the most that any test of this size on the region can have.
    size : float
        Largest size over a grid twice as fine as the training's.
    null, alternative : Mixture
    levels, tails : (L,)
        Values of the statistic, falling, and the largest probability over the region that it is as large.
    """

    design: ReducedDesign
    region: Region
    alpha: float
    effect: float
    critical: float
    power: float
    bound: float
    size: float
    null: Mixture
    alternative: Mixture
    levels: np.ndarray
    tails: np.ndarray

    def statistic(self, z: np.ndarray, rest: np.ndarray) -> np.ndarray:
        """The statistic (B,) of reduced responses z (r, B) with rest (B,)."""
        return self.alternative.log_density(z, rest) - self.null.log_density(z, rest)

    def line(self, z: np.ndarray, rest: float) -> Callable[[np.ndarray], np.ndarray]:
        """The statistic (T,) of one response z (r,) less shifts (T,) times the contrast's column, of the shifts."""
        return self._both.line(z, rest)

    @cached_property
    def _both(self) -> BothMixtures:
        return BothMixtures.of(self.alternative, self.null)

    @cached_property
    def information(self) -> float:
        """a'P0 a at a middling point of the region."""
        return float(np.median(self.alternative.forms.k))

    @cached_property
    def limit(self) -> float:
        """The statistic of a response that is the contrast's column and nothing else."""
        null, far = (
            mixture.densities(mixture.forms.k[:, None], mixture.forms.k[:, None])
            for mixture in (self.null, self.alternative)
        )
        return float((far - null)[0])

    @cached_property
    def _curve(self) -> tuple[np.ndarray, np.ndarray]:
        return -self.levels, np.log(self.tails)

    def p_value(self, statistic: np.ndarray) -> np.ndarray:
        """Largest probability over the region that the statistic is as large under the null hypothesis.

        Notes
        -----
        Between the levels the logarithm of the probability is a straight line. Beyond the largest it falls as exp(-t):
        where the statistic is the logarithm of a ratio of densities, its tail falls at least as fast.
        """
        at = np.asarray(statistic, dtype=float)
        logs = np.interp(-at, *self._curve)
        p = np.exp(logs - np.maximum(at - self.levels[0], 0.0))
        # the interpolation passes through alpha at the critical value but for the last digits
        p = np.where(at >= self.critical, np.minimum(p, self.alpha), np.maximum(p, np.nextafter(self.alpha, 1.0)))
        return np.where(at < self.levels[-1], 1.0, p)

    def record(self) -> dict[str, Any]:
        """What is kept of it, as JSON holds it; `restored` makes the test of it and of the design."""
        return {
            "alpha": self.alpha,
            "region": [self.region.largest, self.region.typical, self.region.points],
            "effect": self.effect,
            "critical": self.critical,
            "power": self.power,
            "bound": self.bound,
            "size": self.size,
            "points": self.null.points.tolist(),
            "log_weights": self.null.log_weights.tolist(),
            "levels": self.levels.tolist(),
            "tails": self.tails.tolist(),
        }

    @classmethod
    def restored(cls, design: ReducedDesign, record: Mapping[str, Any]) -> OptimalTest:
        """The test of a record, the same to the last bit.

        Raises
        ------
        KeyError, TypeError, ValueError
            If the record is none.
        """
        region = Region(*record["region"])
        points = np.array(record["points"], dtype=float)
        return cls(
            design=design,
            region=region,
            null=Mixture(points, design.at(points), np.array(record["log_weights"], dtype=float), design.m),
            alternative=alternative_of(design, region, float(record["effect"])),
            levels=np.array(record["levels"], dtype=float),
            tails=np.array(record["tails"], dtype=float),
            **{name: float(record[name]) for name in ("alpha", "effect", "critical", "power", "bound", "size")},
        )


def alternative_of(design: ReducedDesign, region: Region, effect: float) -> Mixture:
    """The weighted alternative of an effect in total SDs."""
    points = region.alternatives(len(design.R))
    forms, shifts = design.at(points), effect * np.sqrt(1.0 + points.sum(axis=1))
    tilt = Tilt(design.m, 2.0 * float((shifts * np.sqrt(forms.k)).max()))
    return Mixture(points, forms, np.log(region.weights(points)), design.m, shifts, tilt)
