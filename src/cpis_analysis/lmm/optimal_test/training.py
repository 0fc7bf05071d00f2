"""A test of one contrast that holds its size for every variance ratio of a region and that (nearly) cannot be beaten.

The theory is that of tests with a nuisance parameter under the null hypothesis (Elliott, Mueller & Watson 2015,
Econometrica 83:771), applied to the variance ratios of a mixed model.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from cpis_analysis.lmm.designs.display import ShortRepr
from cpis_analysis.lmm.optimal_test.problem import Forms, ReducedDesign

__all__ = ["OptimalTest", "Region", "train"]

DRAWS = 50_000
_SMOOTHING = 0.1
_SECOND = 4
_MARGIN = 0.03
_TABLE = 4000


@dataclass(frozen=True)
class Region:
    """What the variance ratios may be, and which of them count how much for power.

    Attributes
    ----------
    largest : float
        Largest ratio of each random term's variance to the residual variance: 0.6 is a share of 0.375 where there
        is no other term.
    typical : float
        Scale of the half-normal weights on the ratio of SDs, over which power is averaged.
    points : int
        Points of the null hypothesis along each ratio, evenly spaced in the ratio of SDs; for one ratio twice as many.
    """

    largest: float = 0.6
    typical: float = 0.33
    points: int = 10

    def grid(self, ratios: int, points: int | None = None) -> np.ndarray:
        """Points (J, K) of the region, so many along each ratio."""
        points = points or (self.points if ratios > 1 else 2 * self.points)
        axis = np.linspace(0.0, np.sqrt(self.largest), points) ** 2
        return np.array(np.meshgrid(*[axis] * ratios, indexing="ij")).reshape(ratios, -1).T

    def alternatives(self, ratios: int) -> np.ndarray:
        """Points of the alternative, over which power is averaged: half as many along each ratio."""
        return self.grid(ratios, (self.points if ratios > 1 else 2 * self.points) // 2 + 1)

    def weights(self, grid: np.ndarray) -> np.ndarray:
        """Weights (J,) of the alternatives, which sum to one."""
        w = np.exp(-0.5 * grid.sum(axis=1) / self.typical**2)
        return w / w.sum()


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
        The null hypothesis is rejected where the statistic is above.
    power, bound : float
        Weighted average power of this test, and the most that any test of this size on the region can have.
    size : float
        Largest size over a grid twice as fine as the training's.
    """

    design: ReducedDesign
    region: Region
    alpha: float
    effect: float
    critical: float
    power: float
    bound: float
    size: float
    _null: _Mixture
    _alternative: _Mixture
    _sorted: np.ndarray
    _tail: np.ndarray

    def statistic(self, z: np.ndarray, rest: np.ndarray) -> np.ndarray:
        """The statistic (B,) of reduced responses z (r, B) with rest (B,)."""
        return self._alternative.log_density(z, rest) - self._null.log_density(z, rest)

    def line(self, z: np.ndarray, rest: float) -> Callable[[np.ndarray], np.ndarray]:
        """The statistic (T,) of one response z (r,) less shifts (T,) times the contrast's column, of the shifts."""
        null, far = self._null.line(z, rest), self._alternative.line(z, rest)
        return lambda shifts: far(shifts) - null(shifts)

    @cached_property
    def information(self) -> float:
        """a'P0 a at a middling point of the region."""
        return float(np.median(self._alternative.forms.k))

    @cached_property
    def limit(self) -> float:
        """The statistic of a response that is the contrast's column and nothing else."""
        null, far = (
            mixture.densities(mixture.forms.k[:, None], mixture.forms.k[:, None])
            for mixture in (self._null, self._alternative)
        )
        return float((far - null)[0])

    def p_value(self, statistic: np.ndarray) -> np.ndarray:
        """Largest probability over the region that the statistic is as large under the null hypothesis."""
        at = np.searchsorted(-self._sorted, -np.asarray(statistic), side="right")
        return np.concatenate([[self._tail[0] / 2.0], self._tail])[at]


