"""Maximum of the likelihood by cells: Newton steps with exact Hessians, of many responses at once.

1. Begin at least squares of the linked outcome, pulled a little from its bounds, and at the variances that one scoring
   step from zero gives, some of them.
2. Newton steps in coefficients and variances together; where the likelihood does not bend down enough, scoring steps,
   by the information that working responses would have. A step is the maximum of the quadratic under variances that
   are not negative, so it climbs; one that yet does not is halved.
3. The end is where the next step would gain nothing; a variance at zero stays there while its slope is downhill.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from cpis_analysis.lmm.generalised.cell_likelihood import CellLikelihood, CellPoint

Array = NDArray[np.float64]
Yes = NDArray[np.bool_]
Places = NDArray[np.intp]

GAIN = 1e-9
"""The search ends with the Newton step that would gain less log-likelihood than this: a further one would gain the
square of it, and standard errors move by less than its root."""
_ROUNDS = 60
_HALVINGS = 25
_BEGIN, _LEAST, _MOST = 0.7, 0.05, 2.0
"""Share of the variances of a scoring step from zero at which the search begins, and between what."""
_CURVED, _FLAT = 1e-2, 1e-9
"""Smallest curvature, beside that of working responses, with which a Newton step is taken, and at which it may end."""
_FARTHEST = 25.0
"""Linear predictors of the fixed part beyond this are on the way to separation."""
_FIELDS = [field.name for field in fields(CellPoint)]


@dataclass(frozen=True)
class CellMaxima:
    """Where the likelihood of each response is largest.

    Attributes
    ----------
    x : (B, p + K)
        Coefficients of `Cells.X`, and variances.
    value : (B,)
        NaN where no maximum was reached.
    inverse : (B, p + K, p + K)
        Of the observed information of the parameters that are not at a bound; zero in rows and columns of those.
    free : (B, p + K) bool
    evaluations : int
        Of the likelihood of one or more responses.
    """

    x: Array
    value: Array
    inverse: Array
    free: Yes
    evaluations: int


def climb_cells(likelihood: CellLikelihood) -> CellMaxima:
    """Climb to the maximum of every response."""
    many, p = len(likelihood.data.y), likelihood.cells.X.shape[1]
    x = _begin(likelihood)
    point = likelihood.at(x, tight=1e-6)
    value, inverse, free = np.full(many, np.nan), np.zeros_like(point.hessian), np.ones(x.shape, dtype=bool)
    places, evaluations = np.arange(many), 1
    for _ in range(_ROUNDS):
        at = x[places]
        loose = (at > 0.0) | (point.slope > 0.0)
        loose[:, :p] = True
        step, gain, inverse[places] = _newton(point, at, loose, p)
        free[places] = loose
        lost = ~np.isfinite(point.value)
        if likelihood.family.link == "logit" and not likelihood.penalised:
            lost |= np.abs(at[:, :p] @ likelihood.cells.X.T).max(axis=1) > _FARTHEST
        done = (gain <= GAIN) & ~lost
        value[places[done]] = point.value[done] + gain[done]
        x[places[done]] = at[done] + np.maximum(step[done], np.where(np.arange(x.shape[1]) < p, -np.inf, -at[done]))
        moving = np.flatnonzero(~done & ~lost)
        if not len(moving):
            break
        if len(moving) < len(places):
            likelihood, places = likelihood.of(moving), places[moving]
            at, step, point = at[moving], step[moving], _some(point, moving)
        x[places], point, used = _along(likelihood, at, point, step, gain[moving], p)
        evaluations += used
    return CellMaxima(x, value, inverse, free, evaluations)


def _begin(likelihood: CellLikelihood) -> Array:
    data, cells = likelihood.data, likelihood.cells
    linked = likelihood.family.linked(data) - cells.offset
    beta = linked @ cells.X / len(cells.X)
    here = likelihood.family.at(data, beta @ cells.X.T + cells.offset, np.zeros(0))
    g, W = cells.totals(here.first), cells.totals(-here.second)
    pushed = cells.share(g)
    slope = (g[..., None] * pushed).sum(axis=(1, 2)) - np.einsum("btc,ktcc->bk", W, cells.shared)
    weighted = W[:, None, :, :, None] * cells.shared * W[:, None, :, None, :]
    information = np.einsum("bktcd,ltcd->bkl", weighted, cells.shared)
    information[:, np.arange(slope.shape[1]), np.arange(slope.shape[1])] += 1e-12
    found = np.linalg.solve(information, slope[:, :, None])[:, :, 0]
    found = np.where(np.isfinite(found), found, _LEAST)
    return np.concatenate([beta, np.clip(_BEGIN * found, _LEAST, _MOST)], axis=1)


def _some(point: CellPoint, places: Places) -> CellPoint:
    return CellPoint(**{name: getattr(point, name)[places] for name in _FIELDS})


def _newton(here: CellPoint, at: Array, loose: Yes, p: int) -> tuple[Array, Array, Array]:
    """Steps (B, m), what they should gain (B,), and inverse information (B, m, m); parameters at a bound stay.

    Parameters
    ----------
    here : CellPoint
    at : (B, m)
    loose : (B, m) bool
        Which are not at a bound.
    p : int
        Number of coefficients.
    """
    size = at.shape[1]
    scale = 1.0 / np.sqrt(np.maximum(np.einsum("bii->bi", here.expected), 1e-300))
    scales = scale[:, :, None] * scale[:, None, :]
    mask = loose[:, :, None] & loose[:, None, :]
    information = -here.hessian * scales
    known = mask & np.isfinite(here.value)[:, None, None]
    values, vectors = np.linalg.eigh(np.where(known, information, np.eye(size)))
    inverse = (vectors / np.maximum(values, _FLAT)[:, None, :]) @ vectors.swapaxes(1, 2)
    inverse = np.where(mask, inverse, 0.0) * scales
    slope = np.where(loose, here.slope, 0.0)
    step = (inverse @ slope[:, :, None])[:, :, 0]
    gain = np.where(values[:, 0] > _FLAT, 0.5 * np.einsum("bi,bi->b", slope, step), np.inf)
    flat = values[:, 0] <= _CURVED
    negative = at + step < 0.0
    negative[:, :p] = False
    again = np.flatnonzero((flat | (negative & loose).any(axis=1)) & (gain > GAIN) & np.isfinite(here.value))
    if len(again):
        matrix = np.where(flat[again][:, None, None], here.expected[again] * scales[again], information[again])
        scaled = scale[again]
        found = _bounded(matrix, scaled * slope[again], at[again] / scaled, ~loose[again], p)
        step[again] = found * scaled
    return step, gain, inverse


def _bounded(matrix: Array, slope: Array, at: Array, held: Yes, p: int) -> Array:
    """Maximum of slope'd - d' matrix d / 2 where at + d is not negative but in the first p; held ones stay."""
    change = np.zeros_like(at)
    size = at.shape[1]
    while True:
        mask = ~held[:, :, None] & ~held[:, None, :]
        right = np.where(held, change, slope - (matrix @ change[:, :, None])[:, :, 0])
        step = np.linalg.solve(np.where(mask, matrix, np.eye(size)), right[:, :, None])[:, :, 0]
        crossing = (at + step < 0.0) & ~held
        crossing[:, :p] = False
        if not crossing.any():
            return step
        change, held = np.where(crossing, -at, change), held | crossing


def _along(
    likelihood: CellLikelihood, x: Array, here: CellPoint, step: Array, gain: Array, p: int
) -> tuple[Array, CellPoint, int]:
    """Steps that are halved until they climb; where they end, what is there, and how many were tried."""
    # what a quadratic says of variances far away is worth nothing
    rise = step[:, p:] / (10.0 + 9.0 * x[:, p:])
    share = 1.0 / np.maximum(rise.max(axis=1, initial=0.0), 1.0)
    # far from the maximum, where the next step gains nothing of importance, modes need not be exact
    tight = 1e-2 * np.minimum(gain, 1e-2) ** 2
    for used in range(1, _HALVINGS + 1):  # noqa: B007  the number is returned
        change = share[:, None] * step
        # modes move with the parameters
        there = likelihood.at(x + change, here.a + (here.moves @ change[:, None, :, None])[..., 0], tight)
        worse = ~(there.value >= here.value - 1e-2 * np.sqrt(tight) - 1e-12 * np.abs(here.value))
        if not worse.any():
            break
        share = np.where(worse, share / 2.0, share)
    tried = x + change
    # what is left of a variance that was cut at zero is rounding
    lower = tried[:, p:]
    lower[lower < 1e-14] = 0.0
    return tried, there, used
