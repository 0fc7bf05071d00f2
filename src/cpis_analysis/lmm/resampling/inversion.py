"""p-values and intervals of resampling tests whose statistics are ratios of squares in the tested value.

With d the tested value and x = (d - estimate) / se, the observed statistic squared is x^2, and that of a resample

    T^2(x) = (a0 - a1 x)^2 / (b0 - 2 b1 x + b2 x^2).

So a resample is as extreme as what was observed where a polynomial of degree four is not negative, and the share of
such resamples is a step function of x whose steps are its roots: the interval is found exactly, without a search.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cpis_analysis.lmm.designs.display import ShortRepr

TIE = 1e-9
"""Relative difference of two squared statistics up to which they count as equal: rounding."""

_ROOM = 1e-9
"""Relative to the level, how far a share of resamples must lie above it to count as above."""


@dataclass(frozen=True, repr=False)
class ResamplingTest(ShortRepr):
    """A test of one value, with the interval that agrees with it.

    Attributes
    ----------
    estimate, se, statistic : float
        Of the observed data; the statistic is that of the tested value.
    p_value : float
        Two-sided. Where the share of resamples as extreme is not monotone in the distance from the estimate, the
        largest share at any value as far out or farther on the same side.
    ci_low, ci_high : float
        Ends of the smallest interval that holds all values that are not rejected; infinite where none is rejected on
        that side however far away.
    smallest_p : float
        The smallest p-value that there can be, with these numbers of resamples.
    n : int
        Resamples, the observed data among them.
    level : float
    """

    estimate: float
    se: float
    statistic: float
    p_value: float
    ci_low: float
    ci_high: float
    smallest_p: float
    n: int
    level: float


@dataclass(frozen=True, eq=False)
class Resampled(ShortRepr):
    """Statistics of all resamples as functions of the tested value.

    Attributes
    ----------
    estimate, se : float
        Observed; the statistic of a value d is (estimate - d) / se.
    above : (n, 2) float
        Numerators of the resamples: above[:, 0] - above[:, 1] d.
    below : (n, 3) float
        Squared standard errors: below[:, 0] - 2 below[:, 1] d + below[:, 2] d^2.
    extreme : (n,) bool
        Resamples without a statistic, which count as more extreme than any.
    """

    estimate: float
    se: float
    above: np.ndarray
    below: np.ndarray
    extreme: np.ndarray

    def test(self, level: float = 0.95, null: float = 0.0) -> ResamplingTest:
        """Test one value."""
        a, b, fixed = self._standardised()
        x, alpha = (null - self.estimate) / self.se, 1.0 - level
        turning = _turning_places(a[~fixed], b[~fixed])
        sides = {
            sign: _Side.of(sign * turning, a[~fixed] * [1.0, sign], b[~fixed] * [1.0, sign, 1.0], int(fixed.sum()))
            for sign in (-1.0, 1.0)
        }
        own = sides[1.0 if x >= 0 else -1.0]
        low, high = (sign * sides[sign].reach(alpha) * self.se + self.estimate for sign in (-1.0, 1.0))
        return ResamplingTest(
            self.estimate,
            self.se,
            -x,
            own.share(abs(x)),
            low,
            high,
            float(fixed.mean()),
            len(fixed),
            level,
        )

    def _standardised(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Coefficients in x, and which resamples are as extreme as the observed data at every value."""
        d, s = self.estimate, self.se
        a = np.column_stack([self.above[:, 0] - d * self.above[:, 1], s * self.above[:, 1]])
        b0, b1, b2 = self.below.T
        b = np.column_stack([b0 - 2.0 * d * b1 + d * d * b2, s * (b1 - d * b2), s * s * b2])
        a, b = a / s, b / s**2
        same = (np.abs(a[:, 0]) < TIE) & (np.abs(a[:, 1] ** 2 - b[:, 0]) < TIE * b[:, 0]) & (b[:, 2] < TIE)
        return a, b, same | self.extreme


