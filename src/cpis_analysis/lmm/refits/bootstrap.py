"""Inference whose reference distribution is simulated: bootstrap p-values, likelihood grids, null distributions.

The null distribution of a contrast's t depends on the variance ratios alone, so it can be tabulated over a grid
of them; the likelihood over the same grid says how much each ratio is worth (methods of the kind "bootstrap
integrated over the likelihood").
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from cpis_analysis.errors import ModelError, Problem
from cpis_analysis.lmm.designs.contrasts import contrast_row
from cpis_analysis.lmm.designs.display import ShortRepr
from cpis_analysis.lmm.designs.responses import finite_responses, refuse_responses
from cpis_analysis.lmm.fits.fit import LinearMixedFit
from cpis_analysis.lmm.fits.model import fit_matrix
from cpis_analysis.lmm.fits.plain_residuals import need_plain_residuals
from cpis_analysis.lmm.fits.reml import value_of
from cpis_analysis.lmm.refits.refit import refit
from cpis_analysis.lmm.refits.simulate import simulate
from cpis_analysis.lmm.structures.nested import NestedStructure
from cpis_analysis.lmm.structures.nested_grid import GridForms


@dataclass(frozen=True, repr=False)
class BootstrapTest(ShortRepr):
    """Parametric-bootstrap test of a contrast.

    Attributes
    ----------
    statistic : float
        Observed t under `ddf`.
    p_value : float
        (1 + how many simulated |t| are as large) / (1 + simulated).
    mc_error : float
        Monte Carlo standard error of the p-value.
    n : int
        Simulated responses that could be fitted.
    null : (n,) float
        Simulated t.
    """

    statistic: float
    p_value: float
    mc_error: float
    n: int
    null: np.ndarray


def bootstrap_test(
    fit: LinearMixedFit,
    weights: Mapping[str, float] | np.ndarray,
    *,
    n: int = 2000,
    seed: int | np.random.Generator,
    ddf: str = "satterthwaite",
    n_jobs: int = 1,
) -> BootstrapTest:
    """Parametric-bootstrap p-value of a contrast, the reference for Kenward-Roger at the boundary.

    1. Fit the model without the contrast (the null model), by the method of `fit`.
    2. Simulate responses from it, refit the full model, compute the contrast's t.
    3. Compare the observed |t| with the simulated ones.

    Parameters
    ----------
    fit : LinearMixedFit
    weights : mapping or (p,) array
        The contrast that is zero under the null hypothesis.
    n : int
    seed : int or Generator
    ddf : str
        Which standard error t uses: Kenward-Roger's adjusted one or the model's (any other name).
    n_jobs : int
    """
    row = contrast_row(weights, fit.design, fit.basis)
    observed = float(fit.contrast(weights, ddf)["statistic"].iloc[0])
    ratios = null_ratios(fit, row)
    null = null_t(fit, weights, ratios, n=n, seed=seed, ddf=ddf, n_jobs=n_jobs)
    return BootstrapTest(observed, *share_as_large(null, observed), len(null), null)


def share_as_large(simulated: np.ndarray, observed: float) -> tuple[float, float]:
    """(1 + how many simulated |t| are as large as the observed one) / (1 + simulated), and its Monte Carlo error."""
    larger = int((np.abs(simulated) >= abs(observed) * (1.0 - 1e-12)).sum())
    share = (1.0 + larger) / (1.0 + len(simulated))
    return share, math.sqrt(share * (1.0 - share) / (1.0 + len(simulated)))


def null_ratios(fit: LinearMixedFit, row: np.ndarray, value: float = 0.0) -> np.ndarray:
    """Variance ratios of the model in which a contrast has a value: the columns of X restricted to row . beta = 0."""
    need_plain_residuals(fit, "a parametric bootstrap")
    kept = fit.design.X[:, list(fit.basis.kept)]
    _, _, vectors = np.linalg.svd(row[None])
    names = tuple(f"null {i}" for i in range(len(row) - 1))
    if not names:
        raise ModelError(
            "The null model has no fixed effects.",
            Problem("the contrast is the only coefficient", hint="keep an intercept in the formula"),
        )
    y = fit.design.y - kept @ (row * (value / (row @ row)))
    design = replace(fit.design, X=kept @ vectors[1:].T, term_names=names, y=y)
    null = fit_matrix(design, reml=fit.reml, bounded=fit.bounded, residual_variance=fit.residual_variance)
    return null.variance_ratios


def null_t(
    fit: LinearMixedFit,
    weights: Mapping[str, float] | np.ndarray,
    ratios: np.ndarray,
    *,
    n: int = 2000,
    seed: int | np.random.Generator,
    ddf: str = "satterthwaite",
    n_jobs: int = 1,
) -> np.ndarray:
    """Simulated null distribution of a contrast's t at given variance ratios.

    Parameters
    ----------
    fit : LinearMixedFit
        Gives the design.
    weights : mapping or (p,) array
    ratios : (R,) float
        Variances of the random part divided by the residual variance, in the order of `fit.variance_names`.
    n, seed, ddf, n_jobs
        As for `bootstrap_test`.

    Returns
    -------
    (m,) float
        t of the simulated responses that could be fitted, m <= n.
    """
    need_plain_residuals(fit, "a simulated null distribution")
    ratios = _checked_ratios(fit, np.atleast_2d(ratios))[0]
    layout = fit.structure.layout
    # t does not depend on the residual variance unless the fit takes it as known
    sigma2 = fit.residual_variance or 1.0
    covariances = [sigma2 * layout.matrix(ratios, k) for k in range(len(layout.sizes))]
    rng = np.random.default_rng(seed)
    out = []
    # simulated in fixed portions so that memory stays bounded
    for start in range(0, n, 5000):
        Y = simulate(
            fit, min(5000, n - start), seed=rng, beta=np.zeros(fit.basis.p), covariances=covariances, sigma2=sigma2
        )
        found = refit(fit, Y, contrasts={"t": weights}, ddf=ddf, bad="mark", n_jobs=n_jobs)
        out.append(found.contrasts["t"][ddf].statistic[found.converged])
    return np.concatenate(out)


def likelihood_grid(fit: LinearMixedFit, Y: np.ndarray | pd.DataFrame, ratios: np.ndarray) -> np.ndarray:
    """REML (or ML) log-likelihood of many responses at many variance ratios, sigma^2 profiled out unless known.

    Parameters
    ----------
    fit : LinearMixedFit
        Gives the design.
    Y : (n, B) float
        Responses, one a column.
    ratios : (K, R) float
        Grid points, in the order of `fit.variance_names`.

    Returns
    -------
    (K, B) float
        With all constants, so that the maximum over the grid is at most `log_likelihood` of the refit.
    """
    need_plain_residuals(fit, "a grid of the likelihood")
    values, problems = finite_responses(fit.design, Y)
    refuse_responses(problems, Y)
    points = _checked_ratios(fit, np.atleast_2d(ratios))
    R, _, scale = fit.basis.reduce(values)
    structure = fit.structure
    units = np.array([1.0 / (structure.scales[k][a] * structure.scales[k][b]) for k, a, b in structure.layout.entries])
    psi = points / units * fit.basis.mean_weight
    known = None if fit.residual_variance is None else fit.residual_variance / fit.basis.mean_weight / scale**2
    if isinstance(structure, NestedStructure) and len(structure.class_count) <= 500:
        out = GridForms.of(structure, psi[:, structure.order].T, fit.reml).values(structure.sums(R).with_known(known))
    else:
        out = np.empty((len(psi), values.shape[1]))
        for j in range(values.shape[1]):
            sums = structure.sums(np.ascontiguousarray(R[:, j]))
            one = None if known is None else float(known[j])
            out[:, j] = [value_of(*structure.value(point, sums), fit.n_obs, fit.reml, one) for point in psi]
    return fit.log_likelihood_of(out, scale)


def _checked_ratios(fit: LinearMixedFit, ratios: np.ndarray) -> np.ndarray:
    points = np.asarray(ratios, dtype=float)
    entries = fit.structure.layout.entries
    variances = np.array([a == b for _, a, b in entries], dtype=bool)
    if points.shape[1] != len(entries) or not np.isfinite(points).all() or (points[:, variances] < 0).any():
        names = ", ".join(f"{group} {name}" for group, name in fit.variance_names)
        raise ModelError(
            "The variance ratios cannot be used.", Problem("one ratio at or above zero for each", allowed=names)
        )
    return points
