"""The likelihood of nested models on a coarse grid of variance ratios: where the search starts."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np

from cpis_analysis.lmm.designs.display import ShortRepr
from cpis_analysis.lmm.structures.nested import NestedStructure
from cpis_analysis.lmm.structures.nested_likelihood import values
from cpis_analysis.lmm.structures.nested_sums import NestedSums

_LEVELS = {
    1: (0.0, 0.01, 0.1, 0.5, 2.0, 10.0, 100.0),
    2: (0.0, 0.05, 0.4, 3.0, 30.0),
    3: (0.0, 0.15, 2.0),
    4: (0.02, 0.8),
    5: (0.05, 1.0),
}


def grid(structure: NestedStructure, stretch: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """Coarse grid of ratios (M, K) and for each point its neighbours (K, 2 M), -1 outside."""
    points, neighbours = _grid(structure.n_levels, len(structure.class_count) > 5000)
    return points * stretch, neighbours


@cache
def _grid(M: int, many: bool) -> tuple[np.ndarray, np.ndarray]:
    levels = _LEVELS.get(M, (0.3,))
    if many:
        # many groups leave one maximum, and each point costs a pass over them
        levels = (0.05, 1.0) if M > 1 else (0.02, 0.5, 10.0)
    shape = (len(levels),) * M
    places = np.array(list(itertools.product(range(len(levels)), repeat=M)))
    neighbours = np.full((len(places), 2 * M), -1)
    for k in range(M):
        for side, step in enumerate((-1, 1)):
            moved = places.copy()
            moved[:, k] += step
            inside = (moved[:, k] >= 0) & (moved[:, k] < len(levels))
            neighbours[inside, 2 * k + side] = np.ravel_multi_index(tuple(moved[inside].T), shape)
    return np.array(levels)[places].T, neighbours


def starts_from_grid(points: np.ndarray, neighbours: np.ndarray, found: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Starts (M, S) and the response of each (S,), from values (K, B) on the grid.

    A start is a peak of the grid, moved to the top of the parabola through it and its neighbours along each axis: this
    spares a step of the search in two fits of five.
    """
    padded = np.concatenate([found, np.full((1, found.shape[1]), -np.inf)])
    if found.shape[1] == 1:
        peak = np.isfinite(found) & (found >= padded[neighbours].max(axis=1))
    else:
        peak = np.isfinite(found)
        for column in neighbours.T:
            peak &= found >= padded[column]
    score = np.where(peak, found, -np.inf)
    order = np.argsort(-score, axis=0, kind="stable")[:3]
    chosen = np.isfinite(score[order, np.arange(score.shape[1])])
    rank, owner = np.nonzero(chosen)
    place = order[rank, owner]
    return _tops(points, neighbours, padded, place, owner), owner


def _tops(
    points: np.ndarray, neighbours: np.ndarray, padded: np.ndarray, place: np.ndarray, owner: np.ndarray
) -> np.ndarray:
    """Peaks (M, S) of the grid between its points, by parabolas in log(ratio + a third of the smallest one)."""
    starts = points[:, place]
    has_side = neighbours[place] >= 0
    between = has_side[:, 0::2] & has_side[:, 1::2]
    if not between.any():
        return starts
    shift = np.array([row[row > 0].min() for row in points]) / 3.0
    here = padded[place, owner]
    for k, start in enumerate(starts):
        inside = np.flatnonzero(between[:, k])
        below, above = neighbours[place[inside], 2 * k], neighbours[place[inside], 2 * k + 1]
        who, top = owner[inside], here[inside]
        low, middle, high = (np.log(at + shift[k]) for at in (points[k, below], start[inside], points[k, above]))
        left, right = (top - padded[below, who]) / (middle - low), (top - padded[above, who]) / (high - middle)
        # left and right are at least zero; where both are, or a neighbour has no value, the peak stays
        with np.errstate(invalid="ignore", divide="ignore"):
            move = 0.5 * (left * (high - middle) - right * (middle - low)) / (left + right)
        fine = np.isfinite(move)
        start[inside[fine]] = np.exp(middle[fine] + move[fine]) - shift[k]
    return starts


def starts_of_one(
    structure: NestedStructure, value: Callable[[np.ndarray], np.ndarray], stretch: float = 1.0
) -> list[np.ndarray]:
    """Starts of a single response, as ratios by term; `value` has its likelihood at ratios (levels, points)."""
    points, neighbours = grid(structure, stretch)
    starts, _ = starts_from_grid(points, neighbours, value(points)[:, None])
    return list(starts[np.argsort(structure.order)].T)


