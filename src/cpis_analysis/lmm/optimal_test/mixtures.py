"""Densities of a response over points of the region: at each, and weighted sums of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cpis_analysis.lmm.designs.display import ShortRepr
from cpis_analysis.lmm.optimal_test.problem import Forms

_NODES = 4000
_AT_ONCE = 4096
_STEPS = np.linspace(-12.0, 12.0, 1201)


def log_null(forms: Forms, m: int, A: np.ndarray) -> np.ndarray:
    """Log densities (J, B) under the null hypothesis at the quadratic forms A, up to one constant."""
    logs = np.log(A)
    logs *= -m / 2.0
    logs -= 0.5 * forms.log_det[:, None]
    return logs


def null_ratios(forms: Forms, m: int, A: np.ndarray, log_scale: np.ndarray) -> np.ndarray:
    """Densities (J, B) under the null hypothesis over exp(log_scale) (B,), in whose place A is given.

    Notes
    -----
    A density is a power of 1 / A, which multiplying gives in half the time of a logarithm and an exponential.
    """
    np.divide(np.exp(log_scale * (-2.0 / m)), A, out=A)
    A *= np.exp(forms.log_det / -m)[:, None]
    return _half_power(A, m)


def _half_power(x: np.ndarray, m: int) -> np.ndarray:
    """x^(m / 2) of x > 0; x is lost."""
    power = m // 2
    if m % 2:
        power = m
        np.sqrt(x, out=x)
    if power == 1:
        return x
    out = np.square(x)
    for place, digit in enumerate(bin(power)[3:]):
        if place:
            np.square(out, out=out)
        if digit == "1":
            out *= x
    return out


def log_sum(logs: np.ndarray) -> np.ndarray:
    """Logarithms (B,) of sums over the first axis of exp(logs)."""
    top = logs.max(axis=0)
    rest = logs - top
    return top + np.log(np.exp(rest, out=rest).sum(axis=0))


@dataclass(frozen=True, repr=False)
class Mixture(ShortRepr):
    """A weighted sum of densities of the response over points of the region, with an effect at each or without.

    Attributes
    ----------
    points : (J, K)
    forms : Forms
        At the points.
    log_weights : (J,)
    m : int
    shifts : (J,), optional
        Effects, in residual SDs.
    tilt : Tilt, optional
    """

    points: np.ndarray
    forms: Forms
    log_weights: np.ndarray
    m: int
    shifts: np.ndarray | None = None
    tilt: Tilt | None = None

    def each(self, A: np.ndarray, B: np.ndarray) -> np.ndarray:
        """Log densities (J, B) of the points, up to one constant."""
        logs = log_null(self.forms, self.m, A)
        if self.shifts is not None and self.tilt is not None:
            logs += self.tilt(self.shifts[:, None], A, B, self.forms.k[:, None])
        return logs

    def densities(self, A: np.ndarray, B: np.ndarray) -> np.ndarray:
        """Log of the weighted sum (B,)."""
        return log_sum(self.each(A, B) + self.log_weights[:, None])

    def log_density(self, z: np.ndarray, rest: np.ndarray) -> np.ndarray:
        """Log of the weighted sum (B,) at reduced responses."""
        out = np.empty(len(rest))
        for start in range(0, len(rest), _AT_ONCE):
            here = slice(start, start + _AT_ONCE)
            out[here] = self.densities(self.forms.quadratic(z[:, here], rest[here]), self.forms.linear(z[:, here]))
        return out


class Tilt:
    """log of f1 / f0 of a response: -d^2 k / 2 + log H_m(d B / sqrt(A)).

    H_m(b) = [I(b) + I(-b)] / (2 I(0)) with I(b) = int r^(m-1) exp(-r^2/2 + b r) dr, tabulated in the root of |b|.

    Parameters
    ----------
    m : int
    largest : float
        Of |b|.
    """

    def __init__(self, m: int, largest: float) -> None:
        self.largest = largest
        self.nodes = np.linspace(0.0, 1.0, _NODES) ** 2 * largest
        self.values = _log_h(m, self.nodes)
        # a line from each node to the next: its rise, and where it would begin at zero
        self._rises = np.append(np.diff(self.values) / np.diff(self.nodes), 0.0)
        self._begins = self.values - self._rises * self.nodes
        self._places = (_NODES - 1) / np.sqrt(largest)

    def __call__(self, d: np.ndarray, A: np.ndarray, B: np.ndarray, k: np.ndarray) -> np.ndarray:
        b = np.abs(d * B)
        b /= np.sqrt(A)
        self.even_part(b)
        b -= 0.5 * d**2 * k
        return b

    def even_part(self, b: np.ndarray) -> None:
        """Write log H_m(b) in place of b >= 0."""
        np.minimum(b, self.largest, out=b)
        # the nodes are even in the root, so that a place is computed, not searched for
        below = np.sqrt(b)
        below *= self._places
        places = below.astype(np.intp)
        # they are in the table, which `take` looks up sooner if told not to ask
        b *= self._rises.take(places, out=below, mode="clip")
        b += self._begins.take(places, out=below, mode="clip")


def _log_h(m: int, b: np.ndarray) -> np.ndarray:
    """log H_m at b >= 0 by the trapezium rule around the mode of the integrand, which is as smooth as a normal one.

    Notes
    -----
    Both integrals are taken by the same steps. Away from zero the rule converges so fast that a tenth is a fine step;
    with few dimensions the integrand ends at zero with a corner, and the steps are finer.
    """
    steps = _STEPS if m < 40 else _STEPS[::5]

    def log_integral(tilt: np.ndarray) -> np.ndarray:
        mode = (tilt + np.sqrt(tilt**2 + 4.0 * max(m - 1, 0))) / 2.0
        r = mode[:, None] + steps
        with np.errstate(divide="ignore", invalid="ignore"):
            logs = (m - 1) * np.log(r) - 0.5 * r**2 + tilt[:, None] * r
        return log_sum(np.where(r > 0, logs, -np.inf).T)

    plus, minus = (np.concatenate([log_integral(part) for part in np.array_split(s * b, 8)]) for s in (1.0, -1.0))
    out = np.logaddexp(plus, minus)
    return out - out[0]
