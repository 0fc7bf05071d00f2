"""What a table says of the tests of one analysis in one cell."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from cpis_analysis.operating.tested_effects.halving import least_found
from cpis_analysis.operating.tested_effects.many_tests import ManyTests

EFFECTS = (0.3, 0.5)
"""True differences at which power is told, in SDs of what the covariates leave."""
_Z = 1.959963984540054

COLUMNS = (
    "model", "comparator", "icc_trust", "icc_team", "loss", "allocation", "departure", "replicates", "failed",
    "singular", "rejected", "size", "size_low", "size_high", "coverage", "bias", "rmse", "width",
    *(f"power_{effect:g}" for effect in EFFECTS), "detectable_80",
)  # fmt: skip


def cell_rows(tests: ManyTests | Joined, level: float, effects: Sequence[float]) -> dict[str, Any]:
    """What a table says of the tests of one analysis, with the limits of Monte Carlo error (Wilson, 95%)."""
    good = ~tests.failed
    n = int(good.sum())
    if n == 0:
        return {"replicates": 0, "failed": float(tests.failed.mean())}
    finds = tests.finding(level)

    def power(effect: float) -> float:
        return float(finds(effect)[good].mean())

    rejected = int(finds(0.0)[good].sum())
    size, (low, high) = rejected / n, wilson(rejected, n)
    width = 2.0 * tests.half_widths(level)[good]
    return {
        "replicates": n,
        "failed": float(tests.failed.mean()),
        "singular": float(tests.singular[good].mean()),
        "rejected": rejected,
        "size": size,
        "size_low": low,
        "size_high": high,
        "coverage": 1.0 - size,
        "bias": float(tests.estimate[good].mean()),
        "rmse": float(np.sqrt((tests.estimate[good] ** 2).mean())),
        "width": float(width.mean()),
        **{f"power_{effect:g}": power(effect) for effect in effects},
        "detectable_80": _detectable(power),
    }


def wilson(count: int, n: int) -> tuple[float, float]:
    """95% limits of a share (Wilson 1927)."""
    share, z2 = count / n, _Z**2
    centre = (share + z2 / (2 * n)) / (1 + z2 / n)
    reach = _Z * np.sqrt(share * (1 - share) / n + z2 / (4 * n * n)) / (1 + z2 / n)
    return float(max(centre - reach, 0.0)), float(min(centre + reach, 1.0))


def _detectable(power: Callable[[float], float], enough: float = 0.8) -> float:
    """Difference, in SDs, that is found in four of five studies; NaN where that would be more than 4."""
    return least_found(power, enough, 0.0, 4.0, 12) if power(4.0) >= enough else float("nan")


class Joined:
    """The tests of several designs, one after the other."""

    def __init__(self, parts: Sequence[ManyTests]) -> None:
        self._parts = parts
        self.estimate = np.concatenate([part.estimate for part in parts])
        self.singular = np.concatenate([part.singular for part in parts])
        self.failed = np.concatenate([part.failed for part in parts])

    def finding(self, level: float) -> Callable[[float], np.ndarray]:
        each = [part.finding(level) for part in self._parts]
        return lambda effect: np.concatenate([finds(effect) for finds in each])

    def half_widths(self, level: float) -> np.ndarray:
        return np.concatenate([part.half_widths(level) for part in self._parts])
