"""Many responses on one design: the engine of permutation tests, bootstraps, imputation and simulated trials.

Responses are cut into fixed portions, whatever the number of cores, and each portion is solved by the same
array operations. So one core and two give the same bits, and memory stays bounded.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from cpis_analysis.errors import Problem
from cpis_analysis.lmm.designs.contrasts import contrast_row, inference_frame
from cpis_analysis.lmm.designs.display import ShortRepr
from cpis_analysis.lmm.designs.options import one_of
from cpis_analysis.lmm.designs.responses import finite_responses, refuse_responses
from cpis_analysis.lmm.fits.fit import LinearMixedFit
from cpis_analysis.lmm.fits.plain_residuals import need_plain_residuals
from cpis_analysis.lmm.refits.portion import Portion, portion_width, solve_portion


@dataclass(frozen=True, repr=False)
class ContrastResults(ShortRepr):
    """One contrast under one df method for B responses; every field is an array (B,)."""

    estimate: np.ndarray
    std_error: np.ndarray
    df: np.ndarray
    statistic: np.ndarray
    p_value: np.ndarray
    ci_low: np.ndarray
    ci_high: np.ndarray


@dataclass(frozen=True, repr=False)
class Refits(ShortRepr):
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
        False where the maximum was not reached or the response can't be fitted; its numbers are NaN.
    problems : dict of int to str
        Why a response can't be fitted, by its number.
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
    problems: dict[int, str]
    contrasts: dict[str, dict[str, ContrastResults]]


def refit(  # noqa: PLR0913
    fit: LinearMixedFit,
    Y: np.ndarray | pd.DataFrame,
    *,
    contrasts: Mapping[str, Any] | Sequence[str] | None = None,
    ddf: str | Sequence[str] | None = None,
    level: float = 0.95,
    boundary: str = "keep",
    bad: str = "raise",
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
    bad : str
        A response that can't be fitted (missing or infinite values, no variation) is an error, as it is for `lmer`
        (``raise``), or its numbers are NaN and `Refits.problems` says why (``mark``).
    n_jobs : int
        Threads; changes nothing but the time.
    progress : callable, optional
        Called with (responses done, all responses).

    Raises
    ------
    ModelError
        Without a response; for a wrong length, unknown contrasts or methods, responses that can't be fitted, and
        residuals that are not independent with one variance.
    """
    one_of(bad, "bad", ("raise", "mark"))
    need_plain_residuals(fit, "refitting many responses")
    values, problems = finite_responses(fit.design, Y)
    if bad == "raise":
        refuse_responses(problems, Y)
    elif problems:
        values = values.copy()
        values[:, list(problems)] = 0.0
    if ddf is None:
        ddf = ("kenward-roger", "satterthwaite") if fit.reml else "satterthwaite"
    methods = tuple(fit.inference.method(one) for one in ((ddf,) if isinstance(ddf, str) else ddf))
    rows = _contrast_rows(fit, contrasts)
    fit.inference.used(boundary)
    B = values.shape[1]
    # of one size: a small rest would take nearly as many calls as a full portion
    count = -(-B // portion_width(fit))
    portions = [slice(B * i // count, B * (i + 1) // count) for i in range(count)]

    def run(portion: slice) -> Portion:
        return solve_portion(fit, np.ascontiguousarray(values[:, portion]), rows, methods, boundary)

    results = _in_order(run, portions, n_jobs, progress)
    found = {
        portion.start + j: why
        for portion, one in zip(portions, results, strict=True)
        for j, why in one.problems.items()
    }
    problems = {
        j: Problem(why, variable=str(fit.design.formula.response), hint="leave the response out")
        for j, why in found.items()
    } | problems
    if bad == "raise":
        refuse_responses(problems, Y)
    return _assemble(fit, results, problems, rows, methods, level)


def _in_order(
    run: Callable[[slice], Portion],
    portions: Sequence[slice],
    n_jobs: int,
    progress: Callable[[int, int], None] | None,
) -> list[Portion]:
    """Results of all portions, on threads or without."""
    results = []
    with ThreadPoolExecutor(max_workers=max(n_jobs, 1)) as pool:
        found = map(run, portions) if n_jobs == 1 or len(portions) == 1 else pool.map(run, portions)
        for portion, result in zip(portions, found, strict=True):
            results.append(result)
            if progress is not None:
                progress(portion.stop, portions[-1].stop)
    return results


def _contrast_rows(fit: LinearMixedFit, contrasts: Mapping[str, Any] | Sequence[str] | None) -> dict[str, np.ndarray]:
    if contrasts is None:
        return {}
    if not isinstance(contrasts, Mapping):
        contrasts = {name: {name: 1.0} for name in ([contrasts] if isinstance(contrasts, str) else contrasts)}
    return {str(label): contrast_row(given, fit.design, fit.basis, str(label)) for label, given in contrasts.items()}


def _assemble(
    fit: LinearMixedFit,
    results: Sequence[Portion],
    problems: Mapping[int, Problem],
    rows: Mapping[str, np.ndarray],
    methods: Sequence[str],
    level: float,
) -> Refits:
    beta, variances, log_likelihood, converged = (
        np.concatenate([getattr(result, name) for result in results], axis=-1)
        for name in ("beta", "variances", "log_likelihood", "converged")
    )
    bad = ~converged
    beta[:, bad], variances[:, bad], log_likelihood[bad] = np.nan, np.nan, np.nan
    contrasts: dict[str, dict[str, ContrastResults]] = {label: {} for label in rows}
    for label in rows:
        for method in methods:
            estimate, std_error, df = (
                np.where(bad, np.nan, np.concatenate([result.found[label, method][i] for result in results]))
                for i in range(3)
            )
            table = inference_frame([""] * len(estimate), estimate, std_error, df, level, "response")
            contrasts[label][method] = ContrastResults(**{name: table[name].to_numpy() for name in table.columns})
    return Refits(
        list(fit.term_names),
        np.ascontiguousarray(beta.T),
        [*fit.variance_names, ("Residual", "")],
        np.ascontiguousarray(variances.T),
        log_likelihood,
        np.ascontiguousarray(variances.T == 0.0),
        converged,
        {j: problem.message for j, problem in sorted(problems.items())},
        contrasts,
    )
