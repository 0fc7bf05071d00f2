"""Large crossed intercepts: the factor with most levels is eliminated first.

Notes
-----
Write a for the factor with most levels, whose Z_a'Z_a is diagonal, and r for the rest. With
m = 1 + psi_a diag(Z_a'Z_a):

C' = Z_r'H_a^-1Z_r = C_rr - C_ra (psi_a / m) C_ar     H_a = R0 + psi_a Z_a Z_a'
S  = I + L C' L,  L = sqrt(Psi_r)                     dense, as large as the rest
log|H| = sum log m + log|S|

C_ra is sparse, so C' costs the pairs of levels of the rest that meet in a level of a. InstEval (73,421 rows,
4,114 levels) comes down to a matrix of 1,142 rows. The same elimination gives Z'H^-1w for any w from Z'w, and
with it the average information. The exact second derivatives (norms of the blocks of Z'H^-1Z) are formed once,
at the end.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.linalg import cho_solve
from scipy.linalg.blas import dsymm
from scipy.linalg.lapack import dpotrf, dpotri
from scipy.sparse import csr_matrix

from cpis_analysis.lmm.designs.basis import Basis
from cpis_analysis.lmm.designs.design import RandomPart
from cpis_analysis.lmm.designs.display import ShortRepr
from cpis_analysis.lmm.structures.covariance_parameters import Layout
from cpis_analysis.lmm.structures.level_pairs import LevelPairs
from cpis_analysis.lmm.structures.sufficient_moments import Likelihood, Moments

CrossedSums = tuple[np.ndarray, np.ndarray, np.ndarray]
"""W'W, Z_a'W and Z_r'W."""


@dataclass(frozen=True, repr=False)
class _Factor(ShortRepr):
    """What one evaluation at psi shares; of C' the upper triangle, zeros below."""

    m: np.ndarray
    root: np.ndarray
    C: np.ndarray
    S_root: np.ndarray
    log_det: float