@dataclass(frozen=True, repr=False)
class _Mixture(ShortRepr):
    """A weighted sum of densities of the response over points of the region, with an effect at each or without."""

    forms: Forms
    log_weights: np.ndarray
    m: int
    shifts: np.ndarray | None = None
    tilt: _Tilt | None = None

    def each(self, A: np.ndarray, B: np.ndarray) -> np.ndarray:
        """Log densities (J, B) of the points, up to one constant."""
        logs = _log_null(self.forms, self.m, A)
        if self.shifts is not None and self.tilt is not None:
            logs += self.tilt(self.shifts[:, None], A, B, self.forms.k[:, None])
        return logs

    def densities(self, A: np.ndarray, B: np.ndarray) -> np.ndarray:
        return _log_sum(self.each(A, B) + self.log_weights[:, None])

    def log_density(self, z: np.ndarray, rest: np.ndarray) -> np.ndarray:
        return self.densities(self.forms.quadratic(z, rest), self.forms.linear(z))

    def line(self, z: np.ndarray, rest: float) -> Callable[[np.ndarray], np.ndarray]:
        A = self.forms.quadratic(z[:, None], np.array([rest]))
        B, k = self.forms.linear(z[:, None]), self.forms.k[:, None]
        # A is a quadratic in the shift; written round its lowest point it loses no digits far out
        floor, centre = np.maximum(A - B**2 / k, 1e-12 * A), B / k
        return lambda shifts: self.densities(floor + k * (shifts - centre) ** 2, k * (centre - shifts))


class _Tilt:
    """log of f1 / f0 of a response: -d^2 k / 2 + log H_m(d B / sqrt(A)).

    H_m(b) = [I(b) + I(-b)] / (2 I(0)) with I(b) = int r^(m-1) exp(-r^2/2 + b r) dr, tabulated in |b|.
    """

    def __init__(self, m: int, largest: float) -> None:
        self.nodes = np.linspace(0.0, 1.0, _TABLE) ** 2 * largest
        self.values = _log_h(m, self.nodes)

    def __call__(self, d: np.ndarray, A: np.ndarray, B: np.ndarray, k: np.ndarray) -> np.ndarray:
        b = np.abs(d * B) / np.sqrt(A)
        return np.interp(b, self.nodes, self.values) - 0.5 * d**2 * k


def _log_h(m: int, b: np.ndarray) -> np.ndarray:
    """log H_m at b >= 0 by the trapezium rule around the mode of the integrand, which is as smooth as a normal one."""
    out = np.empty(len(b))
    steps = np.linspace(-12.0, 12.0, 1201)

    def log_integral(tilt: float) -> float:
        mode = (tilt + np.sqrt(tilt**2 + 4.0 * max(m - 1, 0))) / 2.0
        r = mode + steps
        r = r[r > 0]
        logs = (m - 1) * np.log(r) - 0.5 * r**2 + tilt * r
        top = logs.max()
        return float(top + np.log(np.exp(logs - top).sum()))

    zero = log_integral(0.0)
    for i, tilt in enumerate(b):
        out[i] = np.logaddexp(log_integral(tilt), log_integral(-tilt)) - np.log(2.0) - zero
    return out - out[0]


def _log_sum(logs: np.ndarray) -> np.ndarray:
    top = logs.max(axis=0)
    return top + np.log(np.exp(logs - top).sum(axis=0))