def same_hill(
    structure: NestedStructure, value: Callable[[np.ndarray], np.ndarray], start: np.ndarray, top: np.ndarray
) -> bool:
    """Whether the likelihood rises all the way from a start to a maximum (ratios by term).

    On a ridge between its points a coarse grid shows several peaks of one hill; those need no second search.
    """
    along = np.linspace(0.0, 1.0, 13)[:-1]
    path = np.sqrt(structure.gamma(start))[:, None] * (1.0 - along) + np.sqrt(structure.gamma(top))[:, None] * along
    return bool((np.diff(value(path**2)) >= 0).all())


def values_on_grid(structure: NestedStructure, points: np.ndarray, sums: NestedSums, reml: bool) -> np.ndarray:
    """Profile log-likelihood of every response at every grid point, (K, B)."""
    K, B = points.shape[1], sums.count
    if B >= 8 and len(structure.class_count) <= 200:
        forms = structure.remember(("grid", reml, points.tobytes()), lambda: GridForms.of(structure, points, reml))
        return forms.values(sums)
    out = np.empty((K, B))
    for i in range(K):
        out[i] = values(structure, points[:, i : i + 1], sums, reml)
    return out


def values_of_one(structure: NestedStructure, points: np.ndarray, sums: NestedSums, reml: bool) -> np.ndarray:
    """Profile log-likelihood of a single response at ratios (levels, points), (points,): all at once where they fit."""
    if points.shape[1] * sums.means.size < 200_000:
        return values(structure, points, sums, reml)
    return np.array([values(structure, points[:, i : i + 1], sums, reml)[0] for i in range(points.shape[1])])


@dataclass(frozen=True, repr=False)
class GridForms(ShortRepr):
    """The likelihood on a grid as quadratic forms in the sums of a response.

    At fixed ratios all responses share H; y'Py is then a quadratic form in the class means, the spreads and
    the inner cross-products, and thousands of responses are one matrix product a grid point.

    Attributes
    ----------
    K : (points, C, C) float
        Form of the class means in y'H^-1y.
    to_xy : (points, p, C) float
        X'H^-1 in terms of the class means.
    half : (points, p, p) float
        Inverse Cholesky factor of X'H^-1X.
    size_weights : (points, U) float
    log_det : (points,) float
        log|H|, with log|X'H^-1X| under REML.
    df : int
    """

    K: np.ndarray
    to_xy: np.ndarray
    half: np.ndarray
    size_weights: np.ndarray
    log_det: np.ndarray
    df: int

    @classmethod
    def of(cls, structure: NestedStructure, points: np.ndarray, reml: bool) -> GridForms:
        """Forms for a structure and ratios (M, points)."""
        C, p, count = len(structure.class_count), structure.p, points.shape[1]
        X = structure.class_means_x
        K, log_det, weights = np.empty((count, C, C)), np.empty(count), []
        for i in range(count):
            up = structure.outwards(points[:, i : i + 1], np.eye(C)[:, :, None])
            K[i] = sum(
                (dev[:, :, 0] * w[:, 0]) @ dev[:, :, 0].T for dev, w in zip(up.deviations, up.weights, strict=True)
            )
            log_det[i] = up.log_det[0]
            weights.append(up.size_weights[:, 0])
        size_weights = np.array(weights)
        to_xy = X.T @ K
        xx = structure.within_xx + np.tensordot(size_weights, structure.spread_xx, 1) + to_xy @ X
        L = np.linalg.cholesky(xx)
        if reml:
            log_det = log_det + 2.0 * np.log(np.diagonal(L, axis1=1, axis2=2)).sum(axis=1)
        return cls(K, to_xy, np.linalg.inv(L), size_weights, log_det, structure.n - p if reml else structure.n)

    def values(self, sums: NestedSums) -> np.ndarray:
        """Profile log-likelihood of every response, (points, B)."""
        p = self.half.shape[1]
        y, within, spread = sums.means[p], sums.within, sums.spread
        out = np.empty((len(self.K), sums.count))
        for i, (K, to_xy, half) in enumerate(zip(self.K, self.to_xy, self.half, strict=True)):
            w = self.size_weights[i]
            xy = to_xy @ y + within[:p, p] + np.tensordot(w, spread[:, :p, p], 1)
            rss = ((K @ y) * y).sum(axis=0) + within[p, p] + w @ spread[:, p, p] - ((half @ xy) ** 2).sum(axis=0)
            with np.errstate(invalid="ignore", divide="ignore"):
                if sums.known is None:
                    out[i] = -0.5 * (self.df * np.log(rss / self.df) + self.log_det[i])
                else:
                    free = self.df * np.log(sums.known) + rss / sums.known - self.df
                    out[i] = -0.5 * (free + self.log_det[i])
        return np.where(np.isfinite(out), out, -np.inf)
