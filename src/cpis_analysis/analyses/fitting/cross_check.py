"""A second opinion on every mixed model, by statsmodels. It is compared, never reported as a result."""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from cpis_analysis.analyses.estimate import NOT_ESTIMABLE
from cpis_analysis.analyses.rows.analysis_rows import analysis_rows
from cpis_analysis.analyses.rows.effect import effect_term, references
from cpis_analysis.errors import RUN_AGAIN, DataError, Problem
from cpis_analysis.lmm import LinearMixedFit, lmer
from cpis_analysis.methods import method_of
from cpis_analysis.plan.specification import AnalysisSpec
from cpis_analysis.study.dataset import AnalysisData

OPTIMISERS = ("lbfgs", "bfgs", "powell", "cg")
CROSS_CHECK_COLUMNS = (
    "analysis",
    "outcome",
    "model",
    "estimate",
    "statsmodels_estimate",
    "difference_in_se",
    "se_model_based",
    "statsmodels_se",
    "se_ratio",
    "reml_loglik",
    "statsmodels_loglik",
    "loglik_difference",
    "singular",
    "optimiser",
    "verdict",
)

SAME_LOGLIK = 1e-3
SAME_ESTIMATE = 0.01
SAME_SE = 0.02


@dataclass(frozen=True)
class Opinion:
    """The best of statsmodels' optimisers.

    Attributes
    ----------
    coefficients, std_errors : (p,) float
    log_likelihood : float
    optimiser : str
    """

    coefficients: np.ndarray
    std_errors: np.ndarray
    log_likelihood: float
    optimiser: str