def train(
    design: ReducedDesign, alpha: float = 0.05, region: Region | None = None, draws: int | None = None
) -> OptimalTest:
    """Find the test.

    1. The size of the effect is set so that a t test with the degrees of freedom of the clusters, were the ratios
       known, would have a weighted average power of one half.
    2. Responses are drawn from a mixture of the null hypothesis at all points and of the alternative, for
       importance sampling.
    3. The least favourable weights Lambda of the null points minimise E[(f1 - sum Lambda f0)^+] + alpha sum Lambda,
       which is convex; its minimum is the bound on the power of any test. Few points have weights; they are found with
       the first draws and their weights made exact with four times as many.
    4. Of a grid twice as fine those points are found at which a rejection is nearly as probable as anywhere. The
       critical value is the smallest at which none of them is rejected more often than 0.97 alpha.

    Parameters
    ----------
    design : ReducedDesign
    alpha : float
    region : Region, optional
    draws : int, optional
        Default: `DRAWS`.
    """
    region, draws = region or Region(), draws or DRAWS
    K, m = len(design.R), design.m
    grid, far = region.grid(K), region.alternatives(K)
    F, unit = region.weights(far), np.sqrt(1.0 + far.sum(axis=1))
    far_forms = design.at(far)
    effect = _effect(design, far_forms, F, unit, alpha)
    shifts = effect * unit
    tilt = _Tilt(m, 2.0 * float((shifts * np.sqrt(far_forms.k)).max()))
    alternative = _Mixture(far_forms, np.log(F), m, shifts, tilt)
    rng = np.random.default_rng(design.seed())
    first = _sample(design, grid, far, shifts, alternative, draws, rng)
    weights = _least_favourable(first, alpha, np.full(len(grid), 1.0 / len(grid)))
    used = weights > 1e-6 * weights.sum()
    fine = region.grid(K, 2 * len(np.unique(grid[:, 0])) - 1)
    points = _binding(design, fine, first, first.statistic(weights))
    second = _sample(design, grid[used], far, shifts, alternative, _SECOND * draws, rng)
    weights = _least_favourable(second, alpha, weights[used])
    kept = weights > 1e-8 * weights.sum()
    null = _Mixture(design.at(grid[used][kept]), np.log(weights[kept]), m)
    statistic = second.statistic(weights)
    order = np.argsort(-statistic, kind="stable")
    # a thirty-third is added to every p-value for the error of the draws, so that p-values and intervals agree
    tail = np.minimum(_tail(design, points, second, order) / (1.0 - _MARGIN), 1.0)
    inside = int(np.searchsorted(tail, alpha, side="right"))
    u = np.exp(second.log_far - second.log_mixture)
    bound = float(np.maximum(u - weights @ second.ratios(), 0.0).mean() + alpha * weights.sum())
    return OptimalTest(
        design,
        region,
        alpha,
        effect,
        float(statistic[order[min(inside, len(order) - 1)]]),
        float(u[order[:inside]].sum() / len(order)),
        bound,
        float(tail[max(inside - 1, 0)] * (1.0 - _MARGIN)),
        null,
        alternative,
        statistic[order],
        tail,
    )


@dataclass(frozen=True, repr=False)
class _Sample(ShortRepr):
    """Responses drawn from a mixture of null points and of the alternative, with their log densities.

    Attributes
    ----------
    z, rest : (r, N), (N,)
    each_null : (J, N)
        At the null points.
    log_far : (N,)
        Of the weighted alternative.
    log_mixture : (N,)
        Of what they were drawn from.
    """

    z: np.ndarray
    rest: np.ndarray
    each_null: np.ndarray
    log_far: np.ndarray
    log_mixture: np.ndarray

    def ratios(self) -> np.ndarray:
        """Importance weights (J, N) of the null points."""
        return np.exp(self.each_null - self.log_mixture)

    def statistic(self, weights: np.ndarray) -> np.ndarray:
        used = weights > 1e-8 * weights.sum()
        return self.log_far - _log_sum(self.each_null[used] + np.log(weights[used])[:, None])


