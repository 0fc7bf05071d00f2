"""The statistic of one response along the values of the contrast: where it is smallest, where it stops to reject."""

from __future__ import annotations

import numpy as np

from cpis_analysis.lmm.optimal_test.trained import OptimalTest

__all__ = ["Path"]

_STEPS = np.concatenate([[0.0], np.arange(1, 25) * 0.25, [7.0, 9.0, 13.0, 22.0, 50.0, 200.0, 1e3, 1e4]])
"""Distances from the estimate, in standard errors, at which the statistic is looked at."""
_SUBDIVIDED = np.linspace(-1.0, 1.0, 9)
_ROUNDS = 60


class Path:
    """The statistic of y - a d0 along d0, outwards from the estimate, and its smallest value from each point on.

    Parameters
    ----------
    test : OptimalTest
    z : (r,) float
    rest : float
        The reduced response.
    estimate : float
        Of the contrast, in units of its column at unit length.
    """

    def __init__(self, test: OptimalTest, z: np.ndarray, rest: float, estimate: float) -> None:
        self.test, self.estimate, self.at = test, estimate, test.line(z, rest)
        # the standard error at a middling ratio is the unit of the steps
        sigma = np.sqrt((rest + float(z @ z)) / test.design.m)
        self.step = float(sigma / np.sqrt(test.information))
        n = len(_STEPS)
        values = estimate + self.step * np.concatenate([-_STEPS, _STEPS])
        found = self.at(values)
        self._sides = {
            side: self._outwards(values[part], found[part])
            for side, part in ((-1.0, slice(0, n)), (1.0, slice(n, 2 * n)))
        }

    def farther(self, value: float) -> float:
        """Smallest statistic at `value` or beyond, seen from the estimate; at the estimate itself on either side."""
        if value == self.estimate:
            return min(smallest[0] for _, smallest in self._sides.values())
        side = 1.0 if value > self.estimate else -1.0
        values, smallest = self._sides[side]
        later = np.append(smallest, self.test.limit)[np.searchsorted(side * values, side * value)]
        return float(min(self.at(np.array([value]))[0], later))

    def ends(self) -> tuple[float, float]:
        """First and last value that is not rejected; at least the estimate, infinite where nothing far is rejected."""
        brackets, ends = {}, {-1.0: self.estimate, 1.0: self.estimate}
        for side, (values, smallest) in self._sides.items():
            kept = int(np.searchsorted(smallest, self.test.critical, side="left"))
            if kept == len(values):
                ends[side] = side * np.inf
            elif kept > 0:
                brackets[side] = values[kept - 1], values[kept]
        if brackets:
            inner, outer = (np.array(column) for column in zip(*brackets.values(), strict=True))
            ends |= dict(zip(brackets, self._crossings(inner, outer).tolist(), strict=True))
        return ends[-1.0], ends[1.0]

    def _crossings(self, inner: np.ndarray, outer: np.ndarray) -> np.ndarray:
        """Where the statistic reaches the critical value, between ends at which it is below and not below.

        By false position in which an end that stays counts half (Illinois), all brackets at once.
        """
        ends = np.array([inner, outer])
        values = self.at(ends.ravel()).reshape(ends.shape) - self.test.critical
        which = np.arange(len(inner))
        last = np.full(len(inner), -1)
        for _ in range(_ROUNDS):
            width = ends[1] - ends[0]
            if (np.abs(width) <= 1e-10 * self.step).all():
                break
            share = values[0] / (values[0] - values[1])
            # a bracket never stays as wide as it was, and its ends never meet
            place = ends[0] + np.clip(np.where(np.isfinite(share), share, 0.5), 1e-9, 1.0 - 1e-9) * width
            found = self.at(place) - self.test.critical
            side = np.where(found >= 0.0, 1, 0)
            other = 1 - side
            values[other, which] *= np.where(last == side, 0.5, 1.0)
            ends[side, which], values[side, which], last = place, found, side
            close = np.abs(found) < 1e-13
            ends[:, close] = np.where(close, place, ends)[:, close]
        return ends[0]

    def _outwards(self, values: np.ndarray, found: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Values outwards on one side, and the smallest statistic at each of them or beyond."""
        dips = np.flatnonzero((found[1:-1] < found[:-2]) & (found[1:-1] <= found[2:])) + 1
        for place in dips[::-1]:
            low, lowest = self._lowest(values[place], (values[place + 1] - values[place - 1]) / 2.0)
            if lowest < found[place] and low != values[place]:
                at = place if abs(low - values[0]) < abs(values[place] - values[0]) else place + 1
                values, found = np.insert(values, at, low), np.insert(found, at, lowest)
        smallest = np.minimum.accumulate(np.append(found, self.test.limit)[::-1])[::-1][:-1]
        return values, smallest

    def _lowest(self, centre: float, reach: float) -> tuple[float, float]:
        """The lowest point of a dip, to rounding: the statistic is flat there."""
        lowest = np.inf
        for _ in range(6):
            around = centre + reach * _SUBDIVIDED
            found = self.at(around)
            best = int(np.argmin(found))
            if found[best] >= lowest:
                break
            centre, lowest, reach = float(around[best]), float(found[best]), reach * 0.25
            if reach < 1e-5 * self.step:
                break
        return centre, lowest
