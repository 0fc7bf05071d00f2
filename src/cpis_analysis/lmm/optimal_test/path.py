"""The statistic of one response along the values of the contrast: where it is smallest, where it stops to reject."""

from __future__ import annotations

import math

import numpy as np

from cpis_analysis.lmm.optimal_test.trained import OptimalTest

_STEPS = np.concatenate([[0.0], np.arange(1, 25) * 0.25, [7.0, 9.0, 13.0, 22.0, 50.0, 200.0, 1e3, 1e4]])
"""Distances from the estimate, in standard errors, at which the statistic is looked at."""
_BOTH_SIDES = np.concatenate([-_STEPS, _STEPS])
_NARROW = 1e-10
"""Standard errors between the ends of an interval that is found and what is rejected."""
_LOOK, _LOOK_WIDELY = 0.02, 0.25
"""How far from a guess the statistic is looked at as well, as a share of what is left: usually, and after a bad one."""
_CLOSELY = (-1.0, -0.02, -4e-4, 0.0, 4e-4, 0.02, 1.0)
"""As shares of this distance: many places cost hardly more than one."""
_CLOSER = (0.1, 2e-3, 2e-4)
_AROUND = (-1.0, -0.3, -0.1, 0.0, 0.1, 0.3, 1.0)
"""The same around the bottom of a dip; more often than a smooth bottom needs, as the table of the tilt has edges."""
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
        values = estimate + self.step * _BOTH_SIDES
        found = self.at(values)
        n = len(_STEPS)
        self._seen = {-1.0: (values[:n], found[:n]), 1.0: (values[n:], found[n:])}

    def farther(self, value: float) -> float:
        """Smallest statistic at `value` or beyond, seen from the estimate; at the estimate itself on either side."""
        if value == self.estimate:
            at = float(self._seen[1.0][1][0])
            return float(min(at, *(self._outwards(side, at, start=value)[2][0] for side in self._seen)))
        side = 1.0 if value > self.estimate else -1.0
        at = float(self.at(np.array([value]))[0])
        values, _, smallest = self._outwards(side, at, start=value)
        later = np.append(smallest, self.test.limit)[np.searchsorted(side * values, side * value)]
        return float(min(at, later))

    def ends(self) -> tuple[float, float]:
        """First and last value that is not rejected; at least the estimate, infinite where nothing far is rejected."""
        ends = {}
        for side in self._seen:
            values, found, smallest = self._outwards(side, self.test.critical)
            kept = int(np.searchsorted(smallest, self.test.critical, side="left"))
            if kept == len(values):
                ends[side] = side * np.inf
            elif kept == 0:
                ends[side] = self.estimate
            else:
                first = max(kept - 2, 0)
                around = slice(first, kept + 2)
                ends[side] = self._crossing(values[around], found[around] - self.test.critical, kept - first)
        return ends[-1.0], ends[1.0]

    def _crossing(self, places: np.ndarray, heights: np.ndarray, outer: int) -> float:
        """A value at which the statistic is below the critical value, next to one at which it is not.

        The places are read as a polynomial of the heights, which says where the height is zero. The statistic is looked
        at there and closely on either side; the next bracket is what lies between two of these where the guess was
        good, and what is left of this one where it was not.

        Parameters
        ----------
        places, heights : (2 to 4,)
            Outwards.
        outer : int
            The first of the two ends between which to look.
        """
        near = list(zip(places.tolist(), heights.tolist(), strict=True))
        inner, beyond, reach = near[outer - 1], near[outer], _LOOK
        for _ in range(_ROUNDS):
            width = beyond[0] - inner[0]
            if abs(width) <= _NARROW * self.step:
                break
            guess = (_at_zero(near) - inner[0]) / width
            if not 0.0 < guess < 1.0:
                guess = 0.5
            least = 0.4 * _NARROW * self.step / abs(width)
            apart = {math.copysign(max(abs(at) * reach, least), at) if at else 0.0 for at in _CLOSELY}
            shares = sorted(guess + at for at in apart)
            looked = [inner[0] + share * width for share in shares if 0.0 < share < 1.0]
            found = (self.at(np.array(looked)) - self.test.critical).tolist()
            near = [inner, *zip(looked, found, strict=True), beyond]
            outer = next(at for at, (_, height) in enumerate(near) if height >= 0.0)
            # the guess was good where the zero lies next to it
            reach = _LOOK if 1 < outer < len(near) - 1 else _LOOK_WIDELY
            inner, beyond = near[outer - 1], near[outer]
            near = near[max(outer - 2, 0) : outer + 2]
        return inner[0]

    def _outwards(
        self, side: float, level: float, *, start: float | None = None
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Values outwards on one side, the statistic, and its smallest value at each of them or beyond.

        The bottoms of its dips are looked for: of those that may fall below `level`, and that reach beyond `start` or,
        without it, have not been seen below `level`.
        """
        values, found = self._seen[side]
        before = [of[1:2] for of in self._seen[-side]]
        places, heights = np.concatenate([before[0], values]), np.concatenate([before[1], found])
        dips = np.flatnonzero((heights[1:-1] < heights[:-2]) & (heights[1:-1] <= heights[2:]))
        for place in dips[::-1].tolist():
            three, seen = places[place : place + 3].tolist(), heights[place : place + 3].tolist()
            needed = seen[1] >= level if start is None else side * (three[2] - start) > 0.0
            if not needed or _least(three, seen) >= level:
                continue
            low, lowest = self._lowest(three, seen)
            further = side * (low - three[1])
            # the bottom of the dip around the estimate may lie on the other side
            if lowest < seen[1] and (further > 0.0 or (further < 0.0 and place > 0)):
                at = place + 1 if further > 0.0 else place
                values, found = (
                    np.concatenate([of[:at], [one], of[at:]]) for of, one in ((values, low), (found, lowest))
                )
        smallest = np.minimum.accumulate(np.append(found, self.test.limit)[::-1])[::-1][:-1]
        return values, found, smallest

    def _lowest(self, places: list[float], heights: list[float]) -> tuple[float, float]:
        """The lowest point of a dip, to rounding: the statistic is flat there.

        It is looked at where a parabola through three places is lowest, and on either side, each time more closely.

        Parameters
        ----------
        places, heights : (3,)
            The second is the lowest.
        """
        inner, place, outer = places
        lowest, reach = heights[1], abs(outer - inner) / 2.0
        for closer in _CLOSER:
            bottom = _bottom(places, heights)
            if not min(inner, outer) < bottom < max(inner, outer):
                bottom = place
            aside = closer * reach
            looked = [bottom + aside * at for at in _AROUND]
            seen = self.at(np.array(looked)).tolist()
            best = seen.index(min(seen))
            if seen[best] < lowest:
                place, lowest = looked[best], seen[best]
            near = slice(min(max(best - 1, 0), len(seen) - 3), None)
            places, heights = looked[near][:3], seen[near][:3]
        return place, lowest


def _at_zero(points: list[tuple[float, float]]) -> float:
    """Where the height is zero, of the polynomial of the heights on which the points (place, height) lie."""
    total = 0.0
    for place, height in points:
        share = 1.0
        for _, other in points:
            if other != height:
                share *= other / (other - height)
        total += share * place
    return total


def _least(places: list[float], heights: list[float]) -> float:
    """What the height between three places can't fall below, of which the second is the lowest, if it bends upwards.

    The line through two of them lies below it beyond the second; twice as far down leaves room for other shapes.
    """
    (a, b, c), (f, g, h) = places, heights
    return g - 2.0 * max((f - g) * (c - b) / (b - a), (h - g) * (b - a) / (c - b))


def _bottom(places: list[float], heights: list[float]) -> float:
    """Place of the vertex of the parabola through three points; infinite where they lie on a line."""
    (a, b, c), (f, g, h) = places, heights
    left, right = (b - a) * (g - h), (b - c) * (g - f)
    bend = left - right
    return b - 0.5 * ((b - a) * left - (b - c) * right) / bend if bend else math.inf