@dataclass(frozen=True, eq=False)
class _Side(ShortRepr):
    """The share of resamples as extreme as the observed data, at distances x >= 0 on one side of the estimate.

    `steps` (m,) are the distances at which the share changes, `shares` (m + 1,) those between them.
    """

    steps: np.ndarray
    shares: np.ndarray

    @classmethod
    def of(cls, turning: np.ndarray, a: np.ndarray, b: np.ndarray, always: int) -> _Side:
        """From where the resamples may change, those that do at distances above zero, and `always` others."""
        steps, changes, first = _changes(np.where(turning > 0, turning, np.nan), a, b)
        # at one place a resample that becomes as extreme counts before another ceases to be
        order = np.lexsort((-changes, steps))
        counts = always + np.concatenate([[first], first + np.cumsum(changes[order])])
        return cls(steps[order], counts / (always + len(a)))

    def share(self, x: float) -> float:
        """The largest share at x or beyond."""
        return 1.0 if x == 0 else float(self.shares[np.searchsorted(self.steps, x, side="left") :].max())

    def reach(self, alpha: float) -> float:
        """The largest distance at which the share is above alpha; infinite where it stays above."""
        above = np.flatnonzero(self.shares > alpha * (1.0 + _ROOM))
        if not len(above):
            return 0.0
        last = int(above[-1])
        return float("inf") if last == len(self.steps) else float(self.steps[last])


def _turning_places(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Where resamples may become or cease to be as extreme: real roots (n, 4), NaN where there are fewer.

    Solved in w = 1 / x: as x grows without end most resamples cease to be as extreme, so w = 0 is no root.
    """
    shrunk = 1.0 - TIE
    quartic = np.column_stack(
        [
            a[:, 0] ** 2,
            -2.0 * a[:, 0] * a[:, 1],
            a[:, 1] ** 2 - b[:, 0] * shrunk,
            2.0 * b[:, 1] * shrunk,
            -b[:, 2] * shrunk,
        ]
    )
    return 1.0 / _real_roots(quartic)


def _changes(roots: np.ndarray, a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray, int]:
    """Where resamples become (1) or cease to be (-1) as extreme, and how many are just off the estimate."""
    roots = np.sort(roots, axis=1)  # NaN comes last
    known = np.isfinite(roots)
    # one place before the first root and one behind each
    behind = np.where(known[:, 1:], (roots[:, :-1] + roots[:, 1:]) / 2.0, 2.0 * roots[:, :-1])
    places = np.column_stack([np.where(known[:, 0], roots[:, 0] / 2.0, 1.0), behind, 2.0 * roots[:, -1]])
    x = places[:, :, None]
    gap = (a[:, None, :1] - a[:, None, 1:] * x) ** 2 - (1.0 - TIE) * x**2 * (
        b[:, None, :1] - 2.0 * b[:, None, 1:2] * x + b[:, None, 2:] * x**2
    )
    change = np.where(known, np.diff((gap[:, :, 0] >= 0).astype(int), axis=1), 0)
    moved = change != 0
    return roots[moved], change[moved], int((gap[:, 0, 0] >= 0).sum())


def _real_roots(polynomials: np.ndarray) -> np.ndarray:
    """Real roots other than zero of polynomials (n, 5), the highest power first; (n, 4), NaN where there are fewer."""
    out = np.full((len(polynomials), 4), np.nan)
    small = np.abs(polynomials) < 1e-15 * np.abs(polynomials).max(axis=1, keepdims=True)
    first = np.where(small.all(axis=1), 4, np.argmin(small, axis=1))
    for degree in range(1, 5):
        own = np.flatnonzero(first == 4 - degree)
        if not len(own):
            continue
        monic = polynomials[own, 5 - degree :] / polynomials[own, 4 - degree, None]
        companion = np.zeros((len(own), degree, degree))
        companion[:, 0, :] = -monic
        companion[:, np.arange(1, degree), np.arange(degree - 1)] = 1.0
        roots = np.linalg.eigvals(companion)
        real = (np.abs(roots.imag) <= 1e-7 * np.abs(roots)) & (roots.real != 0)
        out[own, :degree] = np.where(real, roots.real, np.nan)
    return out