class CrossedStructure:
    """Cross-products of a model with single random effects of any structure.

    Parameters
    ----------
    parts : tuple of RandomPart
        Each with one effect (an intercept or one slope).
    basis : Basis
    """

    def __init__(self, parts: tuple[RandomPart, ...], basis: Basis) -> None:
        self.parts = parts
        self.layout = Layout((1,) * len(parts))
        self.n, self.p = basis.Q.shape
        self._root = basis.root_weights
        self._z, self.scales = [], []
        for part in parts:
            ones = np.ones(self.n) if self._root is None else self._root
            z = ones if part.columns is None else part.columns[:, 0] * ones
            scale = 1.0 if part.columns is None else float(np.sqrt((z**2).mean())) or 1.0
            self._z.append(z / scale)
            self.scales.append(np.array([scale]))
        self.lead = max(range(len(parts)), key=lambda k: parts[k].n_groups)
        self.rest = [k for k in range(len(parts)) if k != self.lead]
        ends = np.cumsum([parts[k].n_groups for k in self.rest])
        self._slices = {k: slice(int(e) - parts[k].n_groups, int(e)) for k, e in zip(self.rest, ends, strict=True)}
        self._n_rest = int(ends[-1]) if len(ends) else 0
        a = parts[self.lead]
        self._lead_square = np.bincount(a.codes, weights=self._z[self.lead] ** 2, minlength=a.n_groups)
        columns = [parts[k].codes + self._slices[k].start for k in self.rest]
        R = self._n_rest
        square = np.zeros((R, R))
        for i, k in enumerate(self.rest):
            for j, l in enumerate(self.rest):
                cross = csr_matrix((self._z[k] * self._z[l], (columns[i], columns[j])), shape=(R, R))
                square += cross.toarray()
        self._rest_square, self._upper_square = square, np.triu(square)
        self._rest_lead = sum(
            csr_matrix((self._z[k] * self._z[self.lead], (at, a.codes)), shape=(R, a.n_groups))
            for k, at in zip(self.rest, columns, strict=True)
        ).tocsr()
        self._lead_rest = self._rest_lead.T.tocsr()
        self._pairs = LevelPairs(self._lead_rest)
        self.QX = self.project(basis.Q)

    def project(self, W: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Z_a'W and Z_r'W."""
        weighted = W if self._root is None else W * self._root[:, None]

        def one(k: int) -> np.ndarray:
            part = self.parts[k]
            return np.array(
                [np.bincount(part.codes, weights=self._z[k] * column, minlength=part.n_groups) for column in weighted.T]
            ).T

        rest = np.concatenate([one(k) for k in self.rest]) if self.rest else np.zeros((0, W.shape[1]))
        return one(self.lead), rest

    def outside(self) -> list[float]:
        """Share of each term's columns that lies outside the fixed part."""
        out = []
        for k in range(len(self.parts)):
            inside = self.QX[0] if k == self.lead else self.QX[1][self._slices[k]]
            out.append(float(1.0 - (inside**2).sum() / (self._z[k] ** 2).sum()))
        return out

    def sums(self, y: np.ndarray) -> CrossedSums:
        """W'W, Z_a'W and Z_r'W for one scaled residual outcome (n,)."""
        p = self.p
        WW = np.eye(p + 1)
        WW[p, p] = y @ y if self._root is None else y @ (y * self._root**2)
        lead, rest = self.project(y[:, None])
        return WW, np.concatenate([self.QX[0], lead], axis=1), np.concatenate([self.QX[1], rest], axis=1)

    # -- evaluation --------------------------------------------------------------------------------------

    def _factor(self, psi: np.ndarray) -> _Factor:
        a = psi[self.lead]
        m = 1.0 + a * self._lead_square
        root = np.empty(self._n_rest)
        for k in self.rest:
            root[self._slices[k]] = np.sqrt(max(psi[k], 0.0))
        if (m <= 0).any() or (psi < 0).any():
            raise np.linalg.LinAlgError("large crossed models keep variances at or above zero")
        C = self._upper_square - self._pairs.weighted(a / m) if a > 0 else self._upper_square
        S = C * root
        S *= root[:, None]
        S.reshape(-1)[:: len(S) + 1] += 1.0
        # LAPACK wants columns side by side: the transpose has them so without a copy, its lower triangle filled
        S_root, info = dpotrf(S.T, lower=1, clean=1, overwrite_a=1)
        if info:
            raise np.linalg.LinAlgError("H is not positive definite")
        log_det = np.log(m).sum() + 2.0 * np.log(np.diag(S_root)).sum()
        return _Factor(m, root, C, S_root, float(log_det))

    def _solve(self, factor: _Factor, a: float, lead: np.ndarray, rest: np.ndarray) -> CrossedSums:
        """Z_a'H^-1w and Z_r'H^-1w from Z_a'w and Z_r'w, and what w'H^-1w loses against w'w."""
        m, root = factor.m[:, None], factor.root[:, None]
        lead_m = lead / m
        reduced = rest - a * (self._rest_lead @ lead_m)
        scaled = root * reduced
        x = cho_solve((factor.S_root, True), scaled, check_finite=False)
        turned = root * x
        d_rest = reduced - dsymm(1.0, factor.C.T, turned, lower=1)
        d_lead = lead_m - (self._lead_rest @ turned) / m
        return d_lead, d_rest, a * lead_m.T @ lead + scaled.T @ x

    def value(self, psi: np.ndarray, sums: CrossedSums) -> tuple[float, np.ndarray]:
        """log|H| and A."""
        WW, lead, rest = sums
        factor = self._factor(psi)
        return factor.log_det, WW - self._solve(factor, psi[self.lead], lead, rest)[2]

    def _traces(self, psi: np.ndarray, factor: _Factor) -> tuple[np.ndarray, np.ndarray]:
        """tr(Z_k'H^-1Z_k) of each term, and the lower triangle of S^-1."""
        inverse, _ = dpotri(factor.S_root, lower=1)
        m, root = factor.m, factor.root
        T = np.empty(len(self.parts))
        diagonal = np.diag(inverse)
        for k in self.rest:
            here = self._slices[k]
            if psi[k] > 0:
                T[k] = (1.0 - diagonal[here]).sum() / psi[k]
            else:
                side = root[:, None] * _whole(factor.C)[:, here]
                turned = dsymm(1.0, inverse, side, lower=1)
                T[k] = np.trace(factor.C[here, here]) - (side * turned).sum()
        # LAPACK leaves the other triangle as it was: zeros
        inner = inverse.T * root
        inner *= root[:, None]
        T[self.lead] = (self._lead_square / m).sum() - self._pairs.forms(inner) @ (1.0 / m**2)
        return T, inverse

    def score(self, psi: np.ndarray, sums: CrossedSums, reml: bool, known: float | None = None) -> Likelihood:
        """Likelihood, gradient and average information, without the exact second derivatives."""
        WW, lead, rest = sums
        p, a = self.p, psi[self.lead]
        factor = self._factor(psi)
        d_lead, d_rest, lost = self._solve(factor, a, lead, rest)
        A = WW - lost
        L = np.linalg.cholesky(A[:p, :p])
        Phi = np.linalg.inv(L).T @ np.linalg.inv(L)
        b = Phi @ A[:p, p]
        df = self.n - p if reml else self.n
        rss = A[p, p] - A[:p, p] @ b
        sigma2 = rss / df if known is None else known
        c = np.append(-b, 1.0)
        T, _ = self._traces(psi, factor)
        D = [d_lead if k == self.lead else d_rest[self._slices[k]] for k in range(len(self.parts))]
        r = [Dk @ c for Dk in D]
        g = np.array([rk @ rk for rk in r])
        trace = T - np.array([np.einsum("ga,ab,gb->", Dk[:, :p], Phi, Dk[:, :p]) for Dk in D]) if reml else T
        R = len(self.parts)
        into_lead, into_rest = np.zeros((len(d_lead), R)), np.zeros((self._n_rest, R))
        for k in range(R):
            if k == self.lead:
                into_lead[:, k] = self._lead_square * r[k]
                into_rest[:, k] = self._rest_lead @ r[k]
            else:
                into_lead[:, k] = self._lead_rest[:, self._slices[k]] @ r[k]
                into_rest[:, k] = self._rest_square[:, self._slices[k]] @ r[k]
        k_lead, k_rest, _ = self._solve(factor, a, into_lead, into_rest)
        q = np.empty((R, R))
        for k in range(R):
            q[k] = r[k] @ (k_lead if k == self.lead else k_rest[self._slices[k]])
        h = np.array([Dk[:, :p].T @ rk for Dk, rk in zip(D, r, strict=True)])
        q = 0.5 * (q + q.T) - h @ Phi @ h.T
        log_det = factor.log_det + (2.0 * np.log(np.diag(L)).sum() if reml else 0.0)
        value = -0.5 * (df * np.log(sigma2) + log_det)
        average = 0.5 * (q / sigma2 - np.outer(g, g) / (df * sigma2**2))
        if known is not None:
            value, average = value - 0.5 * (rss / sigma2 - df), 0.5 * q / sigma2
        gradient = -0.5 * (trace - g / sigma2)
        return Likelihood(
            float(value), float(sigma2), gradient, average, average, trace, np.zeros((R, R)), b, Phi, known is not None
        )

    def moments(self, psi: np.ndarray, sums: CrossedSums) -> Moments:
        """All moments at psi, exact second derivatives included."""
        WW, lead, rest = sums
        R, dim, a = len(self.parts), len(WW), psi[self.lead]
        factor = self._factor(psi)
        d_lead, d_rest, lost = self._solve(factor, a, lead, rest)
        A = WW - lost
        T, lower = self._traces(psi, factor)
        inverse, C = _whole(lower.T), _whole(factor.C)
        root, m = factor.root, factor.m
        # K_rr = C' - C'L S^-1 LC', and with U = (I - L S^-1 L C')' : K_ra = U C_ra / m,
        # K_aa = diag(c/m) - (C_ar/m) L S^-1 L (C_ra/m)
        LC = root[:, None] * C
        K_rr = C - LC.T @ (inverse @ LC)
        inner = inverse * root[:, None] * root
        E = self._rest_lead.multiply(1.0 / m[None, :]).tocsr()
        K_ra = (E.T @ (np.eye(self._n_rest) - inner @ C)).T
        N = (E @ E.T).toarray()
        own = self._lead_square / m
        E_inner = E.T @ inner
        diagonal = np.asarray(E.T.multiply(E_inner).sum(axis=1)).ravel()
        NI = N @ inner
        TT = np.zeros((R, R))
        for k in self.rest:
            for l in self.rest:
                TT[k, l] = (K_rr[self._slices[k], self._slices[l]] ** 2).sum()
            TT[k, self.lead] = TT[self.lead, k] = (K_ra[self._slices[k]] ** 2).sum()
        TT[self.lead, self.lead] = (own**2).sum() - 2.0 * own @ diagonal + (NI * NI.T).sum()
        D = [d_lead if k == self.lead else d_rest[self._slices[k]] for k in range(R)]
        P = np.array([Dk.T @ Dk for Dk in D])
        Q = np.empty((R, R, dim, dim))
        for l in range(R):
            if l == self.lead:
                k_lead = own[:, None] * D[l] - E_inner @ (E @ D[l])
                k_rest = K_ra @ D[l]
            else:
                k_lead = K_ra[self._slices[l]].T @ D[l]
                k_rest = K_rr[:, self._slices[l]] @ D[l]
            for k in range(R):
                Q[k, l] = D[k].T @ (k_lead if k == self.lead else k_rest[self._slices[k]])
        return Moments(self.n, np.array(psi, dtype=float), factor.log_det, A, T, P, TT, Q)

    def modes(self, psi: np.ndarray, y: np.ndarray, c: np.ndarray) -> list[np.ndarray]:
        """Conditional modes Psi Z'H^-1 W c of each term, (groups, 1), in internal units."""
        _, lead, rest = self.sums(y)
        factor = self._factor(psi)
        d_lead, d_rest, _ = self._solve(factor, psi[self.lead], (lead @ c)[:, None], (rest @ c)[:, None])
        return [psi[k] * (d_lead if k == self.lead else d_rest[self._slices[k]]) for k in range(len(self.parts))]


def _whole(upper: np.ndarray) -> np.ndarray:
    """The symmetric matrix of an upper triangle with zeros below."""
    whole = upper + upper.T
    whole[np.diag_indices(len(upper))] *= 0.5
    return whole
