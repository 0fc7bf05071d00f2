"""Permutation tests of many responses to one design: what the responses share is made once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cpis_analysis.lmm.designs.display import ShortRepr
from cpis_analysis.lmm.resampling.inversion import TIE, Resampled
from cpis_analysis.lmm.resampling.two_stage import FirstStage, SecondStage, TwoStages, first_stage, second_stage

EXACT_BELOW = 0.25
"""Shares up to which the largest share beyond the tested value is looked for; no test is made at a higher level."""
_AT_ONCE = 4_000_000
"""Numbers of a temporary array."""


@dataclass(frozen=True, eq=False)
class ManyPermuted(ShortRepr):
    """Permutation tests of many responses to one design.

    Attributes
    ----------
    estimate, se : (B,) float
        Of the design's own allocation.
    effects, cross, squares : (n, B) float
        Of each allocation: the effect, and of the squared standard error what is linear in an added effect, and what
        is not.
    of_arm : (n, 2) float
        Effect of an added effect of one, and its part of the squared standard error.
    extreme : (n,) bool
    """

    estimate: np.ndarray
    se: np.ndarray
    effects: np.ndarray
    cross: np.ndarray
    squares: np.ndarray
    of_arm: np.ndarray
    extreme: np.ndarray

    def p_values(self, effect: float = 0.0) -> np.ndarray:
        """Two-sided p-values (B,) of no difference, if the effect were larger by this.

        They are those of `inversion.Resampled.test` up to `EXACT_BELOW`; larger ones may be larger still.
        """
        above, slope = self.effects + effect * self.of_arm[:, :1], self.of_arm[:, :1]
        linear, bend = self.cross + effect * self.of_arm[:, 1:], self.of_arm[:, 1:]
        below = self.squares + 2.0 * effect * self.cross + effect**2 * bend
        estimate = self.estimate + effect
        own = (estimate / self.se) ** 2
        as_extreme = self.extreme[:, None] | (above**2 >= own * below * (1.0 - TIE))
        found = np.asarray(as_extreme.mean(axis=0))
        few = np.flatnonzero(found <= EXACT_BELOW)
        again = _may_return(estimate[few], self.se[few], above[:, few], slope, below[:, few], linear[:, few], bend)
        for j in few[(again & ~as_extreme[:, few]).any(axis=0)]:
            numerators = np.column_stack([above[:, j], slope[:, 0]])
            squares = np.column_stack([below[:, j], linear[:, j], bend[:, 0]])
            one = Resampled(float(estimate[j]), float(self.se[j]), numerators, squares, self.extreme)
            found[j] = one.test().p_value
        return found


def _may_return(
    estimate: np.ndarray,
    se: np.ndarray,
    above: np.ndarray,
    slope: np.ndarray,
    below: np.ndarray,
    linear: np.ndarray,
    bend: np.ndarray,
) -> np.ndarray:
    """Whether an allocation that is less extreme at zero might be as extreme at a value farther from the estimate.

    At a distance u beyond zero it is so where a polynomial of degree four in u is not negative
    (`inversion.Resampled`); one whose coefficients are all below zero is negative at every u > 0.
    """
    E, side = np.abs(estimate), -np.sign(estimate)
    scale = (1.0 - TIE) / se**2
    first = -2.0 * above * slope * side - 2.0 * scale * E * (below - linear * side * E)
    second = slope**2 - scale * (below - 4.0 * E * linear * side + E**2 * bend)
    third = 2.0 * scale * (linear * side - E * bend)
    return np.asarray((first > 0) | (second > 0) | (third > 0))


def permuted_many(stages: TwoStages, allocations: np.ndarray, Y: np.ndarray) -> ManyPermuted:
    """The statistics of all allocations (n, K) for responses (people, B) in the place of that of `stages`."""
    rows = np.vstack([stages.treated, allocations])
    first = first_stage(stages, rows)
    second = second_stage(stages, rows, first.defined)
    arm = first.of(stages.treated[stages.cluster].astype(float)[:, None])
    arm_effect, arm_left = second.of(first.means(*arm))
    arm_scaled = second.weight * arm_left[:, :, 0]
    # a response less its mean has the same statistics and loses fewer digits
    Y = Y - Y.mean(axis=0)
    statistics = _of_means if second.apart is None else _of_differences
    portion = max(1, _AT_ONCE // (len(rows) * (1 if second.apart is None else max(second.apart.shape[1:]))))
    parts = [
        statistics(first, second, arm_scaled, *first.of(Y[:, at : at + portion]))
        for at in range(0, Y.shape[1], portion)
    ]
    effect, squares, cross = (np.concatenate(part, axis=1) for part in zip(*parts, strict=True))
    return ManyPermuted(
        effect[0],
        np.sqrt(np.maximum(squares[0], 0.0)),
        effect[1:],
        cross[1:],
        squares[1:],
        np.column_stack([arm_effect[1:, 0], (arm_scaled[1:] ** 2).sum(axis=1)]),
        ~second.defined[1:],
    )


def _of_differences(
    first: FirstStage, second: SecondStage, arm_scaled: np.ndarray, plain: np.ndarray, gamma: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Effects, squared standard errors and their part that is linear in an added effect (n, b), from residuals."""
    effect, left = second.of(first.means(plain, gamma))
    left *= second.weight[:, :, None]
    return effect, (left**2).sum(axis=1), (arm_scaled[:, None] @ left)[:, 0]


def _of_means(
    first: FirstStage, second: SecondStage, arm_scaled: np.ndarray, plain: np.ndarray, gamma: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """As `_of_differences`, without the residuals: with many clusters they are the dearest part.

    The means of an allocation are v = u + g d, u the same for all, and their residuals v - Q c with c = Q'v. So the
    sum of w² (v - Q c)² is that of w² v², less 2 c'(Q'w² v), plus c'(Q'w² Q)c: products of (n, K) and (K, b) matrices.
    """
    moved, Q = first.moved, second.Q
    w2 = second.weight**2

    def product(left: np.ndarray) -> np.ndarray:
        """Sums (n, b) over clusters of a factor (n, K) and the means."""
        return left @ plain + (left * moved).sum(axis=1)[:, None] * gamma

    part = [product(Q[:, :, j]) for j in range(Q.shape[2])]
    squares = w2 @ plain**2 + 2.0 * gamma * ((w2 * moved) @ plain)
    squares += gamma**2 * (w2 * moved**2).sum(axis=1)[:, None]
    scaled = arm_scaled * second.weight
    cross = product(scaled)
    for j, c in enumerate(part):
        column = w2 * Q[:, :, j]
        squares -= 2.0 * c * product(column)
        cross -= c * (scaled * Q[:, :, j]).sum(axis=1)[:, None]
        for k, other in enumerate(part):
            squares += c * other * (column * Q[:, :, k]).sum(axis=1)[:, None]
    return part[-1] / second.back[:, None], squares, cross