def cross_check(
    specs: Sequence[AnalysisSpec], data: AnalysisData, estimates: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Refit every mixed model with statsmodels' MixedLM and compare.

    1. Fit by the package's engine and, on the same matrices, by MixedLM with each of `OPTIMISERS`; keep the fit
       with the highest restricted log-likelihood, whatever it says of its own convergence.
    2. Compare the log-likelihood, the reported coefficient in units of its standard error, and the model-based
       standard error (Kenward-Roger's is adjusted and has no counterpart there).

    Parameters
    ----------
    specs : sequence of AnalysisSpec
        Those that are not mixed models are passed over.
    data : AnalysisData
    estimates : DataFrame, optional
        results/estimates.csv, which the refits must reproduce. What is not estimable there is not refitted, and listed
        with that verdict.

    Returns
    -------
    DataFrame
        Columns `CROSS_CHECK_COLUMNS`; ``verdict`` is `verdict`'s sentence. Models with random slopes are listed as
        not compared.

    Raises
    ------
    DataError
        If `estimates` holds another estimate than the data give: it is of other data or another plan.
    """
    first = None if estimates is None else estimates.drop_duplicates("analysis").set_index("analysis")
    refused = set() if first is None or "status" not in first else set(first.index[first["status"] == NOT_ESTIMABLE])
    rows = [
        {"analysis": spec.name, "outcome": spec.outcome, "model": spec.model, "verdict": NOT_ESTIMABLE}
        if spec.name in refused
        else _compare(spec, data)
        for spec in specs
        if method_of(spec).second_opinion and spec.imputation is None
    ]
    table = pd.DataFrame(rows, columns=list(CROSS_CHECK_COLUMNS))
    if first is not None:
        reported = first["estimate"]
        stale = [
            Problem("the estimate is not the one of these data", value=name, hint=RUN_AGAIN)
            for name, value in zip(table["analysis"], table["estimate"], strict=True)
            if name not in refused
            if name not in reported or not math.isclose(reported[name], value, rel_tol=1e-6, abs_tol=1e-12)
        ]
        if stale:
            raise DataError("The estimates are out of date; run the workflow first.", stale)
    return table


def verdict(loglik_difference: float, difference_in_se: float, se_ratio: float) -> str:
    """What a comparison means, in words.

    Parameters
    ----------
    loglik_difference : float
        The engine's restricted log-likelihood less statsmodels'; NaN if statsmodels has none.
    difference_in_se : float
        Difference of the estimates, in standard errors.
    se_ratio : float
        statsmodels' standard error by the engine's.
    """
    if math.isnan(loglik_difference):
        return "statsmodels failed"
    if loglik_difference > SAME_LOGLIK:
        return "statsmodels stopped below the optimum"
    if loglik_difference < -SAME_LOGLIK:
        return "this package stopped below the optimum"
    if not abs(difference_in_se) <= SAME_ESTIMATE:
        return "same optimum, different estimate"
    if not abs(se_ratio - 1) <= SAME_SE:
        return "agrees, but statsmodels has another standard error"
    return "agrees"


def _compare(spec: AnalysisSpec, data: AnalysisData) -> dict[str, Any]:
    rows = analysis_rows(spec, data)
    fit = lmer(rows.formula, rows.frame, reml=True, reference=references(spec, rows))
    table = fit.summary("z")
    term = effect_term(spec, rows.other_arm, fit.design, list(table.index))
    estimate, se = float(table.loc[term, "estimate"]), float(table.loc[term, "std_error"])
    row: dict[str, Any] = {
        "analysis": spec.name,
        "outcome": spec.outcome,
        "model": spec.model,
        "estimate": estimate,
        "se_model_based": se,
        "reml_loglik": float(fit.log_likelihood),
        "singular": bool(fit.is_singular),
    }
    if any(part.names != ("(Intercept)",) for part in fit.design.random):
        return row | {"verdict": "not compared: random slopes"}
    opinion = second_opinion(fit)
    if opinion is None:
        return row | {"verdict": verdict(math.nan, math.nan, math.nan)}
    at = fit.term_names.index(term)
    theirs, their_se = float(opinion.coefficients[at]), float(opinion.std_errors[at])
    row |= {
        "statsmodels_estimate": theirs,
        "difference_in_se": (estimate - theirs) / se,
        "statsmodels_se": their_se,
        "se_ratio": their_se / se,
        "statsmodels_loglik": opinion.log_likelihood,
        "loglik_difference": row["reml_loglik"] - opinion.log_likelihood,
        "optimiser": opinion.optimiser,
    }
    return row | {"verdict": verdict(row["loglik_difference"], row["difference_in_se"], row["se_ratio"])}


def second_opinion(fit: LinearMixedFit) -> Opinion | None:
    """Refit the matrices of a random-intercept model with statsmodels; None if every optimiser fails.

    The grouping factor in which all others are nested becomes ``groups`` with a random intercept, the others
    variance components within it (the form that ``vc_formula`` writes); where there is none, all rows are one group.
    """
    from statsmodels.regression.mixed_linear_model import MixedLM, VCSpec

    X, y = fit.design.X[:, list(fit.basis.kept)], fit.design.y
    parts = list(fit.design.random)
    outer = next((part for part in parts if all(_nested(other.codes, part.codes) for other in parts)), None)
    groups = np.zeros(len(y), dtype=int) if outer is None else outer.codes
    inner = [part for part in parts if part is not outer]
    rows_of = [np.flatnonzero(groups == group) for group in np.unique(groups)]
    levels = [[np.unique(part.codes[rows]) for rows in rows_of] for part in inner]
    matrices = [
        [(part.codes[rows][:, None] == here[None, :]).astype(float) for rows, here in zip(rows_of, level, strict=True)]
        for part, level in zip(inner, levels, strict=True)
    ]
    names = [[[str(code) for code in here] for here in level] for level in levels]
    components = VCSpec([part.group for part in inner], names, matrices) if inner else None
    best = None
    for optimiser in OPTIMISERS:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            try:
                model = MixedLM(
                    y, X, groups, exog_re=None if outer is None else np.ones((len(y), 1)), exog_vc=components
                )
                found = model.fit(reml=True, method=[optimiser])
                opinion = Opinion(np.asarray(found.fe_params), np.asarray(found.bse_fe), float(found.llf), optimiser)
            except (np.linalg.LinAlgError, ValueError, ZeroDivisionError, FloatingPointError):
                continue
        if np.isfinite(opinion.log_likelihood) and (best is None or opinion.log_likelihood > best.log_likelihood):
            best = opinion
    return best


def _nested(inner: np.ndarray, outer: np.ndarray) -> bool:
    first = np.zeros(inner.max() + 1, dtype=outer.dtype)
    first[inner] = outer
    return bool((first[inner] == outer).all())
