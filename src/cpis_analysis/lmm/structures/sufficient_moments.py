"""What the likelihood and all inference need to know about the model at given variance ratios.

Notation: H = R0 + sum_r psi_r G_r with R0 = diag(1 / weights), V = sigma^2 H, W = [Q y] the basis of the
fixed part and the outcome, c = (-b, 1) so that W c is the generalised least squares residual.

=========  =====================================  =============
log_det    log |H|
A          W' H^-1 W                              (P, P)
T          tr(H^-1 G_r)                           (R,)
P          W' H^-1 G_r H^-1 W                     (R, P, P)
TT         tr(H^-1 G_r H^-1 G_s)                  (R, R)
Q          W' H^-1 G_r H^-1 G_s H^-1 W            (R, R, P, P)
curved     W' H^-1 G_rs H^-1 W                    (R, R, P, P)
=========  =====================================  =============

G_r is the derivative of H by psi_r, and G_rs the second one, which only some residual covariances have.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from cpis_analysis.lmm.designs.display import ShortRepr


@dataclass(frozen=True, repr=False)
class Moments(ShortRepr):
    """Sums at given variance ratios; see the module's table."""

    n: int
    psi: np.ndarray
    log_det: float
    A: np.ndarray
    T: np.ndarray
    P: np.ndarray
    TT: np.ndarray
    Q: np.ndarray
    curved: np.ndarray | None = None


@dataclass(frozen=True, repr=False)
class LeastSquares(ShortRepr):
    """Generalised least squares at given variance ratios.

    Attributes
    ----------
    b : (p,) float
        Coefficients in the basis.
    Phi : (p, p) float
        (Q' H^-1 Q)^-1.
    rss : float
        What is left of the outcome, y' P y.
    log_det_x : float
        log |Q' H^-1 Q|.
    """

    b: np.ndarray
    Phi: np.ndarray
    rss: float
    log_det_x: float

    @classmethod
    def of(cls, A: np.ndarray) -> LeastSquares:
        """Solve from A = W' H^-1 W."""
        p = len(A) - 1
        L = np.linalg.cholesky(A[:p, :p])
        Li = np.linalg.inv(L)
        Phi = Li.T @ Li
        b = Phi @ A[:p, p]
        return cls(b, Phi, A[p, p] - A[:p, p] @ b, 2.0 * float(np.log(L.diagonal()).sum()))

    @cached_property
    def c(self) -> np.ndarray:
        """(-b, 1), so that W c is the residual, (p + 1,)."""
        return np.append(-self.b, 1.0)


@dataclass(frozen=True, repr=False)
class Traces(ShortRepr):
    """What of the moments the likelihood and its derivatives need: Q only as tr(Phi Q_rs) and c' Q_rs c.

    Attributes
    ----------
    n : int
    log_det : float
    T : (R,) float
    P : (R, P, P) float
    TT, Q_Phi, Q_c : (R, R) float
    """

    n: int
    log_det: float
    T: np.ndarray
    P: np.ndarray
    TT: np.ndarray
    Q_Phi: np.ndarray
    Q_c: np.ndarray


@dataclass(frozen=True, repr=False)
class Slopes(ShortRepr, ABC):
    """Profile log-likelihood in the variance ratios with its derivatives: all that a search needs.

    Attributes
    ----------
    value : float
        Log-likelihood without the constants of the scaling (see `fit`).
    sigma2 : float
        Residual variance in the scaled outcome: profiled out, or known.
    gradient : (R,) float
        d value / d psi.
    observed, average : (R, R) float
        Observed information in psi (sigma^2 profiled out, unless known) and its average-information form.
    trace : (R,) float
        tr(P G_r).
    expected : (R, R) float
        tr(P G_r P G_s), which is twice the expected information.
    """

    value: float
    sigma2: float
    gradient: np.ndarray
    observed: np.ndarray
    average: np.ndarray
    trace: np.ndarray
    expected: np.ndarray

    @abstractmethod
    def complete(self) -> Likelihood:
        """With the fixed part, where the search has ended."""


@dataclass(frozen=True, repr=False)
class Movements(ShortRepr):
    """How the coefficients hang on the variances, from which Kenward-Roger follows without all moments.

    Attributes
    ----------
    first : (R, p, p) float
        Phi P_r Phi, the derivative of Phi by psi_r.
    second : (R, R, p, p) float
        Phi (Q_rs - P_r Phi P_s) Phi.
    """

    first: np.ndarray
    second: np.ndarray


@dataclass(frozen=True, repr=False)
class Likelihood(Slopes):
    """Profile log-likelihood in the variance ratios and what it is made of; see `Slopes` too.

    Attributes
    ----------
    b : (p,) float
        Generalised least squares coefficients in the basis.
    Phi : (p, p) float
        (Q' H^-1 Q)^-1.
    known : bool
        Whether the residual variance is known.
    movements : Movements, optional
        Where the search knows them.
    """

    b: np.ndarray
    Phi: np.ndarray
    known: bool = False
    movements: Movements | None = None

    def complete(self) -> Likelihood:
        """Itself."""
        return self

    def with_curvature(self, bend: np.ndarray) -> Likelihood:
        """The same where psi is no linear parameter: `bend` (R, R) is what its second derivatives add to `observed`."""
        return replace(self, observed=self.observed + bend)


