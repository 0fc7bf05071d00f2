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
from cpis_analysis.lmm.structures.small_matrices import cholesky, inverse_lower, inverse_positive, whitened


@dataclass(frozen=True, repr=False)
class BatchPoint(ShortRepr):
    """Likelihood and its derivatives at ratios (levels, B); see `moments.Likelihood`.

    Attributes
    ----------
    value, sigma2 : (B,)
    b : (p, B)
    Li : (p, p, B)
        Inverse Cholesky factor of X'H^-1X, so that Phi = Li'Li.
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
        Of the whitened columns X Li' and the residual.
    up : Recursion
    again : list
        Of the whitened columns.
    """

    value: np.ndarray
    sigma2: np.ndarray
    b: np.ndarray
    Li: np.ndarray
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
    # the last pivot of W'H^-1W is what the columns leave of the outcome, so nothing has to be inverted
    pivots = np.diagonal(cholesky(structure.cross_products(up, sums)))
    return _value(structure, up, pivots[:, :-1].T, pivots[:, -1] ** 2, reml, sums.known)[0]


def _value(
    structure: NestedStructure,
    up: Recursion,
    pivots: np.ndarray,
    rss: np.ndarray,
    reml: bool,
    known: np.ndarray | None,
) -> tuple[np.ndarray, np.ndarray, int]:
    """Log-likelihood and residual variance (B,), and df, from the pivots of X'H^-1X (p, B) and what is left (B,)."""
    df = structure.n - structure.p if reml else structure.n
    sigma2 = rss / df if known is None else np.broadcast_to(known, rss.shape)
    log_det = up.log_det
    if reml:
        log_det = log_det + 2.0 * np.log(pivots).sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        value = -0.5 * (df * np.log(sigma2) + log_det)
        if known is not None:
            value = value - 0.5 * (rss / sigma2 - df)
    return np.where(up.valid & np.isfinite(value), value, -np.inf), sigma2, df


def _profile(
    structure: NestedStructure, up: Recursion, A: np.ndarray, reml: bool, known: np.ndarray | None
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, int]:
    """Log-likelihood and residual variance (B,), inverse factor of X'H^-1X, its product with X'H^-1y, and df."""
    p = len(A) - 1
    L = cholesky(A[:p, :p])
    Li = inverse_lower(L)
    half = np.einsum("ijb,jb->ib", Li, A[:p, p])
    rss = A[p, p] - (half * half).sum(axis=0)
    value, sigma2, df = _value(structure, up, np.diagonal(L).T, rss, reml, known)
    return value, sigma2, Li, half, df


def _first_order(
    structure: NestedStructure, up: Recursion, d: list[np.ndarray], spread: np.ndarray, Li: np.ndarray, b: np.ndarray
) -> np.ndarray:
    """P_k of the whitened columns, (M, P, P, B)."""
    p, B, M = len(b), b.shape[1], len(d)
    P = np.empty((M, p + 1, p + 1, B))
    for k in range(M):
        left = d[k] * structure.class_count[:, None] if k == 0 else d[k]
        for i in range(p + 1):
            np.einsum("gb,qgb->qb", left[i], d[k][: i + 1], out=P[k, i, : i + 1])
    if len(spread):
        square = np.einsum("ub,upqb->pqb", up.size_weights**2, spread)
        half = whitened(Li, b, square).transpose(1, 0, 2)
        more = whitened(Li, b, half)
        # the upper half holds nothing yet
        for i in range(p + 1):
            P[0, i, : i + 1] += more[i, : i + 1]
    for i in range(p):
        P[:, i, i + 1 :] = P[:, i + 1 :, i]
    return P


def _second_order(
    up: Recursion, again: list[list[np.ndarray]], spread: np.ndarray, Li: np.ndarray, b: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Q_kl between the residual and itself, and its trace over the whitened columns of X; both (M, M, B)."""
    p, B, M = len(b), b.shape[1], len(again)
    q, trace_Q = np.zeros((M, M, B)), np.zeros((M, M, B))
    for l in range(M):
        for j in range(l, M):
            weighted = again[l][j - l] * up.weights[j]
            for k in range(l + 1):
                diagonal = np.einsum("pgb,pgb->pb", again[k][j - k], weighted)
                q[k, l] += diagonal[p]
                trace_Q[k, l] += diagonal[:p].sum(axis=0)
    if len(spread):
        half = whitened(Li, b, np.einsum("ub,upqb->pqb", up.size_weights**3, spread))
        trace_Q[0, 0] += np.einsum("pqb,pqb->b", half[:p, :p], Li)
        q[0, 0] += half[p, p] - np.einsum("qb,qb->b", half[p, :p], b)
    for k in range(M):
        for l in range(k):
            q[k, l], trace_Q[k, l] = q[l, k], trace_Q[l, k]
    return q, trace_Q


def evaluate(structure: NestedStructure, gamma: np.ndarray, sums: NestedSums, reml: bool) -> BatchPoint:
    """Likelihood with first and second derivatives in the ratios.

    Notes
    -----
    With X Li' for X, where Li'Li = Phi, and the residual for the outcome, every product with Phi is a plain sum.
    """
    M, p = structure.n_levels, structure.p
    up = structure.outwards(gamma, sums.means)
    A = structure.cross_products(up, sums)
    value, sigma2, Li, half, df = _profile(structure, up, A, reml, sums.known)
    b = np.einsum("kab,kb->ab", Li, half)
    d = [whitened(Li, b, rows) for rows in structure.inwards(gamma, up)]
    again = structure.again(up, d)
    T, TT = structure.traces(gamma, up)
    P = _first_order(structure, up, d, sums.spread, Li, b)
    g, h = P[:, p, p], P[:, :p, p]
    q, trace_Q = _second_order(up, again, sums.spread, Li, b)
    q -= np.einsum("kan,lan->kln", h, h)
    if reml:
        trace = T - np.einsum("kaan->kn", P[:, :p, :p])
        expected = TT - 2.0 * trace_Q + np.einsum("kabn,labn->kln", P[:, :p, :p], P[:, :p, :p])
    else:
        trace, expected = T, TT
    # a response without a residual variance is told by its value, which is not finite
    with np.errstate(divide="ignore", invalid="ignore"):
        gg = g[:, None] * g / (df * sigma2**2) if sums.known is None else np.zeros((M, M, len(sigma2)))
        qs = q / sigma2
        gradient = -0.5 * (trace - g / sigma2)
        observed, average = qs - 0.5 * gg - 0.5 * expected, 0.5 * (qs - gg)
    return BatchPoint(value, sigma2, b, Li, gradient, observed, average, expected, trace, g, q, P, up, again)


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
    # z = Phi l = Li'(Li l): between whitened columns Li l takes its place
    z = np.einsum("abn,b->an", point.Li, l)
    variance = np.einsum("an,an->n", z, z)
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
        plain = np.einsum("abn,an->bn", point.Li, z)
        cube = np.einsum("ub,upqb->pqb", point.up.size_weights**3, sums.spread[:, :p, :p])
        kappa[1, 1] += np.einsum("pb,pb->b", np.einsum("pqb,qb->pb", cube, plain), plain)
    kappa[1:, 1:] -= np.einsum("kan,lan->kln", Pz, Pz)
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