def _sample(
    design: ReducedDesign,
    grid: np.ndarray,
    far: np.ndarray,
    shifts: np.ndarray,
    alternative: _Mixture,
    draws: int,
    rng: np.random.Generator,
) -> _Sample:
    """Two responses in three under the null hypothesis, evenly over its points, one under the alternative."""
    n_null, n_far = -(-2 * draws // (3 * len(grid))), -(-draws // (3 * len(far)))
    null_z, null_rest = design.draws(grid, n_null, np.zeros(len(grid)), rng)
    far_z, far_rest = design.draws(far, n_far, shifts, rng)
    z, rest = np.hstack([null_z, far_z]), np.concatenate([null_rest, far_rest])
    null = design.at(grid)
    each_null = _log_null(null, design.m, null.quadratic(z, rest))
    each_far = alternative.each(alternative.forms.quadratic(z, rest), alternative.forms.linear(z))
    share = len(null_rest) / len(rest)
    log_mixture = np.logaddexp(
        _log_sum(each_null) + np.log(share / len(grid)), _log_sum(each_far) + np.log((1 - share) / len(far))
    )
    return _Sample(z, rest, each_null, _log_sum(each_far + alternative.log_weights[:, None]), log_mixture)


def _effect(design: ReducedDesign, forms: Forms, F: np.ndarray, unit: np.ndarray, alpha: float) -> float:
    from scipy import optimize, special

    clusters = max(len(R) for R in design.R)
    critical = float(special.stdtrit(max(clusters - 2, 1), 1 - alpha / 2))
    reach = unit * np.sqrt(forms.k)

    def missing(effect: float) -> float:
        return float(F @ special.ndtr(effect * reach - critical)) - 0.5

    return float(optimize.brentq(missing, 0.0, 2.0 * critical / reach.min() + 1.0))


def _least_favourable(sample: _Sample, alpha: float, start: np.ndarray) -> np.ndarray:
    """Weights (J,) of the null points; see `train`."""
    from scipy import optimize

    u, W = np.exp(sample.log_far - sample.log_mixture), sample.ratios()
    n, width = len(u), (_SMOOTHING * u) ** 2

    def objective(weights: np.ndarray) -> tuple[float, np.ndarray]:
        # sums in one order: those of BLAS depend on how many threads it has, and the search carries that on
        gap = u - np.einsum("j,jn->n", weights, W)
        # a rounded corner, so that the search has a gradient everywhere
        root = np.sqrt(gap**2 + width)
        slope = 0.5 * (1.0 + gap / root)
        return float(0.5 * (gap + root).mean() + alpha * weights.sum()), alpha - np.einsum("jn,n->j", W, slope) / n

    found = optimize.minimize(
        objective,
        start,
        jac=True,
        method="L-BFGS-B",
        bounds=[(0.0, None)] * len(W),
        options={"maxiter": 100, "maxfun": 120, "ftol": 1e-9, "gtol": 1e-7},
    )
    return found.x


def _binding(design: ReducedDesign, fine: np.ndarray, sample: _Sample, statistic: np.ndarray) -> np.ndarray:
    """The points at which a rejection is nearly as probable as anywhere, at some level."""
    order = np.argsort(-statistic, kind="stable")
    n = len(order)
    ranks = np.unique(np.geomspace(20, n - 1, 60).astype(int))
    found = np.vstack([probabilities[:, ranks] for probabilities in _probabilities(design, fine, sample, order)])
    most = found.max(axis=0)
    looked_at = (most > 2e-4) & (most < 0.4)
    return fine[(found[:, looked_at] >= 0.85 * most[looked_at]).any(axis=1)]


def _tail(design: ReducedDesign, points: np.ndarray, sample: _Sample, order: np.ndarray) -> np.ndarray:
    """Largest probability (N,) over the points that the statistic is at least as large as each in this order."""
    tail = np.zeros(len(order))
    for probabilities in _probabilities(design, points, sample, order):
        np.maximum(tail, probabilities.max(axis=0), out=tail)
    return tail


def _probabilities(
    design: ReducedDesign, points: np.ndarray, sample: _Sample, order: np.ndarray
) -> Iterator[np.ndarray]:
    """Probabilities (some points, N) that the statistic is at least as large as each in this order."""
    z, rest, log_mixture = np.ascontiguousarray(sample.z[:, order]), sample.rest[order], sample.log_mixture[order]
    # many at once: what they have in common, the products of z, is made anew for each portion
    few = max(10_000_000 // len(order), 1)
    for start in range(0, len(points), few):
        forms = design.at(points[start : start + few])
        logs = _log_null(forms, design.m, forms.quadratic(z, rest))
        logs -= log_mixture
        np.exp(logs, out=logs)
        np.cumsum(logs, axis=1, out=logs)
        logs /= len(order)
        yield logs


def _log_null(forms: Forms, m: int, A: np.ndarray) -> np.ndarray:
    """Log densities (J, B) under the null hypothesis at the quadratic forms A, up to one constant."""
    logs = np.log(A)
    logs *= -m / 2.0
    logs -= 0.5 * forms.log_det[:, None]
    return logs
