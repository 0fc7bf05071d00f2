"""Kenward and Roger's adjusted covariance, degrees of freedom and scaled F.

Notes
-----
With V = sum_r theta_r G_r (r = 0 the residual), Phi = (X'V^-1X)^-1,
P_r = X'V^-1G_rV^-1X (the paper's -P_r), Q_rs = X'V^-1G_rV^-1G_sV^-1X and the expected information

I_rs = [tr(V^-1G_rV^-1G_s) - 2 tr(Phi Q_rs) + tr(Phi P_r Phi P_s)] / 2,  W = I^-1,

the adjusted covariance is Phi_A = Phi + 2 Phi [sum_rs W_rs (Q_rs - P_r Phi P_s - R_rs / 4)] Phi with
R_rs = X'V^-1 G_rs V^-1 X, G_rs the second derivative of V. Random effects, and residual covariances that are linear in
their parameters, have none; with autoregressive residuals the parameters are variance and correlation, as in SAS. All
is computed at sigma^2 = 1 and scaled, which is exact.

References
----------
Kenward MG, Roger JH (1997). Biometrics 53:983-997; the form follows Halekoh U, Højsgaard S (2014),
J Stat Softw 59(9), whose R package pbkrtest gives the same numbers.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cpis_analysis.lmm.designs.display import ShortRepr
from cpis_analysis.lmm.fits.solution import Solution
from cpis_analysis.lmm.structures.sufficient_moments import Likelihood, Movements, of_parameters


@dataclass(frozen=True, repr=False)
class KenwardRoger(ShortRepr):
    """Kenward-Roger inference at one fit, in the engine's basis.

    Attributes
    ----------
    Phi, Phi_A : (p, p) float
        Model-based and adjusted covariance.
    moved : (R + 1, p, p) float
        Phi P_r Phi in ratio units, without the first where the residual variance is known.
    W : (R + 1, R + 1) float
        Covariance of the variance parameters from the expected information, in ratio units.
    """

    Phi: np.ndarray
    Phi_A: np.ndarray
    moved: np.ndarray
    W: np.ndarray

    @classmethod
    def at(cls, of: Solution, used: np.ndarray) -> KenwardRoger:
        """Compute at a solution; ``used`` says which variance parameters are in the information."""
        fit = of.optimum.likelihood
        keep = np.flatnonzero(used if fit.known else np.append(True, used))
        if fit.movements is not None:
            return cls._of_movements(fit, fit.movements, of.optimum.psi, of.df_residual, keep)
        full = of_parameters(of.moments, fit.known)
        p = len(full.A) - 1
        Phi = fit.Phi
        P, Q = full.P[keep, :p, :p], full.Q[np.ix_(keep, keep)][:, :, :p, :p]
        PhiP = Phi @ P
        information = 0.5 * (
            full.TT[np.ix_(keep, keep)] - 2.0 * np.einsum("ab,rsba->rs", Phi, Q) + np.einsum("rab,sba->rs", PhiP, PhiP)
        )
        W = invert_information(information)
        inner = np.einsum("rs,rsab->ab", W, Q) - np.einsum("rs,rab,sbc->ac", W, P, PhiP)
        if full.curved is not None:
            inner -= 0.25 * np.einsum("rs,rsab->ab", W, full.curved[np.ix_(keep, keep)][:, :, :p, :p])
        Phi_A = Phi + 2.0 * Phi @ (0.5 * (inner + inner.T)) @ Phi
        return cls(Phi * fit.sigma2, Phi_A * fit.sigma2, PhiP @ Phi * fit.sigma2, W)

    @classmethod
    def _of_movements(
        cls, fit: Likelihood, movements: Movements, psi: np.ndarray, df: int, keep: np.ndarray
    ) -> KenwardRoger:
        """The same from how the coefficients hang on the variances.

        Every matrix of the residual variance, G_0 = H - sum psi_r G_r, is minus the sum of the others weighed by psi,
        and what belongs to H: tr(P H P G_s) = tr(P G_s), Phi X'H^-1 H H^-1X Phi = Phi and Phi X'H^-1 H P = 0.
        """
        R, p, Phi = len(psi), len(fit.Phi), fit.Phi
        spread = np.eye(R)
        if not fit.known:
            spread = np.concatenate([-psi[None], spread])
        spread = spread[keep]
        information = spread @ fit.expected @ spread.T
        moved = (spread @ movements.first.reshape(R, p * p)).reshape(-1, p, p)
        if not fit.known:
            beside = spread[1:] @ fit.trace
            information[0, 1:] += beside
            information[1:, 0] += beside
            information[0, 0] += df - 2.0 * float(psi @ fit.trace)
            moved[0] += Phi
        W = invert_information(0.5 * information)
        inner = ((spread.T @ W @ spread).reshape(-1) @ movements.second.reshape(R * R, p * p)).reshape(p, p)
        return cls(Phi * fit.sigma2, (Phi + inner + inner.T) * fit.sigma2, moved * fit.sigma2, W)

    def df(self, rows: np.ndarray) -> np.ndarray:
        """Degrees of freedom of contrasts (q, p): 2 / A, to which the paper's formula reduces for one row."""
        a = ((rows @ self.moved) * rows).sum(axis=2) / ((rows @ self.Phi) * rows).sum(axis=1)
        bottom = ((self.W @ a) * a).sum(axis=0)
        return np.divide(2.0, bottom, out=np.full(len(rows), np.inf), where=bottom > 0)

    def joint(self, L: np.ndarray) -> tuple[float, float]:
        """Denominator df and F scaling of a joint test of the rows of L (q, p)."""
        q = len(L)
        Theta = L.T @ np.linalg.solve(L @ self.Phi @ L.T, L)
        M = Theta @ self.moved
        trace = np.trace(M, axis1=1, axis2=2)
        A1 = float(trace @ self.W @ trace)
        A2 = float(np.einsum("rs,rab,sba->", self.W, M, M))
        if A2 == 0.0:
            # every variance is known
            return np.inf, 1.0
        return scaled_f(q, A1, A2)


