"""Summaries of residuals and random effects that show how well a model fits, without any row of data."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
from scipy import sparse
from scipy.special import ndtri

from cpis_analysis.lmm import LinearMixedFit
from cpis_analysis.lmm.designs.design import RandomPart
from cpis_analysis.lmm.fits.mixed_equations import MixedEquations, ScaledTerm, beside, mixed_equations
from cpis_analysis.lmm.fits.whitening import whitened
from cpis_analysis.study.quantiles import quantiles

PROBABILITIES = (0.01, 0.025, *(round(0.05 * i, 2) for i in range(1, 20)), 0.975, 0.99)
N_SIMULATED = 199
ENVELOPE = 0.95


def fit_diagnostics(fit: LinearMixedFit, participant: str, random: np.random.Generator) -> dict[str, Any]:
    """Quantiles of standardised residuals with an envelope, residuals by fitted value, predicted cluster effects.

    1. Henderson's mixed-model equations at the estimated variances give the conditional residuals
       r = (I - H) y and their variance sigma^2 (I - H); r is divided by its own SD.
    2. Outcomes are simulated from the fit and go through the same equations, each with its own sigma; the envelope
       holds the middle 95% of the simulated quantiles, point by point.
    3. Conditional modes of clusters, with prediction standard errors. Effects of people are left out.

    Parameters
    ----------
    fit : LinearMixedFit
    participant : str
        Variable that identifies people.
    random : Generator

    Returns
    -------
    dict
        As in `AnalysisResult.diagnostics`.

    Notes
    -----
    Where residuals have a covariance or variances of their own, X, Z and the residuals are first multiplied by the
    inverse of its Cholesky factor, person by person (the normalised residuals of nlme), after which the residual
    variance is one. Then W = [X, Z L] with L the Cholesky-like root of the relative covariance of the random effects,
    so that a variance of zero needs no inverse; C = W'W + diag(0, I); H = W C^-1 W' (Henderson 1975, Biometrics
    31:423).
    """
    design, own = fit.design, fit.design.residual
    unit = fit.sigma2 if own is None else 1.0
    X = design.X[:, list(fit.basis.kept)]
    residuals = fit.residuals("conditional").to_numpy()
    roots = [_root(covariance / unit) for covariance in fit.variances.covariances]
    terms = [scaled_term(part, root) for part, root in zip(design.random, roots, strict=True)]
    Z = beside([term.matrix for term in terms], len(X))
    if own is not None:
        # the rows of a person are mixed with each other, so that no row belongs to one group any more
        white = partial(whitened, own, fit.residual_matrices)
        X, residuals = white(X), white(residuals[:, None])[:, 0]
        Z = sparse.csr_matrix(white(Z.toarray()))
        equations = mixed_equations(X, terms, Z)
    else:
        equations = mixed_equations(X, terms)

    spread = np.sqrt(np.clip(1.0 - equations.leverages(), 1e-12, None))
    simulated = Z @ random.standard_normal((Z.shape[1], N_SIMULATED)) + random.standard_normal((len(X), N_SIMULATED))
    simulated_residual = simulated - equations.fitted(simulated)
    sigma = np.sqrt(np.einsum("ij,ij->j", simulated, simulated_residual) / (len(X) - X.shape[1]))
    observed = residuals / np.sqrt(unit) / spread
    probability = probabilities_for(len(X))
    many = quantiles(simulated_residual / sigma / spread[:, None], probability)
    low, high = quantiles(many.T, [(1 - ENVELOPE) / 2, (1 + ENVELOPE) / 2])
    modes = [mode + 0.0 for mode in fit.conditional_modes]
    return {
        "residual_quantiles": {
            "probability": probability.tolist(),
            "theoretical": ndtri(probability).tolist(),
            "observed": quantiles(observed, probability).tolist(),
            "low": low.tolist(),
            "high": high.tolist(),
        },
        "residual_by_fitted": bins_along(fit.fitted("conditional").to_numpy(), observed),
        "random_effects": cluster_effects(design.random, modes, participant, roots, equations, unit),
    }


def probabilities_for(n: int) -> np.ndarray:
    """The quantiles that n residuals have."""
    return np.array([p for p in PROBABILITIES if 0.5 / n <= p <= 1 - 0.5 / n])


def _root(relative: np.ndarray) -> np.ndarray:
    """A matrix L with L L' equal to a positive semidefinite matrix."""
    values, vectors = np.linalg.eigh(relative)
    return vectors * np.sqrt(np.clip(values, 0.0, None))


def scaled_term(part: RandomPart, root: np.ndarray, scale: np.ndarray | float = 1.0) -> ScaledTerm:
    """Z L of one random term, its rows multiplied by `scale` (n, 1)."""
    values = np.ones((len(part.codes), 1)) if part.columns is None else part.columns
    return ScaledTerm(values @ root * scale, part.codes, part.n_groups)


def bins_along(fitted: np.ndarray, residual: np.ndarray) -> list[dict[str, Any]]:
    """Quantiles of residuals in bins of equal size along the fitted values."""
    order = np.argsort(fitted, kind="stable")
    bins = np.array_split(order, int(np.clip(len(fitted) // 15, 1, 10)))
    rows = []
    # there are two sizes at most, the larger one first; all bins of one are told together
    for size in dict.fromkeys(map(len, bins)):
        members = np.array([one for one in bins if len(one) == size]).T
        told = np.median(fitted[members], axis=0), *quantiles(residual[members], [0.1, 0.5, 0.9])
        rows += [
            {"fitted_mid": mid, "n": size, "q10": q10, "q50": q50, "q90": q90}
            for mid, q10, q50, q90 in zip(*(values.tolist() for values in told), strict=True)
        ]
    return rows


def cluster_effects(
    parts: Sequence[RandomPart],
    modes: Sequence[np.ndarray],
    participant: str,
    roots: Sequence[np.ndarray],
    equations: MixedEquations,
    unit: float,
) -> list[dict[str, Any]]:
    """Predicted intercepts of clusters with prediction errors; effects of people are left out.

    Parameters
    ----------
    parts : sequence of RandomPart
    modes : sequence of (groups, q)
        Conditional modes of each part.
    participant : str
    roots : sequence of (q, q)
        Of the relative covariance of each part.
    equations : MixedEquations
    unit : float
        What relative covariances are multiplied by.
    """
    rows = []
    for term, (part, own, root) in enumerate(zip(parts, modes, roots, strict=True)):
        if participant in part.variables or "(Intercept)" not in part.names:
            continue
        place = part.names.index("(Intercept)")
        for group, label in enumerate(part.grouping.labels):
            variance = root @ equations.inverse_block(term, group, root.shape[0]) @ root.T * unit
            rows.append(
                {
                    "group": part.group,
                    "label": " / ".join(map(str, label)),
                    "mode": float(own[group, place]),
                    "se": float(np.sqrt(variance[place, place])),
                }
            )
    return rows