def likelihood(m: Moments, reml: bool, known: float | None = None) -> Likelihood:
    """Profile log-likelihood, gradient and information from the moments.

    Notes
    -----
    With df = n - p (REML) or n (ML), g_r = y' P G_r P y and q_rs = y' P G_r P G_s P y:

    gradient_r = -(tr(P G_r) - g_r / sigma^2) / 2
    observed_rs = q_rs / sigma^2 - g_r g_s / (2 df sigma^4) - tr(P G_r P G_s) / 2

    and for ML tr(P ...) is replaced by tr(H^-1 ...). With a known sigma^2 nothing is profiled out: the middle term of
    the information falls away, and value = -(df log sigma^2 + rss / sigma^2 - df + ...) / 2, which is the profiled one
    at sigma^2 = rss / df.
    """
    p, R = len(m.A) - 1, len(m.T)
    least = LeastSquares.of(m.A)
    # both contractions of Q in one product: with Phi and with c c'
    forms = np.zeros((2, p + 1, p + 1))
    forms[0, :p, :p] = least.Phi
    np.multiply(least.c[:, None], least.c, out=forms[1])
    Q_Phi, Q_c = (m.Q.reshape(R * R, (p + 1) ** 2) @ forms.reshape(2, -1).T).T.reshape(2, R, R)
    return likelihood_of(Traces(m.n, m.log_det, m.T, m.P, m.TT, Q_Phi, Q_c), least, reml, known)


def likelihood_of(m: Traces, least: LeastSquares, reml: bool, known: float | None = None) -> Likelihood:
    """What `likelihood` gives, from traces of the moments."""
    p, R = len(least.b), len(m.T)
    b, Phi, rss, c = least.b, least.Phi, least.rss, least.c
    df = m.n - p if reml else m.n
    if known is None and not rss > 0:
        raise np.linalg.LinAlgError("nothing is left for the residual variance")
    sigma2 = rss / df if known is None else known
    Pc = m.P @ c
    g = Pc @ c
    h = Pc[:, :p]
    q = m.Q_c - h @ Phi @ h.T
    log_det = m.log_det
    if reml:
        PhiP = Phi @ m.P[:, :p, :p]
        trace = m.T - PhiP.trace(axis1=1, axis2=2)
        product = PhiP.reshape(R, p * p) @ PhiP.transpose(0, 2, 1).reshape(R, p * p).T
        expected = m.TT - 2.0 * m.Q_Phi + product
        log_det = log_det + least.log_det_x
    else:
        trace, expected = m.T, m.TT
    value = -0.5 * (df * np.log(sigma2) + log_det)
    gg = g[:, None] * (g / (df * sigma2**2))
    if known is not None:
        value -= 0.5 * (rss / sigma2 - df)
        gg = np.zeros((R, R))
    qs = q / sigma2
    average = 0.5 * (qs - gg)
    return Likelihood(
        float(value), float(sigma2), -0.5 * (trace - g / sigma2), qs - 0.5 * (gg + expected), average, trace, expected,
        b, Phi, known is not None,
    )  # fmt: skip


def of_parameters(m: Moments, known: bool) -> Moments:
    """The moments of all parameters that are estimated: those of the random part, and the residual variance as 0."""
    return m if known else with_residual(m)


def with_residual(m: Moments) -> Moments:
    """Add the residual variance as parameter 0, with G_0 = R0, by H^-1 R0 = I - sum psi_r H^-1 G_r."""
    R, dim = len(m.T), len(m.A)
    psi = m.psi
    T, TT = np.empty(R + 1), np.empty((R + 1, R + 1))
    P, Q = np.empty((R + 1, dim, dim)), np.empty((R + 1, R + 1, dim, dim))
    T[1:], TT[1:, 1:], P[1:], Q[1:, 1:] = m.T, m.TT, m.P, m.Q
    T[0] = m.n - psi @ m.T
    P[0] = m.A - np.tensordot(psi, m.P, 1)
    TT[0, 1:] = TT[1:, 0] = m.T - m.TT @ psi
    TT[0, 0] = T[0] - psi @ TT[1:, 0]
    Q[0, 1:] = m.P - np.einsum("r,rsab->sab", psi, m.Q)
    Q[1:, 0] = Q[0, 1:].transpose(0, 2, 1)
    Q[0, 0] = P[0] - np.einsum("r,rab->ab", psi, Q[1:, 0])
    return Moments(m.n, np.append(1.0, psi), m.log_det, m.A, T, P, TT, Q)
