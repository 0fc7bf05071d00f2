"""Satterthwaite's degrees of freedom, as lmerTest defines them.

Notes
-----
For a contrast l with variance f(theta) = l'Phi(theta)l, df = 2 f^2 / (grad' C grad), where C is the inverse
of the *observed* information of (sigma^2, theta) and grad_r = l'Phi X'V^-1G_rV^-1X Phi l. A variance that
was estimated as zero drops out: as a function of the standard deviation the gradient is zero there, so the
method behaves as if the zero were known. That is why it is never the primary one for few clusters.

References
----------
Kuznetsova A, Brockhoff PB, Christensen RHB (2017). J Stat Softw 82(13).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cpis_analysis.lmm.designs.display import ShortRepr
from cpis_analysis.lmm.structures.covariance_parameters import Layout
from cpis_analysis.lmm.structures.sufficient_moments import Likelihood, Moments, of_parameters


@dataclass(frozen=True, repr=False)
class Satterthwaite(ShortRepr):
    """Satterthwaite inference at one fit, in the engine's basis.

    Attributes
    ----------
    Phi : (p, p) float
    P : (R + 1, p, p) float
        X'V^-1 G_r V^-1X.
        Without the first where the residual variance is known.
    C : (R + 1, R + 1) float
        Covariance of the variance parameters from the observed information.
    """

    Phi: np.ndarray
    P: np.ndarray
    C: np.ndarray

    @classmethod
    def at(cls, m: Moments, fit: Likelihood, layout: Layout, reml: bool, bounded: bool) -> Satterthwaite:
        """Compute from the moments of a fit."""
        full = of_parameters(m, fit.known)
        p = len(m.A) - 1
        R = len(m.T)
        c = np.append(-fit.b, 1.0)
        h = (full.P @ c)[:, :p]
        q = np.einsum("a,rsab,b->rs", c, full.Q, c) - h @ fit.Phi @ h.T
        PhiP = fit.Phi @ full.P[:, :p, :p]
        expected = full.TT
        if reml:
            expected = (
                full.TT
                - 2.0 * np.einsum("ab,rsba->rs", fit.Phi, full.Q[:, :, :p, :p])
                + np.einsum("rab,sba->rs", PhiP, PhiP)
            )
        # absolute parameters theta_r = sigma^2 psi_r, in units of sigma^2; the random part's come last
        observed = q / fit.sigma2 - 0.5 * expected
        if full.curved is not None:
            # second derivatives of the residual covariance take part, which only the likelihood has
            observed = fit.observed
        first = 0 if fit.known else 1
        J = np.eye(R + first)
        keep = np.ones(R + first, dtype=bool)
        if R and bounded:
            theta = layout.theta(m.psi)
            J[first:, first:] = layout.jacobian(theta)
            observed = J.T @ observed @ J
            observed[first:, first:] -= layout.curvature(theta, fit.gradient)
            keep[first:] = ~(layout.bounded & (m.psi <= 0.0))
        C = np.zeros((R + first, R + first))
        part = observed[np.ix_(keep, keep)]
        scale = np.sqrt(np.maximum(np.abs(np.diag(part)), 1e-300))
        values, vectors = np.linalg.eigh(part / np.outer(scale, scale))
        good = values > 1e-9
        inverse = (vectors[:, good] / values[good]) @ vectors[:, good].T / np.outer(scale, scale)
        C[np.ix_(keep, keep)] = inverse
        C = J @ C @ J.T
        return cls(fit.Phi * fit.sigma2, full.P[:, :p, :p] / fit.sigma2, C)

    def df(self, rows: np.ndarray) -> np.ndarray:
        """Degrees of freedom of contrasts (q, p)."""
        z = rows @ self.Phi
        gradient = ((z @ self.P) * z).sum(axis=2) / (rows * z).sum(axis=1)
        bottom = ((self.C @ gradient) * gradient).sum(axis=0)
        return np.divide(2.0, bottom, out=np.full(len(rows), np.inf), where=bottom > 0)


def joint_df(df: np.ndarray) -> float:
    """Denominator df of a joint F from the df of its independent directions (Fai and Cornelius)."""
    if len(df) == 1 or np.isinf(df).all() or np.ptp(df) < 1e-8:
        return float(df.mean())
    if (df <= 2).any():
        return 2.0
    total = float((1.0 / (1.0 - 2.0 / df)).sum()) if np.isinf(df).any() else float((df / (df - 2.0)).sum())
    return 2.0 * total / (total - len(df))