def scaled_f(q: int, A1: float, A2: float) -> tuple[float, float]:
    """Denominator df and scaling of F from the paper's A1 and A2."""
    B = (A1 + 6.0 * A2) / (2.0 * q)
    g = ((q + 1) * A1 - (q + 4) * A2) / ((q + 2) * A2)
    bottom = 3.0 * q + 2.0 * (1.0 - g)
    c1, c2, c3 = g / bottom, (q - g) / bottom, (q + 2.0 - g) / bottom
    V0, V1, V2 = (_zero_if_tiny(v) for v in (1.0 + c1 * B, 1.0 - c2 * B, 1.0 - c3 * B))
    E = _zero_if_tiny(1.0 - A2 / q)
    ratio = E / V1 if V1 else 1.0
    rho = ratio**2 * V0 / V2 / q if V2 else np.inf
    df = 4.0 + (q + 2.0) / (q * rho - 1.0)
    scale = 1.0 if abs(df - 2.0) < 1e-2 else df * (1.0 - A2 / q) / (df - 2.0)
    return float(df), float(scale)


def invert_information(information: np.ndarray) -> np.ndarray:
    """Inverse, or the pseudo-inverse where parameters cannot be told apart (as pbkrtest)."""
    scale = np.sqrt(np.maximum(information.diagonal(), 1e-300))
    units = scale[:, None] * scale
    values, vectors = np.linalg.eigh(information / units)
    good = values > 1e-11
    if not good.all():
        values, vectors = values[good], vectors[:, good]
    return (vectors / values) @ vectors.T / units


def _zero_if_tiny(value: float) -> float:
    return 0.0 if abs(value) < 1e-10 else value
