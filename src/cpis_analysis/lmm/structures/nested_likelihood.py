"""Likelihood, gradient, information and contrast inference of nested models for many responses at once.

The last axis of every array counts the responses. Only what the Newton step and single contrasts need is
formed: the p by p matrices Q_kl are contracted with Phi, with the residual and with the contrast before
they exist.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cpis_analysis.lmm.designs.display import ShortRepr
from cpis_analysis.lmm.structures.nested import NestedStructure
from cpis_analysis.lmm.structures.nested_sums import NestedSums
from cpis_analysis.lmm.structures.nested_tree import Recursion
from cpis_analysis.lmm.structures.small_matrices import cholesky, inverse_lower, inverse_positive

__all__ = ["BatchPoint", "ContrastMoments", "contrast_moments", "evaluate", "values"]


@dataclass(frozen=True, repr=False)
class BatchPoint(ShortRepr):
    """Likelihood and its derivatives at ratios (levels, B); see `moments.Likelihood`.

    Attributes
    ----------
    value, sigma2 : (B,)
    b : (p, B)
    Phi : (p, p, B)
    gradient : (M, B)
    observed, average : (M, M, B)
        Information with sigma^2 profiled out, unless it is known.
    expected : (M, M, B)
        tr(P G_k P G_l) (REML) or tr(H^-1 G_k H^-1 G_l) (ML).
    trace : (M, B)
        tr(P G_k) or tr(H^-1 G_k).
    g : (M, B)
        y'P G_k P y.
    q : (M, M, B)
        y'P G_k P G_l P y.
    P : (M, P, P, B)
    up : Recursion
    again : list
    """

    value: np.ndarray
    sigma2: np.ndarray
    b: np.ndarray
    Phi: np.ndarray
    gradient: np.ndarray
    observed: np.ndarray
    average: np.ndarray
    expected: np.ndarray
    trace: np.ndarray
    g: np.ndarray
    q: np.ndarray
    P: np.ndarray
    up: Recursion
    again: list


def values(structure: NestedStructure, gamma: np.ndarray, sums: NestedSums, reml: bool) -> np.ndarray:
    """Profile log-likelihood alone, (B,)."""
    up = structure.outwards(gamma, sums.means)
    return _profile(structure, up, structure.cross_products(up, sums), reml, sums.known)[0]


def _profile(
    structure: NestedStructure, up: Recursion, A: np.ndarray, reml: bool, known: np.ndarray | None
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, int]:
    """Log-likelihood and residual variance (B,), inverse factor of X'H^-1X, its product with X'H^-1y, and df."""
    p = len(A) - 1
    L = cholesky(A[:p, :p])
    Li = inverse_lower(L)
    half = np.einsum("ijb,jb->ib", Li, A[:p, p])
    rss = A[p, p] - (half * half).sum(axis=0)
    df = structure.n - p if reml else structure.n
    sigma2 = rss / df if known is None else np.broadcast_to(known, rss.shape)
    log_det = up.log_det
    if reml:
        log_det = log_det + 2.0 * np.log(L[np.arange(p), np.arange(p)]).sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        value = -0.5 * (df * np.log(sigma2) + log_det)
        if known is not None:
            value = value - 0.5 * (rss / sigma2 - df)
    value = np.where(up.valid & np.isfinite(value), value, -np.inf)
    return value, sigma2, Li, half, df


def _second_order(
    up: Recursion, again: list[list[np.ndarray]], spread: np.ndarray, c: np.ndarray, Phi: np.ndarray, reml: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Q_kl between c and c, and, under REML, tr(Phi Q_kl); both (M, M, B)."""
    p, B, M = len(c) - 1, c.shape[1], len(again)
    b = -c[:p]
    residual = [[rows[p] - np.einsum("pb,pgb->gb", b, rows[:p]) for rows in levels] for levels in again]
    q = np.empty((M, M, B))
    trace_Q = np.zeros((M, M, B))
    for l in range(M):
        for k in range(l + 1):
            q[k, l] = sum(
                np.einsum("gb,gb,gb->b", up.weights[j], residual[k][j - k], residual[l][j - l]) for j in range(l, M)
            )
        if reml:
            for j in range(l, M):
                weighted = again[l][j - l][:p] * up.weights[j]
                for k in range(l + 1):
                    cross = np.einsum("pgb,qgb->pqb", again[k][j - k][:p], weighted)
                    trace_Q[k, l] += np.einsum("pqb,pqb->b", cross, Phi)
    if len(spread):
        cube = np.einsum("ub,upqb->pqb", up.size_weights**3, spread)
        q[0, 0] += np.einsum("pb,pb->b", np.einsum("pqb,qb->pb", cube, c), c)
        if reml:
            trace_Q[0, 0] += np.einsum("pqb,pqb->b", cube[:p, :p], Phi)
    for k in range(M):
        for l in range(k):
            q[k, l], trace_Q[k, l] = q[l, k], trace_Q[l, k]
    return q, trace_Q


