"""Laplace approximation by cells: value, gradient and Hessian, of many responses at once.

Notes
-----
Random intercepts alone; families without parameters of their own. b (cells) are the random effects with covariance
V = sum_k gamma_k J_k, g and W the sums by cell of l' and -l''. At the mode b = V g. Write

P = (I + V W)^-1,   R = W P = (V + W^-1)^-1,   S = P V = (V^-1 + W)^-1,   log L = sum l - g'b / 2 - log|I + V W| / 2,

all of which are smooth at variances of zero. For a parameter j (a coefficient or a variance) let b_j = P u_j be how the
mode moves, with u_j = -V (WX)_j for a coefficient and u_j = J_j g for a variance, E_ij = X_ij + b_j the movement of the
linear predictor (X_ij = 0 for a variance), G_j and t_j the sums by cell of l'' E_ij and l''' E_ij, and s the diagonal
of S. Then d log L is

X_j'l' + s't_j / 2     and     g'J_j g / 2 - tr(R J_j) / 2 + s't_j / 2,

and, with z = s sum(l''') / 2 by cell, y = P'z, v = V y and N_j = diag(P J_j P') (zero for coefficients), d2 log L is

  sum_i X_ij l'' E_ik  or  (J_j g)'G_k                 the penalised likelihood,
+ tr(R J_j R J_k) / 2 + (t_k'N_j + t_j'N_k) / 2        the determinant, through V,
+ t_j'(S o S) t_k / 2                                  through W,
+ (J_j y)'G_k + (J_k y)'G_j                            through the second movement of the mode,
+ sum_i (s l'''' / 2 + v l''') E_ij E_ik,

where terms with J belong to variances alone. Nothing is a difference. The mode is found by Newton steps in a = V^-1 b
(Rasmussen & Williams 2006, Gaussian Processes for Machine Learning, algorithm 3.1; the gradient is their eqs
5.20-5.24); the Hessian was derived here and is held by differences (tests/identities/test_generalised_cells.py).

Arrays are (responses, rows), (responses, blocks, cells) and (responses, parameters).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from cpis_analysis.lmm.generalised.group_cells import Cells
from cpis_analysis.lmm.generalised.jeffreys import jeffreys
from cpis_analysis.lmm.generalised.outcome import Derivatives, FamilyOfOne, Observed

Array = NDArray[np.float64]

_STEPS = 100
_TIGHT = 1e-18
"""Newton steps end when the next would gain less than this, as a share of the log-likelihood: the determinant moves
with the mode by the root of it."""
_ROUNDING = 1e-11
_LEAST_SHARE = 1e-9
_LOWEST = -1e300
_LARGEST = 1e12
"""Information of a row beyond which a linear predictor is out of reach."""


@dataclass(frozen=True)
class CellPoint:
    """Likelihood of responses at parameters of their own.

    Attributes
    ----------
    value : (B,)
        Without the part that depends on the data alone; NaN where no mode was found.
    slope : (B, p + K)
    hessian : (B, p + K, p + K)
    expected : (B, p + K, p + K)
        Information were the working responses at the mode normal: positive definite where the Hessian need not be.
    a : (B, T, c)
        Modes are V a.
    moves : (B, T, c, p + K)
        Derivative of `a`.
    """

    value: Array
    slope: Array
    hessian: Array
    expected: Array
    a: Array
    moves: Array


@dataclass(frozen=True)
class _Mode:
    """What is known at the modes."""

    at: Derivatives
    value: Array
    V: Array
    R: Array


class CellLikelihood:
    """Likelihood of responses (B, n) on one design.

    Parameters
    ----------
    family : FamilyOfOne
    cells : Cells
    data : Observed
        Its `y` is (B, n); trials and weights are those of the rows.
    penalised : bool
        Whether coefficients are drawn to finite values by Jeffreys' penalty (`jeffreys`).
    """

    def __init__(self, family: FamilyOfOne, cells: Cells, data: Observed, penalised: bool = False) -> None:
        self.family, self.cells, self.data, self.penalised = family, cells, data, penalised

    def of(self, places: NDArray[np.intp]) -> CellLikelihood:
        """The same for some of the responses."""
        return CellLikelihood(self.family, self.cells, replace(self.data, y=self.data.y[places]), self.penalised)

    def at(self, x: Array, start: Array | None = None, tight: Array | float = 0.0) -> CellPoint:
        """Value, gradient and Hessian at parameters (B, p + K): coefficients of `Cells.X`, variances.

        Parameters
        ----------
        x : (B, p + K)
        start : (B, T, c), optional
            Where the search for `a` begins.
        tight : (B,) or float
            Modes may end when the next step would gain less than this.
        """
        p = self.cells.X.shape[1]
        mode = self._mode(x[:, :p], x[:, p:], start, tight)
        point = self._derivatives(mode, p)
        if not self.penalised:
            return point
        penalty, slope, hessian = jeffreys(self.family, self.data, self.cells.X, self.cells.offset, x[:, :p])
        point.slope[:, :p] += slope
        point.hessian[:, :p, :p] += hessian
        return replace(point, value=point.value + penalty)

    def _mode(self, beta: Array, gamma: Array, start: Array | None, tight: Array | float) -> _Mode:
        cells, family, data = self.cells, self.family, self.data
        shape = (len(beta), *cells.shared.shape[1:3])
        V = cells.covariance(gamma)
        fixed = beta @ cells.X.T + cells.offset
        a = np.zeros(shape) if start is None else start
        before, floor = np.zeros(shape), np.full(len(beta), _LOWEST)
        share, stuck, gain = np.ones(len(beta)), np.zeros(len(beta), dtype=bool), np.full(len(beta), np.inf)
        lost, trouble = stuck, False
        for _ in range(_STEPS):
            b = (V @ a[..., None])[..., 0]
            eta = fixed + cells.to_rows(b)
            here = family.at(data, np.where(lost[:, None], 0.0, eta) if trouble else eta, _NONE)
            value = here.log.sum(axis=1) - 0.5 * (a * b).sum(axis=(1, 2))
            beyond = ~(here.second.min(axis=1) >= -_LARGEST)
            fell = (beyond | ~(value >= floor)) & ~lost
            if fell.any():
                trouble = True
                # half the way back, those alone that fell
                share = np.where(fell, share / 2.0, share)
                stuck = stuck | (share < _LEAST_SHARE)
                lost = lost | (stuck & (beyond | ~np.isfinite(value)))
                halved = np.where(lost[:, None, None], 0.0, (a + before) / 2.0)
                a = np.where(fell[:, None, None], np.where(np.isfinite(halved), halved, before), a)
                continue
            g, W = cells.totals(here.first), cells.totals(-here.second)
            rest = W * b + g
            R = _resolvent(V, W)
            change = rest - (R @ (V @ rest[..., None]))[..., 0] - a
            gain = ((g - a) * (V @ change[..., None])[..., 0]).sum(axis=(1, 2))
            least_gain = np.maximum(tight, _TIGHT * (1.0 + np.abs(value)))
            if (stuck | ~(gain > least_gain)).all():
                break
            before, floor = a, value - _ROUNDING * np.abs(value)
            if trouble:
                share = np.ones(len(beta))
                a = np.where(stuck[:, None, None], a, a + change)
            else:
                a = a + change
        reached = ~lost & (stuck | (gain <= 1e3 * least_gain))
        value = np.where(reached, value, np.nan)
        return _Mode(here, value, V, R)

    def _derivatives(self, mode: _Mode, p: int) -> CellPoint:
        cells, V, R = self.cells, mode.V, mode.R
        many, (K, blocks, size, _) = len(mode.value), cells.shared.shape
        shape, m = (many, blocks, size, p + K), p + K
        rows = cells.by_cell(np.concatenate([mode.at.first, mode.at.second, mode.at.third]))
        first, second, third = rows[:many], rows[many : 2 * many], rows[2 * many :]
        g, W = first[..., 0], -second[..., 0]
        P = np.eye(size) - V @ R
        S = P @ V
        # columns of parameters: coefficients, then variances
        pushed, XW, b = np.zeros(shape), np.zeros(shape), np.empty(shape)
        pushed[..., p:] = cells.share(g)
        XW[..., :p] = second[..., 1:]
        b = P @ (V @ XW + pushed)
        G = XW - W[..., None] * b
        t = third[..., :1] * b
        t[..., :p] += third[..., 1:]
        s = np.einsum("btcc->btc", S)

        RJ = R[:, None] @ cells.shared
        slope = 0.5 * _over(s[..., None], t, many)[:, 0]
        slope[:, :p] += first[..., 1:].sum(axis=(1, 2))
        slope[:, p:] += 0.5 * _over(first[..., :1], pushed, many)[:, 0, p:]
        slope[:, p:] -= 0.5 * np.einsum("bktcc->bk", RJ)

        y = P.swapaxes(-1, -2) @ (0.5 * s * third[..., 0])[..., None]
        fourth = self.family.fourth(self.data, mode.at)
        rows = cells.to_rows(0.5 * s) * fourth + cells.to_rows((V @ y)[..., 0]) * mode.at.third
        q = cells.by_cell(rows)
        lift, N = np.zeros(shape), np.zeros(shape)
        lift[..., p:] = cells.share(y[..., 0])
        N[..., p:] = ((P[:, None] @ cells.shared) * P[:, None]).sum(axis=-1).transpose(0, 2, 3, 1)
        Xq = np.zeros(shape)
        Xq[..., :p] = q[..., 1:]

        # what stands beside its transpose
        half = 0.5 * _over(t, N, many) + _over(lift, G, many) + _over(Xq, b, many)
        hessian = _over(t, 0.5 * ((S * S) @ t), many) + _over(b, q[..., :1] * b, many)
        hessian += half + half.swapaxes(1, 2)
        # the penalised likelihood: coefficients through X'l''E, variances through (J g)'G
        own, moved = cells.quadratic(mode.at.second), _over(XW, b, many)
        hessian += moved
        hessian[:, p:, :p] += moved[:, :p, p:].swapaxes(1, 2)
        hessian[:, p:, p:] += _over(pushed, G, many)[:, p:, p:]
        hessian[:, :p, :p] += own + cells.quadratic(rows)
        expected = np.zeros((many, m, m))
        expected[:, :p, :p] = -own - moved[:, :p, :p]
        flat = RJ.reshape(many, K, -1)
        expected[:, p:, p:] = 0.5 * (flat @ RJ.swapaxes(-1, -2).reshape(many, K, -1).swapaxes(1, 2))
        hessian[:, p:, p:] += expected[:, p:, p:]
        return CellPoint(mode.value - 0.5 * _log_determinant(V, W), slope, hessian, expected, g, G)


def _over(one: Array, other: Array, many: int) -> Array:
    """Sums over cells of the products of columns, (B, columns, columns)."""
    left, right = one.reshape(many, -1, one.shape[-1]), other.reshape(many, -1, other.shape[-1])
    return left.swapaxes(1, 2) @ right


_NONE = np.zeros(0)


def _resolvent(V: Array, W: Array) -> Array:
    """(V + W^-1)^-1 (B, T, c, c) through the root of W, which may be zero."""
    size = V.shape[-1]
    if size == 1:
        return W[..., None] / (1.0 + V * W[..., None])
    if size == 2:
        one, two = W[..., 0], W[..., 1]
        both = one * two
        out = V * -both[..., None, None]
        first, second = 1.0 + V[..., 0, 0] * one, 1.0 + V[..., 1, 1] * two
        out[..., 0, 0] = one * second
        out[..., 1, 1] = two * first
        out /= (first * second - both * V[..., 0, 1] ** 2)[..., None, None]
        return out
    root, A = _rooted(V, W)
    return np.asarray(root[..., :, None] * np.linalg.inv(A) * root[..., None, :])


def _log_determinant(V: Array, W: Array) -> Array:
    """log|I + V W| (B,)."""
    size = V.shape[-1]
    if size == 1:
        return np.asarray(np.log1p(V[..., 0, 0] * W[..., 0]).sum(axis=1))
    if size == 2:
        one, two = W[..., 0], W[..., 1]
        pivots = (1.0 + V[..., 0, 0] * one) * (1.0 + V[..., 1, 1] * two)
        return np.asarray(np.log(pivots - one * two * V[..., 0, 1] ** 2).sum(axis=1))
    return np.asarray(np.linalg.slogdet(_rooted(V, W)[1])[1].sum(axis=1))


def _rooted(V: Array, W: Array) -> tuple[Array, Array]:
    """Root of W, and I + root V root, which has the determinant of I + V W and is symmetric."""
    root = np.sqrt(np.maximum(W, 0.0))
    A = root[..., :, None] * V * root[..., None, :]
    at = np.arange(V.shape[-1])
    A[..., at, at] += 1.0
    return root, A
