"""Responses for importance sampling: drawn from a mixture, with their log densities."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from cpis_analysis.lmm.designs.display import ShortRepr
from cpis_analysis.lmm.optimal_test.mixtures import Mixture, null_ratios
from cpis_analysis.lmm.optimal_test.problem import ReducedDesign

_PORTION = 200_000
_AT_ONCE = 4096


@dataclass(frozen=True, repr=False)
class Sample(ShortRepr):
    """Responses drawn from a mixture of null points and of the alternative, with their densities.

    Attributes
    ----------
    z, rest : (r, N), (N,)
    each_null : (some of J, N)
        At the first null points, as many as were asked for, over that of what they were drawn from.
    log_far : (N,)
        Logarithm of that of the weighted alternative.
    log_mixture : (N,)
        Logarithm of that of what they were drawn from.
    """

    z: np.ndarray
    rest: np.ndarray
    each_null: np.ndarray
    log_far: np.ndarray
    log_mixture: np.ndarray

    def first(self, step: int) -> Sample:
        """Every so many of the responses."""
        some = slice(None, None, step)
        return Sample(
            self.z[:, some], self.rest[some], self.each_null[:, some], self.log_far[some], self.log_mixture[some]
        )


def draw(
    design: ReducedDesign,
    points: np.ndarray,
    alternative: Mixture,
    count: int,
    rng: np.random.Generator,
    *,
    kept: int = 0,
) -> Sample:
    """About so many responses under the null hypothesis, evenly over its points, and as many under the alternative.

    Parameters
    ----------
    kept : int
        Null points, the first of them, of which `Sample.each_null` has the densities.
    """
    far = alternative.points
    null_z, null_rest = design.draws(points, -(-count // len(points)), np.zeros(len(points)), rng)
    if alternative.shifts is None:
        raise ValueError("the alternative has no effects")
    far_z, far_rest = design.draws(far, -(-count // len(far)), alternative.shifts, rng)
    z, rest = np.hstack([null_z, far_z]), np.concatenate([null_rest, far_rest])
    null, share = design.at(points), len(null_rest) / len(rest)
    each_null, log_far, log_mixture = np.empty((kept, len(rest))), np.empty(len(rest)), np.empty(len(rest))
    weights = np.exp(alternative.log_weights)
    # a portion at a time, so that what is in between stays in the cache
    for start in range(0, len(rest), _AT_ONCE):
        here = slice(start, start + _AT_ONCE)
        nulls = null.quadratic(z[:, here], rest[here])
        scale = -0.5 * design.m * np.log(nulls.min(axis=0))
        nulls = null_ratios(null, design.m, nulls, scale)
        forms = alternative.forms
        fars = alternative.each(forms.quadratic(z[:, here], rest[here]), forms.linear(z[:, here]))
        top = fars.max(axis=0)
        fars -= top
        np.exp(fars, out=fars)
        log_mixture[here] = np.logaddexp(
            scale + np.log(nulls.sum(axis=0) * (share / len(points))),
            top + np.log(fars.sum(axis=0) * ((1 - share) / len(far))),
        )
        log_far[here] = top + np.log(weights @ fars)
        np.multiply(nulls[:kept], np.exp(scale - log_mixture[here]), out=each_null[:, here])
    return Sample(z, rest, each_null, log_far, log_mixture)


def tails(
    design: ReducedDesign, points: np.ndarray, sample: Sample, order: np.ndarray, ranks: np.ndarray
) -> Iterator[tuple[slice, np.ndarray]]:
    """Probabilities that the statistic is as large as that of some ranks, a portion of the points at a time.

    Parameters
    ----------
    order : (N,) int
        Of the statistic, falling.
    ranks : (L,) int
        Rising; the statistic of rank k is exceeded or reached by k responses.

    Yields
    ------
    slice, (some of J, L)
    """
    last = int(ranks[-1])
    kept = order[:last]
    z, rest, log_mixture = sample.z.take(kept, axis=1), sample.rest[kept], sample.log_mixture[kept]
    starts = np.append(0, ranks[:-1])
    few = max(-(-len(points) // 4), 1)
    for first in range(0, len(points), few):
        some = slice(first, first + few)
        forms = design.at(points[some])
        found = np.empty((len(forms.k), len(ranks)))
        # portions that end at a rank
        per = max(_PORTION // few, 1)
        at = 0
        while at < len(ranks):
            end = max(int(np.searchsorted(ranks, starts[at] + per, side="right")), at + 1)
            here = slice(int(starts[at]), int(ranks[min(end, len(ranks)) - 1]))
            ratios = null_ratios(forms, design.m, forms.quadratic(z[:, here], rest[here]), log_mixture[here])
            np.add.reduceat(ratios, starts[at:end] - starts[at], axis=1, out=found[:, at:end])
            at = end
        yield some, np.cumsum(found, axis=1) / len(order)
