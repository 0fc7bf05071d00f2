"""The statistic of one response along shifts by the contrast's column: both hypotheses' points in one array."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from cpis_analysis.lmm.designs.display import ShortRepr
from cpis_analysis.lmm.optimal_test.mixtures import Mixture, Tilt


@dataclass(frozen=True, repr=False)
class BothMixtures(ShortRepr):
    """The points of the alternative, then those of the null hypothesis, with what no response changes.

    Attributes
    ----------
    M : (J, r, r)
    gain : (J, r)
    k : (J, 1)
    reach : (F, 1)
        d k of the alternative's points, so that d B = reach times the distance of a shift from B / k.
    constant : (J, 1)
        What the log density of a point times its weight has beside the logarithm of A and the tilt.
    power : float
        -m / 2.
    tilt : Tilt
    """

    M: np.ndarray
    gain: np.ndarray
    k: np.ndarray
    reach: np.ndarray
    constant: np.ndarray
    power: float
    tilt: Tilt

    @classmethod
    def of(cls, far: Mixture, null: Mixture) -> BothMixtures:
        """Join the alternative, which has effects, and the null hypothesis."""
        if far.shifts is None or far.tilt is None:
            raise ValueError("the alternative has no effects")
        k = np.concatenate([far.forms.k, null.forms.k])
        constant = np.concatenate([far.log_weights, null.log_weights])
        constant -= 0.5 * np.concatenate([far.forms.log_det, null.forms.log_det])
        constant[: len(far.shifts)] -= 0.5 * far.shifts**2 * far.forms.k
        return cls(
            np.concatenate([far.forms.M, null.forms.M]),
            np.concatenate([far.forms.gain, null.forms.gain]),
            k[:, None],
            np.abs(far.shifts * far.forms.k)[:, None],
            constant[:, None],
            -far.m / 2.0,
            far.tilt,
        )

    def line(self, z: np.ndarray, rest: float) -> Callable[[np.ndarray], np.ndarray]:
        """The statistic (T,) at one response z (r,) less shifts (T,) times the contrast's column, of the shifts.

        Notes
        -----
        A is a quadratic in the shift. Written round its lowest point it loses no digits far out.
        """
        A = (self.M @ z) @ z + rest
        B, k = self.gain @ z, self.k[:, 0]
        floor, centre = np.maximum(A - B**2 / k, 1e-12 * A)[:, None], (B / k)[:, None]
        n = len(self.reach)

        def statistic(shifts: np.ndarray) -> np.ndarray:
            away = shifts - centre
            form = away * away
            form *= self.k
            form += floor
            even = np.abs(away[:n])
            even *= self.reach
            even /= np.sqrt(form[:n])
            self.tilt.even_part(even)
            logs = np.log(form, out=form)
            logs *= self.power
            logs += self.constant
            logs[:n] += even
            return _log_sum(logs[:n]) - _log_sum(logs[n:])

        return statistic


def _log_sum(logs: np.ndarray) -> np.ndarray:
    """Logarithms (T,) of sums over the first axis of exp(logs), in whose place the differences are written."""
    top = np.maximum.reduce(logs)
    logs -= top
    return top + np.log(np.add.reduce(np.exp(logs, out=logs)))
