"""Summaries of residuals and random effects that show how well a model fits, without any row of data."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.special import ndtri

from cpis_analysis.lmm import LinearMixedFit
from cpis_analysis.lmm.fits.whitening import whitened

__all__ = ["fit_diagnostics"]

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
    design, structured = fit.design, fit.design.residual is not None
    unit = 1.0 if structured else fit.sigma2
    X = design.X[:, list(fit.basis.kept)]
    residuals = fit.residuals("conditional").to_numpy()
    blocks, roots = [], []
    for part, (_, covariance) in zip(design.random, fit.random_covariances, strict=True):
        root = _root(covariance.to_numpy() / unit)
        roots.append(root)
        blocks.append(_scaled_columns(part, root))
    Z = np.hstack(blocks) if blocks else np.zeros((len(X), 0))
    if structured:
        X, Z, residuals = whitened(fit, X), whitened(fit, Z), whitened(fit, residuals[:, None])[:, 0]
    norms = np.linalg.norm(X, axis=0)
    W = np.hstack([X / norms, Z])
    C = W.T @ W
    C[np.arange(X.shape[1], len(C)), np.arange(X.shape[1], len(C))] += 1.0
    inverse = np.linalg.inv(C)
    left = W @ inverse

    spread = np.sqrt(np.clip(1.0 - np.einsum("ij,ij->i", left, W), 1e-12, None))
    simulated = Z @ random.standard_normal((Z.shape[1], N_SIMULATED)) + random.standard_normal((len(X), N_SIMULATED))
    simulated_residual = simulated - left @ (W.T @ simulated)
    sigma = np.sqrt(np.einsum("ij,ij->j", simulated, simulated_residual) / (len(X) - X.shape[1]))
    observed = residuals / np.sqrt(unit) / spread
    probability = np.array([p for p in PROBABILITIES if 0.5 / len(X) <= p <= 1 - 0.5 / len(X)])
    many = np.quantile(simulated_residual / sigma / spread[:, None], probability, axis=0)
    low, high = np.quantile(many, [(1 - ENVELOPE) / 2, (1 + ENVELOPE) / 2], axis=1)
    return {
        "residual_quantiles": {
            "probability": probability.tolist(),
            "theoretical": ndtri(probability).tolist(),
            "observed": np.quantile(observed, probability).tolist(),
            "low": low.tolist(),
            "high": high.tolist(),
        },
        "residual_by_fitted": _by_fitted(fit.fitted("conditional").to_numpy(), observed),
        "random_effects": _random_effects(fit, participant, roots, inverse, X.shape[1], unit),
    }


def _root(relative: np.ndarray) -> np.ndarray:
    """A matrix L with L L' equal to a positive semidefinite matrix."""
    values, vectors = np.linalg.eigh(relative)
    return vectors * np.sqrt(np.clip(values, 0.0, None))


def _scaled_columns(part: Any, root: np.ndarray) -> np.ndarray:
    """Z L of one random term: q columns a group, group by group."""
    values = np.ones((len(part.codes), 1)) if part.columns is None else part.columns
    rows = values @ root
    out = np.zeros((len(rows), part.n_groups, rows.shape[1]))
    out[np.arange(len(rows)), part.codes] = rows
    return out.reshape(len(rows), -1)


def _by_fitted(fitted: np.ndarray, residual: np.ndarray) -> list[dict[str, Any]]:
    """Quantiles of residuals in bins of equal size along the fitted values."""
    order = np.argsort(fitted, kind="stable")
    bins = np.array_split(order, int(np.clip(len(fitted) // 15, 1, 10)))
    rows = []
    for members in bins:
        q10, q50, q90 = np.quantile(residual[members], [0.1, 0.5, 0.9])
        rows.append(
            {
                "fitted_mid": float(np.median(fitted[members])),
                "n": len(members),
                "q10": float(q10),
                "q50": float(q50),
                "q90": float(q90),
            }
        )
    return rows


def _random_effects(
    fit: LinearMixedFit, participant: str, roots: list[np.ndarray], inverse: np.ndarray, at: int, unit: float
) -> list[dict[str, Any]]:
    rows = []
    for part, root in zip(fit.design.random, roots, strict=True):
        q = root.shape[0]
        if participant not in part.variables and "(Intercept)" in part.names:
            place = part.names.index("(Intercept)")
            modes = fit.random_effects[part.group]["(Intercept)"].to_numpy()
            for group, label in enumerate(part.grouping.labels):
                block = slice(at + group * q, at + (group + 1) * q)
                variance = root @ inverse[block, block] @ root.T * unit
                rows.append(
                    {
                        "group": part.group,
                        "label": " / ".join(map(str, label)),
                        "mode": float(modes[group]),
                        "se": float(np.sqrt(variance[place, place])),
                    }
                )
        at += part.n_groups * q
    return rows
