"""Many responses on one design: the engine of permutation tests, bootstraps, imputation and simulated trials.

Responses are cut into fixed portions, whatever the number of cores, and each portion is solved by the same
array operations. So one core and two give the same bits, and memory stays bounded.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import pandas as pd

from cpis_analysis.errors import ModelError, Problem
from cpis_analysis.lmm.contrasts import contrast_row, inference_frame
from cpis_analysis.lmm.fit import LinearMixedFit
from cpis_analysis.lmm.model import fit_response
from cpis_analysis.lmm.refits.search import search
from cpis_analysis.lmm.structures.nested import NestedStructure
from cpis_analysis.lmm.structures.nested_likelihood import contrast_moments, kenward_roger, satterthwaite

__all__ = ["ContrastResults", "Refits", "refit"]

_PORTION_BYTES = 400_000


@dataclass(frozen=True)
class ContrastResults:
    """One contrast under one df method for B responses; every field is an array (B,)."""

    estimate: np.ndarray
    std_error: np.ndarray
    df: np.ndarray
    statistic: np.ndarray
    p_value: np.ndarray
    ci_low: np.ndarray
    ci_high: np.ndarray


@dataclass(frozen=True)
class Refits:
    """Fits of B responses to one design.

    Attributes
    ----------
    term_names : list of str
    coefficients : (B, p) float
    variance_names : list of (group, name)
        Parameters of the random part (variances, and covariances as ``a, b``), then the residual.
    variances : (B, R + 1) float
    log_likelihood : (B,) float
    zero : (B, R + 1) bool
        Variances estimated as exactly zero.
    converged : (B,) bool
        False where the maximum was not reached or the response does not vary; its numbers are NaN.
    contrasts : dict of str to dict of str to ContrastResults
        By label of the contrast and df method.
    """

    term_names: list[str]
    coefficients: np.ndarray
    variance_names: list[tuple[str, str]]
    variances: np.ndarray
    log_likelihood: np.ndarray
    zero: np.ndarray
    converged: np.ndarray
    contrasts: dict[str, dict[str, ContrastResults]]


def refit(
    fit: LinearMixedFit,
    Y: np.ndarray | pd.DataFrame,
    *,
    contrasts: Mapping[str, object] | Sequence[str] | None = None,
    ddf: str | Sequence[str] | None = None,
    level: float = 0.95,
    boundary: str = "keep",
    n_jobs: int = 1,
    progress: Callable[[int, int], None] | None = None,
) -> Refits:
    """Fit the design of `fit` to many responses.

    Parameters
    ----------
    fit : LinearMixedFit
    Y : (n, B) float
        One response a column, for the fitted rows or for every row of the original frame.
    contrasts : mapping label -> contrast, or sequence of term names, optional
        Contrasts as in `LinearMixedFit.contrast`.
    ddf : str or sequence of str, optional
        Without it Kenward-Roger (REML only) and Satterthwaite.
    level : float
    boundary : str
        Kenward-Roger's policy at zero variances, ``keep`` or ``drop``.
    n_jobs : int
        Threads; changes nothing but the time.
    progress : callable, optional
        Called with (responses done, all responses).

    Raises
    ------
    ModelError
        For a wrong shape, missing values, unknown contrasts or methods.
    """
    values = _responses(fit, Y)
    if ddf is None:
        ddf = ("kenward-roger", "satterthwaite") if fit.reml else "satterthwaite"
    methods = tuple(fit.inference.method(one) for one in ((ddf,) if isinstance(ddf, str) else ddf))
    rows = _contrast_rows(fit, contrasts)
    fit.inference.used(boundary)
    nested = isinstance(fit.structure, NestedStructure)
    work = _nested_portion if nested else _one_by_one
    width = _portion_width(fit)
    B = values.shape[1]
    portions = [slice(start, min(start + width, B)) for start in range(0, B, width)]
    done = 0

    def run(portion: slice):
        return work(fit, np.ascontiguousarray(values[:, portion]), rows, methods, boundary)

    results = []
    if n_jobs == 1 or len(portions) == 1:
        for portion in portions:
            results.append(run(portion))
            done += portion.stop - portion.start
            if progress is not None:
                progress(done, B)
    else:
        with ThreadPoolExecutor(max_workers=n_jobs) as pool:
            for portion, result in zip(portions, pool.map(run, portions), strict=True):
                results.append(result)
                done += portion.stop - portion.start
                if progress is not None:
                    progress(done, B)
    return _assemble(fit, results, rows, methods, level)


def _portion_width(fit: LinearMixedFit) -> int:
    """Responses solved together: enough to spread the cost of a NumPy call, few enough for the cache."""
    if not isinstance(fit.structure, NestedStructure):
        return 64
    rows = len(fit.structure.class_count) + sum(len(starts) for starts in fit.structure.starts) + 8
    return int(np.clip(_PORTION_BYTES // (8 * rows * (fit.basis.p + 1)), 8, 256))


def _responses(fit: LinearMixedFit, Y: np.ndarray | pd.DataFrame) -> np.ndarray:
    values = np.asarray(Y, dtype=float)
    if values.ndim == 1:
        values = values[:, None]
    design = fit.design
    if design.rows is not None and len(values) == design.n_frame:
        values = values[design.rows]
    problems = []
    if values.ndim != 2 or len(values) != design.n:
        problems.append(Problem("responses are a matrix with one row a fitted row", value=str(np.shape(Y)),
                                allowed=f"({design.n}, B)"))  # fmt: skip
    elif not np.isfinite(values).all():
        problems.append(Problem("responses must not be missing or infinite",
                                count=int((~np.isfinite(values)).any(axis=0).sum())))  # fmt: skip
    if problems:
        raise ModelError("The responses cannot be fitted.", problems)
    return values


def _contrast_rows(fit: LinearMixedFit, contrasts) -> dict[str, np.ndarray]:
    if contrasts is None:
        return {}
    if not isinstance(contrasts, Mapping):
        contrasts = {name: {name: 1.0} for name in ([contrasts] if isinstance(contrasts, str) else contrasts)}
    return {str(label): contrast_row(given, fit.design, fit.basis, str(label)) for label, given in contrasts.items()}


def _nested_portion(fit: LinearMixedFit, Y, rows, methods, boundary):
    structure, basis = fit.structure, fit.basis
    R, beta, scale = basis.reduce(Y)
    flat = basis.explained(Y, scale)
    if flat.any():
        R[:, flat] = fit.y_scaled[:, None]
    sums = structure.sums(R)
    optimum = search(structure, sums, fit.reml, bounded=fit.bounded)
    point, gamma = optimum.point, optimum.gamma
    converged = optimum.converged & ~flat & (gamma < 1e10).all(axis=0)
    sigma2 = point.sigma2 * scale**2
    beta = beta + basis.back @ point.b * scale
    at = np.argsort(structure.order)
    variances = np.concatenate([gamma[at] * sigma2, sigma2[None]])
    log_likelihood = fit.log_likelihood_of(point.value, np.where(flat, 1.0, scale))
    used = gamma > 0.0 if boundary == "drop" else np.ones_like(gamma, dtype=bool)
    found = {}
    for label, row in rows.items():
        moments = contrast_moments(structure, gamma, sums, point, row @ basis.back)
        for method in methods:
            variance = moments.variance
            if method == "kenward-roger":
                variance, dof = kenward_roger(structure, gamma, point, moments, used)
            elif method == "satterthwaite":
                dof = satterthwaite(structure, gamma, point, moments, fit.reml, fit.bounded)
            else:
                dof = np.full(Y.shape[1], fit.inference.df(method, boundary, row[None])[0])
            found[label, method] = (row @ beta, np.sqrt(variance * sigma2), dof)
    return beta, variances, log_likelihood, converged, found


def _one_by_one(fit: LinearMixedFit, Y, rows, methods, boundary):
    B, p, R = Y.shape[1], fit.basis.p, len(fit.optimum.psi)
    beta, variances = np.full((p, B), np.nan), np.full((R + 1, B), np.nan)
    log_likelihood, converged = np.full(B, np.nan), np.zeros(B, dtype=bool)
    found = {(label, method): np.full((3, B), np.nan) for label in rows for method in methods}
    for j in range(B):
        try:
            one = fit_response(fit, Y[:, j])
        except ModelError:
            continue
        converged[j], log_likelihood[j], beta[:, j] = True, one.log_likelihood, one.beta
        variances[:R, j] = one.variance_parameters
        variances[R, j] = one.sigma2
        for label, row in rows.items():
            for method in methods:
                found[label, method][:, j] = _contrast(one, row, method, boundary)
    return beta, variances, log_likelihood, converged, found


def _contrast(fit: LinearMixedFit, row: np.ndarray, method: str, boundary: str) -> tuple[float, float, float]:
    l = row @ fit.basis.back
    variance = l @ fit.inference.covariance(method, boundary) @ l
    df = fit.inference.df(method, boundary, row[None])[0]
    return float(row @ fit.beta), float(np.sqrt(variance)) * fit.y_scale, float(df)


def _assemble(fit: LinearMixedFit, results, rows, methods, level) -> Refits:
    beta, variances, log_likelihood, converged = (
        np.concatenate([result[i] for result in results], axis=-1) for i in range(4)
    )
    bad = ~converged
    beta[:, bad], variances[:, bad], log_likelihood[bad] = np.nan, np.nan, np.nan
    contrasts: dict[str, dict[str, ContrastResults]] = {label: {} for label in rows}
    for label in rows:
        for method in methods:
            estimate, std_error, df = (
                np.where(bad, np.nan, np.concatenate([result[4][label, method][i] for result in results]))
                for i in range(3)
            )
            table = inference_frame(range(len(estimate)), estimate, std_error, df, level, "response")
            contrasts[label][method] = ContrastResults(**{name: table[name].to_numpy() for name in table.columns})
    return Refits(
        list(fit.term_names),
        np.ascontiguousarray(beta.T),
        [*fit.variance_names, ("Residual", "")],
        np.ascontiguousarray(variances.T),
        log_likelihood,
        np.ascontiguousarray(variances.T == 0.0),
        converged,
        contrasts,
    )