def evaluate(structure: NestedStructure, gamma: np.ndarray, sums: NestedSums, reml: bool) -> BatchPoint:
    """Likelihood with first and second derivatives in the ratios."""
    M, p = structure.n_levels, structure.p
    up = structure.outwards(gamma, sums.means)
    A = structure.cross_products(up, sums)
    value, sigma2, Li, half, df = _profile(structure, up, A, reml, sums.known)
    Phi = np.einsum("kab,kcb->acb", Li, Li)
    b = np.einsum("kab,kb->ab", Li, half)
    B = A.shape[2]
    d = structure.inwards(gamma, up)
    again = structure.again(up, d)
    T, TT = structure.traces(gamma, up)
    sw, spread = up.size_weights, sums.spread
    P = np.empty((M, p + 1, p + 1, B))
    for k in range(M):
        left = d[k] * structure.class_count[:, None] if k == 0 else d[k]
        np.einsum("pgb,qgb->pqb", left, d[k], out=P[k])
    c = np.concatenate([-b, np.ones((1, B))])
    if len(spread):
        P[0] += np.einsum("ub,upqb->pqb", sw * sw, spread)
    Pc = np.einsum("kpqb,qb->kpb", P, c)
    g = np.einsum("kpb,pb->kb", Pc, c)
    h = Pc[:, :p]
    q, trace_Q = _second_order(up, again, spread, c, Phi, reml)
    Ph = np.einsum("abn,kbn->kan", Phi, h)
    q -= np.einsum("kan,lan->kln", h, Ph)
    if reml:
        PhiP = np.einsum("abn,kbcn->kacn", Phi, P[:, :p, :p])
        trace = T - np.einsum("kaan->kn", PhiP)
        expected = TT - 2.0 * trace_Q + np.einsum("kabn,lban->kln", PhiP, PhiP)
    else:
        trace, expected = T, TT
    # a response without a residual variance is told by its value, which is not finite
    with np.errstate(divide="ignore", invalid="ignore"):
        gg = g[:, None] * g / (df * sigma2**2) if sums.known is None else np.zeros((M, M, B))
        qs = q / sigma2
        gradient = -0.5 * (trace - g / sigma2)
        observed, average = qs - 0.5 * gg - 0.5 * expected, 0.5 * (qs - gg)
    return BatchPoint(value, sigma2, b, Phi, gradient, observed, average, expected, trace, g, q, P, up, again)


@dataclass(frozen=True, repr=False)
class ContrastMoments(ShortRepr):
    """What Kenward-Roger and Satterthwaite need for one contrast; ratio units.

    Parameter 0 is the residual variance, which is not there if it is known.

    Attributes
    ----------
    variance : (B,)
        l' Phi l.
    a : (M + 1, B)
        z' P_r z with z = Phi l.
    kappa : (M + 1, M + 1, B)
        z' (Q_rs - P_r Phi P_s) z.
    """

    variance: np.ndarray
    a: np.ndarray
    kappa: np.ndarray


