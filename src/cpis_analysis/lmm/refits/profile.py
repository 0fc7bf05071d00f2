"""Maxima of the likelihood of one fit where one variance, or its share of the total, is held."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from cpis_analysis.lmm.fits.fit import LinearMixedFit
from cpis_analysis.lmm.refits.crossing import crossing
from cpis_analysis.lmm.structures.nested import NestedStructure
from cpis_analysis.lmm.structures.sufficient_moments import Slopes, likelihood, with_residual

_Deviance = tuple[float, np.ndarray, np.ndarray, np.ndarray]


class Profile:
    """Constrained maxima of the likelihood of one fit.

    Parameters are the absolute variances theta = (sigma^2, the others), in internal units, or, where a share is held,
    their ratios psi to sigma^2, which is then profiled out. A fixed variance or share is a linear constraint
    theta = T phi + t, or psi = T phi + t, with phi >= 0, so each constrained maximum is a Newton search with an active
    set in phi.
    """

    def __init__(self, fit: LinearMixedFit) -> None:
        self.fit = fit
        self.sums = fit.structure.sums(fit.y_scaled)
        self.df = fit.df_residual if fit.reml else fit.n_obs
        found = fit.optimum.likelihood
        self.best = np.append(found.sigma2, fit.optimum.psi * found.sigma2)
        self.top = 2.0 * found.value - self.df
        weight = fit.basis.mean_weight
        self.unit = fit.y_scale**2 / np.array([1.0 / weight, *(scale[0] ** 2 for scale in fit.structure.scales)])
        self.known = fit.residual_variance is not None
        # of few classes of groups the likelihood is quicker told from what the fixed part leaves
        self.contrasts = (
            fit.structure.error_contrasts(self.sums, None)
            if isinstance(fit.structure, NestedStructure) and fit.reml and not self.known
            else None
        )

    def _deviance_of_ratios(self, psi: np.ndarray) -> _Deviance:
        """-2 log-likelihood at psi less that at the maximum; half its gradient and its information."""
        if self.contrasts is not None and self.contrasts.reach(psi):
            found: Slopes = self.contrasts.slopes(psi)
        else:
            found = likelihood(self.fit.structure.moments(psi, self.sums), self.fit.reml)
        value = 2.0 * (self.fit.optimum.likelihood.value - found.value)
        return value, -found.gradient, found.observed, found.average

    def _deviance(self, theta: np.ndarray) -> _Deviance:
        """-2 log-likelihood at theta less that at the maximum; half its gradient and its information."""
        if not (theta[0] > 0 and np.isfinite(theta).all()):
            nothing = np.zeros((len(theta), len(theta)))
            return np.inf, nothing[0], nothing, nothing
        moments = self.fit.structure.moments(theta[1:] / theta[0], self.sums)
        found = likelihood(moments, self.fit.reml)
        ratio = found.sigma2 / theta[0]
        value = -2.0 * found.value + self.df * (ratio - np.log(ratio)) + self.top
        full = with_residual(moments)
        p = len(found.b)
        c = np.append(-found.b, 1.0)
        Pc = full.P @ c
        h = Pc[:, :p]
        g = Pc @ c
        q = np.einsum("a,rsab,b->rs", c, full.Q, c) - h @ found.Phi @ h.T
        trace, expected = full.T, full.TT
        if self.fit.reml:
            PhiP = found.Phi @ full.P[:, :p, :p]
            trace = trace - np.trace(PhiP, axis1=1, axis2=2)
            expected = (
                expected
                - 2.0 * np.einsum("ab,rsba->rs", found.Phi, full.Q[:, :, :p, :p])
                + np.einsum("rab,sba->rs", PhiP, PhiP)
            )
        sigma2 = theta[0]
        gradient = 0.5 * (trace - g / sigma2) / sigma2
        observed = (q / sigma2 - 0.5 * expected) / sigma2**2
        return value, gradient, observed, 0.5 * expected / sigma2**2

    def least(
        self, deviance: Callable[[np.ndarray], _Deviance], T: np.ndarray, t: np.ndarray, start: np.ndarray
    ) -> tuple[float, np.ndarray]:
        """Least deviance over phi >= 0 at T phi + t, and where it is."""
        phi = start.copy()
        value, gradient, observed, expected = deviance(T @ phi + t)
        for _ in range(100):
            g = T.T @ gradient
            free = ~((phi <= 0.0) & (g >= 0.0))
            if not free.any():
                break
            step = np.zeros_like(phi)
            step[free] = -_solve(T[:, free], observed, expected, g[free])
            decrement = -float(g @ step)
            if decrement < 1e-12:
                break
            length, moved = 1.0, None
            while length > 1e-9:
                trial = np.maximum(phi + length * step, 0.0)
                found = deviance(T @ trial + t)
                if found[0] < value:
                    moved = trial, found
                    break
                length *= 0.4
            if moved is None:
                break
            phi, (value, gradient, observed, expected) = moved
        return value, phi

    def variance_interval(self, r: int, cut: float) -> tuple[float, float]:
        """Interval of parameter r of theta, in the units of the data."""
        size = len(self.best)
        others = self._free(r)
        T = np.eye(size)[:, others]
        state = {"phi": self.best[others]}

        def least(value: float) -> float:
            t = self._fixed()
            t[r] = value
            start = state["phi"].copy()
            if others and others[0] == 0:
                start[0] = max(start[0], 1e-6 * self.best[0])
            deviance, state["phi"] = self.least(self._deviance, T, t, start)
            return deviance

        low, high = _ends(least, float(self.best[r]), cut, scale=float(self.best[0]))
        return low * self.unit[r], high * self.unit[r]

    def _free(self, r: int) -> list[int]:
        """Parameters over which the likelihood is maximised where r is fixed."""
        return [i for i in range(len(self.best)) if i != r and not (i == 0 and self.known)]

    def _fixed(self) -> np.ndarray:
        """What is constant in theta: the residual variance, where it is known."""
        t = np.zeros(len(self.best))
        if self.known:
            t[0] = self.best[0]
        return t

    def icc_interval(self, r: int, intercepts: list[int], cut: float) -> tuple[float, float]:
        """Interval of the share of parameter r in sigma^2 and all intercept variances."""
        # the residual counts as that of a row of weight one
        share = np.zeros(len(self.best))
        share[[i for i in intercepts if i != r]] = 1.0
        share[0] = self.fit.basis.mean_weight
        others = [i for i in self._free(r) if i != 0]
        # ratios are the parameters but the first; a known residual variance does not move with them
        deviance = self._deviance if self.known else self._deviance_of_ratios
        first, residual = (0, self.best[0]) if self.known else (1, 1.0)
        size = len(self.best) - first
        state = {"phi": self.best[others] * (residual / self.best[0])}

        def least(odds: float) -> float:
            T = np.zeros((size, len(others)))
            T[[i - first for i in others], range(len(others))] = 1.0
            T[r - first] = odds * share[others]
            t = np.zeros(size)
            if self.known:
                t[0] = residual
            t[r - first] = odds * share[0] * residual
            value, state["phi"] = self.least(deviance, T, t, state["phi"])
            return value

        odds = float(self.best[r] / (share @ self.best))
        low, high = _ends(least, odds, cut, scale=1.0)
        return low / (1.0 + low), 1.0 if math.isinf(high) else high / (1.0 + high)


def _solve(T: np.ndarray, observed: np.ndarray, expected: np.ndarray, g: np.ndarray) -> np.ndarray:
    """Newton step on the observed information where it is positive definite, else on the expected."""
    for information in (observed, expected):
        H = T.T @ information @ T
        if len(H) == 1 and H[0, 0] > 0.0:
            return g / H[0, 0]
        scale = 1.0 / np.sqrt(np.maximum(np.abs(np.diag(H)), 1e-300))
        values, vectors = np.linalg.eigh(H * np.outer(scale, scale))
        if values[0] > 1e-8:
            break
    values = np.maximum(values, 1e-6)
    return scale * (vectors @ ((vectors.T @ (scale * g)) / values))


def _ends(least: Callable[[float], float], estimate: float, cut: float, scale: float) -> tuple[float, float]:
    """Where the profiled deviance crosses the cut, below and above the estimate.

    Its root is nearly a line in the logarithm, so that a few points tell where it crosses that of the cut.
    """
    known: dict[float, float] = {}

    def excess(log_value: float) -> float:
        if log_value not in known:
            known[log_value] = math.sqrt(max(least(math.exp(log_value)), 0.0)) - math.sqrt(cut)
        return known[log_value]

    def end_between(start: float, end: float) -> float:
        return math.exp(crossing(excess, start, end, absolute=1e-8, relative=1e-10))

    floor = 1e-7 * max(estimate, scale)
    low = 0.0
    if estimate > floor:
        known[math.log(estimate)] = -math.sqrt(cut)
        if excess(math.log(floor)) > 0:
            low = end_between(math.log(floor), math.log(estimate))
    near = max(estimate, 1e-4 * scale)
    upper = 2.0 * near
    while excess(math.log(upper)) < 0:
        near, upper = upper, 4.0 * upper
        if upper > 1e12 * max(scale, estimate):
            return low, math.inf
    start = math.log(near) if excess(math.log(near)) < 0 else math.log(max(estimate, floor))
    return low, end_between(start, math.log(upper))
