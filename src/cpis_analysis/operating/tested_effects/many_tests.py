"""What many analyses report of one effect."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np


@dataclass(frozen=True)
class ManyTests:
    """What B analyses report of the effect; NaN where one has no result.

    Attributes
    ----------
    estimate, se, df : (B,) float
    singular : (B,) bool
        Whether a variance was estimated as zero; False where none is estimated.
    """

    estimate: np.ndarray
    se: np.ndarray
    df: np.ndarray
    singular: np.ndarray
    exact_below: ClassVar[float] = 1.0
    """p-values above it may be larger still."""

    @property
    def failed(self) -> np.ndarray:
        """Where there is no test (B,)."""
        return ~(np.isfinite(self.estimate) & np.isfinite(self.se) & ~np.isnan(self.df))

    def p_values(self, effect: float = 0.0) -> np.ndarray:
        """p-values (B,) if the effect were larger by this: every estimator here moves with it and keeps its error."""
        from scipy import special

        t = np.abs(self.estimate + effect) / self.se
        # the t distribution becomes the normal one where its degrees of freedom have no end
        normal = 2.0 * special.ndtr(-t)
        return np.where(
            np.isfinite(self.df), 2.0 * special.stdtr(np.where(np.isfinite(self.df), self.df, 1.0), -t), normal
        )

    def half_widths(self, level: float) -> np.ndarray:
        """Half the widths (B,) of the intervals."""
        from scipy import special

        # many responses to one design have the same degrees of freedom, and each quantile is a search
        df, place = np.unique(self.df, return_inverse=True)
        quantile = np.where(
            np.isfinite(df),
            special.stdtrit(np.where(np.isfinite(df), df, 1.0), (1.0 + level) / 2.0),
            special.ndtri((1.0 + level) / 2.0),
        )
        return np.asarray(quantile[place] * self.se)

    def finding(self, level: float) -> Callable[[float], np.ndarray]:
        """Which tests (B,) find the effect, as a function of how much larger it were: its interval leaves zero out."""
        half = self.half_widths(level)
        return lambda effect: np.abs(self.estimate + effect) > half


class WithoutWidths(ManyTests):
    """Tests whose intervals are not symmetric about the estimate, so that there is no half width."""

    def half_widths(self, level: float) -> np.ndarray:
        return np.full(len(self.estimate), np.nan)

    def finding(self, level: float) -> Callable[[float], np.ndarray]:
        return lambda effect: self.p_values(effect) <= 1.0 - level