def contrast_moments(
    structure: NestedStructure, gamma: np.ndarray, sums: NestedSums, point: BatchPoint, l: np.ndarray
) -> ContrastMoments:
    """Moments of the contrast l (p,) in the basis."""
    M, p = structure.n_levels, structure.p
    z = np.einsum("abn,b->an", point.Phi, l)
    variance = np.einsum("a,an->n", l, z)
    Pz = np.einsum("kabn,bn->kan", point.P[:, :p, :p], z)
    B = z.shape[1]
    a = np.empty((M + 1, B))
    a[1:] = np.einsum("kan,an->kn", Pz, z)
    a[0] = variance - (gamma * a[1:]).sum(axis=0)
    kappa = np.empty((M + 1, M + 1, B))
    side = [[np.einsum("pb,pgb->gb", z, rows[:p]) for rows in levels] for levels in point.again]
    for l_ in range(M):
        for k in range(l_ + 1):
            kappa[k + 1, l_ + 1] = sum(
                np.einsum("gb,gb,gb->b", point.up.weights[j], side[k][j - k], side[l_][j - l_]) for j in range(l_, M)
            )
            kappa[l_ + 1, k + 1] = kappa[k + 1, l_ + 1]
    if len(sums.spread):
        kappa[1, 1] += np.einsum("ub,upqb,pb,qb->b", point.up.size_weights**3, sums.spread[:, :p, :p], z, z)
    kappa[1:, 1:] -= np.einsum("kan,lan->kln", Pz, np.einsum("abn,kbn->kan", point.Phi, Pz))
    # H = R0 + sum gamma G, so index 0 follows from the others
    kappa[0, 1:] = kappa[1:, 0] = -np.einsum("kn,kln->ln", gamma, kappa[1:, 1:])
    kappa[0, 0] = -np.einsum("kn,kn->n", gamma, kappa[1:, 0])
    if sums.known is not None:
        return ContrastMoments(variance, a[1:], kappa[1:, 1:])
    return ContrastMoments(variance, a, kappa)


def with_residual_row(inner: np.ndarray, first: np.ndarray, total: np.ndarray, gamma: np.ndarray) -> np.ndarray:
    """Add parameter 0 to a (M, M, B) matrix x_kl = f(G_k, G_l) that is bilinear, by G_0 = H - sum gamma G.

    ``first`` is f(H, G_l) and ``total`` f(H, H).
    """
    M, B = first.shape
    out = np.empty((M + 1, M + 1, B))
    out[1:, 1:] = inner
    out[0, 1:] = out[1:, 0] = first - np.einsum("kn,kln->ln", gamma, inner)
    out[0, 0] = total - (gamma * first).sum(axis=0) - (gamma * out[0, 1:]).sum(axis=0)
    return out


def kenward_roger(
    structure: NestedStructure,
    gamma: np.ndarray,
    point: BatchPoint,
    contrast: ContrastMoments,
    used: np.ndarray,
    known: bool = False,
) -> tuple[np.ndarray, np.ndarray]:
    """Adjusted variance (B,) in units of sigma^2 and df (B,); ``used`` (M, B) are the variances in the information."""
    information = point.expected
    if not known:
        left = np.full(gamma.shape[1], float(structure.n - structure.p))
        information = with_residual_row(point.expected, point.trace, left, gamma)
    information = 0.5 * information
    a, kappa = contrast.a / contrast.variance, contrast.kappa
    if not used.all():
        information, a, kappa = _without(information, a, kappa, used)
    W = inverse_positive(information)
    adjusted = contrast.variance + 2.0 * np.einsum("rsn,rsn->n", W, kappa)
    return adjusted, _df(a, W)


def satterthwaite(
    structure: NestedStructure,
    gamma: np.ndarray,
    point: BatchPoint,
    contrast: ContrastMoments,
    reml: bool,
    bounded: bool,
    known: bool = False,
) -> np.ndarray:
    """Satterthwaite df (B,)."""
    q, expected = point.q / point.sigma2, point.expected
    if not known:
        size = float(structure.n - structure.p if reml else structure.n)
        q = with_residual_row(point.q, point.g, point.sigma2 * size, gamma) / point.sigma2
        expected = with_residual_row(point.expected, point.trace, np.full(gamma.shape[1], size), gamma)
    observed = q - 0.5 * expected
    a = contrast.a / contrast.variance
    if bounded and not (gamma > 0).all():
        observed, a, _ = _without(observed, a, contrast.kappa, gamma > 0)
    return _df(a, inverse_positive(observed))


def _df(a: np.ndarray, W: np.ndarray) -> np.ndarray:
    """2 / a'W a; infinite where no parameter is unknown."""
    with np.errstate(divide="ignore"):
        return 2.0 / np.einsum("rn,rsn,sn->n", a, W, a)


def _without(
    information: np.ndarray, a: np.ndarray, kappa: np.ndarray, used: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Take parameters out: unit rows in the information, zeros elsewhere."""
    residual = np.ones((len(a) - len(used), used.shape[1]), dtype=bool)
    keep = np.concatenate([residual, used])
    both = keep[:, None] & keep
    eye = np.eye(len(keep))[:, :, None]
    return np.where(both, information, eye), np.where(keep, a, 0.0), np.where(both, kappa, 0.0)
